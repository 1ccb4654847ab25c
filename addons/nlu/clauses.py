"""Several requests in one message: each clause goes through the pipeline beside the whole of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from addons.nlu.stateless import StatelessComponent
from billing.folding import fold

CLAUSE_OF = "clause_of"
"""Property of a clause: the place of its whole in the list of messages."""

REFUSED = "refused"
"""Property of a clause: see :class:`Clause`."""

LONGEST = 300
"""Characters of a message that is split; no example is longer, and a letter is read as a whole."""
MOST_CLAUSES = 5
"""Of a longer message only these are looked at: each costs half as much as a short message."""
LETTERS = 5
"""Of the shortest clause that can be a request."""
SALUTATION_WORDS = 3

_BOUNDARY = re.compile(
    r" (?:e|mas|depois|tamb[eé]m|a[ií]|ent[aã]o|al[eé]m disso|aproveitando|\+) |(?<![,;.!?])[,;.!?]+(?: |$)",
    re.IGNORECASE,
)
"""Within a line whose words have one space between them."""
_REFUSED = re.compile(r"\b(?:nao|num) (?:quero|queria|preciso|eh?)\b")
_DENIED = re.compile(r"\b(?:nao|num|nem)\b")
_SALUTATION = re.compile(r"(?:prezad|car[oa]\b|senhor|bo[am]\b|ola\b|oi\b|opa\b|moc[oa]\b)")


@dataclass(frozen=True)
class Clause:
    """A part of a message.

    Attributes:
        text: Its words.
        refused: Whether it says what is not wanted ("não quero mudar o vencimento").
    """

    text: str
    refused: bool = False


def clauses(text: str) -> list[Clause]:
    """The parts of a message that may ask for something, or refuse it, each.

    Args:
        text: What the customer wrote, cleaned.

    Returns:
        At most `MOST_CLAUSES` parts; none when there are not two at least, for then the whole says it all, or
            when the text is longer than `LONGEST`.
    """
    if len(text) > LONGEST:
        return []
    lines = (" ".join(line.split()) for line in text.splitlines())
    parts = (part.strip() for line in lines for part in _BOUNDARY.split(line))
    said_once = dict.fromkeys(parts)
    found = [Clause(part, _is_refusal(part)) for part in said_once if _is_refusal(part) or _may_ask(part)]
    return found[:MOST_CLAUSES] if len(found) > 1 else []


def _is_refusal(part: str) -> bool:
    return _REFUSED.search(fold(part)) is not None


def _may_ask(part: str) -> bool:
    folded = fold(part)
    if sum(map(str.isalpha, folded)) < LETTERS or _DENIED.search(folded):
        return False
    return not (_SALUTATION.match(folded) and len(folded.split()) <= SALUTATION_WORDS)


# Registered as a featurizer, like the hygiene before it; the examples pass as they are.
@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class ClauseSplitter(StatelessComponent):
    """Puts the clauses of a message behind it; `addons.nlu.requests` takes them out again."""

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the clauses of messages on their way to the tokenizer.

        Args:
            messages: One or more messages.

        Returns:
            The same messages, and behind them their clauses.
        """
        split = [
            Message({TEXT: clause.text, CLAUSE_OF: place, REFUSED: clause.refused})
            for place, message in enumerate(messages)
            for clause in clauses(message.get(TEXT) or "")
        ]
        return [*messages, *split]

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave the training examples whole."""
        return training_data
