"""Values that a customer names only to refuse them: "não quero pix, quero boleto em pdf"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from addons.nlu.entities.mention import Mention

_REACH = 80
_CLAUSE_BREAK = re.compile(r"[,.;:!?\n]|\b(?:mas|porem|e sim|so que)\b")
# "num" is also "em um", and "n" a number or a letter: these refuse only before a word.
_NO = (
    r"(?:nao|naum|nn|n(?= [a-z])|num(?= (?:eu|quer|prec|mand|vou|e|era|gost|uso|ten|sei|mex|conf|aceit|abr)))"
)
_WANTED = r"quero|queria|precisa|preciso|mande|manda|mandem|vou querer|e|era"
# Who has or can use no PIX refuses it; who has no August bill asks for it.
_USED = r"gosto|uso|tenho|sei usar|sei mexer|mexo|confio|aceito|aceita|le|abre|consigo"
_FILLERS = (
    r"(?: (?:quero|mais|ser|pagar|receber|mandar|usar|com|pra|para|por|via|em|de|d[ao]s?|n[ao]s?|pel[ao]"
    r"|[ao]s?|um|uma|ess[ae]|boleto|fatura|conta|mes|codigo|opcao|numero|que|venca|vencer|vencimento)){0,5} $"
)
_INSTEAD = r"nem|menos|exceto|tirando|em vez d[eao]|ao inves d[eao]|no lugar d[eao]|sem ser|nada de"
# Refusals. "não tem pix?", "não chegou o de agosto" and "não paguei a de maio" ask for what they name.
_REFUSED_BEFORE = re.compile(rf"\b(?:{_NO}(?: eu)?(?: (?:{_WANTED}))?|{_INSTEAD}){_FILLERS}")
_FORMAT_REFUSED_BEFORE = re.compile(rf"\b{_NO}(?: eu)? (?:{_USED}){_FILLERS}")

_NO_AFTER = r"\s(?:eu )?(?:nao|naum|nn|n|num)"
_BREAK_AFTER = r"(?:\s*$|\s*[,.;!\n]|[ ](?:mas|porem|so|e sim)\b)"
_UNSUITED = (
    r"quero|serve|da certo|funciona|funcionou|gosto|uso|tenho|consigo|pode|posso|precisa|abre|abriu|le|leu"
    r"|e essa|e esse"
)
_REFUSED_AFTER = re.compile(rf"{_NO_AFTER} (?:{_UNSUITED})\b")
# A time is also when something happens: "desde ontem não tenho sinal", against "hoje não posso, só amanhã".
_TIME_REFUSED_AFTER = re.compile(rf"{_NO_AFTER} (?:quero\b|(?:{_UNSUITED}|da|rola){_BREAK_AFTER})")
_NO_AT_THE_END = re.compile(
    r"(?: (?:d[ao] lista|ali|ai|la|mesmo|moc[ao]|fatura|boleto|conta)){0,2}\s(?:eu )?(?:nao|naum|nn|n)"
    + _BREAK_AFTER
)
# Such a "não" repeats the one before, "o carteiro não deixou a conta este mês não", or belongs to the verb,
# as people in the Northeast put it: "recebi a de agosto não".
_DENIED = re.compile(
    r"\b(?:nao|naum|nn?|num|nem|nunca|ninguem|recebi|recebemos|chegou|chega|veio|vieram|paguei|pagamos"
    r"|achei|vi|encontrei|mandaram|enviaram|deixou|entregou)\b"
)
_UNSUITABLE = re.compile(
    r"\s(?:(?:e|eh|fica|seria)(?: (?:muito|mto|mt|bem|meio|sempre|tao|mais)){0,2}"
    r" (?:ruim|pessim[oa]|horrivel|complicad[oa]|inviavel|dificil)|(?:sempre )?me (?:mata|atrapalha|quebra"
    r"|aperta))\b"
)
# A document is dropped only when it is corrected at once, since losing a valid one costs the customer a turn.
_CORRECTED_BEFORE = re.compile(r"\bnao e(?: mais)?(?: (?:o|meu|esse|cpf|cnpj|do|da)){0,3} $")


def without_rejected(folded: str, mentions: list[Mention]) -> list[Mention]:
    """Drop the mentions that the customer refuses.

    Args:
        folded: The folded message.
        mentions: What was found in it, by position.

    Returns:
        The mentions that stand; of documents at least one.
    """
    kept = [mention for mention in mentions if not _is_rejected(folded, mention)]
    if any(mention.entity == "document" for mention in kept):
        return kept
    return [mention for mention in mentions if mention in kept or mention.entity == "document"]


def _is_rejected(folded: str, mention: Mention) -> bool:
    clause = _CLAUSE_BREAK.split(folded[max(0, mention.start - _REACH) : mention.start])[-1]
    if mention.entity == "document":
        return _CORRECTED_BEFORE.search(clause) is not None
    return (
        _REFUSED_BEFORE.search(clause) is not None
        or (mention.entity == "payment_format" and _FORMAT_REFUSED_BEFORE.search(clause) is not None)
        or (_NO_AT_THE_END.match(folded, mention.end) is not None and not _DENIED.search(clause))
        or _is_unsuited(folded, mention)
    )


def _is_unsuited(folded: str, mention: Mention) -> bool:
    """Whether the words after it refuse it: "o pix não funciona", "dia 1 é ruim pra mim"."""
    if mention.entity in {"date", "payment_format"} and _UNSUITABLE.match(folded, mention.end):
        return True
    refused = _TIME_REFUSED_AFTER if mention.entity in {"date", "month"} else _REFUSED_AFTER
    return refused.match(folded, mention.end) is not None
