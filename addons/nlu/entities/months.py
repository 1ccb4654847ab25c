"""Months of a bill, by name, number or relation to today."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from addons.nlu.entities.mention import Mention
from addons.nlu.entities.numerals import CARDINAL, number

if TYPE_CHECKING:
    from collections.abc import Iterator

# Full names with usual misspellings stand alone; abbreviations are also everyday words and need "de", "mês"
# or a year.
_NAMES = (
    r"janeiro|janero|janeir",
    r"fevereiro|feverero|fevereir|fevreiro",
    r"marco",
    r"abril",
    r"maio",
    r"junho|juhno|juno",
    r"julho|juhlo|julio",
    r"agosto|agosot|agsto",
    r"setembro|setenbro|stembro",
    r"outubro|otubro|outrubro|outubo",
    r"novembro|novenbro|novembo",
    r"dezembro|dezenbro|desembro|dezembo",
)
_ABBREVIATIONS = ("jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez")

MONTH_NAME = "(?:" + "|".join(_NAMES) + ")"
_NAME = re.compile(
    r"(?<!rio de )(?<!sou o )(?<!aqui e o )(?<!nome e )(?<!seu )"
    r"\b(?:" + "|".join(f"(?P<m{index}>{names})" for index, names in enumerate(_NAMES, start=1)) + r")\b"
)
# "de dez" may be the number ten, and "de mar" the sea.
_ABBREVIATION = re.compile(
    r"(?:\b(?:de|do|mes|em|fatura|conta|boleto)[ ]|/)"
    r"(?P<name>jan|fev|abr|mai|jun|jul|ago|set|out|nov)\b(?!-feira)"
    r"|\bmes[ ](?:de[ ])?(?P<after>mar|dez)\b"
    r"|\b(?P<before>" + "|".join(_ABBREVIATIONS) + r")/(?:20)?[0-9]{2}\b"
)
_NUMBERED = re.compile(
    rf"\bmes[ ](?:de[ ]|do[ ])?(?P<spoken>0?[1-9]|1[0-2]|{CARDINAL})\b(?![/.,-][0-9])"
    r"|(?<![0-9/])(?P<figures>0?[1-9]|1[0-2])/20[0-9]{2}(?![0-9/])"
)
_RELATIVE = re.compile(
    r"\b(?:(?P<two_back>mes retrasado|(?:dois|2) meses atras|(?:fatura|conta|boleto) retrasad[oa])"
    r"|(?P<previous>(?:mes|mez) (?:passado|anterior|pasado)|ultimo mes|(?:um|1) mes atras"
    r"|(?<=fatura )(?:passada|anterior)|(?<=conta )(?:passada|anterior)|(?<=boleto )(?:passado|anterior))"
    r"|(?P<next>mes (?:que vem|seguinte|q vem)|proximo mes)"
    r"|(?P<current>(?:d?este|d?esse|nesse|neste) mes|mes (?:atual|corrente|vigente|de agora)"
    r"|(?<=do )mes(?! (?:de |do )?[a-z0-9])|(?<=do )mes(?= (?:por|pf|pfv|no|em|pelo|pra|para|e|porque|cpf)\b)"
    r"|(?<=fatura )atual|(?<=conta )atual|(?<=boleto )atual|(?<=\ba )atual|(?<=\bo )atual))\b"
)


def find(folded: str) -> Iterator[Mention]:
    """Find months; the value is ``"1"`` to ``"12"``, current, previous, next or two_back."""
    for match in _NAME.finditer(folded):
        yield Mention(match.start(), match.end(), "month", str(match.lastgroup)[1:])
    for match in _ABBREVIATION.finditer(folded):
        group = match.lastgroup or ""
        value = _ABBREVIATIONS.index(match[group]) + 1
        yield Mention(match.start(group), match.end(), "month", str(value))
    for match in _NUMBERED.finditer(folded):
        value = number(match[match.lastgroup or ""])
        if value <= len(_NAMES):
            yield Mention(match.start(), match.end(), "month", str(value))
    for match in _RELATIVE.finditer(folded):
        yield Mention(match.start(), match.end(), "month", str(match.lastgroup))


def number_of(name: str) -> int:
    """Number of a month from its folded name, misspelt or not."""
    return next(index for index, names in enumerate(_NAMES, start=1) if name in names.split("|"))
