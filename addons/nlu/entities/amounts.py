"""Amounts of money."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from addons.nlu.entities.mention import Mention

if TYPE_CHECKING:
    from collections.abc import Iterator

_NUMBER = r"[0-9]{1,3}(?:\.[0-9]{3}){1,2}(?:,[0-9]{2})?|[0-9]{1,6}(?:[.,][0-9]{1,2})?"
_AMOUNT = re.compile(
    rf"(?:r\$|rs)[ ]?(?P<signed>{_NUMBER})(?![0-9])"
    rf"|(?<![0-9.,/-])(?P<named>{_NUMBER})[ ]?(?:reais|real|conto|pila|pau)\b"
    r"(?:[ ]?e[ ](?P<cents>[0-9]{1,2})(?:[ ]centavos)?(?![0-9]))?"
    r"|(?<![0-9.,/-])(?P<decimal>(?:[0-9]{1,3}\.)?[0-9]{1,4},[0-9]{2})(?![0-9/]|[.,-][0-9])"
    r"|\b(?:[ao]|boleto|fatura|conta|mensalidade|valor)[ ](?:de|e|foi)[ ](?P<bare>[0-9]{2,4}(?:\.[0-9]{2})?)"
    # a day, a year or a count is no amount
    r"(?![0-9/]|[.,-][0-9]|[ ]?(?:mega|mb|giga|dias?|meses|vezes|horas?|de)\b)"
)
_HIGHEST_DAY = 31
_YEARS = range(2000, 2100)


def find(folded: str) -> Iterator[Mention]:
    """Find amounts; the value has a decimal point and two places: ``"1234.50"``."""
    for match in _AMOUNT.finditer(folded):
        kind = "named" if match["cents"] else match.lastgroup or ""
        amount = _parsed(match[kind])
        if match["cents"]:
            amount += Decimal(match["cents"].ljust(2, "0")) / 100
        if kind == "bare" and (amount <= _HIGHEST_DAY or amount in _YEARS):
            continue
        start = match.start("bare") if kind == "bare" else match.start()
        yield Mention(start, match.end(), "amount", f"{amount:.2f}")


def _parsed(written: str) -> Decimal:
    if "," in written:
        return Decimal(written.replace(".", "").replace(",", "."))
    thousands = re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{3})+", written)
    return Decimal(written.replace(".", "") if thousands else written)
