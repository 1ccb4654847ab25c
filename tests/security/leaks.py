"""Looks for what the sandbox knows about its customers in bytes that must not hold it, however written."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

import sqlalchemy as sa

from sandbox.sgp.customers import CUSTOMERS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

KINDS = ("document", "phone", "name", "email", "pix", "line")
DIGIT_KINDS = {"document", "phone", "line"}
FEWEST_DIGITS = 10
"""Less of a number is not told from any other."""

_BETWEEN_DIGITS = re.compile(rb"(?<=\d)[ ./()-]{1,3}(?=\d)")
_PIX = re.compile(r"\A000201.*6304[0-9A-F]{4}\Z")
_LINE = re.compile(r"\A[\d. ]{47,60}\Z")


@dataclass(frozen=True)
class Known:
    """A value about somebody."""

    kind: str
    value: str


def known_of_customers() -> set[Known]:
    """What the sandbox's registrations hold."""
    known = set()
    for customer in CUSTOMERS:
        known |= {Known("document", customer.document), Known("name", customer.name)}
        known |= {
            Known("phone", phone)
            for phone in (customer.whatsapp, *(contact.text for contact in customer.phones))
        }
        known |= {Known("email", contact.text) for contact in customer.emails}
    return known


def known_of_titles(rows: Iterable[dict[str, Any]]) -> set[Known]:
    """The payment codes of the sandbox's titles, of both issues."""
    return {
        found for row in rows for code in (*row["pix"], *row["line"]) for found in payment_codes(code or "")
    }


def payment_codes(text: str) -> set[Known]:
    """The text itself, if it is a PIX code or a linha digitável."""
    found = {Known("pix", text)} if _PIX.match(text) else set()
    return found | ({Known("line", text)} if _LINE.match(text) else set())


def forms(known: Known) -> tuple[set[bytes], set[bytes]]:
    """How a value may be written: in clear and escaped, whatever the case; and in encodings with a case."""
    texts = {known.value}
    if known.kind == "name":
        texts |= {known.value.title(), known.value.lower()}
    if known.kind in DIGIT_KINDS:
        digits = re.sub(r"[^0-9A-Z]", "", known.value.upper())
        texts |= {digits, digits.removeprefix("55") if known.kind == "phone" else digits}
    texts = {text for text in texts if known.kind not in DIGIT_KINDS or len(text) >= FEWEST_DIGITS}
    plain, coded = set(), set()
    for text in texts:
        written = {text, json.dumps(text)[1:-1], quote(text), quote(text, safe=""), quote_plus(text)}
        plain |= {each.encode().lower() for each in written} | {text.encode().hex().encode()}
        coded |= _base64(text.encode())
    return plain, coded


def _base64(value: bytes) -> set[bytes]:
    """What every base64 that holds the value somewhere inside holds, at each of the three alignments."""
    found = set()
    for before, spoilt in ((0, 0), (1, 2), (2, 3)):
        whole = (before + len(value)) * 4 // 3
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            found.add(encode(b"\0" * before + value)[spoilt:whole])
    return found


def found_in(content: bytes, known: Iterable[Known]) -> set[Known]:
    """The values that the content holds in any form."""
    lowered = content.lower()
    joined = _BETWEEN_DIGITS.sub(b"", lowered)
    found = set()
    for each in known:
        plain, coded = forms(each)
        if any(form in lowered or form in joined for form in plain) or any(form in content for form in coded):
            found.add(each)
    return found


def database_dump(engine: sa.engine.Engine) -> dict[str, bytes]:
    """Every value of every table, by table."""
    dump = {}
    with engine.connect() as connection:
        for table in sa.inspect(engine).get_table_names():
            rows = connection.exec_driver_sql(f'SELECT * FROM "{table}"').fetchall()  # noqa: S608 - the database's own names
            values = (value for row in rows for value in row if value is not None)
            dump[table] = b"\n".join(
                bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()
                for value in values
            )
    return dump


def files_of(path: Path) -> dict[str, bytes]:
    """A SQLite database as it lies on the disk, what was deleted too."""
    return {each.name: each.read_bytes() for each in path.parent.glob(f"{path.name}*")}
