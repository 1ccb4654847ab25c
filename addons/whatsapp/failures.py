"""What follows when a message was refused or not delivered: another try, another format, or its end."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import sqlalchemy as sa

from addons.whatsapp.render import Part
from addons.whatsapp.sealed_parts import open_part, seal_part
from addons.whatsapp.statuses import failure
from billing.tables import outbox

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from billing.vault import Vault

WAITING, REFUSED = "waiting", "refused"
SENDS = 2
"""How often a message is handed over whose delivery fails for a reason that passes."""
AGAIN_SECONDS = 5.0

Ending = Literal["failed", "fallback", "again"]
"""A failure that is final, that is answered with another format, or with another try."""


@dataclass(frozen=True)
class Failed:
    """News of a failure.

    Attributes:
        status: Twilio's word.
        error_code: Twilio's number of what went wrong, or None.
        at: When it is heard, in seconds since the epoch.
    """

    status: str
    error_code: int | None
    at: float


def settle_failure(connection: Connection, vault: Vault, row: sa.engine.Row, failed: Failed) -> Ending:
    """Put another try or another format in a message's place, or end it.

    Args:
        connection: In a transaction.
        vault: Opens and seals the content.
        row: The message's row of the outbox.
        failed: What is known.
    """
    what = failure(failed.error_code)
    part = open_part(vault, row)
    # Under a new name, so that late news of this attempt are not taken for news of the next.
    renewed = {
        "outbox_id": secrets.token_hex(16),
        "state": WAITING,
        "twilio_sid": None,
        "status": None,
        "error_code": failed.error_code,
    }
    ending: Ending = "failed"
    values: dict[str, object] = {"state": REFUSED, "status": failed.status, "error_code": failed.error_code}
    if what.retry and row.attempts < SENDS:
        ending = "again"
        values = {**renewed, "due_at": failed.at + AGAIN_SECONDS}
    elif what.other_format and part.fallback:
        ending = "fallback"
        content = seal_part(vault, Part("text", part.fallback), row.sender_id)
        values = {**renewed, "kind": "text", "content": content, "due_at": failed.at, "attempts": 0}
    connection.execute(sa.update(outbox).where(outbox.c.position == row.position).values(**values))
    return ending
