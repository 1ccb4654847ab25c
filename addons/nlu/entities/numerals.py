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

# Money is counted in the masculine, "duas e trinta" is a time of day.
_UNITS = {
    word: value
    for word, value in CARDINALS.items()
    if value < CARDINALS["dez"] and word not in {"uma", "duas"}
}
_TEENS = {word: value for word, value in CARDINALS.items() if value in range(10, 20)}
_TENS = {
    "vinte": 20,
    "trinta": 30,
    "quarenta": 40,
    "cinquenta": 50,
    "cincoenta": 50,
    "sessenta": 60,
    "sesenta": 60,
    "setenta": 70,
    "oitenta": 80,
    "noventa": 90,
}
_HUNDREDS = {
    "cem": 100,
    "cento": 100,
    "duzentos": 200,
    "trezentos": 300,
    "quatrocentos": 400,
    "quinhentos": 500,
    "seiscentos": 600,
    "setecentos": 700,
    "oitocentos": 800,
    "novecentos": 900,
}
_THOUSAND = "mil"
_VALUES = {**_UNITS, **_TEENS, **_TENS, **_HUNDREDS}

_UNIT, _TEEN, _TEN, _HUNDRED = ("(?:" + "|".join(words) + ")" for words in (_UNITS, _TEENS, _TENS, _HUNDREDS))
TENS_AND_UNITS = rf"{_TEN}[ ]e[ ]{_UNIT}"
TENS = rf"{_TEN}(?:[ ]e[ ]{_UNIT})?"
BELOW_HUNDRED = rf"(?:{TENS}|{_TEEN}|{_UNIT})"
HUNDREDS_AND_MORE = rf"{_HUNDRED}[ ]e[ ]{BELOW_HUNDRED}"
_BELOW_THOUSAND = rf"(?:{_HUNDRED}(?:[ ]e[ ]{BELOW_HUNDRED})?|{BELOW_HUNDRED})"
WHOLE = rf"(?:(?:{_BELOW_THOUSAND}[ ])?{_THOUSAND}(?:[ ](?:e[ ])?{_BELOW_THOUSAND})?|{_BELOW_THOUSAND})"
ANY_NUMERAL = "(?:" + "|".join([*_VALUES, _THOUSAND]) + ")"


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


def whole_number(written: str) -> int:
    """Read a cardinal of several words: 132 for ``"cento e trinta e dois"``.

    Args:
        written: Folded words that :data:`WHOLE` matches.

    Returns:
        The number, below one million.
    """
    total = 0
    for word in written.split():
        if word == _THOUSAND:
            total = max(total, 1) * 1000
        elif word != "e":
            total += _VALUES[word]
    return total
