"""What a turn says, put together as a person would send it: few messages, each code alone."""

from __future__ import annotations

from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel

WHATSAPP_LIMIT = 1_600
"""Characters that Twilio takes in one WhatsApp message."""


class ComposedOutput(CollectingOutputChannel):
    """Collects a turn's messages; sentences that follow each other become paragraphs of one message.

    A response of the domain says which one it is (`utter_action`); whatever says nothing of the kind is
    content, like a payment code, and keeps a message of its own.
    """

    def __init__(self) -> None:
        super().__init__()
        self._takes_more = False

    @classmethod
    def name(cls) -> str:
        """Name of the channel, for responses written for one channel only."""
        return "composed"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Take one message of the bot.

        Args:
            recipient_id: Rasa's conversation id.
            message: As Rasa's events give it: `text`, `buttons`, `custom`, …, `utter_action`.
        """
        text = message.get("text")
        content = {
            key: message[key] for key in ("buttons", "image", "attachment", "custom") if message.get(key)
        }
        if not text:
            self._takes_more = False
            if content:
                await self._persist_message(self._message(recipient_id, **content))
            return
        spoken = "utter_action" in message
        if spoken and self._takes_more and self._has_room(text):
            self.messages[-1]["text"] += f"\n\n{text}"
            self.messages[-1].update(content)
        else:
            await self._persist_message(self._message(recipient_id, text=text, **content))
        # Buttons end a message: what is said after them belongs below.
        self._takes_more = spoken and not content

    def _has_room(self, text: str) -> bool:
        return len(self.messages[-1]["text"]) + len(text) + 2 <= WHATSAPP_LIMIT
