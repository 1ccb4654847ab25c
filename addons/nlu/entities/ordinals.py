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
    rf"\s*[\[(]?(?P<number>[0-9]{{1,2}}|{CARDINAL})[\])]?(?:\s*[ªaoº°]\b)?"
    r"[\s.,!\)\ufe0f\u20e3\U0001f300-\U0001faff]*(?:(?:por favor|pfv|pf|obrigad[oa]|mesmo)[\s.!]*)?"
)
_SEVERAL_BARE = re.compile(
    rf"\s*(?:as |os |a |o )?(?:[0-9]{{1,2}}|{CARDINAL})"
    rf"(?:(?:\s*[,+&]\s*|\s+e\s+)(?:a |o )?(?:[0-9]{{1,2}}|{CARDINAL})){{1,8}}"
    r"[\s.,!]*(?:(?:por favor|pfv|pf)[\s.!]*)?"
)
_LISTED_NUMBER = re.compile(rf"[0-9]+|\b(?:{CARDINAL})\b")
_CHOSEN_NUMBER = re.compile(
    # "e nove" of "noventa e nove" is no choice
    r"(?<![0-9])(?<!vinte )(?<!enta )(?<!cento )(?<!entos )(?<!trinta )"
    rf"\b(?:(?P<article>(?:[ao]|d[ao]|n[ao]|quero|manda|escolho|e)[ ])(?:numero[ ]|n[ ]|nº[ ])?"
    rf"|(?:(?P<numbered>opcao|numero|item|num|nro|nr)|{_BILL})[ ](?:de[ ]numero[ ]|numero[ ])?)"
    rf"(?P<number>[0-9]{{1,2}}|{CARDINAL})\b"
    # "a 2 via", "o 3 mes", "quero 2 megas" choose nothing
    r"(?![ºª°,./:-]?[0-9]|[ºª°ao]?[ ]?(?:via|vez|vezes|mes|meses|mega|megas|mb|giga|dias?|anos?|horas?|hrs?|h"
    r"|min|minutos?|reais|x|ponto|pontos|pessoas?|boletos?|faturas?|contas?|mensalidades?|do|de|semanas?"
    r"|tempo|parcelas?|%)\b)"
)
# After an article these are articles or pronouns themselves: "e um boleto".
_ALSO_ARTICLES = frozenset({"um", "uma"})
_HIGHEST_BY_ARTICLE = 31  # "o plano é 99" is a price
_PLACE = re.compile(rf"\b(?P<word>{ORDINAL})\b|(?<![0-9])(?P<figure>[0-9]{{1,2}})(?:[ªº°]|[ao]\b)")
_NOT_A_PLACE = re.compile(
    r"[ -]?(?:via|vez|vezes|dia|mes|feira|semana|andar|coisa|lugar|que vem|q vem|de manha|a tarde|grau)\b"
)
_WEEKDAY_FOLLOWS = re.compile(r"[ ](?:eu|pago|vou|recebo)\b")
_ARTICLE_BEFORE = re.compile(r"\b[ao] $")
_LISTED_AFTER = re.compile(rf"[ ](?:{_BILL}|da lista)\b")
_OPENED_BY_PLACE = re.compile(rf"\W*(?:$|[ ]?{_BILL}|(?:e|ou) (?:[ao] )?{ORDINAL}\b)")
_NOTHING_MORE = re.compile(r"[\s.!?]*$")
# A room more often than the fourth invoice.
_ROOM = "quarto"
_BEFORE_FOURTH = re.compile(
    r"(?:^|\b(?:quero|manda|envia|escolho|prefiro|pagar|seja|ser|opcao|numero|seria|e)[ ])(?:o )?$"
)
_BEFORE_PLACE = re.compile(
    rf"(?:^|\b(?:[ao]s?|d[ao]|n[ao]|e|quero|manda|envia|opcao|numero|seria|escolho|{_BILL})[ ])$"
)
_AGE = re.compile(
    r"\b(?:(?P<oldest>(?<!irma )(?<!irmao )(?<!filha )(?<!filho )(?<!pessoa )"
    r"mais (?:antig|antiguinh|velh|velhinh|atrasad|atrasadinh|vencid|vencidinh)[ao]"
    r"|(?:[ao]|aquel[ao]|aquele|ess[ae]) (?:de|(?:que|q)(?: (?:esta|ta|tava|venceu|vencid[ao]|atrasad[ao]"
    r"|abert[ao]|em aberto|parad[ao]|pendente|devo|tem|ha|a|faz)){1,4}) mais tempo"
    r"|primeir[ao](?: a vencer| que venceu))"
    rf"|(?P<newest>mais (?:nov[ao]|recente|atual)|[dn]?[ao] ultim[ao](?: {_BILL})?"
    r"(?! (?:vez|mes|dia|semana|pagamento|aviso|chance|hora)\b)|^ultim[ao]$))\b"
)

