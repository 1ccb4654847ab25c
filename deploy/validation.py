"""Rasa's own check of domain, examples, rules and stories against each other."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

from billing.settings import PROJECT_ROOT
from deploy.processes import QUIET_RASA

if TYPE_CHECKING:
    from pathlib import Path

LAST_STEP = "Validating utterances"
OUTPUT_SHOWN = 2_000
_WARNING = re.compile(r"UserWarning: (.*)")
_SAID_BY_CODE = re.compile(r"The utterance '(\w+)' is not used in any story or rule\.")
"""Fine here: tests/dialogue/test_responses.py fails when neither a rule nor a form nor the code says it."""

_SENT_BY_CHANNELS = re.compile(
    r"The intent '(?:voice_message|unsupported_message)' is listed in the domain file, "
    r"but is not found in the NLU training data\."
)
"""Fine here: a recording has no words to learn from; addons/reception.py gives these intents."""


def problems_of(domain: Path, data: Path) -> list[str]:
    """Run `rasa data validate`.

    Args:
        domain: The domain file.
        data: Folder of the training data.

    Returns:
        What Rasa warned about, in its words; nothing when all fits together.
    """
    command = [sys.executable, "-m", "rasa", "data", "validate", "--max-history", "5"]
    command += ["--config", "config.yml", "--domain", str(domain), "--data", str(data)]
    process = subprocess.run(
        command,
        cwd=PROJECT_ROOT,
        env={**os.environ, **QUIET_RASA},
        capture_output=True,
        text=True,
        check=False,
    )
    output = process.stdout + process.stderr
    if LAST_STEP not in output:
        return [f"A validação parou antes do fim:\n{output[-OUTPUT_SHOWN:]}"]
    explained = (_SAID_BY_CODE, _SENT_BY_CHANNELS)
    found = [
        text for text in _WARNING.findall(output) if not any(pattern.match(text) for pattern in explained)
    ]
    if process.returncode != 0 and not found:
        found.append(f"A validação falhou:\n{output[-OUTPUT_SHOWN:]}")
    return found
