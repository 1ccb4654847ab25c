"""The messages that went to people, and those that people wrote."""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sandbox.twilio.account import ACCOUNT_SID
from sandbox.twilio.errors import error_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sandbox.twilio.webhooks import Delivery

Json = Any

WINDOW_SECONDS = 24 * 3600
API_VERSION = "2010-04-01"
LADDER = ("queued", "sent", "delivered", "read")
"""What becomes of a message that arrives."""
_CAPTIONED = ("image/", "video/")


@dataclass(frozen=True)
class Media:
    """A file in a message.

    Attributes:
        content: Its bytes.
        content_type: As its server declared it, without parameters.
        filename: From Content-Disposition; None when that named none.
    """

    content: bytes
    content_type: str
    filename: str | None


@dataclass(frozen=True)
class Button:
    """A quick reply or a list item: what the person reads, and the id that comes back."""

    title: str
    id: str


@dataclass
class Message:
    """A message from the bot to a person.

    Attributes:
        sid: Twilio's id.
        to: The person's address.
        body: Text, or caption; of a content the text with its variables filled in.
        accepted_at: Place in the one order of everything accepted and written.
        created_at: Seconds since the epoch.
        buttons: Of a content.
        media_url: Where Twilio is to fetch the media; None without.
        status_callback: Where to post what becomes of it; None for nowhere.
        status: One of Twilio's.
        error_code: Why it failed.
        sent_at: Seconds since the epoch; None until then.
        media: What was fetched.
        shown_at: Place in the same order at which it appeared on the person's phone; None until then.
    """

    sid: str
    to: str
    sender: str
    body: str
    accepted_at: int
    created_at: float
    buttons: tuple[Button, ...] = ()
    service_sid: str | None = None
    media_url: str | None = None
    status_callback: str | None = None
    status: str = "queued"
    error_code: int | None = None
    error_text: str | None = None
    sent_at: float | None = None
    media: Media | None = None
    shown_at: int | None = None

    def advance(self, status: str) -> None:
        """Moves the status forward; a lower one changes nothing, and a failure is final."""
        if _rank(status) > _rank(self.status):
            self.status = status

    def fail(self, code: int) -> None:
        """Notes why it will not arrive."""
        self.error_code, self.error_text = code, error_text(code)

    def resource(self) -> Json:
        """The message as the REST API tells it."""
        uri = f"/{API_VERSION}/Accounts/{ACCOUNT_SID}/Messages/{self.sid}"
        created = _rfc_2822(self.created_at)
        return {
            "account_sid": ACCOUNT_SID,
            "api_version": API_VERSION,
            "body": self.body,
            "date_created": created,
            "date_sent": None if self.sent_at is None else _rfc_2822(self.sent_at),
            "date_updated": created if self.sent_at is None else _rfc_2822(self.sent_at),
            "direction": "outbound-api",
            "error_code": self.error_code,
            "error_message": self.error_text,
            "from": self.sender,
            "messaging_service_sid": self.service_sid,
            "num_media": "0" if self.media_url is None else "1",
            "num_segments": "1",
            "price": None,
            "price_unit": None,
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": self.to,
            "uri": f"{uri}.json",
        }

    def on_phone(self) -> Json:
        """The message as the person sees it, for the control routes."""
        return {
            "sid": self.sid,
            "to": self.to,
            "body": self._visible_body(),
            "buttons": [{"title": button.title, "id": button.id} for button in self.buttons],
            "media": None if self.media is None else _described(self.media),
            "accepted_at": self.accepted_at,
            "shown_at": self.shown_at,
            "status": self.status,
            "error_code": self.error_code,
        }

    def _visible_body(self) -> str:
        """The body, which WhatsApp shows as caption of pictures and films, and of no other media."""
        if self.media is None or self.media.content_type.startswith(_CAPTIONED):
            return self.body
        return ""