# "All" is a choice: "quero todas", "manda tudo", and not "paguei as duas", "gosto de pagar tudo em dia".
_CHOOSING = (
    r"(?:(?:quero|qro|quer|queria|querer|manda|mandar|mandarem|mande|mandem|envia|enviar|envie|passa|passar"
    r"|passe|bota|gera|gerar|gere|pagar|pagando|quitar|quitando|acertar|zerar|prefiro|escolho|seria|emitir"
    r"|imprimir|pode ser|me ve)[ ]"
    r"(?:(?:pagar|quitar|receber|logo|ai|aqui|ja|so|por favor|pfv|pra mim|entao|agora|hoje|hj)[ ]){0,2})"
)
_CLAUSE_START = r"(?:^|[.,;:!?\n)][ ]?|\b(?:sim|entao|isso|oi|pfv|por favor)[ ])"
_EVERY = r"(?:tod[ao]s|tds)"
_PAIR = r"(?:duas|dois|tres|quatro|cinco)"
_ALL_NAMED = (
    rf"(?:{_EVERY} (?:as |os )?"
    rf"(?:(?:minhas |meus )?{_BILL}|elas|eles|abert[ao]s|atrasad[ao]s|vencid[ao]s|pendentes?|em aberto)"
    rf"|[ao]s (?:{_PAIR}|[2-9]) {_BILL})"
)
_ALL_ALONE = rf"(?:{_EVERY}|amb[ao]s(?: as duas| os dois)?|[ao]s {_PAIR})"
_ALL = re.compile(
    rf"\b(?P<named>{_ALL_NAMED})\b"
    rf"|(?:{_CLAUSE_START}|\b{_CHOOSING})(?P<group>{_ALL_NAMED}|{_ALL_ALONE})\b"
    rf"|(?:^|\b{_CHOOSING})(?P<figure>[ao]s [2-9])(?![0-9,.:/])\b"
    rf"|\b{_CHOOSING}(?P<everything>tudo|td)\b"
    r"|^(?P<alone>tudo|td)(?=\W*$|[ ](?:junto|de uma vez|no|em|por)\b)"
)
_NO_CHOICE_AFTER = re.compile(
    r"[ ](?:(?:ja )?(?:estao|tao|sao|foram|ficaram|ficam|vencem|venham?|vieram|somad[ao]s|pag[ao]s?"
    r"|quitad[ao]s)|em dia|cert[oa]s?|certinh[oa]s?|bem|bom|joia|isso|cancelad[ao]|funcionando|de volta"
    r"|no mesmo dia|[ao]s|n[ao]s|ess[ae]s|voces|vcs|dias|anos|mes|meses|vezes|pessoas|casas|horas|hrs"
    r"|da (?:tarde|manha|noite)|mais|primeir[ao]s|ultim[ao]s|menos|exceto|tirando|fora)\b"
)
# Reports, habits and what the customer cannot do.
_NO_CHOICE_BEFORE = re.compile(
    r"\b(?:paguei|pagamos|pagou|pagaram|quitei|quitamos|quitou|acertei|liquidei|recebi|gosto|costumo|adoro"
    r"|sempre|dificil|impossivel|complicado|pesado|sem|consegui"
    r"|(?:nao|naum|nn?|num)(?: eu)? (?:tenho|consigo|posso|vou|da|deu|tem|sei|aguento|queria|quero))"
    r"(?: (?:como|condicao|condicoes|dinheiro|grana|mais|conseguir|poder|pra|para|de|eu|ja|me|pagar|quitar"
    r"|acertar|receber|mandar)){0,6} $"
)
_DISCOUNT = re.compile(r"\b(?:descont[a-z]{1,5}|abatimento|abater|abate|precinho)\b")
_SENTENCE_END = re.compile(r"[.!?\n]")
_CLAUSE_END = re.compile(r"[.,;:!?\n]")
_REACH = 80


