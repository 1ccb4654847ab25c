"""Who is writing, and about which contract."""

from __future__ import annotations

import pytest

from actions import ActionIdentify, ValidateIdentityForm
from actions.topic import implied_topic
from billing.contacts import Proof
from billing.sgp.errors import SgpTimeout
from billing.sgp.models import ContractStatus
from tests.actions.conftest import DOCUMENT, ERP_DOWN, acted, slot, user
from tests.billing.fake_sgp import contract

FORGOTTEN = [slot(name, None) for name in ("contract", "open_invoices", "invoice", "offered_formats")]
TWO = (contract("101"), contract("102", plan="FIBRA 900", street="AVENIDA CENTRAL", number="20"))
OTHER_DOCUMENT = "11144477735"


def outcome(value):
    return slot("identity_outcome", value)


async def test_identify_a_customer_with_one_contract(bench):
    events, messages = await bench.run(ActionIdentify(), bench.tracker(cpf=DOCUMENT, topic="bill"))

    assert events == [slot("cpf", None), *FORGOTTEN, slot("contract", "101"), outcome("verified")]
    assert messages == []


async def test_who_names_a_format_beside_the_document_wants_a_bill(bench):
    events, _ = await bench.run(ActionIdentify(), bench.tracker(cpf=DOCUMENT, payment_format="pix"))

    assert events == [
        slot("cpf", None), *FORGOTTEN, slot("topic", "bill"), slot("contract", "101"), outcome("verified")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("contracts", "ending"),
    [
        (TWO, [slot("contract", None), outcome("choose_contract")]),
        ((contract(status=ContractStatus.NEW),), [outcome("no_contract")]),
    ],
)
async def test_identify_settles_the_contract(bench, contracts, ending):
    bench.sgp.customers[DOCUMENT] = contracts

    events, _ = await bench.run(ActionIdentify(), bench.tracker(cpf=DOCUMENT, topic="bill"))

    assert events == [slot("cpf", None), *FORGOTTEN, *ending]


@pytest.mark.parametrize("document", [DOCUMENT, OTHER_DOCUMENT])
async def test_unknown_document_and_wrong_phone_are_refused_alike(bench, document):
    bench.sgp.customers[DOCUMENT] = (contract(phones=("(21) 98888-7777",)),)

    events, messages = await bench.run(ActionIdentify(), bench.tracker(cpf=document))

    assert events == [
        slot("cpf", None),
        slot("cpf_problem", "not_matched"),
        slot("handoff_reason", "not_identified"),
        *FORGOTTEN,
        outcome("not_matched"),
    ]
    assert (messages, bench.sgp.names()) == ([], ["find_contracts"])


async def test_who_tried_too_often_is_locked_out_and_a_person_would_hear_why(bench):
    bench.sgp.customers.clear()
    for _ in range(3):
        await bench.run(ActionIdentify(), bench.tracker(cpf=DOCUMENT))
    bench.sgp.calls.clear()

    events, _ = await bench.run(ActionIdentify(), bench.tracker(cpf=DOCUMENT))

    assert events[1:3] == [slot("cpf_problem", "locked"), slot("handoff_reason", "locked_out")]
    assert (events[-1], bench.sgp.calls) == (outcome("locked"), [])


@pytest.mark.parametrize(
    ("intent", "after", "topic"),
    [
        ("choose_invoice", None, [slot("topic", "bill")]),
        ("choose_payment_format", None, [slot("topic", "bill")]),
        ("choose_invoice", "contract_form", []),
        ("try_again", None, []),
    ],
)
async def test_who_chooses_among_the_parts_of_a_bill_wants_a_bill(known, intent, after, topic):
    tracker = known.tracker("a 2", intent, contract="101", topic="unblock")
    tracker.latest_action_name = after

    events, _ = await known.run(ActionIdentify(), tracker)

    assert events == [slot("cpf", None), *topic, slot("contract", "101"), outcome("verified")]


async def test_a_failing_erp_is_no_failed_attempt(bench):
    bench.sgp.failing["find_contracts"] = SgpTimeout("consultacliente", "too slow")

    result = await bench.run(ActionIdentify(), bench.tracker(cpf=DOCUMENT))

    assert result == ([ERP_DOWN, outcome("unavailable")], [])


async def test_a_sender_without_address_is_told_so(bench):
    bench.sender_id = "nobody"

    events, _ = await bench.run(ActionIdentify(), bench.tracker(cpf=DOCUMENT))

    assert events[-1] == outcome("no_address")
    assert slot("handoff_reason", "not_identified") in events
    assert bench.sgp.calls == []


@pytest.mark.parametrize("cpf", [None, DOCUMENT])
async def test_who_is_identified_is_not_looked_up_again(known, cpf):
    events, _ = await known.run(ActionIdentify(), known.tracker(cpf=cpf, contract="101"))

    assert events == [slot("cpf", None), slot("contract", "101"), outcome("verified")]
    assert known.sgp.calls == []


async def test_without_document_and_identity(bench):
    assert await bench.run(ActionIdentify(), bench.tracker()) == (
        [slot("cpf", None), outcome("not_identified")],
        [],
    )


@pytest.mark.parametrize(
    ("said_document", "kept", "problem"),
    [
        ("529.982.247-25", DOCUMENT, None),
        ("meu nome é maria", None, "unreadable"),
        ("529.982.247-2", None, "wrong_length"),
        ("529.982.247-26", None, "wrong_digits"),
    ],
)
async def test_document_form_checks_the_digits(bench, said_document, kept, problem):
    tracker = bench.tracker(cpf=said_document, just_set=["cpf"])

    events, messages = await bench.run(ValidateIdentityForm(), tracker)

    assert events[:2] == [slot("cpf", kept), slot("cpf_problem", problem)]
    assert (messages, bench.sgp.calls) == ([], [])


