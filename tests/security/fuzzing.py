"""How a parser is fuzzed: examples by Hypothesis, each with a limit of its time and memory.

A target says where inputs come from and what must hold for each. Time is the thread's own, so that a busy
machine changes nothing.
"""

from __future__ import annotations

import base64
import json
import time
import tracemalloc
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as with_seed

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

    Input = str | bytes

CORPUS = Path(__file__).parent / "corpus"
SECONDS = 0.5
"""Of processor time for one input: thousands of times what an ordinary one takes."""
TRIES = 3
MEGABYTES = 64


class TooExpensive(AssertionError):
    """An input costs more time or memory than a message may."""


@dataclass(frozen=True)
class Target:
    """A parser of outside bytes.

    Attributes:
        name: Also the name of its corpus.
        inputs: Where examples come from, texts or bytes.
        check: Parses one and asserts what must hold; the parser's own typed errors are no failure.
    """

    name: str
    inputs: SearchStrategy[Input]
    check: Callable[[Input], None]

    def corpus(self) -> list[Input]:
        """Inputs that once were found to matter."""
        path = CORPUS / f"{self.name}.json"
        rows = json.loads(path.read_text("utf-8")) if path.exists() else []
        return [base64.b64decode(row["base64"]) if "base64" in row else row["text"] for row in rows]


def attempt(target: Target, given_input: Input, *, memory: bool = False) -> None:
    """Check one input within its limits.

    Args:
        target: Whose.
        given_input: The input.
        memory: Also watch the memory, which takes some time of its own.

    Raises:
        AssertionError: The target's own, or `TooExpensive`.
    """
    if memory:
        peak = _peak_memory(target, given_input)
        if peak > MEGABYTES << 20:
            raise TooExpensive(f"{target.name}: {peak >> 20} MB for one input")
        return
    # The collector of a process that holds TensorFlow takes half a second now and then: the best of three.
    spent = [_seconds(target, given_input)]
    while spent[-1] > SECONDS and len(spent) < TRIES:
        spent.append(_seconds(target, given_input))
    if min(spent) > SECONDS:
        raise TooExpensive(f"{target.name}: {min(spent):.2f} s for one input")


def _seconds(target: Target, given_input: Input) -> float:
    started = time.thread_time()
    target.check(given_input)
    return time.thread_time() - started


def _peak_memory(target: Target, given_input: Input) -> int:
    tracemalloc.start()
    try:
        target.check(given_input)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def fuzz(target: Target, *, examples: int, seed: int) -> None:
    """Check examples; the first that fails is made as small as can be and shown.

    Args:
        target: Whose.
        examples: How many.
        seed: The same one gives the same examples.
    """

    @with_seed(seed)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.target, Phase.shrink),
    )
    @given(target.inputs)
    def run(given_input: Input) -> None:
        attempt(target, given_input)

    run()


def fuzz_for(target: Target, *, seconds: float, seed: int) -> int:
    """Check examples in rounds until the time is over; returns how many rounds of 500 that were."""
    stop_at = time.monotonic() + seconds
    rounds = 0
    while rounds == 0 or time.monotonic() < stop_at:
        fuzz(target, examples=500, seed=seed + rounds)
        rounds += 1
    return rounds
