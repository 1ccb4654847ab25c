"""Rasa's own test of the dialogue: from words to the next action, along whole paths."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import yaml

from billing.settings import PROJECT_ROOT
from deploy.model import train_if_needed
from deploy.processes import QUIET_RASA

pytestmark = pytest.mark.xdist_group("rasa-test-core")

PATHS = PROJECT_ROOT / "tests/stories/test_paths.yml"


def rasa_test_core(stories, folder):
    command = [sys.executable, "-m", "rasa", "test", "core", "--model", str(train_if_needed())]
    command += ["--stories", str(stories), "--out", str(folder), "--fail-on-prediction-errors"]
    return subprocess.run(
        command,
        cwd=PROJECT_ROOT,
        env={**os.environ, **QUIET_RASA},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_dialogue_goes_as_the_paths_say(tmp_path):
    tested = rasa_test_core(PATHS, tmp_path / "out")

    assert tested.returncode == 0, (tested.stdout + tested.stderr)[-3000:]


def test_a_path_that_the_rules_do_not_take_fails(tmp_path):
    wrong = yaml.safe_load(PATHS.read_text("utf-8"))
    wrong["stories"] = [story for story in wrong["stories"] if story["story"] == "small talk"]
    wrong["stories"][0]["steps"][1] = {"action": "utter_goodbye"}
    planted = tmp_path / "test_wrong.yml"
    planted.write_text(yaml.safe_dump(wrong, allow_unicode=True), "utf-8")

    assert rasa_test_core(planted, tmp_path / "out").returncode != 0
