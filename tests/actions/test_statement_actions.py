"""The yearly settlement statement, told from the documents that only people send."""

from __future__ import annotations

import pytest

from actions import ActionOtherDocument, ActionSendStatement
from billing.sgp.errors import SgpTimeout
from billing.slips import NotASlip, SlipTimeout
from tests.actions.conftest import DOCUMENT, ERP_DOWN, said, slot
from tests.billing.fake_sgp import ORIGIN, contract, slip_of

LINK = f"{ORIGIN}/quitacao/7/2025"


@pytest.mark.parametrize(
    ("text", "events"),
    [
        (
            "preciso da declaração de quitação",
            [slot("topic", "statement"), slot("document_outcome", "statement")],
        ),
        ("um nada consta", [slot("topic", "statement"), slot("document_outcome", "statement")]),
        ("declaração anual de débitos", [slot("topic", "statement"), slot("document_outcome", "statement")]),
        ("quero a nota fiscal", [slot("document_outcome", "other")]),
    ],
)
async def test_which_document_is_wanted(bench, text, events):
    assert await bench.run(ActionOtherDocument(), bench.tracker(text, "other_document")) == (events, [])


@pytest.fixture
def customer(bench):
    """Maria, identified, with a statement in SGP."""
    bench.sgp.customers[DOCUMENT] = (contract(settlement_link=LINK),)
    bench.identify()
    return bench


async def send(bench):
    return await bench.run(ActionSendStatement(), bench.tracker(contract="101"))


def outcome(value):
    return slot("statement_outcome", value)


async def test_the_statement_leaves_as_a_file_and_its_link_stays_here(customer):
    events, messages = await send(customer)

    assert events == [outcome("available")]
    assert messages[0] == said("utter_statement", year=" de 2025")
    custom = messages[1]["custom"]
    kept = customer.here.media.get(custom.pop("media_id"))
    assert custom == {"type": "slip_pdf", "filename": "quitacao-2025.pdf"}
    assert (kept.content, kept.content_type) == (slip_of(LINK), "application/pdf")
    assert "/quitacao/" not in repr((events, messages))


@pytest.mark.parametrize(
    ("failure", "value"), [(NotASlip("a login page"), "not_available"), (SlipTimeout("slow"), "unavailable")]
)
async def test_a_file_that_does_not_come(customer, failure, value):
    customer.slips.failing[LINK] = failure

    assert await send(customer) == ([outcome(value)], [])


async def test_a_contract_without_statement(known):
    assert await send(known) == ([outcome("not_available")], [])


async def test_an_erp_failure_is_no_missing_statement(customer):
    customer.sgp.failing["contract"] = SgpTimeout("consultacliente", "too slow")

    assert await send(customer) == ([ERP_DOWN, outcome("unavailable")], [])


async def test_nothing_leaves_to_a_stranger(bench):
    assert await send(bench) == ([outcome("not_identified")], [])
    assert bench.sgp.calls == []
