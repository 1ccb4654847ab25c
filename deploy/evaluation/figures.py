"""What predictions are worth: shares with their intervals, calibration, and the price of asking."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from deploy.evaluation.predictions import FALLBACK

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from deploy.evaluation.messages import Example
    from deploy.evaluation.predictions import Prediction

Z = 1.96
"""Standard deviations on each side of a 95 % interval."""
RESAMPLES = 1_000
SEED = 42
BINS = 10
COST_OF_WRONG = 1.5
"""What acting on a wrong intent costs, in questions asked back.

The customer has to write once more in both cases; after a wrong answer there is also that answer to read.
It costs no more than that, because no intent alone reveals or writes anything: identity is proven
otherwise, and an unblock waits for an explicit yes. Asking pays off below a confidence of 1 - 1 / cost.
"""


@dataclass(frozen=True)
class Share:
    """A proportion and its Wilson interval at 95 %.

    Attributes:
        hits: How many were right.
        total: Of how many.
    """

    hits: int
    total: int

    @property
    def value(self) -> float:
        """Between 0 and 1; 0 of nothing is 0."""
        return self.hits / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper bound (Wilson's score interval)."""
        if not self.total:
            return 0.0, 1.0
        p, n, z2 = self.value, self.total, Z * Z
        centre = (p + z2 / (2 * n)) / (1 + z2 / n)
        half = Z * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
        return max(0.0, centre - half), min(1.0, centre + half)


@dataclass(frozen=True)
class Confusion:
    """Messages of one intent that were taken for another."""

    intent: str
    taken_for: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Bin:
    """Predictions of similar confidence: how sure the model was, and how often it was right."""

    confidence: float
    accuracy: float
    count: int


@dataclass(frozen=True)
class Threshold:
    """What happens when the bot asks below a confidence.

    Attributes:
        confidence: The threshold.
        understood: Share of messages acted on rightly.
        asked: Share asked back.
        wrong: Share acted on wrongly.
    """

    confidence: float
    understood: float
    asked: float
    wrong: float

    @property
    def cost(self) -> float:
        """Questions asked back per message, a wrong action counted as `COST_OF_WRONG` of them."""
        return self.asked + COST_OF_WRONG * self.wrong