@pytest.mark.parametrize(
    ("named", "kept", "problem"),
    [((DOCUMENT, DOCUMENT), DOCUMENT, None), ((OTHER_DOCUMENT, DOCUMENT), None, "several")],
)
async def test_of_several_documents_none_is_taken(bench, named, kept, problem):
    entities = [("document", digits) for digits in named]
    tracker = bench.tracker(entities=entities, cpf=named[-1], just_set=["cpf"])

    events, _ = await bench.run(ValidateIdentityForm(), tracker)

    assert events[:2] == [slot("cpf", kept), slot("cpf_problem", problem)]


MOBILE_LIKE = "11987654374"
"""A valid CPF that is a mobile of São Paulo as well."""


@pytest.mark.parametrize(
    ("text", "asked", "kept", "problem"),
    [
        (MOBILE_LIKE, None, None, "maybe_mobile"),
        (f"quero meu boleto {MOBILE_LIKE}", None, None, "maybe_mobile"),
        (f"quero meu boleto, cpf {MOBILE_LIKE}", None, MOBILE_LIKE, None),
        ("quero meu boleto 119.876.543-74", None, MOBILE_LIKE, None),
        (MOBILE_LIKE, "cpf", MOBILE_LIKE, None),
    ],
)
async def test_a_cpf_that_could_be_a_mobile_is_asked_about(bench, text, asked, kept, problem):
    tracker = bench.tracker(text, cpf=MOBILE_LIKE, just_set=["cpf"], requested_slot=asked)

    events, _ = await bench.run(ValidateIdentityForm(), tracker)

    assert events[:2] == [slot("cpf", kept), slot("cpf_problem", problem)]


@pytest.mark.parametrize(("intent", "kept"), [("affirm", MOBILE_LIKE), ("deny", None)])
async def test_a_yes_confirms_the_number_that_could_be_a_mobile(bench, intent, kept):
    entities = [{"entity": "document", "value": MOBILE_LIKE}]
    before = [user({"text": MOBILE_LIKE, "intent": {"name": "inform_document"}, "entities": entities})]
    tracker = bench.tracker("sim", intent, before=before, requested_slot="cpf", cpf_problem="maybe_mobile")

    events, _ = await bench.run(ValidateIdentityForm(), tracker)

    assert slot("cpf", kept) in events


@pytest.mark.parametrize("asked", [None, "cpf"])
async def test_the_senders_own_number_is_no_document(bench, asked):
    bench.sender_id = bench.here.identities._contacts.remember(f"whatsapp:+55{MOBILE_LIKE}", Proof.CHANNEL)
    tracker = bench.tracker(MOBILE_LIKE, cpf=MOBILE_LIKE, just_set=["cpf"], requested_slot=asked)

    events, _ = await bench.run(ValidateIdentityForm(), tracker)

    assert events[:2] == [slot("cpf", None), slot("cpf_problem", "own_number")]


async def test_document_form_does_not_take_a_refused_document_twice(bench):
    tracker = bench.tracker(cpf=DOCUMENT)
    tracker.events += [acted("action_identify"), slot("cpf", DOCUMENT)]

    events, _ = await bench.run(ValidateIdentityForm(), tracker)

    assert events == [slot("cpf", None)]


async def test_document_form_asks_nothing_of_an_identified_sender(known):
    assert await known.run(ValidateIdentityForm(), known.tracker()) == ([slot("requested_slot", None)], [])


def named(text, *documents):
    """A message before this one that brought documents along."""
    entities = [{"entity": "document", "value": digits} for digits in documents]
    return user({"text": text, "intent": {"name": "other_document"}, "entities": entities})


@pytest.mark.parametrize(
    ("before", "kept"),
    [
        ([named("preciso da nota fiscal", DOCUMENT)], DOCUMENT),
        ([named("preciso da nota fiscal", DOCUMENT), acted("action_identify")], None),
        ([named("preciso da nota fiscal", DOCUMENT), acted("action_session_start")], None),
        ([named("preciso da nota fiscal", DOCUMENT), acted("action_start_over")], None),
        ([named("um", DOCUMENT), named("outro", OTHER_DOCUMENT)], None),
        ([], None),
    ],
)
async def test_a_document_that_was_said_early_is_not_asked_for_again(bench, before, kept):
    tracker = bench.tracker("e o boleto?", "duplicate_bill", before=before)

    events, _ = await bench.run(ValidateIdentityForm(), tracker)

    assert (slot("cpf", kept) in events) == (kept is not None)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("529.982.247-25 boleto", "bill"),
        ("529.982.247-25 bloqueio", "block"),
        ("529.982.247-25 libera aí", "unblock"),
        ("529.982.247-25 já paguei", "payment"),
        ("529.982.247-25", None),
        ("529.982.247-25, titular da conta", None),
    ],
)
def test_a_word_beside_a_document_says_what_it_is_for(bench, text, topic):
    tracker = bench.tracker(text, "inform_document", topic=None)

    assert implied_topic(tracker) == ([slot("topic", topic)] if topic else [])


def test_a_topic_that_is_known_stays(bench):
    tracker = bench.tracker("529.982.247-25 boleto", "inform_document", topic="payment")

    assert implied_topic(tracker) == []
