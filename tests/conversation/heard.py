"""One turn as it can be observed from outside: the bot's messages and what they hold."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.conversation.spoken import Responses, Said

BR_CODE = re.compile(r"000201\S.*6304[0-9A-F]{4}")
LINE = re.compile(r"[\d. ]{47,60}")
SLIP_LINK = re.compile(r"/boleto/(\d+)-\w+")
STATEMENT = re.compile(r"\bquita[cç][aã]o\b", re.IGNORECASE)
"""In a file that is the yearly settlement statement: nothing that could be paid."""
SLIP_NUMBER = re.compile(r"documento (\d+)")


@dataclass(frozen=True)
class Title:
    """A title as the sandbox tells it to tests.

    Attributes:
        title_id: `id`.
        contract_id: Whose it is.
        customer: Key of the demo customer.
        due: `YYYY-MM-DD`.
        open: Whether it is still to be paid.
        amount: Today's, as `99.90`.
        invoice: The number inside the slip's link.
        document_number: The number on the slip.
        pix: Codes of the current and of the original issue; empty without PIX.
        line: The same for the linha digitável.
    """

    title_id: int
    contract_id: int
    customer: str
    due: str
    open: bool
    amount: str
    invoice: int
    document_number: int
    pix: tuple[str, str]
    line: tuple[str, str]


@dataclass(frozen=True)
class Code:
    """Something payable that left.

    Attributes:
        format: pix, qr_code, pdf or barcode.
        content: The code, or the slip's number.
        title: Whose it is by the sandbox's own data; None when nobody's.
        current: Whether it is of the current issue, with today's amount.
    """

    format: str
    content: str
    title: Title | None
    current: bool = True


@dataclass(frozen=True)
class Heard:
    """A turn.

    Attributes:
        says: What the customer wrote.
        messages: As the channel gave them.
        responses: The domain's.
        customer: Key of the demo customer who writes.
        calls: Endpoints of the ERP that were called, in order.
        identified: Whether the bot knew at the end who writes.
        titles: Everybody's titles at the end of the turn.
        slips: Text of each slip that was sent as a file, by its media id.
    """

    says: str
    messages: tuple[dict[str, Any], ...]
    responses: Responses
    customer: str
    calls: tuple[str, ...] = ()
    identified: bool = True
    titles: tuple[Title, ...] = ()
    slips: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Everything readable, codes included."""
        return "\n".join(spoken(message) for message in self.messages)

    @cached_property
    def codes(self) -> tuple[Code, ...]:
        """What can be paid, in order."""
        return tuple(code for message in self.messages for code in self._codes_in(message))

    @cached_property
    def paragraphs(self) -> tuple[str, ...]:
        """What is said: everything but bare codes."""
        texts = [message.get("text") or "" for message in self.messages if not self._codes_in(message)]
        return tuple(part.strip() for text in texts for part in text.split("\n\n") if part.strip())

    @cached_property
    def said(self) -> tuple[Said | None, ...]:
        """The response of each paragraph; None for a text that is no response."""
        return tuple(self.responses.recognise(paragraph) for paragraph in self.paragraphs)

    def values(self, variable: str) -> list[str]:
        """What stood for a variable in any response of this turn."""
        return [said.values[variable] for said in self.said if said and variable in said.values]

    def _codes_in(self, message: dict[str, Any]) -> tuple[Code, ...]:
        text = message.get("text") or ""
        custom = message.get("custom") or {}
        if BR_CODE.fullmatch(text):
            return (self._of("pix", text, "pix"),)
        if LINE.fullmatch(text):
            return (self._of("barcode", text, "line"),)
        if custom.get("type") == "pix_qr_code":
            return (self._of("qr_code", custom["code"], "pix"),)
        if custom.get("type") == "slip_pdf":
            return self._file(self.slips.get(custom["media_id"], ""))
        if link := SLIP_LINK.search(message.get("attachment") or ""):
            return (self._slip(link[1], "invoice"),)
        return ()

    def _of(self, payment_format: str, content: str, attribute: str) -> Code:
        plain = _plain(content)
        for title in self.titles:
            issues = [_plain(issue) for issue in getattr(title, attribute)]
            if plain in issues:
                return Code(payment_format, content, title, current=issues[0] == plain)
        return Code(payment_format, content, None)

    def _file(self, text: str) -> tuple[Code, ...]:
        number = SLIP_NUMBER.search(text)
        if STATEMENT.search(text) and not number:
            return ()
        return (self._slip(number and number[1], "document_number"),)

    def _slip(self, number: str | None, attribute: str) -> Code:
        found = (title for title in self.titles if str(getattr(title, attribute)) == number)
        return Code("pdf", str(number), next(found, None))


def _plain(content: str) -> str:
    return re.sub(r"[. ]", "", content) if LINE.fullmatch(content) else content


def spoken(message: dict[str, Any]) -> str:
    """A message as it is shown in a transcript."""
    shown = message.get("text") or message.get("attachment") or json.dumps(message.get("custom") or message)
    return shown + "".join(f" [{button['title']}]" for button in message.get("buttons", []))


def button_payloads(messages: tuple[dict[str, Any], ...]) -> Iterator[str]:
    """What the buttons of an answer send back."""
    for message in messages:
        for button in message.get("buttons", []):
            yield button["payload"]
