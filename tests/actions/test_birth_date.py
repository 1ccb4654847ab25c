"""A hidden number is asked for the birth date, and it opens bills and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from actions import (
    ActionCheckBlock,
    ActionCheckPayment,
    ActionDeliverBill,
    ActionHandoff,
    ActionIdentify,
    ActionListInvoices,
    ActionSendStatement,
    ActionTrustUnblock,
    ValidateIdentityForm,
)
from billing.contacts import Proof
from billing.invoices import to_invoice
from billing.sgp.models import ContractStatus
from tests.actions.conftest import DOCUMENT, acted, said, slot
from tests.billing.fake_sgp import complete_title, contract

BORN = "1985-04-12"
SUSPENDED = contract(
    birth_date=date(1985, 4, 12), status=ContractStatus.SUSPENDED, emails=("maria@exemplo.com.br",)
)
NOVEMBER = complete_title("2", "2026-11-25")


@pytest.fixture
def settings_changes():
    return {"birth_date_proof": True, "email_bill_enabled": True, "support_contact": "0800 123"}


@pytest.fixture
def hidden(bench):
    """Maria with a hidden number, not identified yet."""
    bench.sender_id = bench.contacts.remember("whatsapp:BR.13491208655302741918", Proof.CHANNEL)
    bench.sgp.customers[DOCUMENT] = (SUSPENDED,)
    bench.sgp.titles_of["101"] = (NOVEMBER,)
    return bench


async def identify(bench, **slots):
    return await bench.run(ActionIdentify(), bench.tracker(**{"cpf": DOCUMENT, "birth_date": BORN} | slots))


@pytest.fixture
async def weak(hidden):
    """The same, identified by the birth date."""
    events, _ = await identify(hidden)
    assert events[-1] == slot("identity_outcome", "verified")
    hidden.sgp.calls.clear()
    return hidden


async def ask(bench, text="oi", intent="greet", entities=(), before=(), just_set=(), **slots):
    tracker = bench.tracker(text, intent, entities, before=before, just_set=just_set, **slots)
    events, messages = await bench.run(ValidateIdentityForm(), tracker)
    assert messages == []
    return events


def requested(name):
    return slot("requested_slot", name)


class TestAsking:
    async def test_after_the_document_the_birth_date_is_asked(self, hidden):
        events = await ask(hidden, just_set=["cpf"], cpf=DOCUMENT, requested_slot="cpf")

        assert events == [slot("cpf", DOCUMENT), slot("cpf_problem", None), requested("birth_date")]

    async def test_nobody_else_is_asked(self, bench):
        events = await ask(bench, just_set=["cpf"], cpf=DOCUMENT, requested_slot="cpf")

        assert events == [slot("cpf", DOCUMENT), slot("cpf_problem", None)]

    async def test_first_comes_the_document(self, hidden):
        assert await ask(hidden) == [requested("cpf")]

    async def test_who_is_identified_is_asked_nothing(self, weak):
        assert await ask(weak) == [requested(None)]
        assert await ask(weak, cpf=DOCUMENT) == []

    @pytest.mark.parametrize("text", ["12/04/1985", "12.4.85", "12 de abril de 1985", "12041985"])
    async def test_the_answer_is_read_by_code(self, hidden, text):
        events = await ask(hidden, text, "nlu_fallback", cpf=DOCUMENT, requested_slot="birth_date")

        assert events == [slot("birth_date", BORN), requested(None)]

    async def test_what_a_request_calls_so_is_not_asked_again(self, hidden):
        text = "quero o pix, cpf 529.982.247-25, nasci em 12/04/1985"
        events = await ask(hidden, text, "duplicate_bill", just_set=["cpf"], cpf=DOCUMENT)

        assert slot("birth_date", BORN) in events
        assert events[-1] == requested(None)

    async def test_a_date_in_a_request_that_is_called_nothing_is_none(self, hidden):
        events = await ask(hidden, "quero o boleto de 10/10/2026", "duplicate_bill", cpf=DOCUMENT)

        assert events == [requested("birth_date")]

    @pytest.mark.parametrize(
        ("text", "intent"), [("31/02/1985", "nlu_fallback"), ("quero meu boleto", "duplicate_bill")]
    )
    async def test_no_date_is_asked_for_again(self, hidden, text, intent):
        events = await ask(hidden, text, intent, cpf=DOCUMENT, requested_slot="birth_date")

        assert events == [slot("birth_date", None), requested("birth_date")]

    async def test_a_question_is_left_to_the_rules(self, hidden):
        events = await ask(hidden, "por que?", "ask_privacy", cpf=DOCUMENT, requested_slot="birth_date")

        assert events == [requested("birth_date")]

    async def test_the_date_that_was_refused_is_not_read_again_in_the_same_turn(self, hidden):
        tracker = hidden.tracker("12/04/1985", "nlu_fallback", requested_slot="birth_date")
        tracker.events.append(acted("action_identify"))

        events, _ = await hidden.run(ValidateIdentityForm(), tracker)

        assert events == [requested("cpf")]


class TestIdentifying:
    async def test_proofs_are_used_up(self, hidden):
        events, _ = await identify(hidden, topic="payment")

        assert events[:2] == [slot("cpf", None), slot("birth_date", None)]
        assert events[-2:] == [slot("contract", "101"), slot("identity_outcome", "verified")]
        assert hidden.here.identities.current(hidden.sender_id).weak

    async def test_a_birth_date_that_is_taken_for_a_choice_changes_no_topic(self, hidden):
        tracker = hidden.tracker(
            "12/04/1985", "choose_invoice", cpf=DOCUMENT, birth_date=BORN, topic="payment"
        )
        events, _ = await hidden.run(ActionIdentify(), tracker)

        assert slot("topic", "bill") not in events

    @pytest.mark.parametrize(
        "customers",
        [
            {},
            {DOCUMENT: (replace(SUSPENDED, birth_date=date(1985, 12, 4)),)},
            {DOCUMENT: (replace(SUSPENDED, birth_date=None),)},
        ],
    )
    async def test_every_refusal_is_the_same(self, hidden, customers):
        hidden.sgp.customers = customers

        events, messages = await identify(hidden)

        assert events[:4] == [
            slot("cpf", None),
            slot("birth_date", None),
            slot("cpf_problem", "not_proven"),
            slot("handoff_reason", "not_identified"),
        ]
        assert events[-1] == slot("identity_outcome", "not_matched")
        assert (messages, hidden.sgp.names()) == ([], ["find_contracts"])

    async def test_the_third_refusal_locks_out(self, hidden):
        for _ in range(3):
            await identify(hidden, birth_date="1985-12-04")
        hidden.sgp.calls.clear()

        events, _ = await identify(hidden)

        assert events[-1] == slot("identity_outcome", "locked")
        assert hidden.sgp.calls == []


class TestWhatItOpens:
    async def test_bills_are_listed_and_leave(self, weak):
        events, _ = await weak.run(ActionListInvoices(), weak.tracker(contract="101"))
        assert events[-1] == slot("invoices_outcome", "found")

        events, messages = await deliver(weak, "pix")
        assert events[-1] == slot("delivery_outcome", "delivered")
        assert messages[-1]["text"].startswith("000201")

    async def test_no_trust_unblock(self, weak):
        events, _ = await weak.run(ActionCheckBlock(), weak.tracker(contract="101"))
        assert events[-1] == slot("block_outcome", "unblock_not_proven")

        tracker = weak.tracker("sim", "affirm", contract="101", unblock_consent=True)
        events, _ = await weak.run(ActionTrustUnblock(), tracker)
        assert events[-1] == slot("unblock_outcome", "declined")
        assert "trust_unblock" not in weak.sgp.names()

    async def test_none_is_offered_after_a_payment(self, weak):
        paid = replace(NOVEMBER, status="paid", payment_date=date(2026, 11, 20))
        weak.sgp.titles_of["101"] = (paid,)
        events, _ = await weak.run(ActionCheckPayment(), weak.tracker(contract="101"))

        assert events[-1] == slot("payment_outcome", "posted_no_unblock")

    async def test_none_is_offered_for_a_payment_that_is_not_posted(self, weak):
        events, _ = await weak.run(ActionCheckPayment(), weak.tracker(contract="101"))

        assert events[-1] == slot("payment_outcome", "still_open")

    async def test_no_email(self, weak):
        tracker = weak.tracker("manda por email", "duplicate_bill", contract="101")
        _, messages = await weak.run(ActionListInvoices(), tracker)
        assert messages == [said("utter_email_not_offered")]

        events, messages = await deliver(weak, "email")
        assert (events[-1], messages) == (
            slot("delivery_outcome", "other_format"),
            [said("utter_email_not_offered")],
        )
        assert "email_slip" not in weak.sgp.names()

    async def test_no_statement(self, weak):
        events, messages = await weak.run(ActionSendStatement(), weak.tracker(contract="101"))

        assert (events, messages) == ([slot("statement_outcome", "not_proven")], [])
        assert weak.sgp.calls == []

    async def test_no_ticket_and_no_word_of_one(self, weak):
        events, messages = await weak.run(ActionHandoff(), weak.tracker("atendente", "ask_human"))

        assert events[-1] == slot("handoff_outcome", "contact")
        assert messages == [said("utter_handoff_contact", contact=": 0800 123")]
        assert weak.sgp.calls == []


async def deliver(bench, payment_format):
    tracker = bench.tracker(
        contract="101",
        payment_format=payment_format,
        open_invoices=[to_invoice(NOVEMBER, bench.here.today()).to_slot()],
        invoice="2",
        offered_formats=["pix"],
    )
    return await bench.run(ActionDeliverBill(), tracker)
