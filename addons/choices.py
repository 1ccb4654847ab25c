"""A number typed under buttons: on WhatsApp they are often a numbered list, and people type the number."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rasa.shared.core.events import BotUttered

if TYPE_CHECKING:
    from rasa.shared.core.trackers import DialogueStateTracker

_NUMBER = re.compile(r"\s*(?:op[cç][aã]o\s+)?(\d{1,2})\s*(?:[.)]\s*)?", re.IGNORECASE)


def chosen_text(tracker: DialogueStateTracker, text: str) -> str:
    """Read a message as the choice it is.

    Args:
        tracker: The conversation before this message.
        text: What the customer wrote.

    Returns:
        The words behind the button when the last thing the bot said had buttons and `text` is the number
        of one; else `text`. The words are parsed like any message, so that a number opens no door.
    """
    number = _NUMBER.fullmatch(text)
    last = next((event for event in reversed(tracker.events) if isinstance(event, BotUttered)), None)
    if number is None or last is None:
        return text
    buttons = (last.data or {}).get("buttons") or []
    place = int(number[1])
    return str(buttons[place - 1]["payload"]) if 1 <= place <= len(buttons) else text
