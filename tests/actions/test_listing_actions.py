"""Which invoices are open, and which of them was meant already."""

from __future__ import annotations

from decimal import Decimal

import pytest

from actions import ActionListInvoices, AskInvoice
from billing.invoices import Due, Invoice, to_invoice
from billing.sgp.errors import SgpTimeout
from tests.actions.conftest import ERP_DOWN, acted, said, slot, user
from tests.billing.fake_sgp import complete_title, title

OCTOBER = title("1", "2026-10-10", "89.90", corrected_amount=Decimal("95.00"))
NOVEMBER = complete_title("2", "2026-11-25")
DECEMBER = title("3", "2026-12-10", "1234.56")


def outcome(value):
    return slot("invoices_outcome", value)


def listed(*titles, today):
    return [to_invoice(each, today).to_slot() for each in titles]


def found(bench, *titles, invoice):
    return [
        slot("open_invoices", listed(*titles, today=bench.here.today())),
        slot("invoice", invoice),
        slot("offered_formats", None),
        outcome("found"),
    ]


async def test_several_are_listed_oldest_first_and_none_is_picked(known):
    known.sgp.titles_of["101"] = (DECEMBER, OCTOBER, NOVEMBER)

    result = await known.run(ActionListInvoices(), known.tracker(contract="101"))

    assert result == (found(known, OCTOBER, NOVEMBER, DECEMBER, invoice=None), [])


async def test_the_only_one_is_picked(known):
    known.sgp.titles_of["101"] = (NOVEMBER,)

    events, _ = await known.run(ActionListInvoices(), known.tracker(contract="101"))

    assert events == found(known, NOVEMBER, invoice="2")


async def test_nothing_due(known):
    events, _ = await known.run(ActionListInvoices(), known.tracker(contract="101"))

    assert events == [slot("open_invoices", None), slot("invoice", None), outcome("nothing_due")]


async def test_a_list_with_gaps_proves_no_absence_of_debt(known):
    known.sgp.complete = False

    events, messages = await known.run(ActionListInvoices(), known.tracker(contract="101"))

    assert (events[-1], messages) == (outcome("incomplete"), [])


async def test_an_incomplete_list_is_told(known):
    known.sgp.complete = False
    known.sgp.titles_of["101"] = (NOVEMBER,)

    _, messages = await known.run(ActionListInvoices(), known.tracker(contract="101"))

    assert messages == [said("utter_maybe_more_invoices")]


def message(intent, *entities):
    entities = [{"entity": name, "value": value} for name, value in entities]
    return {"text": intent, "intent": {"name": intent, "confidence": 1.0}, "entities": entities}


REQUEST = user(message("duplicate_bill", ("month", "10")))
ANSWER = message("inform_document")


@pytest.mark.parametrize(
    ("before", "invoice"),
    [
        ([REQUEST, slot("requested_slot", "cpf")], "1"),
        ([REQUEST, acted("action_deliver_bill")], None),
        ([REQUEST, acted("action_start_over")], None),
        ([user(message("duplicate_bill", ("ordinal", "all")))], "1,2"),
        ([REQUEST, user(message("ask_debt"))], None),
        ([user(message("choose_invoice", ("month", "10")))], "1"),
        ([slot("requested_slot", "cpf"), user(message("choose_invoice", ("month", "10")))], "1"),
        ([slot("contract", "100"), REQUEST, slot("contract", "101")], None),
        ([slot("contract", "101"), REQUEST, slot("contract", "101")], "1"),
        ([slot("requested_slot", "contract"), user(message("choose_invoice", ("ordinal", "2")))], None),
        ([user(message("choose_payment_format", ("amount", "95.00"), ("ordinal", "2")))], "1"),
        ([user(message("inform_document", ("amount", "95.00")))], "1"),
        ([REQUEST, user(message("choose_payment_format", ("ordinal", "2")))], "1"),
    ],
)
async def test_what_was_said_before_the_document_counts_until_the_delivery(known, before, invoice):
    known.sgp.titles_of["101"] = (OCTOBER, NOVEMBER)
    tracker = known.tracker("529.982.247-25", "inform_document", before=before, contract="101")

    events, _ = await known.run(ActionListInvoices(), tracker)

    assert events == found(known, OCTOBER, NOVEMBER, invoice=invoice)


