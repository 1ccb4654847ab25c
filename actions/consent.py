"""What counts as the customer's explicit yes: a write must not hang on a guess of the classifier."""

from __future__ import annotations

import re

from billing.folding import fold

YES = re.compile(
    r"s+|s*i+m+|si|sin|sm|yes|claro|quer(?:o|emos)|qro|gostaria|aceit(?:o|amos)|concordo|confirm(?:o|a|ado|ada|ar)"
    r"|autoriz(?:o|ado)|positivo|afirmativo|exat(?:o|amente)|is[so]o?|certeza|certo|certinho|corret[oa]|perfeito"
    r"|combinado|fechad[oa]|fechou|fexado|beleza|belezinha|blz|joia|otimo|show|top|legal|bora|simbora|vamos?"
    r"|pod[ei]|podem|pd|ok|oks|okay|okei|oki|uhum|aham|ahan|tranquilo|demorou|dale|acordo"
    r"|mand(?:a|e|ar)|fa[zc]a?|fazer|liber[ae]r?|desbloquei[ae]|desbloquear|solicit[ae]r?|pe[dc][ae]|pedir"
    r"|ativ[ae]r?|relig[aue]+r?|envi[ae]r?|prosseguir|prossiga|segu(?:e|ir)|siga|continu(?:a|e|ar)"
)
"""Words that say it, without accents."""

BESIDE = re.compile(
    r"por|favor|pfv?|pfvr|gentileza|fazendo|ai|la|entao|agora|ja|logo|hoje|mesm[oa]|msm|urgente|ser|com|[aoe]s?|um"
    r"|uma|eu|que|eh|ta|esta|pra|para|mim|me|meu|minha|d[eoa]|em|tudo|toda|bem|bom|boa|desbloqueio|confianca"
    r"|internet|net|sinal|conexao|pedido|obrigad[oa]|brigad[oa]|obg|valeu|vlw|moc[oa]|amig[oa]|senhora?|gente"
    r"|querid[oa]|filh[oa]|uai|oxe|opa|voce|vc"
)
"""Words that may stand beside it; any other, or a question mark, and it is asked again."""

_WORD = re.compile(r"[^\W\d_]+")
_THUMB = re.compile("[👍👌✅🆗]")
_DRAWN_OUT = re.compile(r"(.)\1{2,}|([a-qt-z])\2+(?=\b)")


def is_explicit_yes(text: str) -> bool:
    """Whether a text says yes to the question before it, and nothing else.

    Args:
        text: What the customer wrote.

    Returns:
        True for "sim", "pode pedir, por favor" or a thumb up; False for "sim?", "amanhã sim", "ok, vou
        pensar", a text with a number in it, and whatever else a person would ask back about.
    """
    folded = fold(text)
    if "?" in folded or any(map(str.isdigit, folded)):
        return False
    words = [_DRAWN_OUT.sub(r"\1\2", word) for word in _WORD.findall(folded)]
    if not words:
        return _THUMB.search(text) is not None
    others = [word for word in words if not YES.fullmatch(word)]
    return len(others) < len(words) and all(map(BESIDE.fullmatch, others))
