"""`deploy/install.sh` on machines that lack something."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from billing.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from pathlib import Path

LOCKS = ("requirements.txt", "requirements-sandbox.txt", "requirements-dev.txt")
ALL_LOCKS = (*LOCKS, "requirements-audit.txt")
BASIC_TOOLS = ("sh", "cat", "cmp", "cp", "basename", "dirname", "env", "mkdir")


def machine(folder: Path, *tools: str) -> dict[str, str]:
    """An environment whose PATH holds nothing but the named tools."""
    for tool in (*BASIC_TOOLS, *tools):
        (folder / tool).symlink_to(str(shutil.which(tool)))
    return {"PATH": str(folder), "HOME": str(folder)}


def project(folder: Path) -> Path:
    (folder / "deploy").mkdir(parents=True)
    for name in ("deploy/install.sh", ".python-version", *LOCKS):
        shutil.copy(PROJECT_ROOT / name, folder / name)
    return folder


def test_without_any_python_the_message_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    ended = subprocess.run(
        ["/bin/sh", "deploy/install.sh", "requirements.txt"],
        cwd=project(tmp_path / "project"),
        env=machine(tmp_path / "bin"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode != 0
    assert "Não encontrei o Python 3.10" in ended.stderr
    assert "pyenv install 3.10" in ended.stderr


def test_nothing_is_installed_twice(tmp_path: Path) -> None:
    folder = project(tmp_path / "project")
    (folder / ".venv").mkdir()
    shutil.copy(folder / "requirements.txt", folder / ".venv" / "installed-requirements.txt")
    (tmp_path / "bin").mkdir()
    environment = machine(tmp_path / "bin", "true")
    (tmp_path / "bin" / "uv").symlink_to(str(shutil.which("true")))
    ended = subprocess.run(
        ["/bin/sh", "deploy/install.sh", "requirements.txt"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


@pytest.mark.parametrize("name", ALL_LOCKS)
def test_locks_hold_versions_and_hashes_and_no_address(name: str) -> None:
    text = (PROJECT_ROOT / name).read_text(encoding="utf-8")
    pinned = re.findall(r"^[a-z0-9][a-z0-9._-]*==[^\s;]+", text, re.MULTILINE)
    entries = re.split(r"\n(?=[a-z0-9])", text)[1:]
    assert len(entries) == len(pinned)
    assert all("--hash=sha256:" in entry for entry in entries)
    assert not re.search(r"https?://|--index-url|--find-links", text)


def test_the_smaller_locks_agree_with_the_largest() -> None:
    texts = [(PROJECT_ROOT / name).read_text(encoding="utf-8") for name in LOCKS]
    pins = [set(re.findall(r"^([a-z0-9][a-z0-9._-]*==[^\s;]+)", text, re.MULTILINE)) for text in texts]
    assert pins[0] <= pins[1] <= pins[2]
