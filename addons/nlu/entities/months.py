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
    r"|(?<=\bdo )(?P<counted>0?[1-9]|1[0-2])[ ]?[ºo°]?[ ](?:mes|mez)\b"
)
_RELATIVE = re.compile(
    r"\b(?:(?P<two_back>mes retrasado|(?:dois|2) meses atras|(?:fatura|conta|boleto) retrasad[oa])"
    r"|(?P<previous>(?:mes|mez) (?:passado|anterior|pasado)|ultimo mes|(?:um|1) mes atras"
    r"|(?<=fatura )(?:passada|anterior)|(?<=conta )(?:passada|anterior)|(?<=boleto )(?:passado|anterior))"
    r"|(?P<next>mes (?:que vem|seguinte|q vem)|proximo mes)"
    r"|(?P<current>(?<!fim )(?<!no final )(?<!pro final )(?<!comeco )(?<!inicio )(?<!meio )"
    r"(?:d?este|d?esse|nesse|neste|dess) (?:mes|mez|meis)|mes (?:atual|corrente|vigente|de agora)"
    r"|(?<=fatura )atual|(?<=conta )atual|(?<=boleto )atual|(?<=\ba )atual|(?<=\bo )atual))\b"
)
# "Do mês" alone is this month's bill or code; "fim do mês", "todo dia 5 do mês", "a promoção do mês" are not.
_BILL = (
    r"(?:bole[a-z]{1,5}|bolto|boltos|buleto|fatu[a-z]{1,5}|ftura|conta|continha|contiha|mensalidades?"
    r"|titulo|carne|cobrancas?|parcela|debito|internet|net|via|pix|pics|piks|px|qr|code|qrcode|codigo|linha"
    r"|pdf|numeracao|cola)"
)
_OF_THE_BILL = (
    r"(?:[ ](?:aqui|ai|la|da[ ](?:internet|net|casa|loja|empresa|luz)|de[ ](?:internet|barras?)|em[ ](?:pdf"
    r"|aberto)|digit[a-z]{2,5}|atualizad[oa]|certinh[oa]|mesmo|daqui|pendente)){0,2}"
)
_OF_THE_MONTH = re.compile(
    rf"(?:(?:\b{_BILL}{_OF_THE_BILL}|\b[ao]|^(?:quero|manda|mandar|envia|enviar|so))[ ]|^)"
    r"do[ ](?P<current>mes)\b"
    r"(?![ ](?:passad|pasad|anterior|retrasad|que[ ]|q[ ]|seguinte|de[ ]|do[ ]|d[ ]|atrasad|atras\b|errad"
    rf"|vencid|inteir|chei|[0-9]|(?:{CARDINAL}|{MONTH_NAME}|{'|'.join(_ABBREVIATIONS)})\b))"
)
# "o do mês passado e o desse também": the second month goes without the word.
_SHORTENED = re.compile(
    r"\bmes\b[^.;!?\n]{0,40}?[ ](?:e|ou|mais)[ ](?:[ao][ ])?"
    r"(?:(?P<current>d?esse|deste)|do[ ](?P<previous>passado|anterior)|do[ ](?P<next>que[ ]vem|seguinte))"
    r"(?=[ ]?(?:$|[.,;!?\n])|[ ](?:tambem|tb|tbm|tmb|tbem|no|em|por|pra|pfv|pf)\b)"
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
    for pattern in (_OF_THE_MONTH, _SHORTENED):
        for match in pattern.finditer(folded):
            group = match.lastgroup or ""
            yield Mention(match.start(group), match.end(group), "month", group)


def number_of(name: str) -> int:
    """Number of a month from its folded name, misspelt or not."""
    return next(index for index, names in enumerate(_NAMES, start=1) if name in names.split("|"))
