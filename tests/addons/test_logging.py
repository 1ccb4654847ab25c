"""What a Rasa process writes at DEBUG, with both of Rasa's logging libraries set up as upstream does it."""

from __future__ import annotations

import os
import subprocess
import sys

from billing.settings import PROJECT_ROOT
from deploy.processes import QUIET_RASA

PLANTED = (
    "529.982.247-25",
    "whatsapp:+5511987654321",
    "fulano@exemplo.com",
    "token=segredo-plantado",
    "Maria",
)


def written(mode):
    process = subprocess.run(
        [sys.executable, "-m", "tests.addons.log_like_rasa", mode, *PLANTED],
        cwd=PROJECT_ROOT,
        env={**os.environ, **QUIET_RASA},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return process.stdout + process.stderr


def leaks(text):
    return [value for value in PLANTED if value in text]


def test_the_search_finds_planted_values_without_the_patches():
    assert leaks(written("bare")) == list(PLANTED)


def test_debug_logs_show_what_happened_and_nothing_that_was_said():
    log = written("patched")

    assert leaks(log) == []
    for line in (
        "DEBUG rasa.core.processor [-] processor.message.parse user_text=…",
        "DEBUG rasa.core.processor [-] Current slot values: …",
        "ERROR rasa.core.processor [-] processor.failed rasa_event=… exception=ValueError",
        "ERROR rasa.core.actions [-] Encountered an exception with …",
        "ValueError: …",
    ):
        assert line in log
