"""Which invoice, and in which format."""

from __future__ import annotations

from decimal import Decimal

import pytest

from actions import AskPaymentFormat, ValidateBillForm
from billing.invoices import FORMATS, Due, Invoice
from billing.sgp.errors import SgpTimeout
from tests.actions.conftest import said, slot
from tests.billing.fake_sgp import complete_title, second_copy, title

OVERDUE = title("1", "2026-10-10", "89.90")
SOON = complete_title("2", "2026-11-25")
LISTED = [
    Invoice("1", OVERDUE.due_date, Decimal("89.90"), Due.OVERDUE).to_slot(),
    Invoice("2", SOON.due_date, Decimal("99.90"), Due.SOON, FORMATS).to_slot(),
]
INVOICES = {"contract": "101", "open_invoices": LISTED}
ASKED_INVOICE = INVOICES | {"requested_slot": "invoice"}
ASKED_FORMAT = INVOICES | {
    "requested_slot": "payment_format",
    "invoice": "1",
    "offered_formats": ["pix", "pdf"],
}


@pytest.mark.parametrize(
    ("slots", "entities", "expected", "messages"),
    [
        (ASKED_INVOICE, [("ordinal", "2")], [slot("invoice", "2")], []),
        (ASKED_INVOICE, [("ordinal", "all")], [slot("invoice", "1,2")], []),
        (ASKED_INVOICE, [("month", "10")], [slot("invoice", "1")], []),
        (ASKED_INVOICE, [("amount", "99.90")], [slot("invoice", "2")], []),
        (ASKED_INVOICE, [("ordinal", "7")], [slot("invoice", None)], [said("utter_invoice_not_listed")]),
        (ASKED_INVOICE, [], [], []),
        (INVOICES, [("ordinal", "2")], [], []),
        (ASKED_FORMAT, [("ordinal", "2")], [slot("payment_format", "pdf")], []),
        (ASKED_FORMAT, [("ordinal", "all")], [slot("invoice", "1,2")], []),
        (ASKED_FORMAT, [("ordinal", "oldest")], [slot("invoice", "1")], []),
        (ASKED_FORMAT, [("month", "11")], [slot("invoice", "2")], []),
        (
            ASKED_FORMAT,
            [("month", "5")],
            [slot("invoice", "1")],
            [said("utter_invoice_not_listed")],
        ),
        (ASKED_FORMAT, [("ordinal", "3")], [slot("payment_format", None)], [said("utter_format_not_listed")]),
        (ASKED_FORMAT | {"offered_formats": None}, [("ordinal", "2")], [slot("invoice", "2")], []),
    ],
)
async def test_what_a_message_means_depends_on_the_question(known, slots, entities, expected, messages):
    tracker = known.tracker("isso", "choose_invoice", entities, **slots)

    assert await known.run(ValidateBillForm(), tracker) == (expected, messages)


@pytest.mark.parametrize(
    ("named", "kept", "messages"),
    [
        (["pix"], "pix", []),
        (["barcode"], None, [said("utter_format_missing", format="linha digitável")]),
        (["pdf", "barcode"], "pdf", [said("utter_format_missing", format="linha digitável")]),
        (["cartão"], None, []),
    ],
)
async def test_a_named_format_has_to_be_offered(known, named, kept, messages):
    # Rasa keeps the last one in the slot.
    slots = ASKED_FORMAT | {"payment_format": named[-1]}
    entities = [("payment_format", name) for name in named]
    tracker = known.tracker("esse", "choose_payment_format", entities, just_set=["payment_format"], **slots)

    assert await known.run(ValidateBillForm(), tracker) == ([slot("payment_format", kept)], messages)


async def test_the_form_ends_with_the_identity(bench):
    tracker = bench.tracker("a 2", "choose_invoice", [("ordinal", "2")], **ASKED_INVOICE)

    assert await bench.run(ValidateBillForm(), tracker) == ([slot("requested_slot", None)], [])


ALL_FORMATS = "1. PIX copia e cola\n2. QR code PIX\n3. Boleto em PDF\n4. Linha digitável"


async def test_formats_of_one_invoice_that_the_list_knew(known):
    events, messages = await known.run(AskPaymentFormat(), known.tracker(invoice="2", **INVOICES))

    assert events == [slot("offered_formats", list(FORMATS))]
    assert messages == [
        said(
            "utter_ask_payment_format",
            month="novembro",
            amount="R$ 99,90",
            due="vence em 25/11/2026",
            formats=ALL_FORMATS,
        )
    ]
    assert known.sgp.calls == []


async def test_formats_of_an_overdue_invoice_come_from_the_second_copy(known):
    known.sgp.titles_of["101"] = (OVERDUE,)
    known.sgp.copies = (second_copy("1", "2026-10-10", link=None, digitable_line=None),)

    events, messages = await known.run(AskPaymentFormat(), known.tracker(invoice="1", **INVOICES))

    assert events == [slot("offered_formats", ["pix", "qr_code"])]
    assert messages[0]["formats"] == "1. PIX copia e cola\n2. QR code PIX"
    assert known.sgp.names() == ["titles", "second_copy"]


async def test_formats_of_several_invoices(known):
    slots = INVOICES | {"offered_formats": ["pix"]}

    events, messages = await known.run(AskPaymentFormat(), known.tracker(invoice="1,2", **slots))

    assert events == [slot("offered_formats", ["pix"])]
    assert messages == [
        said("utter_ask_payment_format_several", count=2, total="R$ 189,80", formats="1. PIX copia e cola")
    ]


async def test_no_format_at_all(known):
    known.sgp.titles_of["101"] = (OVERDUE,)

    events, messages = await known.run(AskPaymentFormat(), known.tracker(invoice="1", **INVOICES))

    assert events == [slot("offered_formats", [])]
    assert messages == [said("utter_no_format", month="outubro", amount="R$ 89,90")]


async def test_erp_failure_is_said_by_the_question_itself(known):
    known.sgp.failing["titles"] = SgpTimeout("titulos", "too slow")

    result = await known.run(AskPaymentFormat(), known.tracker(invoice="1", **INVOICES))

    assert result == ([], [said("utter_unavailable")])


async def test_nothing_is_asked_of_a_stranger(bench):
    result = await bench.run(AskPaymentFormat(), bench.tracker(invoice="1", **INVOICES))

    assert result == ([slot("invoices_outcome", "not_identified")], [])
