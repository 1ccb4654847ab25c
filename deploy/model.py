"""Trains the model when its ingredients have changed; `make train` also checks and measures it."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from billing.settings import PROJECT_ROOT, VAR_DIR
from deploy.manifest import Manifest, ModelRefused
from deploy.processes import QUIET_RASA
from deploy.validation import problems_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MODELS = PROJECT_ROOT / "models"
INGREDIENTS = ("config.yml", "domain.yml", "requirements.txt", "data", "addons/nlu", "billing/documents")
REASON_LINES = 15
NOISE = re.compile(r"it/s|is not used in any story or rule| INFO ")
TRAINING_LOG = VAR_DIR / "log" / "train.log"


class TrainingFailed(Exception):
    """Rasa could not train; the text says why, as far as Rasa does, and where the rest is."""


def _ingredient_files() -> Iterator[Path]:
    for name in INGREDIENTS:
        path = PROJECT_ROOT / name
        if path.is_dir():
            yield from sorted(item for item in path.rglob("*") if item.suffix in {".py", ".yml"})
        else:
            yield path


def _ingredients() -> str:
    digest = hashlib.sha256()
    for path in _ingredient_files():
        digest.update(str(path.relative_to(PROJECT_ROOT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def model_path() -> Path:
    """Where the model of the present data is or will be: its name carries a hash of all that goes in."""
    return MODELS / f"billing-{_ingredients()[:12]}.tar.gz"


def needs_training() -> bool:
    """Whether the present data have no model yet that was trained here."""
    path = model_path()
    return not path.exists() or not Manifest(MODELS).lists(path)


def train_if_needed() -> Path:
    """Train unless the model is there already; the terminal shows which part is being trained.

    Returns:
        The model's path; it may be opened.

    Raises:
        TrainingFailed: With what Rasa said.
        ModelRefused: When the file there is not the one that was trained.
    """
    path = model_path()
    manifest = Manifest(MODELS)
    if needs_training():
        ingredients = _ingredients()
        _say("Treinando o modelo com os dados atuais (leva alguns minutos):\n")
        _train(path.name.removesuffix(".tar.gz"))
        manifest.enter(path, ingredients)
        _say("  pronto.\n")
    manifest.require(path)
    return path


def _train(name: str) -> None:
    command = [sys.executable, "-m", "rasa", "train", "--augmentation", "0", "--fixed-model-name", name]
    TRAINING_LOG.parent.mkdir(parents=True, exist_ok=True)
    with (
        TRAINING_LOG.open("w", encoding="utf-8") as log,
        subprocess.Popen(
            command,
            cwd=PROJECT_ROOT,
            env={**os.environ, **QUIET_RASA},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process,
    ):
        try:
            for line in process.stdout or ():
                log.write(line)
                started = re.search(r"(?:Starting to train|Restored) component '(\w+)'", line)
                if started:
                    _say(f"  {started[1]}\n")
        except BaseException:
            # Whoever stops us does not want to wait for the end of the training.
            process.terminate()
            raise
    if process.returncode != 0:
        raise TrainingFailed(
            f"O treino falhou. O que o Rasa apontou (tudo está em {TRAINING_LOG}):\n{_reason()}"
        )


def _reason() -> str:
    lines = TRAINING_LOG.read_text(encoding="utf-8").splitlines()
    return "\n".join([line for line in lines if line.strip() and not NOISE.search(line)][-REASON_LINES:])


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def main() -> int:
    """`make train`: validate, train, evaluate, gate. Returns the exit status."""
    _say("Conferindo os dados de treino:\n")
    problems = problems_of(PROJECT_ROOT / "domain.yml", PROJECT_ROOT / "data")
    if problems:
        sys.stderr.write(
            "\n".join(["O Rasa encontrou problemas:", *(f"  - {each}" for each in problems), ""])
        )
        return 1
    _say("  tudo combina.\n")
    began = time.monotonic()
    try:
        is_new = needs_training()
        model = train_if_needed()
    except (TrainingFailed, ModelRefused) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    _say("Medindo o que ele entende:\n")
    command = [sys.executable, "-m", "deploy.evaluation", str(model)]
    if is_new:
        command += ["--training-seconds", f"{time.monotonic() - began:.0f}"]
    status = subprocess.run(
        command, cwd=PROJECT_ROOT, env={**os.environ, **QUIET_RASA}, check=False
    ).returncode
    if status == 0:
        _say(f"Modelo pronto: {model.relative_to(PROJECT_ROOT)}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
