"""What Twilio posts, read tolerantly: it adds fields without notice, and everything in them is the sender's.

Names and meanings: Twilio's "Webhook request" and "Outbound message status in status callbacks".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_TEXT = 4096
"""Characters of a WhatsApp message; what is longer is no person's."""

MAX_ID = 256
MAX_FIELDS = 64
"""Of a form; a message with ten files has 45."""

_MESSAGE_SID = re.compile(r"[A-Za-z0-9]{10,64}", re.ASCII)
_ADDRESS = re.compile(r"whatsapp:[!-~]{1,190}", re.ASCII)
_WORD = re.compile(r"[a-z_]{1,32}", re.ASCII)
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)

_KINDS = {
    "image": "image",
    "document": "document",
    "audio": "audio",
    "voice": "audio",
    "video": "video",
    "location": "location",
    "contact": "contact",
    "contacts": "contact",
    "sticker": "sticker",
    "reaction": "reaction",
    "edit": "edited",
    "edited": "edited",
}
"""`MessageType` -> kind; of the other types (text, button, interactive, …) the content tells the kind."""


class UnreadableForm(ValueError):
    """No message can be made of it; the text never holds what was posted."""


def read_fields(body: bytes) -> dict[str, list[str]]:
    """The fields of a form with all their values, blank ones too: Twilio signs them as well.

    Args:
        body: As it was posted.

    Raises:
        ValueError: When it is no UTF-8, or has more fields than Twilio ever sent.
    """
    # `max_num_fields` does the same, but counts so slowly that a long text costs a quarter more.
    place = -1
    for _ in range(MAX_FIELDS):
        place = body.find(b"&", place + 1)
        if place < 0:
            return parse_qs(body.decode(), keep_blank_values=True)
    raise ValueError("too many fields")


@dataclass(frozen=True)
class IncomingMessage:
    """One message of a person.

    Attributes:
        message_sid: Twilio's id of it.
        address: `whatsapp:+5511987654321`, or `whatsapp:BR.1502576394655843` when the number is hidden.
        kind: text, image, document, audio, video, location, contact, sticker, reaction, edited, or
            unsupported when nothing in it is known.
        text: What was written, also below a picture; may be blank.
        button: Id of the button or list row that was touched. Anybody can make one up.
        replied_to: Id of the message that this one answers.
    """

    message_sid: str
    address: str = field(repr=False)
    kind: str
    text: str = field(repr=False)
    button: str | None = field(repr=False)
    replied_to: str | None

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> IncomingMessage:
        """Read a form.

        Args:
            form: Fields by name, blank ones allowed.

        Raises:
            UnreadableForm: Without a usable message id or address.
        """
        button = _button(form, "ButtonPayload") or _button(form, "ListId")
        text = next(filter(None, (_text(form, name) for name in ("Body", "ButtonText", "ListTitle"))), "")
        return cls(
            message_sid=_message_sid(form),
            address=_address(form),
            kind="text" if button else _kind(form, text),
            text=text,
            button=button,
            replied_to=_matching(_MESSAGE_SID, form, "OriginalRepliedMessageSid"),
        )


@dataclass(frozen=True)
class StatusUpdate:
    """What became of a message that was sent.

    Attributes:
        message_sid: Twilio's id of it.
        status: Twilio's word in lower case, see `statuses.rank`.
        error_code: Twilio's number, see `statuses.failure`.
    """

    message_sid: str
    status: str
    error_code: int | None

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> StatusUpdate:
        """Read a form.

        Args:
            form: Fields by name, blank ones allowed.

        Raises:
            UnreadableForm: Without a usable message id or status.
        """
        said = {name: form.get(name, "").strip().lower() for name in ("MessageStatus", "SmsStatus")}
        status = _matching(_WORD, said, "MessageStatus") or _matching(_WORD, said, "SmsStatus")
        if status is None:
            raise UnreadableForm("no status")
        code = _matching(_NUMBER, form, "ErrorCode")
        return cls(_message_sid(form), status, int(code) if code and int(code) else None)


def _message_sid(form: Mapping[str, str]) -> str:
    # The last two are the names of old, still sent along.
    for name in ("MessageSid", "SmsMessageSid", "SmsSid"):
        found = _matching(_MESSAGE_SID, form, name)
        if found:
            return found
    raise UnreadableForm("no message id")


def _address(form: Mapping[str, str]) -> str:
    """Where answers go; nothing says that digits follow the prefix."""
    found = _matching(_ADDRESS, form, "From")
    if found:
        return found
    hidden = _matching(_ADDRESS, {"": f"whatsapp:{form.get('ExternalUserIdentifier', '')}"}, "")
    if hidden:
        return hidden
    raise UnreadableForm("no WhatsApp address")


def _kind(form: Mapping[str, str], text: str) -> str:
    declared = _KINDS.get(form.get("MessageType", "").strip().lower()[:MAX_ID])
    if declared:
        return declared
    media = form.get("MediaContentType0", "").strip().lower()[:MAX_ID]
    if media or form.get("MediaUrl0"):
        return _media_kind(media)
    if form.get("Latitude") and form.get("Longitude"):
        return "location"
    return "text" if text else "unsupported"


def _media_kind(content_type: str) -> str:
    if content_type.startswith("image/webp"):
        # Photos come as JPEG; WhatsApp's stickers are the WebP ones.
        return "sticker"
    if content_type.startswith(("text/vcard", "text/x-vcard")):
        return "contact"
    family = content_type.partition("/")[0]
    return family if family in {"image", "audio", "video"} else "document"


def _text(form: Mapping[str, str], name: str) -> str:
    cut = form.get(name, "")[:MAX_TEXT].replace("\0", "")
    # Half a surrogate pair can be neither stored nor sent.
    return cut.encode(errors="replace").decode().strip()


def _identifier(form: Mapping[str, str], name: str) -> str | None:
    """A value that is looked up as a whole: one that is too long is none, and never cut."""
    value = form.get(name, "")
    return value if 0 < len(value) <= MAX_ID else None


def _button(form: Mapping[str, str], name: str) -> str | None:
    """Ids of buttons are ours; one that PostgreSQL cannot even look for (NUL, half a surrogate) is none."""
    value = _identifier(form, name)
    return value if value and value.isprintable() else None


def _matching(pattern: re.Pattern[str], form: Mapping[str, str], name: str) -> str | None:
    value = _identifier(form, name)
    return value.strip() if value and pattern.fullmatch(value.strip()) else None
