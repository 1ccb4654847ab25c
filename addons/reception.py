"""What happens to a message before Rasa sees it: it may be for the desk, and it may be no text."""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from billing.contacts import ContactBook
from billing.database import open_database
from billing.desk import Desk
from billing.folding import fold
from billing.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable

    from rasa.core.channels.channel import UserMessage
    from rasa.shared.nlu.training_data.message import NLUPredictionData

    from billing.settings import Settings

INTENTS = {
    "image": "payment_receipt",
    "document": "payment_receipt",
    "audio": "voice_message",
    "video": "unsupported_message",
    "location": "unsupported_message",
    "contact": "unsupported_message",
    "unsupported": "unsupported_message",
}
"""Of the kinds of message that are no text; a picture is nearly always a receipt."""

UNANSWERED = {"sticker", "reaction"}
"""Said in passing: an answer to a thumbs-up would only annoy."""

TEXTS = {"text", "edited"}

SHOWN_AS = {
    "image": "(imagem)",
    "document": "(arquivo)",
    "audio": "(áudio)",
    "video": "(vídeo)",
    "location": "(localização)",
    "contact": "(contato)",
    "sticker": "(figurinha)",
    "reaction": "(reação)",
}
"""To the people at the desk, who get no media."""

OTHER_KIND = "(mensagem de outro tipo)"

_MENU = re.compile(r"[\W_]*(?:mande[\W_]+|volt(?:ar|a)[\W_]+(?:ao|para[\W_]o|pro)[\W_]+)?menu[\W_]*")

# Not the pool of the database: a desk that hangs must not make those wait who have nothing to do with it.
_posting = ThreadPoolExecutor(32, "desk")


@dataclass(frozen=True)
class Received:
    """What is to be done with a message.

    Attributes:
        for_bot: Whether Rasa answers it.
        response: Name of the response that is said when Rasa does not; None for silence.
    """

    for_bot: bool
    response: str | None = None


FOR_BOT = Received(for_bot=True)
SILENCE = Received(for_bot=False)


class Reception:
    """Passes messages of held senders on to the desk, and gives those that are no text their intent.

    Args:
        desk: Gives the desk; called in a thread, since making one opens the database.
    """

    def __init__(self, desk: Callable[[], Desk]) -> None:
        self._desk = desk

    async def receive(self, message: UserMessage) -> Received:
        """Decide about one message, of whatever channel.

        Args:
            message: Its `metadata["kind"]` says what it is; without one it is text. One that Rasa shall
                answer and that is no text gets its `parse_data` here.

        Raises:
            sqlalchemy.exc.DBAPIError: When the database cannot tell whether the sender is held.
        """
        kind = (message.metadata or {}).get("kind", "text")
        message.text = message.text or ""
        is_text = kind in TEXTS or (kind == "image" and message.text != "")
        if await asyncio.to_thread(lambda: self._desk().held(message.sender_id)):
            return await self._pass_on(message, kind, is_text=is_text)
        if kind in UNANSWERED:
            return SILENCE
        if not is_text:
            message.parse_data = _trusted(INTENTS.get(kind, INTENTS["unsupported"]), message.text)
        return FOR_BOT

    async def _pass_on(self, message: UserMessage, kind: str, *, is_text: bool) -> Received:
        if is_text and _MENU.fullmatch(fold(message.text)):
            await asyncio.to_thread(lambda: self._desk().release(message.sender_id))
            return Received(for_bot=False, response="utter_desk_released")
        shown = "" if kind in TEXTS else SHOWN_AS.get(kind, OTHER_KIND)
        text = f"{shown} {message.text}".strip()
        taken = await asyncio.get_running_loop().run_in_executor(
            _posting, lambda: self._desk().forward(message.sender_id, message.message_id, text)
        )
        return SILENCE if taken else Received(for_bot=False, response="utter_desk_unreachable")


def _trusted(intent: str, text: str) -> NLUPredictionData:
    found = {"name": intent, "confidence": 1.0}
    return {"text": text, "intent": found, "entities": [], "intent_ranking": [found]}


@lru_cache(maxsize=1)
def desk_of(settings: Settings) -> Desk:
    """The process's desk, which outlives the model: a swapped model gets a new processor.

    Args:
        settings: The process's.
    """
    engine = open_database(settings.database_url)
    vault = Vault.from_settings(settings)
    contacts = ContactBook(engine, vault, demo_allowed=settings.sandbox)
    return Desk.from_settings(settings, engine, vault, contacts)
