"""Which item of a list: by number, place, age, or all of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from addons.nlu.entities.mention import Mention
from addons.nlu.entities.numerals import CARDINAL, ORDINAL, number

if TYPE_CHECKING:
    from collections.abc import Iterator

_BILL = r"(?:faturas?|contas?|boletos?|mensalidades?|parcelas?|titulos?|opcao|opcoes|debitos?)"
_BARE = re.compile(
    rf"\s*[\[(]?(?P<number>[0-9]{{1,2}}|{CARDINAL})[\])]?\s*(?:[ªaoº°]\b)?"
    r"[\s.,!\)\ufe0f\u20e3\U0001f300-\U0001faff]*(?:por favor|pfv|pf|obrigad[oa]|mesmo)?[\s.!]*"
)
_SEVERAL_BARE = re.compile(
    r"\s*(?:as |os |a |o )?[0-9]{1,2}(?:\s*(?:,|e|\+|&)\s*(?:a |o )?[0-9]{1,2}){1,8}[\s.!]*"
)
_CHOSEN_NUMBER = re.compile(
    rf"(?<![0-9])\b(?:(?P<article>(?:[ao]|d[ao]|n[ao]|quero|manda|escolho|e)[ ])(?:numero[ ]|n[ ]|nº[ ])?"
    rf"|(?:opcao|numero|item|num|nro|nr|{_BILL})[ ](?:de[ ]numero[ ]|numero[ ])?)"
    rf"(?P<number>[0-9]{{1,2}}|{CARDINAL})\b"
    # "a 2 via", "o 3 mes", "quero 2 megas" choose nothing
    r"(?![ºª°,./:-]?[0-9]|[ºª°ao]?[ ]?(?:via|vez|vezes|mes|meses|mega|megas|mb|giga|dias?|anos?|horas?|hrs?|h"
    r"|min|minutos?|reais|x|ponto|pontos|pessoas?|boletos?|faturas?|contas?|mensalidades?|do|de|semanas?|tempo"
    r"|parcelas?|%)\b)"
)
# After an article these are articles or pronouns themselves: "e um boleto".
_ALSO_ARTICLES = frozenset({"um", "uma"})
_PLACE = re.compile(rf"\b(?P<word>{ORDINAL})\b|(?<![0-9])(?P<figure>[0-9]{{1,2}})(?:[ªº°]|[ao]\b)")
_NOT_A_PLACE = re.compile(
    r"[ -]?(?:via|vez|vezes|dia|mes|feira|semana|andar|coisa|lugar|que vem|q vem|eu|pago|vou|recebo|de manha"
    r"|a tarde|grau)\b"
)
_BEFORE_PLACE = re.compile(
    rf"(?:^|\b(?:[ao]s?|d[ao]|n[ao]|e|quero|manda|envia|opcao|numero|seria|escolho|{_BILL})[ ])$"
)
_AGE = re.compile(
    r"\b(?:(?P<oldest>mais (?:antig[ao]|velh[ao]|atrasad[ao]|vencid[ao])"
    r"|primeir[ao](?: a vencer| que venceu))"
    rf"|(?P<newest>mais (?:nov[ao]|recente|atual)|[dn]?[ao] ultim[ao](?: {_BILL})?"
    r"(?! (?:vez|mes|dia|semana|pagamento|aviso|chance|hora)\b)|^ultim[ao]$))\b"
)
_ALL = re.compile(
    rf"\b(?:tod[ao]s (?:as |os )?"
    rf"(?:(?:minhas |meus )?{_BILL}|elas|eles|abert[ao]s|atrasad[ao]s|vencid[ao]s|pendentes?|em aberto)"
    r"|tod[ao]s(?=\s*(?:$|[.,!]|por favor|pfv|no pix|em|por|de uma vez|junt[ao]s|de uma so))"
    r"|(?<=pagar )tudo|(?<=quero )tudo|(?<=manda )tudo|(?<=mandar )tudo|(?<=quitar )tudo|(?<=envia )tudo"
    r"|(?<=enviar )tudo|^tudo$|amb[ao]s"
    r"|[ao]s (?:duas|dois|tres|quatro|cinco|[2-9])"
    rf"(?=\s*(?:$|[.,!?]|{_BILL}|no|em|por|pelo|abert|atrasad|vencid)))"
)


def find(folded: str) -> Iterator[Mention]:
    """Find choices; the value is ``"1"``, ``"2"``, …, all, oldest or newest."""
    yield from _bare(folded)
    for match in _CHOSEN_NUMBER.finditer(folded):
        if not (match["article"] and match["number"] in _ALSO_ARTICLES):
            yield from _numbered(match.start("number"), match.end("number"), match["number"])
    for match in _PLACE.finditer(folded):
        if not _NOT_A_PLACE.match(folded, match.end()) and _stands_as_place(folded, match):
            yield from _numbered(match.start(), match.end(), match["word"] or match["figure"])
    for pattern in (_AGE, _ALL):
        for match in pattern.finditer(folded):
            yield Mention(match.start(), match.end(), "ordinal", match.lastgroup or "all")


def _bare(folded: str) -> Iterator[Mention]:
    """A message that is nothing but the number, or the numbers."""
    bare = _BARE.fullmatch(folded)
    if bare:
        yield from _numbered(bare.start("number"), bare.end("number"), bare["number"])
    elif _SEVERAL_BARE.fullmatch(folded):
        for match in re.finditer(r"[0-9]+", folded):
            yield from _numbered(match.start(), match.end(), match.group())


def _stands_as_place(folded: str, match: re.Match[str]) -> bool:
    before = folded[max(0, match.start() - 20) : match.start()].lstrip() if match.start() else ""
    if _BEFORE_PLACE.search(before):
        # An adverb or a date opens many messages: "primeiro quero saber", "segunda eu pago".
        return bool(before) or bool(re.match(rf"\W*(?:$|[ ]?{_BILL})", folded[match.end() :]))
    return re.match(rf"[ ]{_BILL}\b", folded[match.end() :]) is not None


def _numbered(start: int, end: int, written: str) -> Iterator[Mention]:
    value = number(written)
    if value:
        yield Mention(start, end, "ordinal", str(value))
