"""One name for everything that a customer's message sets off, in every process that has a part in it."""

from __future__ import annotations

import hashlib
import re
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

TURN_HEADER = "X-Turn-Id"
"""Of the Rasa server's calls to the action server."""

NO_TURN = "-"
"""The turn of what no message has set off."""

_TURN_ID = re.compile(r"[0-9a-f]{12}")

_current: ContextVar[str] = ContextVar("turn_id", default=NO_TURN)


def turn_id_of(message_id: str) -> str:
    """Name the turn that a message begins: the same in every process and every attempt.

    Args:
        message_id: The channel's id of the (first) message.

    Returns:
        Twelve hexadecimal digits that show neither the id nor the sender.
    """
    return hashlib.blake2s(message_id.encode(errors="replace"), digest_size=6).hexdigest()


def current_turn_id() -> str:
    """The turn that the running task or thread works for, or `NO_TURN`."""
    return _current.get()


@contextmanager
def turn(turn_id: str) -> Iterator[None]:
    """Work for a turn; tasks and `asyncio.to_thread` calls that begin inside belong to it as well.

    Args:
        turn_id: As `turn_id_of` gives it.
    """
    token = _current.set(turn_id)
    try:
        yield
    finally:
        _current.reset(token)


def begin_turn(header: str | None) -> None:
    """Go on with the turn that another process names, until the next call.

    Args:
        header: Value of `TURN_HEADER`; whatever is no turn id is taken for none.
    """
    _current.set(header if header and _TURN_ID.fullmatch(header) else NO_TURN)
