"""Twilio's words for what became of a message, in the order in which they can follow each other."""

from __future__ import annotations

FAILURES = frozenset({"failed", "undelivered", "canceled"})
SENT = "sent"
_ORDER = ("accepted", "scheduled", "queued", "sending", SENT, "delivered", "read")


def rank(status: str | None) -> int:
    """How far a message has come; callbacks arrive in any order and only the higher rank counts.

    Args:
        status: Twilio's word; None before the first.

    Returns:
        -1 before the first and for words that are not known; a failure ranks above all.
    """
    if status in FAILURES:
        return len(_ORDER)
    return _ORDER.index(status) if status in _ORDER else -1
