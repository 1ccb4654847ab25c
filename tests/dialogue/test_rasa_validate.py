"""Rasa's own validation of domain, rules and examples, which knows nothing of what the actions say."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest

from billing.settings import PROJECT_ROOT
from deploy.processes import QUIET_RASA

WARNING = re.compile(r"UserWarning: (.*)")
SAID_BY_CODE = re.compile(r"The utterance '(\w+)' is not used in any story or rule\.")
"""Fine here: test_responses.py fails when neither a rule nor a form nor the code says it."""


def warnings_of_rasa(domain, data):
    command = [sys.executable, "-m", "rasa", "data", "validate", "--max-history", "5"]
    command += ["--config", "config.yml", "--domain", str(domain), "--data", str(data)]
    process = subprocess.run(
        command,
        cwd=PROJECT_ROOT,
        env={**os.environ, **QUIET_RASA},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    output = process.stdout + process.stderr
    assert "Validating utterances" in output, output[-2000:]
    found = [text for text in WARNING.findall(output) if not SAID_BY_CODE.match(text)]
    failed = [] if process.returncode == 0 else [f"exit status {process.returncode}"]
    return found + failed


def test_the_project_is_valid():
    assert warnings_of_rasa(PROJECT_ROOT / "domain.yml", PROJECT_ROOT / "data") == []


@pytest.mark.parametrize(
    ("text", "planted", "expected"),
    [
        ("      - intent: greet\n", "      - intent: salute\n", "salute"),
        ("utter_greet", "utter_hail", "utter_hail"),
    ],
)
def test_a_planted_fault_is_found(tmp_path, text, planted, expected):
    data = tmp_path / "data"
    shutil.copytree(PROJECT_ROOT / "data", data)
    rules = data / "rules" / "greetings.yml"
    content = rules.read_text("utf-8")
    assert text in content
    rules.write_text(content.replace(text, planted), "utf-8")

    found = warnings_of_rasa(PROJECT_ROOT / "domain.yml", data)

    assert any(expected in warning for warning in found), found
