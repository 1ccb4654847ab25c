"""Comparable form of customer text that keeps every position."""

from __future__ import annotations

import re
import unicodedata

_FOLDABLE = re.compile(r"[^\x00-@\[-\x7f]")
"""Capitals, and all that is not ASCII: the rest stays as it is."""


def fold(text: str) -> str:
    """Lower-case ``text``, drop accents and narrow full-width characters, one character for one.

    The result has the length of ``text``, so a span found in it is a span of the original.

    Args:
        text: Any text; composed form (NFC) is expected, a lone combining mark is left as it is.

    Returns:
        Text of the same length in which ``"Ção"`` reads ``"cao"`` and full-width digits read as ASCII ones.
    """
    return _FOLDABLE.sub(lambda found: _fold_character(found[0]), text)


def _fold_character(character: str) -> str:
    if character.isascii():
        return character.lower()
    base = unicodedata.normalize("NFKD", character)[0]
    lowered = base.lower()
    # A base that lower-cases to two characters, or a mark without a letter, would move or lose positions.
    if len(lowered) != 1 or unicodedata.combining(base):
        return character
    # "½", "①" or "ª" must not turn into digits and letters that the customer did not write.
    if unicodedata.category(character) in {"No", "So", "Sm", "Lo", "Lm"}:
        return character
    return lowered