@pytest.mark.parametrize(
    ("intent", "kept", "invoice"),
    [
        ("choose_payment_format", "1,2", "1,2"),
        ("try_again", "2", "2"),
        ("try_again", "9", None),
        ("greet", "2", None),
    ],
)
async def test_another_format_is_for_the_same_invoices(known, intent, kept, invoice):
    known.sgp.titles_of["101"] = (OCTOBER, NOVEMBER)

    tracker = known.tracker("em pdf", intent, contract="101", invoice=kept)
    events, _ = await known.run(ActionListInvoices(), tracker)

    assert events == found(known, OCTOBER, NOVEMBER, invoice=invoice)


DELIVERY = acted("action_deliver_bill")
PDF = user(message("choose_payment_format", ("payment_format", "pdf")))


@pytest.mark.parametrize(
    ("before", "outcome_before", "forgotten"),
    [
        ([PDF, DELIVERY], "more_left", True),
        ([PDF, DELIVERY, user(message("deny"))], "more_left", True),
        ([DELIVERY, PDF], "more_left", False),
        ([PDF, DELIVERY], "unavailable", False),
        ([PDF], None, False),
    ],
)
async def test_the_format_of_codes_that_were_not_taken_is_forgotten(known, before, outcome_before, forgotten):
    known.sgp.titles_of["101"] = (NOVEMBER,)
    tracker = known.tracker(
        "quero meu boleto",
        "duplicate_bill",
        before=before,
        contract="101",
        payment_format="pdf",
        delivery_outcome=outcome_before,
    )

    events, _ = await known.run(ActionListInvoices(), tracker)

    added = [slot("payment_format", None)] if forgotten else []
    assert events == [*found(known, NOVEMBER, invoice="2"), *added]


class TestDefaultFormat:
    @pytest.fixture
    def settings_changes(self):
        return {"default_payment_format": "pix"}

    @pytest.mark.parametrize(("chosen", "added"), [(None, [slot("payment_format", "pix")]), ("pdf", [])])
    async def test_it_is_taken_unless_the_customer_named_one(self, known, chosen, added):
        known.sgp.titles_of["101"] = (NOVEMBER,)

        tracker = known.tracker(contract="101", payment_format=chosen)
        events, _ = await known.run(ActionListInvoices(), tracker)

        assert events == [*found(known, NOVEMBER, invoice="2"), *added]

    async def test_it_follows_the_format_of_codes_that_were_not_taken(self, known):
        known.sgp.titles_of["101"] = (NOVEMBER,)
        tracker = known.tracker(
            before=[DELIVERY], contract="101", payment_format="pdf", delivery_outcome="more_left"
        )

        events, _ = await known.run(ActionListInvoices(), tracker)

        assert events[-1] == slot("payment_format", "pix")


async def test_erp_failure(known):
    known.sgp.failing["titles"] = SgpTimeout("titulos", "too slow")

    result = await known.run(ActionListInvoices(), known.tracker(contract="101"))

    assert result == ([ERP_DOWN, outcome("unavailable")], [])


@pytest.mark.parametrize("contract", [None, "999"])
async def test_only_the_customers_own_contract(known, contract):
    result = await known.run(ActionListInvoices(), known.tracker(contract=contract))

    assert result == ([outcome("not_identified")], [])
    assert known.sgp.calls == []


async def test_ask_invoice_shows_the_list(known):
    invoices = [
        Invoice("1", OCTOBER.due_date, Decimal("95.00"), Due.OVERDUE),
        Invoice("3", DECEMBER.due_date, Decimal("1234.56"), Due.LATER),
    ]
    tracker = known.tracker(contract="101", open_invoices=[each.to_slot() for each in invoices])

    events, messages = await known.run(AskInvoice(), tracker)

    assert events == []
    assert messages == [
        said(
            "utter_ask_invoice",
            whose="",
            invoices="1. Outubro: R$ 95,00, vencida em 10/10/2026\n"
            "2. Dezembro: R$ 1.234,56, vence em 10/12/2026",
            total="R$ 1.329,56",
        )
    ]


async def test_ask_invoice_of_a_stranger(bench):
    assert await bench.run(AskInvoice(), bench.tracker(contract="101")) == ([outcome("not_identified")], [])
