"""The bill by e-mail: asked for once, sent once, and refused without going round in circles."""

from __future__ import annotations

import pytest

from actions import ActionDeliverBill, ActionListInvoices, ValidateBillForm
from actions.bill.memory import wants_email
from billing.invoices import to_invoice
from billing.sgp.errors import SgpTimeout, SgpWriteOutcomeUnknown
from tests.actions.conftest import DOCUMENT, ERP_DOWN, acted, said, slot, user
from tests.billing.fake_sgp import contract, title

LOST = SgpWriteOutcomeUnknown(SgpTimeout("enviafatura", "too slow"))
NOVEMBER = title("2", "2026-11-25", document_number="82")
DECEMBER = title("3", "2026-12-10", document_number="83")
SENT = said("utter_email_sent", month="novembro", amount="R$ 99,90")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("manda por e-mail", True),
        ("Manda no meu EMAIL", True),
        ("pode ser por e mail?", True),
        ("não recebi o boleto, manda no email", True),
        ("sem ser por email", False),
        ("não quero por e-mail", False),
        ("quero o pix", False),
    ],
)
def test_words_that_ask_for_an_email(text, wanted):
    assert wants_email({"text": text}) is wanted


@pytest.fixture
def settings_changes():
    return {"email_bill_enabled": True}


@pytest.fixture
def registered(bench):
    """Maria, identified, with an address in SGP and two open invoices."""
    bench.sgp.customers[DOCUMENT] = (contract(emails=("maria@exemplo.com.br",)),)
    bench.sgp.titles_of["101"] = (NOVEMBER, DECEMBER)
    bench.identify()
    return bench


def chosen(bench, *titles):
    return {
        "contract": "101",
        "payment_format": "email",
        "open_invoices": [to_invoice(each, bench.here.today()).to_slot() for each in (NOVEMBER, DECEMBER)],
        "invoice": ",".join(each.title_id for each in titles),
    }


async def deliver(bench, *titles):
    return await bench.run(ActionDeliverBill(), bench.tracker(**chosen(bench, *titles)))


def ended(outcome):
    return [slot("delivery_outcome", outcome), slot("payment_format", None)]


async def test_the_chosen_invoice_is_sent_and_the_address_is_not_said(registered):
    assert await deliver(registered, NOVEMBER) == (ended("delivered"), [SENT])
    assert registered.sgp.calls[-1] == ("email_slip", "101", "82")


async def test_of_several_the_oldest_is_sent(registered):
    _, messages = await deliver(registered, NOVEMBER, DECEMBER)

    assert messages == [SENT, said("utter_email_one_at_a_time")]
    assert registered.sgp.names().count("email_slip") == 1


async def test_a_lost_answer_is_told_as_such_and_ends_the_request(registered):
    registered.sgp.failing["email_slip"] = LOST

    assert await deliver(registered, NOVEMBER) == (
        ended("delivered"),
        [said("utter_email_unknown", month="novembro", amount="R$ 99,90")],
    )


async def test_without_a_registered_address_another_format_is_asked_for(registered):
    registered.sgp.customers[DOCUMENT] = (contract(),)

    assert await deliver(registered, NOVEMBER) == (
        ended("other_format"),
        [said("utter_email_not_available")],
    )


async def test_an_erp_failure(registered):
    registered.sgp.failing["contract"] = SgpTimeout("consultacliente", "too slow")

    assert await deliver(registered, NOVEMBER) == ([ERP_DOWN, slot("delivery_outcome", "unavailable")], [])


async def choose(bench, text="por e-mail", **slots):
    tracker = bench.tracker(text, "choose_payment_format", contract="101", **slots)
    return await bench.run(ValidateBillForm(), tracker)


@pytest.mark.parametrize("pending", ["invoice", "payment_format"])
async def test_the_form_takes_an_email_in_answer_to_its_questions(registered, pending):
    assert await choose(registered, requested_slot=pending) == ([slot("payment_format", "email")], [])


async def test_the_form_that_comes_back_does_not_take_the_same_message_again(registered):
    events, messages = await choose(registered)

    assert slot("payment_format", "email") not in events
    assert messages == []


def asked(text, intent="duplicate_bill", **entities):
    found = [{"entity": name, "value": value} for name, value in entities.items()]
    return user({"text": text, "intent": {"name": intent, "confidence": 1.0}, "entities": found})


BY_EMAIL = asked("boleto por e-mail")
NUMBER = asked("a 2", "choose_invoice", ordinal="2")


@pytest.mark.parametrize(
    ("before", "kept"),
    [
        ([BY_EMAIL], True),
        ([BY_EMAIL, NUMBER], True),
        ([asked("quero o boleto"), asked("por e-mail", "choose_payment_format")], True),
        ([BY_EMAIL, asked("melhor o pix", "choose_payment_format", payment_format="pix")], False),
        ([BY_EMAIL, asked("quero o boleto")], False),
        ([BY_EMAIL, acted("action_deliver_bill")], False),
        ([BY_EMAIL, acted("action_start_over")], False),
        ([asked("não recebi o e-mail", "complain")], False),
    ],
)
async def test_an_email_asked_for_before_the_list_is_remembered_until_it_is_taken_back(
    registered, before, kept
):
    tracker = registered.tracker("529.982.247-25", "inform_document", before=before, contract="101")

    events, messages = await registered.run(ActionListInvoices(), tracker)

    assert (slot("payment_format", "email") in events) is kept
    assert messages == []


class TestNotOffered:
    """Where the provider does not send e-mails it is said once, and the bill goes on here."""

    @pytest.fixture
    def settings_changes(self):
        return {"default_payment_format": "pix"}

    async def test_the_list_says_so_and_goes_on_with_the_default(self, registered):
        tracker = registered.tracker("boleto por e-mail", "duplicate_bill", contract="101")

        events, messages = await registered.run(ActionListInvoices(), tracker)

        assert (events[-1], messages) == (slot("payment_format", "pix"), [said("utter_email_not_offered")])

    async def test_the_form_that_begins_after_the_list_does_not_say_it_again(self, registered):
        events, messages = await choose(registered, payment_format="pix")

        assert slot("payment_format", None) not in events
        assert messages == []

    async def test_the_form_says_so_in_answer_to_its_question(self, registered):
        assert await choose(registered, requested_slot="payment_format") == (
            [slot("payment_format", None)],
            [said("utter_email_not_offered")],
        )
