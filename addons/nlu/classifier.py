"""The intent of a message: a linear classifier on words, character n-grams and the sentence's meaning."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers import LABEL_RANKING_LENGTH
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, INTENT, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.optimize import minimize_scalar
from scipy.sparse import coo_matrix, csr_matrix, vstack
from scipy.special import logsumexp
from sklearn.model_selection import GroupKFold
from sklearn.svm import LinearSVC

from addons.nlu.noise import COPY_OF

Array = NDArray[Any]

FOLDS = 3
SHARPNESS = (0.1, 20.0)
"""Bounds of the search for the factor that turns scores into probabilities."""


@dataclass(frozen=True)
class _Model:
    """What training finds and prediction needs; plain arrays, so that loading a model runs no code.

    Attributes:
        labels: Intents, in the order of the columns of `weights`.
        idf: For each sparse block, the inverse document frequency of its features.
        weights: One row per feature, all blocks one after the other; one column per intent. A message has
            some hundred of the tens of thousands of features: their rows lie together in memory.
        bias: One number per intent.
        sharpness: Factor on the scores before they become probabilities.
    """

    labels: tuple[str, ...]
    idf: tuple[Array, ...]
    weights: Array
    bias: Array
    sharpness: float

    def probabilities(self, message: Message) -> Array:
        places, values, _ = _weighted(message, self.idf)
        scores = (values @ self.weights[places] + self.bias) * self.sharpness
        probabilities: Array = np.exp(scores - logsumexp(scores))
        return probabilities


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(IntentClassifier, GraphComponent):
    """A linear support vector machine whose confidences are calibrated on held-out folds.

    Sparse counts are weighted (sublinear term frequency, inverse document frequency) and scaled to
    length 1 block by block; dense vectors stand beside them.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """Featurizers come first."""
        return [Featurizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`C`: inverse strength of regularisation; `random_state`: fixes training."""
        return {"C": 0.5, "random_state": 42, "ranking_length": LABEL_RANKING_LENGTH}

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: _Model | None = None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,  # noqa: ARG003 - Rasa's signature
    ) -> LinearIntentClassifier:
        """Build an untrained classifier."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on the examples that have a text and an intent, then keep the model."""
        examples = [
            example for example in training_data.intent_examples if example.get(TEXT) and example.get(INTENT)
        ]
        names = np.array([example.get(INTENT) for example in examples])
        blocks = zip(*(_sparse_blocks(example) for example in examples), strict=True)
        idf = tuple(_inverse_document_frequency(block) for block in blocks)
        rows = vstack([_row(example, idf) for example in examples]).tocsr()
        fitted = self._fit(rows, names)
        self._model = _Model(
            labels=tuple(str(label) for label in fitted.classes_),
            idf=idf,
            weights=np.ascontiguousarray(fitted.coef_.T, dtype=np.float32),
            bias=fitted.intercept_.astype(np.float32),
            sharpness=self._calibrate(rows, names, examples),
        )
        self._persist(self._model)
        return self._resource

    def _fit(self, rows: csr_matrix, names: Array) -> LinearSVC:
        return LinearSVC(C=self._config["C"], random_state=self._config["random_state"]).fit(rows, names)

    def _calibrate(self, rows: csr_matrix, names: Array, examples: list[Message]) -> float:
        """Find the sharpness under which held-out examples are most likely."""
        # A copy says much about its original: both are held out together, and only originals are asked.
        groups = np.array([example.get(COPY_OF) or example.get(TEXT) for example in examples])
        original = np.array([example.get(COPY_OF) is None for example in examples])
        scores, truths = [], []
        for train, group in GroupKFold(FOLDS).split(rows, names, groups):
            held_out = group[original[group]]
            fitted = self._fit(rows[train], names[train])
            scores.append(fitted.decision_function(rows[held_out]))
            truths.append(np.searchsorted(fitted.classes_, names[held_out]))
        score, truth = np.vstack(scores), np.concatenate(truths)

        def surprise(sharpness: float) -> float:
            scaled = score * sharpness
            return float(np.mean(logsumexp(scaled, axis=1) - scaled[np.arange(len(truth)), truth]))

        return float(minimize_scalar(surprise, bounds=SHARPNESS, method="bounded").x)

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the intent and the ranking of each message."""
        if self._model is None:
            return messages
        for message in messages:
            probabilities = self._model.probabilities(message)
            order = np.argsort(-probabilities)[: self._config["ranking_length"]]
            ranking = [
                {"name": self._model.labels[place], "confidence": float(probabilities[place])}
                for place in order
            ]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Classify the training examples, as Rasa's own classifiers do."""
        self.process(training_data.training_examples)
        return training_data

    def _persist(self, model: _Model) -> None:
        with self._model_storage.write_to(self._resource) as folder:
            arrays = {f"idf_{place}": values for place, values in enumerate(model.idf)}
            np.savez(folder / "arrays.npz", weights=model.weights, bias=model.bias, **arrays)
            plain = {"labels": model.labels, "sharpness": model.sharpness, "blocks": len(model.idf)}
            (folder / "model.json").write_text(json.dumps(plain), encoding="utf-8")

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,  # noqa: ARG003 - Rasa's signature
        **_: Any,
    ) -> LinearIntentClassifier:
        """Load what `train` kept."""
        with model_storage.read_from(resource) as folder:
            plain = json.loads((folder / "model.json").read_text(encoding="utf-8"))
            with np.load(folder / "arrays.npz", allow_pickle=False) as arrays:
                model = _Model(
                    labels=tuple(plain["labels"]),
                    idf=tuple(arrays[f"idf_{place}"] for place in range(plain["blocks"])),
                    weights=arrays["weights"],
                    bias=arrays["bias"],
                    sharpness=plain["sharpness"],
                )
        return cls(config, model_storage, resource, model)


def _sentence_features(message: Message) -> list[Features]:
    return [
        features
        for features in message.features
        if features.attribute == TEXT and features.type == FEATURE_TYPE_SENTENCE
    ]


def _sparse_blocks(message: Message) -> list[coo_matrix]:
    return [item.features for item in _sentence_features(message) if item.is_sparse()]


def _inverse_document_frequency(block: Iterable[coo_matrix]) -> Array:
    counts = vstack(block).tocsr()
    documents = np.bincount(counts.indices, minlength=counts.shape[1])
    frequencies: Array = (np.log((1 + counts.shape[0]) / (1 + documents)) + 1).astype(np.float32)
    return frequencies


def _weighted(message: Message, idf: tuple[Array, ...]) -> tuple[Array, Array, int]:
    """A message's features: weighted sparse blocks of length 1, then the dense vectors as they are.

    Returns:
        Places of the features that are not zero, their values, and the number of all features.
    """
    places, values, offset = [], [], 0
    for block, frequencies in zip(_sparse_blocks(message), idf, strict=True):
        weighted = (1 + np.log(block.data)) * frequencies[block.col]
        places.append(block.col + offset)
        values.append(weighted / (np.linalg.norm(weighted) or 1))
        offset += block.shape[1]
    for item in _sentence_features(message):
        if item.is_dense():
            vector = np.asarray(item.features).ravel()
            places.append(np.arange(len(vector)) + offset)
            values.append(vector)
            offset += len(vector)
    return np.concatenate(places), np.concatenate(values), offset


def _row(message: Message, idf: tuple[Array, ...]) -> csr_matrix:
    places, values, width = _weighted(message, idf)
    return csr_matrix((values, places, [0, len(places)]), shape=(1, width))
