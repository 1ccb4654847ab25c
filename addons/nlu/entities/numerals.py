"""Portuguese numerals that customers write as words."""

from __future__ import annotations

CARDINALS = {
    "um": 1,
    "uma": 1,
    "dois": 2,
    "duas": 2,
    "tres": 3,
    "quatro": 4,
    "cinco": 5,
    "seis": 6,
    "sete": 7,
    "oito": 8,
    "nove": 9,
    "dez": 10,
    "onze": 11,
    "doze": 12,
    "treze": 13,
    "quatorze": 14,
    "catorze": 14,
    "quinze": 15,
    "dezesseis": 16,
    "dezessete": 17,
    "dezoito": 18,
    "dezenove": 19,
    "vinte": 20,
    "trinta": 30,
}

ORDINALS = {
    "primeir": 1,
    "segund": 2,
    "terceir": 3,
    "quart": 4,
    "quint": 5,
    "sext": 6,
    "setim": 7,
    "oitav": 8,
    "non": 9,
    "decim": 10,
}

CARDINAL = "|".join(sorted(CARDINALS, key=len, reverse=True))
ORDINAL = "(?:" + "|".join(ORDINALS) + ")[ao]"


def number(written: str) -> int:
    """Read figures or a word: 2 for ``"2"``, ``"02"``, ``"dois"`` and ``"segunda"``.

    Args:
        written: Folded figures, a cardinal up to thirty or an ordinal up to ten.

    Returns:
        The number.
    """
    if written.isdigit():
        return int(written)
    if written in CARDINALS:
        return CARDINALS[written]
    return ORDINALS[written[:-1]]
