"""Values that a customer names only to refuse them: "não quero pix, quero boleto em pdf"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from addons.nlu.entities.mention import Mention

_REACH = 60
_CLAUSE_BREAK = re.compile(r"[,.;:!?\n]|\b(?:mas|porem|e sim|so que)\b")
# Refusals. "não tem pix?", "não chegou o de agosto" and "não paguei a de maio" ask for what they name.
_REFUSED_BEFORE = re.compile(
    r"\b(?:nao(?: eu)?"
    r"(?: (?:quero|queria|precisa|preciso|gosto|uso|tenho|sei usar|mexo|mande|manda|vou querer|e|era))?"
    r"|nem|menos|exceto|tirando|em vez d[eao]|ao inves d[eao]|no lugar d[eao]|sem ser)"
    r"(?: (?:quero|mais|ser|pagar|receber|mandar|usar|com|pra|para|por|via|em|de|d[ao]s?|n[ao]s?|pel[ao]"
    r"|[ao]s?|um|uma|ess[ae]|boleto|fatura|conta|mes|codigo|opcao|numero)){0,5} $"
)
_REFUSED_AFTER = re.compile(
    r"\s?(?:eu )?nao(?:\s*$|\s*[,.;!]"
    r"| (?:quero|serve|da certo|funciona|funcionou|gosto|uso|tenho|consigo|pode|precisa|e essa|e esse)\b)"
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
    return bool(_REFUSED_BEFORE.search(clause) or _REFUSED_AFTER.match(folded, mention.end))
