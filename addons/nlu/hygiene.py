"""First component of the pipeline: what reaches the others is plain text of bounded length."""

from __future__ import annotations

import re
import unicodedata

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from addons.nlu.stateless import StatelessComponent

MAX_CHARACTERS = 1_000

# Cc and Cf hold the control, zero-width and bidirectional characters, Cs the lone surrogates that no store
# can write, Co and Cn what no font shows.
_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_KEPT_CONTROLS = frozenset("\n\t")
_LEADING_COMMAND = re.compile(r"\A[\s/\uff0f]+")


def clean(text: str) -> str:
    """Make a customer's text safe for every component behind.

    Args:
        text: As it came from the channel.

    Returns:
        Composed text (NFC) of at most 1,000 characters, without invisible characters and without leading
        slashes: Rasa's RegexMessageHandler takes a text that begins with ``/`` for an intent with entities
        and would let a customer forge both.
    """
    # Composing never makes text longer than three times the original; cutting first bounds the work.
    composed = unicodedata.normalize("NFC", text[: 4 * MAX_CHARACTERS])
    visible = "".join(
        character
        for character in composed
        if character in _KEPT_CONTROLS or unicodedata.category(character) not in _INVISIBLE_CATEGORIES
    )
    return _LEADING_COMMAND.sub("", visible)[:MAX_CHARACTERS]


# Registered as a featurizer because only tokenizers and featurizers also run on the training examples.
@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class MessageHygiene(StatelessComponent):
    """Cleans the text of every message, from whatever channel. See :func:`clean`."""

    def process(self, messages: list[Message]) -> list[Message]:
        """Clean messages on their way to the tokenizer.

        Args:
            messages: One or more messages; those without text pass untouched.

        Returns:
            The same messages with their text replaced.
        """
        for message in messages:
            text = message.get(TEXT)
            if isinstance(text, str):
                message.set(TEXT, clean(text), add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Clean the training examples in the same way, so that they look like messages."""
        self.process(training_data.training_examples)
        return training_data