class Figures:
    """All figures of one part of the test messages.

    Args:
        examples: Messages with what is right about them.
        predictions: What the model made of each, in the same order.
    """

    def __init__(self, examples: Sequence[Example], predictions: Sequence[Prediction]) -> None:
        self._pairs = list(zip(examples, predictions, strict=True))

    @cached_property
    def accuracy(self) -> Share:
        """Strict: the intent that the dialogue acts on is a right one; asking back is a miss."""
        return _share_of(self._pairs)

    @cached_property
    def recalls(self) -> dict[str, Share]:
        """Share understood of each intent's messages, by name."""
        names = sorted({example.intents[0] for example, _ in self._pairs})
        return {name: _share_of(pair for pair in self._pairs if pair[0].intents[0] == name) for name in names}

    @cached_property
    def precisions(self) -> dict[str, Share]:
        """Share of the messages taken for each intent that were of it, by name."""
        taken = Counter(predicted for _, predicted in self._outcomes)
        right = Counter(true for true, predicted in self._outcomes if true == predicted)
        return {name: Share(right[name], taken[name]) for name in self.recalls}

    @cached_property
    def styles(self) -> dict[str, Share]:
        """Share understood of each way of writing, by name."""
        names = sorted({style for example, _ in self._pairs for style in example.styles})
        return {name: _share_of(pair for pair in self._pairs if name in pair[0].styles) for name in names}

    @cached_property
    def macro_f1(self) -> float:
        """Mean over the intents of the harmonic mean of precision and recall."""
        codes, size = self._codes
        return _macro_f1(codes, size)

    @cached_property
    def macro_f1_interval(self) -> tuple[float, float]:
        """95 % interval by resampling the messages."""
        codes, size = self._codes
        random = np.random.default_rng(SEED)
        drawn = [
            _macro_f1(codes[random.integers(len(codes), size=len(codes))], size) for _ in range(RESAMPLES)
        ]
        low, high = np.quantile(drawn, [0.025, 0.975])
        return float(low), float(high)

    @cached_property
    def confusions(self) -> list[Confusion]:
        """Pairs of confused intents with their messages, the most frequent first."""
        texts: dict[tuple[str, str], list[str]] = {}
        for (example, _), (true, predicted) in zip(self._pairs, self._outcomes, strict=True):
            if true != predicted:
                texts.setdefault((true, predicted), []).append(example.text)
        return sorted(
            (Confusion(*pair, tuple(found)) for pair, found in texts.items()),
            key=lambda confusion: (-len(confusion.texts), confusion.intent),
        )

    @cached_property
    def matrix(self) -> dict[tuple[str, str], int]:
        """Number of messages by right intent and predicted one."""
        return dict(Counter(self._outcomes))

    @cached_property
    def bins(self) -> list[Bin]:
        """Predictions of the classifier alone in ten classes of confidence, empty ones left out."""
        confidence, right = self._confidences
        places = np.minimum((confidence * BINS).astype(int), BINS - 1)
        return [
            Bin(float(confidence[chosen].mean()), float(right[chosen].mean()), int(chosen.sum()))
            for place in range(BINS)
            if (chosen := places == place).any()
        ]

    @cached_property
    def calibration_error(self) -> float:
        """Expected calibration error: mean distance between confidence and accuracy over the bins."""
        return sum(each.count * abs(each.confidence - each.accuracy) for each in self.bins) / len(self._pairs)

    def threshold(self, confidence: float) -> Threshold:
        """What asking below `confidence` would do to these messages."""
        sure, right = self._confidences
        acted = sure >= confidence
        return Threshold(
            confidence,
            float((acted & right).mean()),
            float((~acted).mean()),
            float((acted & ~right).mean()),
        )

    @cached_property
    def documents_missed(self) -> list[str]:
        """Messages with a valid document that was not found as it is."""
        return [
            example.text
            for example, prediction in self._pairs
            if set(example.entities.get("document", ())) - set(prediction.entities.get("document", ()))
        ]

    @cached_property
    def documents_invented(self) -> list[str]:
        """Messages in which something was taken for a document that is none."""
        return [
            example.text
            for example, prediction in self._pairs
            if set(prediction.entities.get("document", ())) - set(example.entities.get("document", ()))
        ]

    @cached_property
    def documents_exact(self) -> Share:
        """Share of the messages that hold a document, or seem to, in which all is found exactly."""
        return self.entities.get("document", Share(0, 0))

    @cached_property
    def entities(self) -> dict[str, Share]:
        """By entity: share of messages with exactly the right values, of those that have or got any."""
        names = sorted({name for pair in self._pairs for name in (*pair[0].entities, *pair[1].entities)})
        shares = {}
        for name in names:
            outcomes = [
                example.entities.get(name, ()) == prediction.entities.get(name, ())
                for example, prediction in self._pairs
                if name in example.entities or name in prediction.entities
            ]
            shares[name] = Share(sum(outcomes), len(outcomes))
        return shares

    @cached_property
    def noise_taken_for_a_request(self) -> Share:
        """Share of the out-of-scope messages that were acted on as something else (lower is better)."""
        predicted = [predicted for true, predicted in self._outcomes if true == "out_of_scope"]
        return Share(sum(name not in {"out_of_scope", FALLBACK} for name in predicted), len(predicted))

    @property
    def milliseconds(self) -> float:
        """Median time of the pipeline for one message."""
        return 1_000 * median(prediction.seconds for _, prediction in self._pairs)

    @property
    def confidences(self) -> tuple[list[float], list[float]]:
        """Confidences of the classifier's right and wrong answers."""
        confidence, right = self._confidences
        return list(confidence[right]), list(confidence[~right])

    @cached_property
    def _outcomes(self) -> list[tuple[str, str]]:
        """The right intent (the predicted one when it is among equally right ones) and the predicted."""
        return [
            (
                prediction.intent if prediction.intent in example.intents else example.intents[0],
                prediction.intent,
            )
            for example, prediction in self._pairs
        ]

    @cached_property
    def _confidences(self) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        return (
            np.array([prediction.confidence for _, prediction in self._pairs]),
            np.array([prediction.best in example.intents for example, prediction in self._pairs]),
        )

    @cached_property
    def _codes(self) -> tuple[NDArray[np.int64], int]:
        """Outcomes as two columns of numbers; those under `size` are intents that have messages."""
        names = list(self.recalls)
        for pair in self._outcomes:
            names.extend(name for name in pair if name not in names)
        numbers = {name: number for number, name in enumerate(names)}
        codes = np.array([(numbers[true], numbers[predicted]) for true, predicted in self._outcomes])
        return codes, len(self.recalls)


def _share_of(pairs: Iterable[tuple[Example, Prediction]]) -> Share:
    hits = [prediction.intent in example.intents for example, prediction in pairs]
    return Share(sum(hits), len(hits))


def _macro_f1(codes: NDArray[np.int64], size: int) -> float:
    true, predicted = codes[:, 0], codes[:, 1]
    highest = int(codes.max()) + 1
    hits = np.bincount(true[true == predicted], minlength=highest)
    either = np.bincount(true, minlength=highest) + np.bincount(predicted, minlength=highest)
    scores = 2 * hits[:size] / np.maximum(either[:size], 1)
    # A resample may miss an intent altogether; it then says nothing about it.
    return float(scores[np.bincount(true, minlength=highest)[:size] > 0].mean())
