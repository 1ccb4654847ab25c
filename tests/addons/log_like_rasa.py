"""Run by test_logging.py: logs as a Rasa process does, before or after the patches are in place."""

from __future__ import annotations

import logging
import sys

import structlog
from rasa.utils.common import configure_logging_and_warnings
from rasa.utils.io import configure_colored_logging
from rasa.utils.log_utils import configure_structlog


def main(patched: str, *planted: str) -> None:
    """Set logging up in the order of `rasa.__main__.main`, then log what it logs at DEBUG."""
    configure_logging_and_warnings(logging.DEBUG, None, warn_only_once=True, filter_repeated_logs=True)
    configure_colored_logging("DEBUG")
    configure_structlog(logging.DEBUG)
    if patched == "patched":
        from addons import rasa_patches  # noqa: PLC0415 - as late as the tracker store is loaded

        rasa_patches.apply()
    text = " ".join(planted)
    structlog.get_logger("rasa.core.processor").debug("processor.message.parse", user_text=text)
    logging.getLogger("rasa.core.processor").debug("Current slot values: %s", {"cpf": text})
    try:
        raise ValueError(text)  # noqa: TRY301 - the traceback is the point
    except ValueError:
        structlog.get_logger("rasa.core.processor").exception("processor.failed", rasa_event=text)
        logging.getLogger("rasa.core.actions").exception("Encountered an exception with %s", text)


if __name__ == "__main__":
    main(*sys.argv[1:])
