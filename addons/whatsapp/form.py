"""Twilio's webhook forms as typed values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class IncomingMessage:
    """One message of a customer.

    Attributes:
        message_sid: Twilio's id of it.
        address: Who wrote, as `whatsapp:+55…` or, with a hidden number, `whatsapp:BR.…`.
        kind: text, image, document, audio, video, location, contact, sticker, reaction, edited
            or unsupported.
        text: What was written; "" when nothing was.
        button: Id of the button or list entry that was chosen.
        replied_to: Twilio's id of the message that this one answers.
    """

    message_sid: str
    address: str
    kind: str = "text"
    text: str = ""
    button: str | None = None
    replied_to: str | None = None
