"""Readers of single values in SGP's JSON, which differ in type between versions.

Each takes one JSON object and a key and gives None when the value is absent. Numbers that make no sense
raise, because they would be money or identities; optional texts and dates that can't be read count as
absent.

Source of the variants: section "Data conventions" of the project's SGP notes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

from billing.plain_text import one_line

Row = Mapping[str, Any]
T = TypeVar("T")

MAX_AMOUNT = Decimal(10) ** 9
MAX_WHOLE = Decimal(10) ** 18
MAX_TEXT = 4000
MAX_CONTACTS = 50

_CENT = Decimal("0.01")
_WHOLE = re.compile(r"\d{1,18}", re.ASCII)
_NUMBER = re.compile(r"\d{1,12}(\.\d{1,20})?", re.ASCII)
_BRAZILIAN_DATE = re.compile(r"(\d{2})/(\d{2})/(\d{4})", re.ASCII)
_PROTOCOL = re.compile(r"[0-9A-Za-z][0-9A-Za-z/-]{0,39}")
_ABSENT_TEXTS = {"", "none", "null"}
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


class InvalidField(ValueError):
    """A value is missing or nonsense; holds the key's name, never the value."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def as_row(value: Any, name: str) -> Row:
    """The value as a JSON object; `name` is for the error."""
    if not isinstance(value, dict):
        raise InvalidField(name)
    return value


def required(reader: Callable[[Row, str], T | None], row: Row, key: str) -> T:
    """What `reader` finds under `key`, which must be there."""
    value = reader(row, key)
    if value is None:
        raise InvalidField(key)
    return value


def tolerant(reader: Callable[[Row, str], T | None], row: Row, key: str) -> T | None:
    """What `reader` finds under `key`; nonsense counts as absent, for values that nothing hangs on."""
    try:
        return reader(row, key)
    except InvalidField:
        return None


def verbatim(row: Row, key: str) -> str | None:
    """Text exactly as SGP sent it, for codes that a changed space would break."""
    value = row.get(key)
    return value if isinstance(value, str) and not _is_absent(value) else None


def text(row: Row, key: str) -> str | None:
    """Text on one line, without invisible characters; numbers count as text."""
    return _text(row.get(key))


def protocol(row: Row, key: str) -> str | None:
    """A protocol number fit for a customer; whatever else stands there counts as absent."""
    value = text(row, key)
    return value if value and _PROTOCOL.fullmatch(value) else None


def integer(row: Row, key: str) -> int | None:
    """Whole number, not negative, from a number or its digits."""
    value = row.get(key)
    if _is_absent(value):
        return None
    if isinstance(value, Decimal) and _is_whole(value):
        value = f"{value:.0f}"
    if (
        isinstance(value, bool)
        or not isinstance(value, (int, str))
        or not _WHOLE.fullmatch(str(value).strip())
    ):
        raise InvalidField(key)
    return int(value)


def identifier(row: Row, key: str) -> str | None:
    """A number that names something, as text, the same whether it came as 7001 or "7001"."""
    number = integer(row, key)
    return None if number is None else str(number)


def money(row: Row, key: str) -> Decimal | None:
    """Reais with two decimals, not negative and below a thousand million."""
    value = row.get(key)
    if _is_absent(value):
        return None
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        raise InvalidField(key)
    try:
        amount = Decimal(value) if not isinstance(value, str) else _decimal(value)
    except InvalidOperation:
        raise InvalidField(key) from None
    if not amount.is_finite() or not 0 <= amount < MAX_AMOUNT:
        raise InvalidField(key)
    # SGP computes corrected amounts in binary floating point: 413.49999999999994 stands for 413.50.
    return amount.quantize(_CENT, ROUND_HALF_UP)


def boolean(row: Row, key: str) -> bool | None:
    """True or false from a boolean, 0/1 or their texts."""
    value = row.get(key)
    if _is_absent(value):
        return None
    # Anything else may be nested as deep as JSON allows, too deep to be written as text.
    found = _BOOLEANS.get(str(value).strip().lower()) if isinstance(value, (str, int)) else None
    if found is None:
        raise InvalidField(key)
    return found


def day(row: Row, key: str) -> date | None:
    """Date from `AAAA-MM-DD` or `DD/MM/AAAA`, with or without a time after it."""
    moment = local_datetime(row, key)
    return moment.date() if moment else None


def local_datetime(row: Row, key: str) -> datetime | None:
    """Naive local time of the provider; midnight when SGP gave a date only."""
    value = _text(row.get(key))
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(_BRAZILIAN_DATE.sub(r"\3-\2-\1", value, count=1))
    except ValueError:
        return None
    # SGP never sends an offset; a time that has one would be compared wrongly with the naive ones.
    return moment if moment.tzinfo is None else None


def contacts(row: Row, key: str) -> tuple[str, ...]:
    """Phones or e-mails from a list of texts, of objects with `contato`, or both; each once."""
    value = row.get(key)
    entries = value if isinstance(value, list) else [value]
    found = (
        _text(entry.get("contato") if isinstance(entry, dict) else entry) for entry in entries[:MAX_CONTACTS]
    )
    return tuple(dict.fromkeys(contact for contact in found if contact))


def document(row: Row, key: str) -> str | None:
    """CPF or CNPJ without punctuation, letters of the alphanumeric CNPJ in upper case."""
    value = _text(row.get(key))
    return bare_document(value) if value else None


def bare_document(value: str) -> str:
    """A document's digits and letters, upper case."""
    return re.sub(r"[^0-9A-Za-z]", "", value).upper()


def link(row: Row, key: str, base_url: str) -> str | None:
    """Absolute http(s) address; some installations send only the path, to be read from their own host."""
    value = _text(row.get(key))
    if value is None:
        return None
    try:
        address = urljoin(f"{base_url}/", value)
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme in {"http", "https"} and parts.hostname else None


def _text(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, (str, int)) or _is_absent(value):
        return None
    return one_line(str(value)[:MAX_TEXT]) or None


def _is_whole(value: Decimal) -> bool:
    # The size before it is written out: 1e999999999 is a short JSON number and a thousand million digits.
    return value.is_finite() and -MAX_WHOLE < value < MAX_WHOLE and value == value.to_integral_value()


def _decimal(value: str) -> Decimal:
    if not _NUMBER.fullmatch(value.strip()):
        raise InvalidOperation
    return Decimal(value.strip())


def _is_absent(value: Any) -> bool:
    return value is None or value == [] or (isinstance(value, str) and value.strip().lower() in _ABSENT_TEXTS)
