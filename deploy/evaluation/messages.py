"""The messages that the understanding is tested with.

They were written apart from the training data and without sight of it. `development.yml` is there to look
at and to improve against; `sealed_*.yml` are read by reports only: looking at them spoils them.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import yaml

from billing.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FOLDER = PROJECT_ROOT / "tests" / "nlu" / "messages"
DEVELOPMENT = ("development",)
SEALED = ("sealed_a", "sealed_b")
LEAST_WORDS = 4
"""Shorter messages ("oi", "já paguei") are the same whoever writes them; they are no leak."""

NEAR = 0.8
"""Share of common character trigrams from which two messages count as the same."""


@dataclass(frozen=True)
class Example:
    """A message and what is right about it.

    Attributes:
        text: As the customer typed it.
        intents: Equally right answers.
        styles: Ways of writing it stands for.
        entities: Values by entity, in order of appearance.
    """

    text: str
    intents: tuple[str, ...]
    styles: tuple[str, ...]
    entities: dict[str, tuple[str, ...]]


def load(*names: str) -> list[Example]:
    """Read parts of the test set, such as "development"."""
    rows = [row for name in names for row in yaml.safe_load((FOLDER / f"{name}.yml").read_text("utf-8"))]
    return [
        Example(
            str(row["text"]),
            tuple(row["intents"]),
            tuple(row["styles"]),
            {kind: _values(kind, values) for kind, values in (row.get("entities") or {}).items()},
        )
        for row in rows
    ]


def _values(kind: str, written: list[object]) -> tuple[str, ...]:
    # YAML reads an amount as a number and forgets its second decimal place.
    return tuple(f"{Decimal(str(each)):.2f}" if kind == "amount" else str(each) for each in written)


def training_texts(folder: Path) -> list[str]:
    """Every example of the training data."""
    blocks = [
        block
        for path in sorted(folder.glob("*.yml"))
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
    ]
    return [line[2:] for block in blocks for line in block["examples"].splitlines() if line.strip()]


def leaks(training: Iterable[str], tested: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of a training message and a tested one that are the same or nearly so."""
    known = {_normalise(text): text for text in training if len(text.split()) >= LEAST_WORDS}
    by_trigram: dict[str, set[str]] = {}
    for text in known:
        for trigram in _trigrams(text):
            by_trigram.setdefault(trigram, set()).add(text)
    found = []
    for text in tested:
        if len(text.split()) < LEAST_WORDS:
            continue
        trigrams = _trigrams(_normalise(text))
        rare_first = sorted(trigrams, key=lambda trigram: len(by_trigram.get(trigram, ())))
        # Texts that share so many of their trigrams share one of any few more than they may differ in.
        few = int((1 - NEAR) * len(trigrams)) + 1
        candidates = set().union(*(by_trigram.get(item, set()) for item in rare_first[:few]))
        for candidate in candidates:
            other = _trigrams(candidate)
            if len(trigrams & other) >= NEAR * len(trigrams | other):
                found.append((known[candidate], text))
    return found


def _normalise(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(
        "".join(c if c.isalnum() else " " for c in folded if not unicodedata.combining(c)).split()
    )


def _trigrams(text: str) -> set[str]:
    return {text[place : place + 3] for place in range(max(1, len(text) - 2))}
