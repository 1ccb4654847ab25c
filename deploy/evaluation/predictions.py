"""What a trained model makes of messages, through the whole pipeline as the server runs it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rasa.core.agent import Agent
from rasa.utils.log_utils import configure_structlog

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

FALLBACK = "nlu_fallback"


@dataclass(frozen=True)
class Prediction:
    """The answer of the pipeline to one message.

    Attributes:
        intent: What the dialogue acts on; `nlu_fallback` when the bot would rather ask.
        best: What the classifier alone would have said.
        confidence: How sure the classifier is of `best`, from 0 to 1.
        entities: Values by entity, in order of appearance.
        seconds: Time of the whole pipeline.
    """

    intent: str
    best: str
    confidence: float
    entities: dict[str, tuple[str, ...]]
    seconds: float


def predict(
    model: Path, texts: Sequence[str], progress: Callable[[int], None] = lambda _: None
) -> list[Prediction]:
    """Parse texts one by one.

    Args:
        model: Path of a trained model.
        texts: Messages as customers typed them.
        progress: Told after each message how many are done.

    Returns:
        One prediction a text, in order.
    """
    parse = parser_of(model)
    found = []
    for done, text in enumerate(texts, start=1):
        began = time.perf_counter()
        parsed = parse(text)
        found.append(_prediction(parsed, time.perf_counter() - began))
        progress(done)
    return found


def parser_of(model: Path) -> Callable[[str], dict[str, Any]]:
    """Load a model.

    Args:
        model: Its path.

    Returns:
        A function from a text to what Rasa's pipeline makes of it.
    """
    # Rasa would log every message at debug level until it is told otherwise.
    configure_structlog(logging.ERROR)
    agent = Agent.load(str(model))
    loop = asyncio.new_event_loop()

    def parse(text: str) -> dict[str, Any]:
        parsed: dict[str, Any] = loop.run_until_complete(agent.parse_message(text))
        return parsed

    # The first parse loads the sentence encoder.
    parse("bom dia")
    return parse


def _prediction(parsed: dict[str, Any], seconds: float) -> Prediction:
    best = next(item for item in parsed["intent_ranking"] if item["name"] != FALLBACK)
    entities: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for entity in parsed["entities"]:
        entities[entity["entity"]] += (str(entity["value"]),)
    return Prediction(
        parsed["intent"]["name"], best["name"], float(best["confidence"]), dict(entities), seconds
    )