def find(folded: str) -> Iterator[Mention]:
    """Find choices; the value is ``"1"``, ``"2"``, …, all, oldest or newest."""
    yield from _bare(folded)
    for match in _CHOSEN_NUMBER.finditer(folded):
        if _is_a_number(folded, match):
            yield from _numbered(match.start("number"), match.end("number"), match["number"])
    for match in _PLACE.finditer(folded):
        if not _NOT_A_PLACE.match(folded, match.end()) and _stands_as_place(folded, match):
            yield from _numbered(match.start(), match.end(), match["word"] or match["figure"])
    for match in _AGE.finditer(folded):
        yield Mention(match.start(), match.end(), "ordinal", match.lastgroup or "")
    for match in _ALL.finditer(folded):
        start, end = match.span(match.lastgroup or "")
        if _is_a_choice(folded, start, end):
            yield Mention(start, end, "ordinal", "all")


def _bare(folded: str) -> Iterator[Mention]:
    """A message that is nothing but the number, or the numbers."""
    bare = _BARE.fullmatch(folded)
    if bare:
        yield from _numbered(bare.start("number"), bare.end("number"), bare["number"])
    elif _SEVERAL_BARE.fullmatch(folded):
        for match in _LISTED_NUMBER.finditer(folded):
            yield from _numbered(match.start(), match.end(), match.group())


def _is_a_number(folded: str, match: re.Match[str]) -> bool:
    if match["number"] in _ALSO_ARTICLES:  # "me conta uma piada"
        ends = _NOTHING_MORE.match(folded, match.end()) is not None
        return match["numbered"] is not None or (not match["article"] and ends)
    return not (match["article"] and number(match["number"]) > _HIGHEST_BY_ARTICLE)


def _is_a_choice(folded: str, start: int, end: int) -> bool:
    """Whether all of them are wanted, and not spoken of."""
    before = folded[max(0, start - _REACH) : start]
    sentence = _SENTENCE_END.split(before)[-1] + _SENTENCE_END.split(folded[end : end + _REACH])[0]
    return not (
        _NO_CHOICE_AFTER.match(folded, end)
        or _NO_CHOICE_BEFORE.search(_CLAUSE_END.split(before)[-1])
        or _DISCOUNT.search(sentence)
    )


def _stands_as_place(folded: str, match: re.Match[str]) -> bool:
    before = folded[max(0, match.start() - 20) : match.start()].lstrip() if match.start() else ""
    if match["word"] == _ROOM and not _LISTED_AFTER.match(folded, match.end()):
        alone = _NOTHING_MORE.match(folded, match.end()) is not None
        return alone and _BEFORE_FOURTH.search(before) is not None
    if _WEEKDAY_FOLLOWS.match(folded, match.end()) and not _ARTICLE_BEFORE.search(before):
        return False
    if _BEFORE_PLACE.search(before):
        # An adverb or a date opens many messages: "primeiro quero saber", "segunda eu pago".
        return bool(before) or _OPENED_BY_PLACE.match(folded, match.end()) is not None
    return re.match(rf"[ ]{_BILL}\b", folded[match.end() :]) is not None


def _numbered(start: int, end: int, written: str) -> Iterator[Mention]:
    value = number(written)
    if value:
        yield Mention(start, end, "ordinal", str(value))
