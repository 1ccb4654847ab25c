"""Random walks; a failing one is gone again, shortened, with `pytest "…::test_walk[SEED]"`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conversation.test_checks import turn
from tests.conversation.walk import Stumble, examples, shorten, walk, walk_of, write_problems

if TYPE_CHECKING:
    from tests.stack import Stack

WALKS, SOAK_WALKS = 40, 500

seeds = [
    pytest.param(seed, marks=pytest.mark.soak if seed >= WALKS else (), id=str(seed))
    for seed in range(SOAK_WALKS)
]


@pytest.mark.xdist_group("walks")
@pytest.mark.parametrize("seed", seeds)
def test_walk(seed: int, stack: Stack) -> None:
    customer, steps = walk_of(seed)
    try:
        walk(stack, customer, steps)
    except Stumble as stumble:
        whole = str(stumble)
    else:
        return
    try:
        walk(stack, customer, shorten(stack, customer, steps))
    except Stumble as stumble:
        pytest.fail(f"seed {seed}, shortened: {stumble}", pytrace=False)
    pytest.fail(f"seed {seed}, and not again: {whole}", pytrace=False)


def test_a_seed_stands_for_one_walk() -> None:
    assert walk_of(1) == walk_of(1)
    assert walk_of(1) != walk_of(2)


def test_there_is_an_example_of_each_intent() -> None:
    assert {"duplicate_bill", "affirm", "ask_human", "out_of_scope"} <= set(examples())
    assert not any("](" in text or "]{" in text for texts in examples().values() for text in texts)


CONSENT = turn("Quer o desbloqueio?")
UNBLOCK = ("consultacliente", "liberacaopromessa")


@pytest.mark.parametrize(
    ("heard", "before", "means", "complaint"),
    [
        (turn(calls=UNBLOCK), [CONSENT], "affirm", None),
        (turn(calls=UNBLOCK), [CONSENT], "deny", "an unblock without an explicit yes"),
        (turn(calls=UNBLOCK), [CONSENT, turn("Olá! O que você precisa?")], "affirm", "explicit yes"),
        (turn(calls=UNBLOCK), [], "affirm", "an unblock without an explicit yes"),
        (turn(calls=UNBLOCK * 2), [CONSENT], "affirm", "2 unblocks for one yes"),
        (turn(calls=("chamado",)), [], "ask_human", None),
        (turn(calls=("chamado",), identified=False), [], "ask_human", "a ticket for a stranger"),
        (turn(calls=("chamado",) * 2), [], "ask_human", "2 tickets in one turn"),
    ],
)
def test_wrong_writes_are_noticed(heard, before, means, complaint) -> None:
    found = list(write_problems(heard, before, means))
    assert (complaint in found[0]) if complaint else not found
