"""What a library's log statement says by itself, without what was filled in.

Rasa, its SDK and their libraries log messages, slots, answers and whole conversations, and names in them look
like any other words. So of a library's line only what its author wrote is shown: the constant parts of the
statement, read from the source.
"""

from __future__ import annotations

import ast
import json
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from logging import LogRecord

HIDDEN = "…"
"""In the place of everything that was filled in."""

_METHODS = {"debug", "info", "warning", "warn", "error", "exception", "critical", "log"}
_PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[-#0 +]*(?:[1-9]\d*|\*)?(?:\.[\d*]+)?[a-zA-Z]|\{[^{}]*\}")
_WORD = re.compile(r"[\w.:-]{1,80}", re.ASCII)


def statement(record: LogRecord) -> str:
    """Tell what a record is about.

    Args:
        record: Of a library.

    Returns:
        The statement's own words, with `HIDDEN` in the place of every value; only that, when its source
        is not to be had.
    """
    event = _structlog_event(record.msg)
    if event is not None:
        return event
    return _statements(record.pathname).get(record.lineno, HIDDEN)


def _structlog_event(message: object) -> str | None:
    """Name and keys of an event that structlog has rendered as JSON."""
    if not (isinstance(message, str) and message.startswith("{")):
        return None
    try:
        event: Any = json.loads(message)
    except ValueError:
        return None
    name = event.pop("event", None)
    if not (isinstance(name, str) and _WORD.fullmatch(name)):
        return None
    event.pop("level", None)
    raised = _exception_type(event.pop("exception", None))
    keys = [f"{key}={HIDDEN}" for key in sorted(event) if _WORD.fullmatch(key)]
    return " ".join([name, *keys, *([f"exception={raised}"] if raised else [])])


def _exception_type(tracebacks: Any) -> str | None:
    try:
        name = str(tracebacks[0]["exc_type"])
    except (TypeError, KeyError, IndexError):
        return None
    return name if _WORD.fullmatch(name) else None


@lru_cache(maxsize=256)
def _statements(path: str) -> dict[int, str]:
    """What the log statements of a source file say, by line."""
    try:
        tree = ast.parse(Path(path).read_bytes())
    except (OSError, ValueError, SyntaxError):
        return {}
    return {
        line: _words(call.args[0])
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in _METHODS
        and call.args
        for line in range(call.lineno, (call.end_lineno or call.lineno) + 1)
    }


def _words(node: ast.expr) -> str:
    """The constant parts of a text expression."""
    if isinstance(node, ast.Constant):
        return _PLACEHOLDER.sub(HIDDEN, node.value) if isinstance(node.value, str) else HIDDEN
    if isinstance(node, ast.JoinedStr):
        return "".join(_words(part) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _words(node.left) + _words(node.right)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        return _words(node.left)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        return _words(node.func.value)
    return HIDDEN
