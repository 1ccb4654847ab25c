"""Dates and days."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from addons.nlu.entities.mention import Mention
from addons.nlu.entities.months import MONTH_NAME, number_of
from addons.nlu.entities.numerals import CARDINAL, CARDINALS, number

if TYPE_CHECKING:
    from collections.abc import Iterator

_DAY = r"0?[1-9]|[12][0-9]|3[01]"
_SPOKEN = "|".join(word for word in CARDINALS if word not in {"um", "uma", "duas"})
_CENTURY = 2000
_LEAP_YEAR = 2024  # a day without a year may be the 29th of February

_FULL = re.compile(
    rf"(?<![0-9/.-])(?P<day>{_DAY})(?P<separator>[/.-])(?P<month>0?[1-9]|1[0-2])(?P=separator)"
    r"(?P<year>(?:20)?[0-9]{2})(?![0-9]|[/.-][0-9])"
)
_DAY_AND_MONTH = re.compile(
    rf"(?:\bdia[ ])?(?<![0-9/.,-])(?P<day>{_DAY})(?:/|[ ]do[ ](?:mes[ ])?)"
    r"(?P<month>0?[1-9]|1[0-2])(?![0-9]|[/.,-][0-9])"
    rf"|\bdia[ ](?P<dotted_day>{_DAY})[.-](?P<dotted_month>0?[1-9]|1[0-2])(?![0-9])"
    rf"|(?:\bdia[ ])?\b(?P<spoken_day>{_SPOKEN})[ ]do[ ](?P<spoken_month>{_SPOKEN})\b"
)
_NAMED_MONTH = re.compile(
    rf"(?:\bdia[ ])?(?<![0-9/.,-])\b(?P<day>{_DAY}|{CARDINAL}|primeiro|1[oº°])[ ]?(?:de|do|/|-)[ ]?"
    rf"(?P<month>{MONTH_NAME})\b"
    r"(?:[ ](?:de[ ]|do[ ])?(?P<year>20[0-9]{2}))?"
)
_DAY_ALONE = re.compile(
    rf"\bdia[ ](?P<day>{_DAY}|vinte[ ]e[ ](?:{CARDINAL})|trinta[ ]e[ ]um|{CARDINAL}|primeiro|1[oº°])"
    r"(?![0-9a-z])(?![/.-][0-9])"
)
# "dia 10 ou 15", "dias 5, 10 e 20", "do 5 pro 15"
_NO_COUNT = (
    r"(?![0-9a-zªº°%]|[/.,:-][0-9]|[ ]?(?:dias?|mes|meses|anos?|semanas?|horas?|hrs?|minutos?|vezes|x|reais"
    r"|real|conto|pila|boletos?|faturas?|contas?|parcelas?|mensalidades?|mega|megas|mb|giga|via|andar)\b)"
)
_TO = r"[ ](?:pro|ao|(?:pra|para|p)(?:[ ]o)?)[ ]"
_AND = r"[ ](?:e|ou)[ ](?:o[ ]|no[ ])?"
_SEVERAL_DAYS = re.compile(
    rf"\bdias[ ](?P<listed>(?:{_DAY})(?:(?:[ ]?,[ ]?|{_AND})(?:{_DAY})){{1,5}}){_NO_COUNT}"
    rf"|\bdia[ ](?P<pair>(?:{_DAY})(?:{_AND}|{_TO})(?:{_DAY})){_NO_COUNT}"
    rf"|\bdo[ ](?P<moved>(?:{_DAY}){_TO}(?:{_DAY})){_NO_COUNT}"
)
_FIGURES = re.compile(r"[0-9]{1,2}")
_NEAR = re.compile(
    r"\b(?:(?P<today>hoje|hj|hje)|(?P<yesterday>(?<!ante)(?<!antes de )(?<!antes d )ontem)"
    r"|(?P<tomorrow>(?<!depois de )(?<!dps de )(?:amanha|amnha|amanhan))"
    r"|(?P<next_week>(?:semana (?:que|q) vem|proxima semana)))\b"
)
_WEEKDAYS = ("segunda", "terca", "quarta", "quinta", "sexta", "sabado", "domingo")
# The short names are ordinals too: "a segunda" is a choice, "que segunda cai meu salário" a day.
_SHORT = r"(?:segunda|quarta|quinta|sexta)"
_BEFORE_DAY = (
    r"(?:na|d?esta|nesta|nessa|essa|ate|ate a|pra|para|proxima|ultima|toda|de|desde|dsd|desd|so|que|q|hoje|hj"
    r"|pag(?:o|ar|uei|ou|amos)|receb(?:o|i)|deposit(?:o|ei|ou)|transferi|acert(?:o|ei)|quit(?:o|ei)"
    r"|liquidei|mandei|fiz|fizemos|vem|cai|caiu|sai|saiu|entra|entrou|venc(?:e|eu|ia)|cort(?:aram|ou|ar)"
    r"|parou|consigo|posso|vou|agendei)"
)
_AFTER_DAY = (
    r"(?:que vem|q vem|passada|eu|pago|vou|recebo|cai|sai|entra|deposito|acerto|cedo|de manha|a tarde"
    r"|de tarde|a noite|de noite|sem falta)"
)
_NO_DAY = (
    r"(?![ -]?(?:via|parcela|vez|opcao|fatura|conta|boleto|mensalidade|cobranca|linha|mao|categoria|classe"
    r"|pagina|tela|da lista|ai|ali)\b)"
)
_WEEKDAY = re.compile(
    rf"\b(?:(?P<sure>(?:{'|'.join(_WEEKDAYS[:5])})[ -]?feira|terca|sabado|domingo)"
    rf"|(?<!\b[ao] )(?<!\b[dn][ao] )(?P<before>{_SHORT})(?=[ ]{_AFTER_DAY}\b)"
    rf"|(?:(?<=segunda )a|(?<=terca )(?:a|e|ou)|(?<=feira )(?:a|e|ou))[ ](?P<until>{_SHORT}(?:[ -]?feira)?)"
    rf"|{_BEFORE_DAY}[ ](?:so[ ])?(?P<after>{_SHORT}(?:[ -]?feira)?))\b{_NO_DAY}"
)


def find(folded: str) -> Iterator[Mention]:
    """Find dates.

    Values: ``YYYY-MM-DD``, ``MM-DD`` without a year, ``day:N`` for a day of the month, today, yesterday,
    tomorrow, next_week, and ``weekday:1`` (Monday) to ``weekday:7``. Days that no calendar has are left out.
    """
    for match in _FULL.finditer(folded):
        year = int(match["year"])
        value = _iso(year if year >= _CENTURY else _CENTURY + year, int(match["month"]), int(match["day"]))
        if value:
            yield Mention(match.start(), match.end(), "date", value)
    yield from _without_year(folded)
    for match in _NAMED_MONTH.finditer(folded):
        value = _iso(int(match["year"] or _LEAP_YEAR), number_of(match["month"]), _day(match["day"]))
        if value:
            yield Mention(match.start(), match.end(), "date", value if match["year"] else value[5:])
    yield from _days(folded)
    for match in _NEAR.finditer(folded):
        yield Mention(match.start(), match.end(), "date", str(match.lastgroup))
    for match in _WEEKDAY.finditer(folded):
        group = match.lastgroup or ""
        weekday = next(n for n, name in enumerate(_WEEKDAYS, start=1) if match[group].startswith(name))
        yield Mention(match.start(group), match.end(), "date", f"weekday:{weekday}")


def _days(folded: str) -> Iterator[Mention]:
    for match in _DAY_ALONE.finditer(folded):
        yield Mention(match.start(), match.end(), "date", f"day:{_day(match['day'])}")
    for match in _SEVERAL_DAYS.finditer(folded):
        # What _DAY_ALONE has too is longer there by the word "dia", and the longer of two mentions stands.
        start, end = match.span(match.lastgroup or "")
        for figures in _FIGURES.finditer(folded, start, end):
            yield Mention(figures.start(), figures.end(), "date", f"day:{int(figures.group())}")


def _without_year(folded: str) -> Iterator[Mention]:
    for match in _DAY_AND_MONTH.finditer(folded):
        day = match["day"] or match["dotted_day"] or match["spoken_day"]
        month = match["month"] or match["dotted_month"] or match["spoken_month"]
        value = _iso(_LEAP_YEAR, number(month), number(day))
        if value and match.group() != "24/7":  # "funciona 24/7" is no day
            yield Mention(match.start(), match.end(), "date", value[5:])


def _day(written: str) -> int:
    if written[0] == "1" and not written.isdigit():  # "1º"
        return 1
    return sum(number(word) for word in written.split() if word != "e")


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