@dataclass
class Written:
    """A message that a person wrote.

    Attributes:
        form: The fields of its webhook.
        media: What hangs at it.
        written_at: Place in the order of everything.
        deliveries: How its posts to the bot went.
    """

    form: Mapping[str, str]
    media: Media | None
    written_at: int
    deliveries: list[Delivery] = field(default_factory=list)

    def report(self) -> Json:
        """The message and how the bot took it, for the control routes."""
        return {
            "sid": self.form["MessageSid"],
            "from": self.form["From"],
            "form": dict(self.form),
            "written_at": self.written_at,
            "acknowledged": any(delivery.accepted for delivery in self.deliveries),
            "deliveries": [delivery.report() for delivery in self.deliveries],
        }


class MessageBook:
    """All messages, in the order in which Twilio got them.

    Args:
        clock: Seconds since the epoch.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._places = 0
        self._sent: dict[str, Message] = {}
        self._written: dict[str, Written] = {}
        self._last_written: dict[str, float] = {}
        self._shown: defaultdict[str, list[Message]] = defaultdict(list)
        self._change = asyncio.Event()

    def accept(self, to: str, sender: str, body: str, **more: Any) -> Message:
        """Takes a message for a person in.

        Args:
            to: The person's address.
            sender: The bot's.
            body: Text or caption.
            more: Further attributes of `Message`.
        """
        prefix = "MM" if more.get("media_url") else "SM"
        message = Message(
            new_sid(prefix), to, sender, body, accepted_at=self._place(), created_at=self._clock(), **more
        )
        self._sent[message.sid] = message
        return message

    def write(self, form: Mapping[str, str], media: Media | None) -> Written:
        """Takes a message from a person in, which opens the 24-hour window; a known sid is no second one."""
        known = self._written.get(form["MessageSid"])
        if known is None:
            known = self._written[form["MessageSid"]] = Written(form, media, self._place())
        self.open_window(form["From"])
        return known

    def open_window(self, address: str, age: float = 0) -> None:
        """Notes that this person wrote `age` seconds ago."""
        self._last_written[address] = self._clock() - age

    def window_open(self, address: str) -> bool:
        """Whether a message without template may go to this person now."""
        last = self._last_written.get(address)
        return last is not None and self._clock() - last < WINDOW_SECONDS

    def show(self, message: Message) -> None:
        """Puts a message on the person's phone."""
        message.shown_at = self._place()
        message.sent_at = self._clock()
        self._shown[message.to].append(message)
        self._change.set()
        self._change = asyncio.Event()

    def phone(self, address: str) -> list[Message]:
        """What the person has got, in the order in which Twilio accepted it."""
        return sorted(self._shown[address], key=lambda message: message.accepted_at)

    async def wait_for(self, address: str, count: int, patience: float) -> None:
        """Waits until a phone shows `count` messages, at most `patience` seconds."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._until(address, count), patience)

    def addresses(self) -> Iterable[str]:
        """Everybody who got something."""
        return [address for address, messages in self._shown.items() if messages]

    def sent(self, sid: str) -> Message | None:
        """The message to a person with this id."""
        return self._sent.get(sid)

    def all_sent(self) -> list[Message]:
        """Messages to people, oldest first, failed ones too."""
        return list(self._sent.values())

    def written(self, sid: str) -> Written | None:
        """The message from a person with this id."""
        return self._written.get(sid)

    def all_written(self) -> list[Written]:
        """Messages from people, oldest first."""
        return list(self._written.values())

    def clear(self) -> None:
        """Forgets everything."""
        self._places = 0
        for held in (self._sent, self._written, self._last_written, self._shown):
            held.clear()

    async def _until(self, address: str, count: int) -> None:
        while len(self._shown[address]) < count:
            await self._change.wait()

    def _place(self) -> int:
        self._places += 1
        return self._places


def new_sid(prefix: str) -> str:
    """A fresh id as Twilio makes them: two letters that tell the kind, and 32 hexadecimal digits."""
    return prefix + uuid4().hex


def _rank(status: str) -> int:
    return LADDER.index(status) if status in LADDER else len(LADDER)


def _rfc_2822(seconds: float) -> str:
    return format_datetime(datetime.fromtimestamp(seconds, timezone.utc))


def _described(media: Media) -> Json:
    return {
        "content_type": media.content_type,
        "filename": media.filename,
        "sha256": hashlib.sha256(media.content).hexdigest(),
        "size": len(media.content),
    }
