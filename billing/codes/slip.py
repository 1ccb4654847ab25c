"""Digitable line (linha digitável) of Brazilian payment slips.

Sources: FEBRABAN, "Layout padrão de cobrança" for bank slips (47 digits: three fields with a modulus 10
digit, a general modulus 11 digit, due-date factor, amount), FEBRABAN communiqué on the due-date factor
(9999 on 2025-02-21, 1000 again on 2025-02-22), and FEBRABAN, "Layout padrão de arrecadação/recebimento com
utilização do código de barras" for collection slips (48 digits beginning with 8: four blocks of eleven
digits, each with its own digit).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from stdnum import luhn

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_LENGTH = 80

_SEPARATORS = re.compile(r"[ .\-]")
_BANK_LINE = re.compile(r"\d{47}", re.ASCII)
_COLLECTION_LINE = re.compile(r"8\d{47}", re.ASCII)

_BASE_DATE = date(1997, 10, 7)
_FIRST_FACTOR = 1000
_CYCLE_DAYS = 9000
_CYCLES = 4

_REAL = "9"


class InvalidSlip(ValueError):
    """The text is not an intact digitable line; the message never holds the line."""


@dataclass(frozen=True)
class Slip:
    """A checked digitable line.

    Attributes:
        digits: The line's 47 (bank slip) or 48 (collection slip) digits.
        barcode: The 44 digits of the same slip's bar code.
        amount: Reais, or None when the slip does not fix it.
        due_date: None when the slip has none; collection slips never tell it in a standard place.
        formatted: The line as it is printed on paper.
    """

    digits: str = field(repr=False)
    barcode: str = field(repr=False)
    amount: Decimal | None
    due_date: date | None
    formatted: str = field(repr=False)


def parse(line: str, today: date) -> Slip:
    """Checks every check digit of a digitable line and decodes it.

    Args:
        line: Digits, bare or with the usual spaces, dots and hyphens; at most 80 characters.
        today: The provider's date. The due-date factor repeats every 9000 days; the candidate closest to this
            is taken.

    Returns:
        The decoded slip.

    Raises:
        InvalidSlip: Wrong length, character or check digit.
    """
    if len(line) > MAX_LENGTH:
        raise InvalidSlip("longer than a digitable line may be")
    digits = _SEPARATORS.sub("", line)
    if _COLLECTION_LINE.fullmatch(digits):
        return _collection_slip(digits)
    if _BANK_LINE.fullmatch(digits):
        return _bank_slip(digits, today)
    raise InvalidSlip("neither 47 digits nor 48 that begin with 8")


def _bank_slip(digits: str, today: date) -> Slip:
    fields = (digits[0:10], digits[10:21], digits[21:32])
    if not all(luhn.is_valid(part) for part in fields):
        raise InvalidSlip("the check digit of a field does not match")
    bank_and_currency, general_digit = digits[0:4], digits[32]
    factor, amount = digits[33:37], digits[37:47]
    free = digits[4:9] + digits[10:20] + digits[21:31]
    if bank_and_currency[3] != _REAL:
        raise InvalidSlip("the currency is not the real")
    if _bank_mod11(bank_and_currency + factor + amount + free) != general_digit:
        raise InvalidSlip("the general check digit does not match")
    spaced = (f"{part[:5]}.{part[5:]}" for part in fields)
    return Slip(
        digits=digits,
        barcode=bank_and_currency + general_digit + factor + amount + free,
        amount=_cents(amount),
        due_date=_due_date(int(factor), today),
        formatted=" ".join([*spaced, general_digit, factor + amount]),
    )


def _collection_slip(digits: str) -> Slip:
    blocks = [digits[start : start + 12] for start in range(0, 48, 12)]
    # The third digit says what the amount is (6, 8: reais; 7, 9: a reference quantity) and the modulus of all
    # check digits (6, 7: 10; 8, 9: 11).
    kind = digits[2]
    if kind not in "6789":
        raise InvalidSlip("the third digit names no known kind of amount")
    check_digit: Callable[[str], str] = luhn.calc_check_digit if kind in "67" else _collection_mod11
    if any(check_digit(block[:11]) != block[11] for block in blocks):
        raise InvalidSlip("the check digit of a block does not match")
    barcode = "".join(block[:11] for block in blocks)
    if check_digit(barcode[:3] + barcode[4:]) != barcode[3]:
        raise InvalidSlip("the general check digit does not match")
    return Slip(
        digits=digits,
        barcode=barcode,
        amount=_cents(barcode[4:15]) if kind in "68" else None,
        due_date=None,
        formatted=" ".join(f"{block[:11]}-{block[11]}" for block in blocks),
    )


def _weighted_sum(digits: str) -> int:
    return sum(int(digit) * (2 + place % 8) for place, digit in enumerate(reversed(digits)))


def _bank_mod11(digits: str) -> str:
    check = 11 - _weighted_sum(digits) % 11
    return "1" if check in (10, 11) else str(check)


def _collection_mod11(digits: str) -> str:
    rest = _weighted_sum(digits) % 11
    return "0" if rest in (0, 1) else str(11 - rest)


def _cents(digits: str) -> Decimal | None:
    # A zero amount means that the payer or the bank fills it in.
    return Decimal(int(digits)).scaleb(-2) if int(digits) else None


def _due_date(factor: int, today: date) -> date | None:
    if factor == 0:
        return None
    if factor < _FIRST_FACTOR:
        raise InvalidSlip("the due-date factor was never issued")
    first = _BASE_DATE + timedelta(days=factor)
    candidates = (first + timedelta(days=_CYCLE_DAYS * cycle) for cycle in range(_CYCLES))
    return min(candidates, key=lambda candidate: abs(candidate - today))
