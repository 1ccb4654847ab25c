"""Digits as people write them: grouped, spaced, over several lines, or spelled out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_GROUP = re.compile(r"[0-9]+")
_BETWEEN_GROUPS = re.compile(r"[\s.,\-/\u2010-\u2015_]{1,5}")

_SPOKEN_DIGITS = {
    "zero": "0",
    "um": "1",
    "hum": "1",
    "uma": "1",
    "dois": "2",
    "duas": "2",
    "tres": "3",
    "quatro": "4",
    "cinco": "5",
    "seis": "6",
    "meia": "6",
    "sete": "7",
    "oito": "8",
    "nove": "9",
}
# Voice typing writes the punctuation of a document as words.
_SPOKEN_PUNCTUATION = {"ponto", "traco", "tracinho", "hifen", "barra", "virgula"}
_SPOKEN_WORD = re.compile(r"[a-z]+|[0-9]+")
_BETWEEN_WORDS = re.compile(r"[\s.,;\-/]{1,5}")


@dataclass(frozen=True, repr=False)
class Group:
    """Digits without anything between them.

    Attributes:
        start: Position of the first digit.
        end: Position after the last digit.
        digits: What stands there.
    """

    start: int
    end: int
    digits: str


@dataclass(frozen=True, repr=False)
class Chain:
    """Groups that follow each other with only spaces and punctuation in between.

    Attributes:
        groups: At least one group, in order.
    """

    groups: tuple[Group, ...]

    @property
    def start(self) -> int:
        """Position of the first digit."""
        return self.groups[0].start

    @property
    def end(self) -> int:
        """Position after the last digit."""
        return self.groups[-1].end

    @property
    def digits(self) -> str:
        """All digits of the chain."""
        return "".join(group.digits for group in self.groups)

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each group: ``(3, 3, 3, 2)`` for a CPF as it is printed."""
        return tuple(len(group.digits) for group in self.groups)


def numeric_chains(folded: str) -> Iterator[Chain]:
    """Find the chains of figures, left to right.

    Args:
        folded: Text from :func:`billing.folding.fold`.

    Yields:
        Chains that do not overlap.
    """
    groups: list[Group] = []
    for match in _GROUP.finditer(folded):
        if groups and not _BETWEEN_GROUPS.fullmatch(folded, groups[-1].end, match.start()):
            yield Chain(tuple(groups))
            groups = []
        groups.append(Group(match.start(), match.end(), match.group()))
    if groups:
        yield Chain(tuple(groups))


def spoken_chains(folded: str) -> Iterator[Chain]:
    """Find the chains of digits spelled out in Portuguese ("cinco dois nove", "meia" for 6).

    Args:
        folded: Text from :func:`billing.folding.fold`.

    Yields:
        Chains of at least one spelled digit; single figures among the words belong to them.
    """
    groups: list[Group] = []
    end_of_last = 0
    for match in _SPOKEN_WORD.finditer(folded):
        word = match.group()
        joined = not groups or _BETWEEN_WORDS.fullmatch(folded, end_of_last, match.start())
        digit = word if word.isdigit() and len(word) == 1 else _SPOKEN_DIGITS.get(word)
        if groups and (not joined or (digit is None and word not in _SPOKEN_PUNCTUATION)):
            yield from _spelled(groups, folded)
            groups = []
        if digit is not None:
            groups.append(Group(match.start(), match.end(), digit))
        end_of_last = match.end()
    yield from _spelled(groups, folded)


def _spelled(groups: list[Group], folded: str) -> Iterator[Chain]:
    if any(folded[group.start].isalpha() for group in groups):
        yield Chain(tuple(groups))
