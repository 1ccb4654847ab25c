"""Each conversation of `tests/conversations/` goes as it is written there."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from sandbox.sgp.customers import CUSTOMERS
from tests.conversation.deliveries import PROPERTY, table
from tests.conversation.player import WrongTurn, play
from tests.conversation.script import FOLDER, Script, read_scripts

if TYPE_CHECKING:
    from tests.stack import Stack

SCRIPTS = [(path.stem, script) for path in sorted(FOLDER.glob("*.yml")) for script in read_scripts(path)]


# The second time each comes after others than the first: the order is random.
@pytest.mark.parametrize("time", ["first", pytest.param("second", marks=pytest.mark.soak)])
@pytest.mark.xdist_group("stack")
@pytest.mark.parametrize(
    ("theme", "script"), SCRIPTS, ids=[f"{theme}: {script.name}" for theme, script in SCRIPTS]
)
def test_conversation(theme: str, script: Script, time: str, stack: Stack, record_property) -> None:  # noqa: ARG001 - the same each time
    answered, wrong = [], ""
    try:
        answered = play(stack, script, f"{theme}.yml, {script.name}")
    except WrongTurn as error:
        wrong = str(error)
    if wrong:
        pytest.fail(wrong, pytrace=False)
    for request in answered:
        record_property(PROPERTY, f"{request.limit} {request.count}")


def test_there_is_a_measured_way_to_the_bill_of_everybody_who_has_one_open() -> None:
    one_open = {
        customer.key
        for customer in CUSTOMERS
        if customer.phones
        and sum(title.paid_after is None for contract in customer.contracts for title in contract.titles) == 1
    }
    for limit in (1, 3):
        measured = {
            script.customer
            for _, script in SCRIPTS
            if any(line.bill_within == limit for line in script.turns)
        }
        assert one_open <= measured, f"without `bill_within: {limit}`: {one_open - measured}"


def test_the_table_counts_requests() -> None:
    assert table(Counter({(3, 2): 5, (1, 1): 12})) == [
        "at most  messages  requests",
        "      1         1        12",
        "      3         2         5",
    ]
