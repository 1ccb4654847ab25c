"""What leaves, in which words, and what is said when nothing can leave."""

from __future__ import annotations

from decimal import Decimal

import pytest

from actions import ActionDeliverBill
from billing.invoices import FORMATS, Due, Invoice
from billing.sgp.errors import SgpTimeout
from billing.slips import NotASlip, SlipTimeout
from tests.actions.conftest import ERP_DOWN, said, slot
from tests.billing.fake_sgp import br_code, complete_title, digitable_line, slip_of, title

DELIVERED = [
    slot("payment_format", None),
    slot("offered_formats", None),
    slot("delivery_outcome", "delivered"),
]


POSTING = said("utter_posting_is_automatic")


def kept(*titles):
    invoices = [Invoice(each.title_id, each.due_date, each.amount, Due.SOON) for each in titles]
    return {
        "contract": "101",
        "open_invoices": [invoice.to_slot() for invoice in invoices],
        "invoice": ",".join(invoice.title_id for invoice in invoices),
    }


def intro(what):
    return said(
        "utter_delivery_intro",
        month="novembro",
        amount="R$ 99,90",
        due="vence em 25/11/2026",
        what=what,
    )


async def deliver(bench, payment_format, *titles, listed=None, entities=(), **slots):
    """The customer chose the format from those that were offered, unless `slots` say otherwise."""
    bench.sgp.titles_of["101"] = titles
    slots = {"payment_format": payment_format, "offered_formats": list(FORMATS)} | slots
    tracker = bench.tracker("oi", "greet", entities, **kept(*(listed or titles)) | slots)
    return await bench.run(ActionDeliverBill(), tracker)


@pytest.mark.parametrize(
    ("payment_format", "what", "content"),
    [
        (
            "pix",
            "Copie o código PIX da próxima mensagem e cole no app do seu banco.",
            {"text": br_code("99.90")},
        ),
        (
            "qr_code",
            "Aponte a câmera do app do seu banco para o QR code PIX.",
            {"custom": {"type": "pix_qr_code", "code": br_code("99.90")}},
        ),
        ("barcode", "Segue a linha digitável do boleto.", {"text": digitable_line("99.90")}),
    ],
)
async def test_the_code_leaves_alone_in_its_own_message(known, payment_format, what, content):
    events, messages = await deliver(known, payment_format, complete_title())

    assert (events, messages) == (DELIVERED, [intro(what), POSTING, content])


async def test_a_slip_leaves_as_a_file_and_its_link_stays_here(known):
    events, messages = await deliver(known, "pdf", complete_title())

    assert (events, messages[:-1]) == (DELIVERED, [intro("Segue o boleto em PDF."), POSTING])
    custom = messages[-1]["custom"]
    assert messages[-1] == {"custom": custom}
    kept = known.here.media.get(custom.pop("media_id"))
    assert custom == {
        "type": "slip_pdf",
        "filename": "boleto-20261125.pdf",
        "instead": digitable_line("99.90"),
    }
    assert (kept.content, kept.content_type) == (slip_of(complete_title().link), "application/pdf")
    assert kept.filename == "boleto-20261125.pdf"
    assert "/boleto/" not in repr((events, messages))


async def test_a_slip_that_does_not_come_offers_what_is_left(known):
    known.slips.failing[complete_title().link] = NotASlip("a login page")

    events, messages = await deliver(known, "pdf", complete_title())

    assert messages == [said("utter_format_missing", format="boleto em PDF")]
    assert events == [
        slot("payment_format", None),
        slot("offered_formats", ["pix", "qr_code", "barcode"]),
        slot("delivery_outcome", "other_format"),
    ]


async def test_of_several_slips_those_that_come_leave(known):
    rows = complete_title("1", "2026-11-24"), complete_title("2", "2026-11-25")
    known.slips.failing[rows[0].link] = SlipTimeout("took too long")

    _, messages = await deliver(known, "pdf", *rows)

    assert [each["custom"]["filename"] for each in messages if "custom" in each] == ["boleto-20261125.pdf"]
    assert messages[-1] == said("utter_delivery_incomplete", count=1, format="boleto em PDF")


async def test_an_amount_inside_the_code_that_differs_is_told(known):
    _, messages = await deliver(known, "pix", complete_title(pix_code=br_code("89.90")))

    assert messages[2:] == [
        said("utter_code_amount_differs", code_amount="R$ 89,90", amount="R$ 99,90"),
        {"text": br_code("89.90")},
    ]


async def test_several_leave_in_the_order_of_the_list(known):
    first, second = complete_title("1", "2026-11-24", "10.00"), complete_title("2", "2026-11-25", "20.00")

    events, messages = await deliver(known, "pix", first, second)

    assert events == DELIVERED
    assert messages == [
        said(
            "utter_delivery_list",
            invoices="1. Novembro: R$ 10,00, vence em 24/11/2026\n2. Novembro: R$ 20,00, vence em 25/11/2026",
            total="R$ 30,00",
        ),
        {"text": br_code("10.00")},
        {"text": br_code("20.00")},
    ]


async def test_five_at_once_and_the_rest_is_offered(known):
    titles = [complete_title(str(number), amount=f"{number}.00") for number in range(1, 8)]

    events, messages = await deliver(known, "pix", *titles)

    assert [each["text"] for each in messages[1:-1]] == [br_code(f"{number}.00") for number in range(1, 6)]
    assert messages[-1] == said("utter_ask_next_codes", count=5)
    assert events == [slot("invoice", "6,7"), slot("delivery_outcome", "more_left")]


