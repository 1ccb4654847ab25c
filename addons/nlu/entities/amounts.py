"""Amounts of money, in figures and in words."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from addons.nlu.entities.mention import Mention
from addons.nlu.entities.numerals import (
    ANY_NUMERAL,
    BELOW_HUNDRED,
    HUNDREDS_AND_MORE,
    TENS,
    TENS_AND_UNITS,
    WHOLE,
    whole_number,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_NUMBER = r"[0-9]{1,3}(?:\.[0-9]{3}){1,2}(?:,[0-9]{2})?|[0-9]{1,6}(?:[.,][0-9]{1,2})?"
_CURRENCY = r"(?:reais|reas|real|contos?|pilas?|paus?)\b"
_PRICED = (
    r"\b(?:[ao]|boleto|fatura|conta|mensalidade|valor|certo|correto|combinado|entrada)"
    r"[ ](?:de|e|foi|era|seria)[ ](?:de[ ])?"
)
# a day, a year or a count is no amount
_COUNTED = r"[ ]?(?:mega|megas|mb|giga|dias?|meses|anos|vezes|horas?|de)\b"
_OFFER = (
    r"\b(?:dar|dou|pagar|pago|adiantar|adianto|depositar|deposito|passar|passo)[ ](?:uns[ ]|so[ ]|ate[ ])?"
)
_DOWN_PAYMENT = r"[ ]de[ ](?:entrada|sinal)\b"
_REST_LATER = r"[ ](?:agora|hoje|hj|ja|e[ ]o[ ]rest(?:o|ante))\b"
_IN_FIGURES = re.compile(
    rf"(?:r\$|rs)[ ]?(?P<signed>{_NUMBER})(?![0-9])"
    rf"|(?<![0-9.,/-])(?P<named>{_NUMBER})[ ]?(?P<thousands>mil[ ])?{_CURRENCY}"
    r"(?:[ ]?e[ ](?P<cents>[0-9]{1,2})(?:[ ]centavos)?(?![0-9]))?"
    r"|(?<![0-9.,/-])(?P<decimal>(?:[0-9]{1,3}\.)?[0-9]{1,4},[0-9]{2})(?![0-9/]|[.,-][0-9])"
    rf"|{_PRICED}(?P<bare>[0-9]{{2,4}}(?:\.[0-9]{{2}})?)(?![0-9/]|[.,-][0-9]|{_COUNTED})"
    rf"|(?<![0-9.,/-])(?P<down_payment>[0-9]{{2,4}})(?={_DOWN_PAYMENT})"
    rf"|{_OFFER}(?P<offered>[0-9]{{2,4}})(?={_REST_LATER})"
)
# "noventa e nove e noventa" needs no currency; "vinte e trinta" could be anything.
_IN_WORDS = re.compile(
    rf"(?<![0-9][ ])\b(?P<named>{WHOLE})[ ]{_CURRENCY}"
    rf"(?:[ ]e[ ](?P<cents>{BELOW_HUNDRED})\b(?:[ ]centavos?\b)?)?"
    rf"|(?<!\bas[ ])\b(?P<price>{TENS_AND_UNITS}|{HUNDREDS_AND_MORE})[ ](?:e"
    rf"|virgula)[ ](?P<price_cents>{TENS})\b"
    rf"(?![ ](?:e[ ])?{ANY_NUMERAL}\b)"
    rf"|{_PRICED}(?P<bare>{WHOLE})\b(?![ ](?:e[ ]|virgula[ ])?{ANY_NUMERAL}\b|[ ]{_CURRENCY}|{_COUNTED})"
    rf"|\b(?P<down_payment>{WHOLE})(?={_DOWN_PAYMENT})"
)
_HIGHEST_DAY = 31
_YEARS = range(2000, 2100)
_MAY_BE_A_DAY = {"bare", "offered"}


def find(folded: str) -> Iterator[Mention]:
    """Find amounts; the value has a decimal point and two places: ``"1234.50"``."""
    yield from _in_figures(folded)
    yield from _in_words(folded)


def _in_figures(folded: str) -> Iterator[Mention]:
    for match in _IN_FIGURES.finditer(folded):
        kind = _kind(match)
        amount = _parsed(match[kind])
        if match["thousands"]:
            amount *= 1000
        if match["cents"]:
            amount += Decimal(match["cents"].ljust(2, "0")) / 100
        yield from _mention(match, kind, amount)


def _in_words(folded: str) -> Iterator[Mention]:
    for match in _IN_WORDS.finditer(folded):
        kind = _kind(match)
        cents = match["cents"] or match["price_cents"]
        amount = Decimal(whole_number(match[kind]))
        if cents:
            amount += Decimal(whole_number(cents)) / 100
        # "um conto" is a tale, "um real problema" none of money; no bill is that small
        if amount > 1:
            yield from _mention(match, kind, amount)


def _kind(match: re.Match[str]) -> str:
    """The name of the group that holds the amount: the first, as the others only refine it."""
    return next(name for name, written in match.groupdict().items() if written)


def _mention(match: re.Match[str], kind: str, amount: Decimal) -> Iterator[Mention]:
    may_be_a_day = kind in _MAY_BE_A_DAY
    if not may_be_a_day or (amount > _HIGHEST_DAY and amount not in _YEARS):
        start = match.start(kind) if may_be_a_day else match.start()
        yield Mention(start, match.end(), "amount", f"{amount:.2f}")


def _parsed(written: str) -> Decimal:
    if "," in written:
        return Decimal(written.replace(".", "").replace(",", "."))
    thousands = re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{3})+", written)
    return Decimal(written.replace(".", "") if thousands else written)
