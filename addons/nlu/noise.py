"""Mistyped copies of the training examples, so that a slip of the thumb is nothing new to the classifier."""

from __future__ import annotations

import random
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

COPY_OF = "copy_of"
"""Key of a copy's message: the original's text."""

SHORTEST_WORD = 4
SHORTENED_UP_TO = 7
VOWELS = frozenset("aeiouáéíóúâêôãõàAEIOUÁÉÍÓÚÂÊÔÃÕÀ")
_NEIGHBOURS = {
    "a": "sqz", "b": "vn", "c": "xv", "d": "sfe", "e": "wrd", "f": "dg", "g": "fh", "h": "gj", "i": "uo",
    "j": "hk", "l": "kp", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "wa", "r": "et", "s": "adw",
    "t": "ry", "u": "yi", "v": "cb", "x": "zc", "z": "xa",
}  # fmt: skip
"""Keys beside each other on a phone."""


def mistype(text: str, share: float, rng: random.Random) -> str:
    """Write a text again as a hasty thumb would.

    Args:
        text: An example.
        share: Probability that a word of four letters or more is hit, from 0 to 1.
        rng: Source of chance.

    Returns:
        The text with letters dropped, swapped, doubled or hit beside, and vowels left out.
    """
    return " ".join(_slip(word, rng) if rng.random() < share else word for word in text.split(" "))


def _slip(word: str, rng: random.Random) -> str:
    if len(word) < SHORTEST_WORD or not word.isalpha():
        return word
    place = rng.randrange(1, len(word) - 1)
    before, letter, after = word[:place], word[place], word[place + 1 :]
    slips = (
        before + after,
        before + after[0] + letter + after[1:],
        before + 2 * letter + after,
        before + rng.choice(_NEIGHBOURS.get(letter.lower(), letter)) + after,
        _shortened(word),
    )
    return rng.choices(slips, weights=(30, 30, 15, 15, 10))[0]


def _shortened(word: str) -> str:
    if len(word) > SHORTENED_UP_TO:
        return word[: SHORTENED_UP_TO - 2]
    return word[0] + "".join(letter for letter in word[1:] if letter not in VOWELS)


# Registered as a featurizer because only tokenizers and featurizers also run on the training examples.
@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class TypingNoise(GraphComponent):
    """Adds one mistyped copy of each example that has an intent; does nothing to customers' messages."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TypingNoise:
        """Build the component."""
        del model_storage, resource, execution_context
        return cls(config)

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`share`: probability that a word is mistyped; `random_state`: fixes the copies."""
        return {"share": 0.3, "random_state": 42}

    def __init__(self, config: dict[str, Any]) -> None:
        self._config = config

    def process(self, messages: list[Message]) -> list[Message]:
        """Leave messages as they are."""
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Append the copies; each knows which example it comes from."""
        rng = random.Random(self._config["random_state"])  # noqa: S311 - typing errors are no secret
        copies = [
            Message({TEXT: mistype(text, self._config["share"], rng), INTENT: intent, COPY_OF: text})
            for example in training_data.training_examples
            if (text := example.get(TEXT)) and (intent := example.get(INTENT))
        ]
        return TrainingData(
            [*training_data.training_examples, *copies],
            training_data.entity_synonyms,
            training_data.regex_features,
            training_data.lookup_tables,
            training_data.responses,
        )
