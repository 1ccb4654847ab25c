"""Which of the domain's responses a text is: tests name what is said, and survive its rewording."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_VARIABLE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Said:
    """A response that was recognised.

    Attributes:
        name: Its name in the domain.
        values: What stood for its variables, the slots that its variation is conditional on, and as "text"
            the whole of it, since two variables side by side cannot be told apart.
    """

    name: str
    values: dict[str, str]


@dataclass(frozen=True)
class _Variation:
    name: str
    pattern: re.Pattern[str]
    variables: tuple[str, ...]
    slots: dict[str, str]
    literal: int
    example: str

    @classmethod
    def of(cls, name: str, variation: dict[str, Any]) -> _Variation:
        text = variation["text"].strip()
        pieces = _VARIABLE.split(text)
        pattern = "".join("(.*?)" if index % 2 else re.escape(piece) for index, piece in enumerate(pieces))
        slots = {item["name"]: str(item["value"]) for item in variation.get("condition", [])}
        literal = sum(len(piece) for piece in pieces[::2])
        example = _VARIABLE.sub("0", text)
        return cls(name, re.compile(pattern, re.DOTALL), tuple(pieces[1::2]), slots, literal, example)

    def read(self, paragraph: str) -> Said | None:
        found = self.pattern.fullmatch(paragraph)
        if found is None:
            return None
        variables = dict(zip(self.variables, found.groups(), strict=True))
        return Said(self.name, {"text": paragraph} | variables | self.slots)


@dataclass(frozen=True)
class Responses:
    """The domain's responses, in reverse: from the text to the name.

    Attributes:
        names: Their names.
        words: All words that they use, in capitals.
    """

    names: frozenset[str]
    words: frozenset[str]
    _variations: tuple[_Variation, ...] = field(repr=False)

    @classmethod
    def of(cls, responses: dict[str, list[dict[str, Any]]]) -> Responses:
        """From the entry `responses` of a domain."""
        variations = [_Variation.of(name, item) for name, items in responses.items() for item in items]
        # The more of its own words a response has, the surer it is meant: "{text}" would fit everything.
        variations.sort(key=lambda item: -item.literal)
        texts = " ".join(item["text"] for items in responses.values() for item in items)
        words = frozenset(re.findall(r"\w+", texts.upper()))
        return cls(frozenset(responses), words, tuple(variations))

    @classmethod
    def read(cls, domain: Path) -> Responses:
        """From the file."""
        return cls.of(yaml.safe_load(domain.read_text("utf-8"))["responses"])

    def recognise(self, paragraph: str) -> Said | None:
        """The response that a paragraph is; None when it is none."""
        return next((said for item in self._variations if (said := item.read(paragraph))), None)

    def alike(self) -> Iterator[tuple[str, str]]:
        """Pairs of responses that a test could not tell apart."""
        for item in self._variations:
            said = self.recognise(item.example)
            if said is None or said.name != item.name:
                yield item.name, said.name if said else ""
