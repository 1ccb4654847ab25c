"""The bot's messages as what Twilio can send."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """One WhatsApp message.

    Attributes:
        kind: "text" or "media".
        body: Text of the message, or caption of the medium.
        media_id: Id in the MediaStore.
        fallback: Text that says the same when the medium cannot be delivered; "" when there is none.
    """

    kind: str
    body: str
    media_id: str | None = None
    fallback: str = ""
