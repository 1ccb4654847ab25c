"""`make test`: everything that must pass, the cheap first."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from billing.settings import PROJECT_ROOT
from deploy.manifest import ModelRefused
from deploy.model import TrainingFailed, train_if_needed
from deploy.processes import QUIET_RASA

WORKERS = "3"
"""One more than the cores that CI has: the running bots wait for slow ERPs most of their time."""

STATIC_CHECKS = (
    ("ruff check", ["ruff", "check", "."]),
    ("ruff format", ["ruff", "format", "--check", "."]),
    ("mypy", ["mypy"]),
)


def main() -> int:
    """Run the checks; returns the first failure's exit status."""
    for title, command in STATIC_CHECKS:
        began = time.monotonic()
        status = _run([sys.executable, "-m", *command])
        sys.stdout.write(f"{title}: {'ok' if status == 0 else 'failed'} ({time.monotonic() - began:.0f} s)\n")
        sys.stdout.flush()
        if status:
            return status
    try:
        train_if_needed()
    except (TrainingFailed, ModelRefused) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    # One worker per group of tests that share a running bot; the rest goes wherever there is room.
    pytest = ["pytest", "--numprocesses", WORKERS, "--dist", "loadgroup", "--durations", "10", *sys.argv[1:]]
    return _run([sys.executable, "-m", *pytest])


def _run(command: list[str]) -> int:
    environment = {
        name: value for name, value in {**os.environ, **QUIET_RASA}.items() if name != "PYTHONWARNINGS"
    }
    return subprocess.run(command, cwd=PROJECT_ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
