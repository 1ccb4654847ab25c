#!/bin/sh
# Install a hash-pinned requirements file into .venv or another folder, or compile those files (--lock).
# Needs Python 3.10 from pyenv, uv or the system; gets uv privately into .uv when it is not on the PATH.
set -eu

UV_VERSION=0.13.9

find_uv() {
    if command -v uv >/dev/null 2>&1; then
        command -v uv
    elif [ -x .uv/bin/uv ]; then
        echo .uv/bin/uv
    else
        echo "Preparando o instalador (uv) em .uv ..." >&2
        "$(find_any_python)" -m venv .uv >&2 && .uv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION" >&2
        echo .uv/bin/uv
    fi
}

find_any_python() {
    for candidate in python3.10 python3 python; do
        if "$candidate" -c 'import venv' >/dev/null 2>&1; then
            command -v "$candidate"
            return
        fi
    done
    missing_python
}

find_python() {
    # uv looks on the PATH (pyenv's shims obey .python-version) and among its own; it must not download one.
    "$UV" python find --no-python-downloads 3.10 2>/dev/null || missing_python
}

missing_python() {
    cat >&2 <<'TEXT'
Não encontrei o Python 3.10, que o Rasa 3.6 exige. Instale de um destes jeitos e repita o comando:
  - pyenv:   pyenv install 3.10
  - uv:      uv python install 3.10
  - Debian/Ubuntu (onde houver):  sudo apt install python3.10 python3.10-venv
TEXT
    exit 1
}

UV=$(find_uv)

if [ "${1:-}" = "--lock" ]; then
    compile() {
        "$UV" pip compile --quiet --universal --python-version 3.10 --generate-hashes \
            --custom-compile-command "make lock" --no-emit-index-url "$@"
    }
    # The largest first; the others take their versions from it.
    compile pyproject.toml --all-extras --output-file requirements-dev.txt
    compile pyproject.toml --extra sandbox --constraint requirements-dev.txt --output-file requirements-sandbox.txt
    compile pyproject.toml --constraint requirements-dev.txt --output-file requirements.txt
    # Beside the others, because Rasa holds back what this one needs.
    compile deploy/supply/audit.in --output-file requirements-audit.txt
    exit
fi

wanted=$1
environment=${2:-.venv}
stamp=$environment/installed-$(basename "$wanted")
if [ -f "$stamp" ] && cmp -s "$wanted" "$stamp"; then
    exit
fi
PYTHON=$(find_python)
[ -x "$environment/bin/python" ] || "$UV" venv --quiet --python "$PYTHON" "$environment"
echo "Instalando as bibliotecas de $wanted ..."
[ "$environment" != .venv ] || echo "(na primeira vez são uns 2,5 GB)"
"$UV" pip install --python "$environment/bin/python" --require-hashes --requirement "$wanted"
cp "$wanted" "$stamp"
