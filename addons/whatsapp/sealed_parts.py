"""What the outbox keeps of a message: its content, sealed for its recipient."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from addons.whatsapp.render import Button, Part
from billing.tables import outbox, place

if TYPE_CHECKING:
    import sqlalchemy as sa

    from billing.vault import Vault


def seal_part(vault: Vault, part: Part, sender_id: str) -> str:
    """A message's content as a row of the outbox keeps it.

    Args:
        vault: Seals it.
        part: The content.
        sender_id: To whom it goes: it opens for no other row's.
    """
    return vault.seal(json.dumps(asdict(part)), place(outbox.c.content, sender_id))


def open_part(vault: Vault, row: sa.engine.Row) -> Part:
    """The content of a row of the outbox.

    Args:
        vault: Opens it.
        row: Of the outbox.

    Raises:
        billing.vault.Unreadable: When it was sealed for somebody else, or with a key that is gone.
    """
    fields = json.loads(vault.open(row.content, place(outbox.c.content, row.sender_id)))
    return Part(**{**fields, "buttons": tuple(Button(**each) for each in fields["buttons"])})
