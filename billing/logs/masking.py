"""What of a log record may be written: nothing of what customers and the ERP say.

Documents, phones, codes, secrets and links are recognised and masked wherever they stand. Names and streets
cannot be recognised, so they must not get there: this project's own lines never quote a person or an answer
of the ERP, and of everybody else's lines and exceptions only the fixed words are kept (`statements`).
"""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from billing.correlation import current_turn_id
from billing.logs.statements import HIDDEN, statement
from billing.redaction import redact

if TYPE_CHECKING:
    from types import TracebackType

OURS = ("actions", "addons", "billing", "deploy", "sandbox")
"""Packages whose lines are written with this page in mind."""

PLAIN_ERRORS = (OSError, ImportError, SQLAlchemyError)
"""Errors whose texts an operator needs and that name addresses, files and statements, but no values: the
engines are made with `hide_parameters`."""


class RedactingFilter(logging.Filter):
    """Masks a record in place, message with its arguments, exception and stack, and notes its turn.

    It belongs on handlers, which see the records of every logger; a filter on a logger sees only that
    logger's own.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask; never drops a record."""
        if hasattr(record, "turn"):
            # Another handler's filter was here before.
            return True
        record.turn = current_turn_id()
        record.msg = redact(_message(record) if _is_ours(record.name) else statement(record))
        record.args = None
        if record.exc_info:
            record.exc_text = redact(_without_values(record.exc_info[1]))
        elif record.exc_text:
            record.exc_text = HIDDEN
        # Whoever formats the exception itself would show it in the clear.
        record.exc_info = None
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        return True


def mask(*targets: logging.Filterer) -> None:
    """Put the filter in place, once on each.

    Args:
        *targets: Handlers.
    """
    for target in targets:
        if not any(isinstance(each, RedactingFilter) for each in target.filters):
            target.addFilter(RedactingFilter())


def _is_ours(name: str) -> bool:
    return name.partition(".")[0] in OURS


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        # logging itself would print message and arguments in the clear.
        return f"unreadable log record of {record.name}"


def _without_values(error: BaseException | None) -> str:
    """A traceback whose errors say what they are, and what they say only where that holds no values."""
    texts: list[str] = []
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        texts.append(_frames(error.__traceback__) + _kind(error))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n\nin the course of which\n\n".join(reversed(texts))


def _frames(origin: TracebackType | None) -> str:
    lines = "".join(traceback.format_tb(origin))
    return f"Traceback (most recent call last):\n{lines}" if lines else ""


def _kind(error: BaseException) -> str:
    name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    return f"{name}: {error if isinstance(error, PLAIN_ERRORS) or _is_ours(name) else HIDDEN}"
