"""Which of several contracts is meant, and when the customer turns to another one."""

from __future__ import annotations

import pytest

from actions import ActionIdentify, AskContract, ValidateContractForm
from actions.contract import turned_to, turns_away
from billing.contracts import ContractChoice
from billing.identity import Identity
from tests.actions.conftest import DOCUMENT, said, slot, user
from tests.billing.fake_sgp import contract

FORGOTTEN = [slot(name, None) for name in ("contract", "open_invoices", "invoice", "offered_formats")]
FLOWERS = contract("101")
CENTRAL = contract("102", plan="FIBRA 900", street="AVENIDA CENTRAL", number="20")
SAINT_JOHN = contract("103", plan="FIBRA 900", street="RUA SÃO JOÃO", number="300")
TWO = (FLOWERS, CENTRAL)
THREE = (FLOWERS, CENTRAL, SAINT_JOHN)


@pytest.fixture
def owner(bench):
    """Identify Maria, who has these contracts."""

    def identify(contracts=TWO):
        bench.sgp.customers[DOCUMENT] = contracts
        bench.identify()
        return bench

    return identify


async def test_contracts_are_listed_by_plan_and_street(owner):
    bench = owner()

    events, messages = await bench.run(AskContract(), bench.tracker())

    lines = "1. FIBRA 500, Rua das Flores, 10\n2. FIBRA 900, Avenida Central, 20"
    assert (events, messages) == ([], [said("utter_ask_contract", contracts=lines)])


async def test_contracts_of_a_stranger_are_not_listed(bench):
    assert await bench.run(AskContract(), bench.tracker()) == (
        [slot("identity_outcome", "not_identified")],
        [],
    )


@pytest.mark.parametrize(
    ("text", "ordinals", "expected", "messages"),
    [
        ("a segunda", ["2"], [slot("contract", "102")], []),
        ("o da avenida central", [], [slot("contract", "102")], []),
        ("Central!", [], [slot("contract", "102")], []),
        ("rua das flores", [], [slot("contract", "101")], []),
        ("rua sao joao", [], [slot("contract", "103")], []),
        ("o do número 300", [], [slot("contract", "103")], []),
        ("fibra 900", [], [], []),
        ("o da rua", [], [], []),
        ("quero pagar das contas todas", [], [], []),
        ("vence dia 10", [], [], []),
        ("o das flores ou o da central", [], [], []),
        ("a 5", ["5"], [slot("contract", None)], [said("utter_contract_not_listed")]),
        ("as duas", ["all"], [slot("contract", None)], [said("utter_one_contract_at_a_time")]),
        ("a 2 eu acho... ou a 1?", ["2", "1"], [slot("contract", None)], []),
    ],
)
async def test_contract_form(owner, text, ordinals, expected, messages):
    bench = owner(THREE)
    entities = [("ordinal", value) for value in ordinals]
    tracker = bench.tracker(text, "choose_invoice", entities, requested_slot="contract")

    assert await bench.run(ValidateContractForm(), tracker) == (expected, messages)


@pytest.mark.parametrize(
    ("before", "text", "known"),
    [
        ((), "o boleto da avenida central", True),
        (("o boleto da avenida central",), "529.982.247-25", True),
        (("o boleto da avenida central", "oi"), "529.982.247-25", False),
        # A word of a street may mean anything.
        ((), "o boleto da central", False),
    ],
)
async def test_a_contract_that_was_named_with_the_request_is_not_asked(owner, before, text, known):
    bench = owner()
    earlier = [user({"text": said, "intent": {"name": "duplicate_bill"}, "entities": []}) for said in before]
    tracker = bench.tracker(text, "duplicate_bill", before=earlier)

    events, _ = await bench.run(ValidateContractForm(), tracker)

    assert (slot("contract", "102") in events) == known


async def test_contract_form_ends_with_the_identity(bench):
    tracker = bench.tracker("a 1", "choose_invoice", [("ordinal", "1")], requested_slot="contract")

    assert await bench.run(ValidateContractForm(), tracker) == ([slot("requested_slot", None)], [])


def identity(*labels):
    return Identity("x", "Maria", tuple(ContractChoice(str(at), label) for at, label in enumerate(labels, 1)))


HOMES = identity("FIBRA 500, Rua das Flores, 10", "FIBRA 900, Avenida Central, 20", "Rua São João, 300")


@pytest.mark.parametrize(
    ("text", "away"),
    [
        ("e o boleto do outro contrato?", True),
        ("quero do OUTRO ENDEREÇO", True),
        ("agora da outra casa", True),
        ("o boleto da avenida central", True),
        ("do contrato da sao joao", True),
        ("o boleto da rua das flores", False),
        ("central de atendimento", False),
        # A word of one street only: the customer is asked which contract.
        ("o boleto da central", True),
        ("o boleto da internet", False),
        ("quero a outra fatura", False),
        ("meu contrato está bloqueado", False),
        ("moro na rua dos limoeiros", False),
    ],
)
def test_words_that_leave_the_contract(text, away):
    assert turns_away(HOMES, "1", text) is away


@pytest.mark.parametrize("text", ["e o outro contrato?", "o da avenida central"])
def test_who_has_one_contract_cannot_leave_it(text):
    assert not turns_away(identity("FIBRA 500, Rua das Flores, 10"), "1", text)


@pytest.mark.parametrize(
    ("customer", "text", "meant"),
    [
        (HOMES, "o contrato da avenida central", "2"),
        (HOMES, "o outro contrato", None),
        (HOMES, "o boleto da central", None),
        (HOMES, "o outro contrato, não o da rua das flores", None),
        (identity("Rua A1", "Rua das Flores"), "o outro contrato", "2"),
    ],
)
def test_the_contract_turned_to(customer, text, meant):
    assert turned_to(customer, "1", text) == meant


@pytest.mark.parametrize(
    ("contracts", "text", "ending"),
    [
        (
            TWO,
            "e o boleto do outro contrato?",
            [slot("contract", "102"), slot("identity_outcome", "verified")],
        ),
        (
            THREE,
            "o boleto do endereço da são joão",
            [slot("contract", "103"), slot("identity_outcome", "verified")],
        ),
        (
            THREE,
            "e o boleto do outro contrato?",
            [slot("contract", None), slot("identity_outcome", "choose_contract")],
        ),
    ],
)
async def test_another_contract_is_taken_and_the_list_of_the_first_forgotten(owner, contracts, text, ending):
    bench = owner(contracts)
    tracker = bench.tracker(text, "duplicate_bill", topic="bill", contract="101", invoice="1")

    events, _ = await bench.run(ActionIdentify(), tracker)

    assert events == [slot("cpf", None), *FORGOTTEN, *ending]
    assert bench.sgp.calls == []


async def test_the_contract_that_was_just_chosen_stays(owner):
    bench = owner()
    tracker = bench.tracker(
        "o outro endereço, avenida central", "choose_invoice", contract="102", topic="bill"
    )
    tracker.latest_action_name = "contract_form"

    events, _ = await bench.run(ActionIdentify(), tracker)

    assert events == [slot("cpf", None), slot("contract", "102"), slot("identity_outcome", "verified")]
