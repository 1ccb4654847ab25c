"""What people write on WhatsApp, as the fields of Twilio's webhook."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING
from uuid import uuid4

from sandbox.twilio.account import ACCOUNT_SID, WHATSAPP_NUMBER
from sandbox.twilio.messages import API_VERSION, Media, new_sid

if TYPE_CHECKING:
    from collections.abc import Mapping


class Kind(str, Enum):
    """What kind of message it is."""

    TEXT = "text"
    IMAGE = "image"
    DOCUMENT = "document"
    AUDIO = "audio"
    VIDEO = "video"
    STICKER = "sticker"
    CONTACT = "contact"
    LOCATION = "location"
    BUTTON = "button"
    LIST = "list"
    REACTION = "reaction"
    EDITED = "edited"
    UNSUPPORTED = "unsupported"


_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
_SAMPLES = {
    Kind.IMAGE: Media(_PIXEL, "image/png", None),
    Kind.DOCUMENT: Media(b"%PDF-1.4\n%comprovante\n%%EOF\n", "application/pdf", "comprovante.pdf"),
    Kind.AUDIO: Media(b"OggS\x00\x02" + bytes(22), "audio/ogg", None),
    Kind.VIDEO: Media(b"\x00\x00\x00\x18ftypmp42" + bytes(12), "video/mp4", None),
    Kind.STICKER: Media(b"RIFF\x1a\x00\x00\x00WEBPVP8L" + bytes(14), "image/webp", None),
    Kind.CONTACT: Media(b"BEGIN:VCARD\nVERSION:3.0\nFN:Contato\nEND:VCARD\n", "text/vcard", None),
}
"""What hangs at a message when the writer brings nothing of its own."""

# Twilio documents few of these names; the others are WhatsApp's own for the same message.
_MESSAGE_TYPES = {Kind.CONTACT: "contacts", Kind.LIST: "interactive", Kind.EDITED: "edit"}


@dataclass(frozen=True)
class Writing:
    """A message in a person's hands.

    Attributes:
        kind: What it is.
        text: Text, caption, emoji of a reaction, or title of the button or list item.
        id: Of the button or list item.
        description: Of the list item.
        reply_to: Sid of the bot's message that it answers or reacts to; None for none.
        sid: Its own; a new one when None.
        name: The person's profile name.
        place: Latitude, longitude, address and label of a location.
        content: Its media; the kind's sample when None.
        fields: Further fields, and other values for the usual ones.
    """

    kind: Kind = Kind.TEXT
    text: str = ""
    id: str = ""
    description: str = ""
    reply_to: str | None = None
    sid: str | None = None
    name: str = "Cliente"
    place: tuple[str, str, str, str] = ("-23.5505", "-46.6333", "", "")
    content: Media | None = None
    fields: Mapping[str, str] = field(default_factory=dict)

    def media(self) -> Media | None:
        """What hangs at it; None when its kind has no media."""
        return None if self.kind not in _SAMPLES else self.content or _SAMPLES[self.kind]


def decoded(text: str) -> bytes:
    """Bytes from base64.

    Raises:
        ValueError: It is none.
    """
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None


def form_of(writing: Writing, sender: str, base_url: str) -> dict[str, str]:
    """The webhook's fields of a message.

    Args:
        writing: The message.
        sender: The person's address.
        base_url: Where this Twilio serves media.

    Returns:
        Fields as Twilio posts them, blank ones included.
    """
    media = writing.media()
    sid = writing.sid or new_sid("SM" if media is None else "MM")
    form = {
        "SmsMessageSid": sid,
        "NumMedia": "0" if media is None else "1",
        "ProfileName": writing.name,
        "MessageType": _MESSAGE_TYPES.get(writing.kind, writing.kind.value),
        "SmsSid": sid,
        "SmsStatus": "received",
        "Body": writing.text,
        "To": WHATSAPP_NUMBER,
        "NumSegments": "1",
        "ReferralNumMedia": "0",
        "MessageSid": sid,
        "AccountSid": ACCOUNT_SID,
        "ChannelMetadata": json.dumps({"type": "whatsapp", "data": {"context": {}}}),
        "From": sender,
        "ApiVersion": API_VERSION,
    }
    return {**form, **_of_person(sender), **_of_kind(writing, sid, base_url), **writing.fields}


def _of_person(sender: str) -> dict[str, str]:
    """A phone number where the address has one, else the business-scoped id that stands for it."""
    name = sender.removeprefix("whatsapp:")
    return {"WaId": name[1:]} if name.startswith("+") else {"ExternalUserIdentifier": name, "WaId": ""}


def _of_kind(writing: Writing, sid: str, base_url: str) -> dict[str, str]:
    more = {}
    if writing.reply_to is not None:
        more = {
            "OriginalRepliedMessageSid": writing.reply_to,
            "OriginalRepliedMessageSender": WHATSAPP_NUMBER,
        }
    media = writing.media()
    if media is not None:
        path = f"/{API_VERSION}/Accounts/{ACCOUNT_SID}/Messages/{sid}/Media/ME{uuid4().hex}"
        more |= {"MediaUrl0": base_url + path, "MediaContentType0": media.content_type}
    if writing.kind is Kind.LOCATION:
        more |= dict(zip(("Latitude", "Longitude", "Address", "Label"), writing.place, strict=True))
    elif writing.kind is Kind.BUTTON:
        more |= {"ButtonText": writing.text, "ButtonPayload": writing.id}
    elif writing.kind is Kind.LIST:
        more |= {
            "ListId": writing.id,
            "ListTitle": writing.text,
            "ListDescription": writing.description,
        }
    return more
