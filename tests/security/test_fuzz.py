"""Whatever comes from outside is parsed or refused: no crash, no unbounded time or memory.

`FUZZ_MINUTES=10 python -m pytest tests/security/test_fuzz.py -m soak` runs each target for ten minutes;
`-k documents` only one. What is found belongs into `corpus/<target>.json`.
"""

from __future__ import annotations

import os
import time

import pytest
from hypothesis import strategies as st

from tests.security.fuzzing import CORPUS, Target, TooExpensive, attempt, fuzz, fuzz_for
from tests.security.targets import TARGETS

EXAMPLES = 60
SOAK_MINUTES = float(os.environ.get("FUZZ_MINUTES", "0.5"))

each_target = pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)


@each_target
def test_a_few_examples(target):
    fuzz(target, examples=EXAMPLES, seed=0)


@each_target
def test_what_was_found_once_is_not_found_again(target):
    for found in target.corpus():
        attempt(target, found)
        attempt(target, found, memory=True)


@pytest.mark.soak
@each_target
def test_for_minutes(target, record_property):
    seed = int(time.time())
    rounds = fuzz_for(target, seconds=SOAK_MINUTES * 60, seed=seed)
    record_property("rounds", rounds)


def test_every_corpus_belongs_to_a_target():
    assert {path.stem for path in CORPUS.glob("*.json")} <= {target.name for target in TARGETS}


def _crashes(text):
    if "x" in text:
        raise KeyError(text)


def _hangs(text):
    stop_at = time.thread_time() + (0.6 if len(text) > 3 else 0)
    while time.thread_time() < stop_at:
        pass


@pytest.mark.parametrize(("check", "complaint"), [(_crashes, KeyError), (_hangs, TooExpensive)])
def test_a_parser_that_crashes_or_hangs_is_found(check, complaint):
    target = Target("broken", st.text(alphabet="xy", max_size=5), check)

    with pytest.raises(complaint):
        fuzz(target, examples=EXAMPLES, seed=0)


def test_a_parser_that_eats_memory_is_found():
    target = Target("broken", st.just("x"), lambda text: text * (100 << 20))

    with pytest.raises(TooExpensive):
        attempt(target, "x", memory=True)
