"""`make train` as a trainer meets it: the committed data pass, broken data do not."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest

from billing.settings import PROJECT_ROOT
from deploy.evaluation.messages import DEVELOPMENT, SEALED, load
from deploy.evaluation.predictions import predict
from deploy.model import model_path
from deploy.processes import QUIET_RASA

PARTS = ("actions", "addons", "billing", "data", "deploy", "config.yml", "domain.yml", "requirements.txt")


def run(folder, *command):
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env={**os.environ, **QUIET_RASA},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path):
    """The project without its models."""
    for name in (*PARTS, "tests/nlu/messages", "tests/nlu/gate.yml"):
        source, target = PROJECT_ROOT / name, tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    return tmp_path


def test_the_committed_model_passes_the_gate():
    done = run(PROJECT_ROOT, "deploy.evaluation", str(model_path()))
    assert done.returncode == 0, done.stderr
    assert "entendidas de primeira" in done.stdout


def test_broken_data_do_not_pass_the_gate(copy):
    # Two intents change their examples: valid for Rasa, and useless.
    block, payment = copy / "data/nlu/block.yml", copy / "data/nlu/payment.yml"
    block.write_text(
        re.sub(r"intent: trust_unblock\b", "intent: already_paid", block.read_text("utf-8")), "utf-8"
    )
    payment.write_text(
        re.sub(r"intent: already_paid\b", "intent: trust_unblock", payment.read_text("utf-8")), "utf-8"
    )
    # The gate looks at the development part alone, and training without mistyped copies takes half the time.
    for name in SEALED:
        part = copy / f"tests/nlu/messages/{name}.yml"
        part.write_text("- {text: oi, intents: [greet], styles: [short]}\n", "utf-8")
    config = copy / "config.yml"
    config.write_text(
        config.read_text("utf-8").replace("  - name: addons.nlu.noise.TypingNoise\n", ""), "utf-8"
    )

    done = run(copy, "deploy.model")

    assert done.returncode == 1
    assert "Modelo reprovado:" in done.stderr
    assert "Mensagens de already_paid entendidas" in done.stderr
    assert "Mensagens de trust_unblock entendidas" in done.stderr


@pytest.mark.soak
def test_two_trainings_agree_on_every_message(copy):
    texts = [example.text for example in load(*DEVELOPMENT, *SEALED)]
    done = run(copy, "deploy.model")
    assert done.returncode == 0, done.stderr
    (second,) = (copy / "models").glob("*.tar.gz")
    answers = [
        [(each.intent, each.entities) for each in predict(path, texts)] for path in (model_path(), second)
    ]
    assert answers[0] == answers[1]
