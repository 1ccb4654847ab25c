"""How log lines look: text for a person at a terminal, one JSON object a line for a log collector."""

from __future__ import annotations

import json
import logging
import sys
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from billing.correlation import NO_TURN
from billing.logs.masking import mask

if TYPE_CHECKING:
    from types import TracebackType

    from billing.settings import LogFormat

FIELDS = ("endpoint", "action", "outcome", "attempt", "messages", "ms")
"""What this project's lines add by `extra=`; anything else in a record is not written."""

logger = logging.getLogger(__name__)


class TextFormatter(logging.Formatter):
    """Time, level, logger, turn and message, then the fields."""

    def __init__(self) -> None:
        line = "%(asctime)s %(levelname)s %(name)s [%(turn)s] %(message)s"
        super().__init__(line, defaults={"turn": NO_TURN})

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """See logging."""
        fields = "".join(f" {name}={value}" for name, value in _fields(record).items())
        return super().formatMessage(record) + fields


class JsonFormatter(logging.Formatter):
    """The same as an object, its time in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        """See logging."""
        line = {
            "time": datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "turn": vars(record).get("turn", NO_TURN),
            "message": record.getMessage(),
            **_fields(record),
        }
        if record.exc_text:
            line["exception"] = record.exc_text
        return json.dumps(line, ensure_ascii=False, default=str)


def configure(style: LogFormat) -> None:
    """Take the process's log over: console handlers give way to our own, which masks; others mask too.

    Levels stay as they are. An error that ends the process is logged in the same way.

    Args:
        style: How lines look on the console.
    """
    root = logging.getLogger()
    consoles = [each for each in root.handlers if _is_console(each)]
    if consoles:
        for each in consoles:
            root.removeHandler(each)
        console = logging.StreamHandler(sys.stderr)
        console.setFormatter(JsonFormatter() if style == "json" else TextFormatter())
        root.addHandler(console)
        # What Rasa cuts off from the root (Sanic, TensorFlow, …) comes here, and would come in the clear.
        logging.lastResort = console
        sys.excepthook = _log_end
    mask(*root.handlers, *filter(None, [logging.lastResort]))


def _is_console(handler: logging.Handler) -> bool:
    return isinstance(handler, logging.StreamHandler) and handler.stream in {sys.stdout, sys.stderr}


def _log_end(kind: type[BaseException], error: BaseException, origin: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logger.critical("the process ends", exc_info=(kind, error, origin))


def _fields(record: logging.LogRecord) -> dict[str, object]:
    return {name: vars(record)[name] for name in FIELDS if name in vars(record)}