async def test_the_next_ones_leave_with_the_same_format(known):
    titles = [complete_title(str(number), amount=f"{number}.00") for number in range(1, 8)]

    events, messages = await deliver(known, "pix", *titles, invoice="6,7")

    assert [each["text"] for each in messages[1:]] == [br_code("6.00"), br_code("7.00")]
    assert events == DELIVERED


async def test_when_the_first_five_were_paid_meanwhile_those_behind_them_leave(known):
    titles = [complete_title(str(number), amount=f"{number}.00") for number in range(1, 8)]

    events, messages = await deliver(known, "pix", *titles[5:], listed=titles)

    assert [each["text"] for each in messages[1:]] == [br_code("6.00"), br_code("7.00")]
    assert events == DELIVERED


async def test_when_all_were_paid_meanwhile_nothing_leaves(known):
    titles = [complete_title(str(number)) for number in range(1, 8)]

    events, messages = await deliver(known, "pix", complete_title("9"), listed=titles)

    assert messages == []
    assert events[-1] == slot("delivery_outcome", "no_longer_open")


async def test_of_five_those_that_left_are_counted(known):
    titles = [complete_title(str(number)) for number in range(1, 7)]
    titles[2] = complete_title("3", pix_code=None)

    _, messages = await deliver(known, "pix", *titles)

    assert messages[-2:] == [
        said("utter_delivery_incomplete", count=1, format="PIX copia e cola"),
        said("utter_ask_next_codes", count=4),
    ]


OTHERS = said("utter_other_formats", formats="QR code PIX, boleto em PDF, linha digitável")


async def test_beside_a_format_that_nobody_chose_the_others_are_named(known):
    _, messages = await deliver(known, "pix", complete_title(), offered_formats=None)

    assert messages[1:] == [POSTING, OTHERS, {"text": br_code("99.90")}]


async def test_only_formats_that_would_leave_are_named(known):
    _, messages = await deliver(known, "pix", complete_title(digitable_line=None), offered_formats=None)

    assert messages[2] == said("utter_other_formats", formats="QR code PIX, boleto em PDF")


async def test_nothing_is_named_when_there_is_no_other_format(known):
    row = title(digitable_line=digitable_line("99.90"))

    _, messages = await deliver(known, "barcode", row, offered_formats=None)

    assert messages[1:] == [POSTING, {"text": digitable_line("99.90")}]


async def test_who_named_the_format_is_not_told_of_the_others(known):
    entities = [("payment_format", "pix")]

    _, messages = await deliver(known, "pix", complete_title(), entities=entities, offered_formats=None)

    assert OTHERS not in messages


async def test_what_could_not_be_delivered_is_counted(known):
    _, messages = await deliver(known, "pix", complete_title("1"), complete_title("2", pix_code=None))

    assert messages[-1] == said("utter_delivery_incomplete", count=1, format="PIX copia e cola")


@pytest.mark.parametrize(
    ("row", "response"),
    [
        (
            complete_title(pix_code="00020101" + "X" * 60),
            said("utter_code_broken", format="PIX copia e cola"),
        ),
        (complete_title(pix_code=None), said("utter_format_missing", format="PIX copia e cola")),
    ],
)
async def test_broken_or_missing_offers_what_is_left(known, row, response):
    events, messages = await deliver(known, "pix", row)

    assert messages == [response]
    assert events == [
        slot("payment_format", None),
        slot("offered_formats", ["pdf", "barcode"]),
        slot("delivery_outcome", "other_format"),
    ]


async def test_paid_in_the_meantime(known):
    events, messages = await deliver(known, "pix", listed=[title()])

    assert messages == []
    assert events == [
        slot("payment_format", None),
        slot("invoice", None),
        slot("delivery_outcome", "no_longer_open"),
    ]


@pytest.mark.parametrize(
    "changes", [{"payment_format": None}, {"invoice": None}, {"payment_format": "cartão"}]
)
async def test_nothing_leaves_without_a_choice(known, changes):
    slots = {"payment_format": "pix", **kept(complete_title())} | changes

    result = await known.run(ActionDeliverBill(), known.tracker(**slots))

    assert result == ([slot("delivery_outcome", "not_identified")], [])


async def test_an_erp_failure_leaves_no_half_answer(known):
    known.sgp.failing["second_copy"] = SgpTimeout("fatura2via", "too slow")

    result = await deliver(known, "pix", title("1", "2026-10-10", corrected_amount=Decimal(100)))

    assert result == ([ERP_DOWN, slot("delivery_outcome", "unavailable")], [])


async def test_nothing_leaves_to_a_stranger(bench):
    result = await deliver(bench, "pix", complete_title())

    assert result == ([slot("delivery_outcome", "not_identified")], [])
    assert bench.sgp.calls == []


async def test_two_formats_of_one_message_both_leave(bench):
    bench.identify()
    entities = [("payment_format", "pix"), ("payment_format", "barcode")]

    events, messages = await deliver(bench, "barcode", complete_title(), entities=entities)

    what = (
        "Segue a linha digitável do boleto. "
        "Copie o código PIX da próxima mensagem e cole no app do seu banco."
    )
    assert events == DELIVERED
    assert messages == [intro(what), POSTING, {"text": digitable_line("99.90")}, {"text": br_code("99.90")}]
