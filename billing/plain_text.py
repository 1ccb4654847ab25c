"""Texts that others wrote, made harmless before a customer reads them.

Plans, streets and protocols come from the ERP, and not only its staff can write there: people sign up on web
forms, and imports bring anything.
"""

from __future__ import annotations

import re
import unicodedata

# Cf holds the zero-width and bidirectional characters, Cs lone surrogates, which no database keeps; Co and
# Cn are what no font shows.
_INVISIBLE = frozenset({"Cf", "Cs", "Co", "Cn"})

_LINK_BEGINS = re.compile(r"[a-z][a-z0-9+-]{0,20}:/+|\bwww\b", re.IGNORECASE | re.ASCII)
# Phones make a link of "golpe.example" without any scheme. The others are dots to a resolver too (UTS 46).
_DOT_IN_NAME = re.compile(r"(?<=\w)[.\u3002\uff0e\uff61](?=[^\W\d_])")


def one_line(text: str) -> str:
    """The text on one line, without control, bidirectional and other invisible characters.

    Args:
        text: Anything; the time is linear in its length.

    Returns:
        The text with single spaces inside and none around.
    """
    if not text.isprintable():
        text = "".join(
            character if character.isprintable() or character.isspace() else " "
            for character in text
            if unicodedata.category(character) not in _INVISIBLE
        )
    return " ".join(text.split())


_NO_PROSE = re.compile(r'[@<>{}\[\]|\\"`]')
"""Signs that no street and no plan is written with."""


def unlinked(text: str, longest: int) -> str:
    """The text so that a phone makes no link and no mention of any part of it, and no code or markup is left.

    A street that is written "AV.BRASIL" becomes "AV. BRASIL".

    Args:
        text: One line.
        longest: Characters that are kept.
    """
    without_schemes = _LINK_BEGINS.sub(" ", _NO_PROSE.sub(" ", text))
    return " ".join(_DOT_IN_NAME.sub(". ", without_schemes).split())[:longest].rstrip()
