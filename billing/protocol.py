"""The protocol number of a conversation, which customers may ask for and quote."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import tzinfo

    from billing.vault import Vault

LETTERS = 6
"""Of base 32: about a billion numbers for each day, so that nobody guesses somebody else's."""


def conversation_protocol(vault: Vault, sender_id: str, began: float, zone: tzinfo) -> str:
    """Name a conversation without keeping anything.

    Args:
        vault: Holds the key; the number can't be led back to a sender without it.
        sender_id: Rasa's conversation id.
        began: When the session began, in seconds since the epoch.
        zone: The provider's.

    Returns:
        Like `20261124-7KQ2MB`; the same for every message of a session.
    """
    digest = vault.index("protocol", f"{sender_id}\0{began:.3f}")
    letters = base64.b32encode(bytes.fromhex(digest)).decode()[:LETTERS]
    return f"{datetime.fromtimestamp(began, zone):%Y%m%d}-{letters}"
