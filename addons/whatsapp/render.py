"""The bot's messages as WhatsApp can show them: texts, and files one at a time."""

from __future__ import annotations

import io
import logging
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import segno

from billing.codes import brcode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from billing.media import MediaStore

logger = logging.getLogger(__name__)

MAX_BODY = 1600
"""Twilio's limit of a message's text, in UTF-16 units: an emoji counts twice."""

MAX_TEMPLATE_BODY = 1024
"""WhatsApp's limit of the text above buttons, in the same units."""

TEMPLATES = (("quick_reply", 3, 20), ("list_picker", 10, 24))
"""Content template, most buttons, most characters of a title: Twilio's limits within a session."""

OUR_EMPHASIS = ("*menu*",)
"""The formatting that the bot's own texts use."""

_LOOKALIKES = str.maketrans("*_~`", "•--'")
_VERBATIM = "|".join([r"https?://\S+", *map(re.escape, OUR_EMPHASIS)])
# A marker formats only at the edge of a word; inside (2*3, maria_jose) it is a character like others.
_FORMATTING = re.compile(
    rf"(?P<verbatim>{_VERBATIM})|(?<![^\W_])[*_~`]+|[*_~`]+(?![^\W_])",
)

_BREAKS = (
    # Not after "37.", which begins a line of a list.
    re.compile(r"\n|(?<=\D[.!?…])\s"),
    # Not between digits, where a linha digitável has its spaces.
    re.compile(r"(?<!\d)\s|\s(?!\d)"),
)


@dataclass(frozen=True)
class Button:
    """A choice.

    Attributes:
        title: What the customer sees.
        payload: What choosing it says, in words.
    """

    title: str
    payload: str


@dataclass(frozen=True)
class Part:
    """One WhatsApp message.

    Attributes:
        kind: "text" or "media".
        body: The text, complete with numbered lines for the buttons; blank for media.
        media_id: Id in the MediaStore, for media.
        buttons: Choices that a content template may offer instead of the numbered lines.
        prompt: The text without those lines, to stand above a template's buttons.
        fallback: What may be sent as a text when the media or the template cannot be delivered; blank when
            nothing may.
    """

    kind: str
    body: str = field(default="", repr=False)
    media_id: str | None = None
    buttons: tuple[Button, ...] = field(default=(), repr=False)
    prompt: str = field(default="", repr=False)
    fallback: str = field(default="", repr=False)

    @property
    def bodies(self) -> frozenset[str]:
        """Its text in each form in which it may be sent."""
        return frozenset({self.body, self.prompt} if self.buttons else {self.body})

    @property
    def template(self) -> str | None:
        """The content template that can show the buttons, "quick_reply" or "list_picker"; else None."""
        titles = [button.title for button in self.buttons]
        if not titles or len(set(titles)) < len(titles) or not 0 < units(self.prompt) <= MAX_TEMPLATE_BODY:
            return None
        for name, most, longest in TEMPLATES:
            if len(titles) <= most and all(0 < units(title) <= longest for title in titles):
                return name
        return None


class Renderer:
    """Turns the messages of a turn into WhatsApp messages.

    Args:
        media: Where drawn QR codes are put; slips are there already.
    """

    def __init__(self, media: MediaStore) -> None:
        self._media = media

    def render(self, messages: Iterable[dict[str, Any]]) -> tuple[Part, ...]:
        """Render a turn; blocks for as long as the database takes.

        Args:
            messages: As Rasa's collecting channel gives them.

        Returns:
            In the order of sending. What WhatsApp cannot show is left out, and logged without its content.
        """
        return tuple(part for message in messages for part in self._parts(message))

    def _parts(self, message: dict[str, Any]) -> Iterator[Part]:
        text = str(message.get("text") or "").strip()
        if text:
            yield from _text_parts(text, message.get("buttons") or ())
        custom = message.get("custom")
        if custom:
            yield from self._custom_parts(custom)
        if not text and not custom:
            logger.error("a message of the bot has nothing that WhatsApp can show: %s", sorted(message))

    def _custom_parts(self, custom: dict[str, Any]) -> Iterator[Part]:
        kind = custom.get("type")
        if kind == "pix_qr_code":
            code = custom["code"]
            yield Part("media", media_id=self._media.put(draw(code), "image/png", "pix.png"), fallback=code)
        elif kind == "slip_pdf":
            yield Part("media", media_id=custom["media_id"], fallback=custom.get("instead", ""))
        else:
            logger.error("WhatsApp cannot show a message of type %r", kind)


def draw(code: str) -> bytes:
    """A QR code as PNG, large enough for another phone's camera."""
    picture = io.BytesIO()
    segno.make(code, error="m", micro=False).save(picture, kind="png", scale=8, border=4)
    return picture.getvalue()


def plain(text: str) -> str:
    """The text without WhatsApp formatting.

    Names, plans and addresses come from the ERP; their asterisks must not turn a text bold. WhatsApp knows
    no escape character, so the markers become harmless signs that look alike. Links stay as they are, and
    so does a PIX code, which has asterisks of its own and is worth nothing with one sign changed.
    """
    if is_code(text):
        return text
    # Half a surrogate pair can be neither stored nor sent.
    text = text.encode(errors="replace").decode()
    return _FORMATTING.sub(
        lambda match: match["verbatim"] or match.group().translate(_LOOKALIKES),
        text,
    )


def split(text: str) -> tuple[str, ...]:
    """Pieces of at most `MAX_BODY`, cut at line and sentence ends, else between words."""
    pieces = []
    while units(text) > MAX_BODY:
        place = _break_before(len(_head(text)), text)
        pieces.append(text[:place].rstrip())
        text = text[place:].lstrip()
    return (*pieces, text) if text else tuple(pieces)


def _text_parts(text: str, given: Iterable[dict[str, Any]]) -> Iterator[Part]:
    prompt = plain(text)
    buttons = tuple(
        Button(plain(str(each["title"])), str(each.get("payload") or each["title"])) for each in given
    )
    lines = [f"{number}. {button.title}" for number, button in enumerate(buttons, start=1)]
    listed = set(lines) <= set(prompt.splitlines())
    *first, last = split(prompt if listed else "\n".join([prompt, *lines]))
    for body in first:
        yield Part("text", body)
    if buttons:
        yield Part("text", last, buttons=buttons, prompt=prompt, fallback=last)
    else:
        yield Part("text", last)


def is_code(text: str) -> bool:
    """Whether the text is a PIX code and nothing else."""
    try:
        brcode.parse(text)
    except brcode.InvalidBrCode:
        return False
    return True


def units(text: str) -> int:
    """Length as Twilio counts it, in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def _head(text: str) -> str:
    """As much of the beginning as one message holds."""
    head = text[:MAX_BODY]
    while units(head) > MAX_BODY:
        head = head[: len(head) - max(1, (units(head) - MAX_BODY) // 2)]
    return head


def _break_before(end: int, text: str) -> int:
    """The last good place for a cut that leaves at most `end` characters before it."""
    for pattern in _BREAKS:
        places = [match.start() for match in pattern.finditer(text) if 0 < match.start() <= end]
        if places:
            return places[-1]
    return end
