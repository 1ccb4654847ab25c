"""The project's dialogue is consistent; and the checker finds each kind of fault when it is planted."""

from __future__ import annotations

import copy

import pytest
from rasa_sdk.executor import ActionExecutor

from billing.settings import PROJECT_ROOT
from tests.dialogue.responses import (
    Dialogue,
    Use,
    action_problems,
    outcome_problems,
    response_problems,
    text_problems,
    uses_in_code,
)


@pytest.fixture(scope="module")
def dialogue():
    return Dialogue.read(PROJECT_ROOT / "domain.yml", PROJECT_ROOT / "data")


@pytest.fixture(scope="module")
def code_uses():
    return [
        use
        for folder in ("actions", "addons")
        for path in sorted((PROJECT_ROOT / folder).rglob("*.py"))
        for use in uses_in_code(path.read_text("utf-8"), f"{folder}/{path.name}")
    ]


def implemented():
    executor = ActionExecutor()
    executor.register_package("actions")
    return set(executor.actions)


def test_responses(dialogue, code_uses):
    assert response_problems(dialogue, [*dialogue.uses(), *code_uses]) == []


def test_outcomes(dialogue):
    assert outcome_problems(dialogue) == []


def test_actions(dialogue):
    assert action_problems(dialogue, implemented()) == []


def test_texts(dialogue):
    assert text_problems(dialogue) == []


CODE = """
def answer(dispatcher, again):
    dispatcher.utter_message(response="utter_menu" if again else "utter_hello", name="Ana")
    dispatcher.utter_message(text="oi")
FALLBACK = "utter_sorry"
NAME = message["utter_action"]
"""


def small():
    """A consistent dialogue in which each test plants one fault."""
    domain = {
        "slots": {"cpf": {}, "bill_outcome": {"values": ["found", "unavailable"]}},
        "forms": {"identity_form": {"required_slots": ["cpf", "contract"]}},
        "actions": ["action_bill", {"action_ask_contract": {"send_domain": True}}],
        "responses": {
            "utter_hello": [{"text": "Olá, {name}!"}],
            "utter_menu": [{"text": "Escolha, {name}."}],
            "utter_sorry": [{"text": "Não deu, {cpf}."}],
            "utter_ask_cpf": [{"text": "Qual é o CPF?"}],
            "utter_found": [{"text": "Achei."}],
        },
    }
    stories = [
        {
            "rule": "a",
            "steps": [
                {"action": "action_bill"},
                {"slot_was_set": [{"bill_outcome": "found"}]},
                {"action": "utter_found"},
            ],
        },
        {
            "rule": "b",
            "steps": [{"action": "action_bill"}, {"slot_was_set": [{"bill_outcome": "unavailable"}]}],
        },
    ]
    return Dialogue(copy.deepcopy(domain), tuple(stories))


def all_problems(dialogue, code=CODE, known=("action_bill", "action_ask_contract")):
    return [
        *response_problems(dialogue, [*dialogue.uses(), *uses_in_code(code, "code")]),
        *outcome_problems(dialogue),
        *action_problems(dialogue, set(known)),
        *text_problems(dialogue),
    ]


def test_the_small_dialogue_is_consistent():
    assert all_problems(small()) == []


def drop(name):
    return lambda dialogue: dialogue.domain["responses"].pop(name)


def add(name, text):
    return lambda dialogue: dialogue.domain["responses"].update({name: [{"text": text}]})


@pytest.mark.parametrize(
    ("plant", "problem"),
    [
        (add("utter_extra", "Sobra."), "utter_extra: nobody says it"),
        (drop("utter_found"), "utter_found: said by a, not in the domain"),
        (drop("utter_menu"), "utter_menu: said by code, not in the domain"),
        (drop("utter_sorry"), "utter_sorry: said by code, not in the domain"),
        (drop("utter_ask_cpf"), "utter_ask_cpf: said by identity_form, not in the domain"),
        (add("utter_hello", "Olá, {surname}!"), "utter_hello: code does not give {surname}"),
        (add("utter_found", "Achei {count}."), "utter_found: a does not give {count}"),
        (lambda d: d.domain["actions"].remove("action_bill"), "action_bill: in the code, not in the domain"),
        (lambda d: d.domain["actions"].append("action_new"), "action_new: in the domain, not in the code"),
        (
            lambda d: d.domain["slots"]["bill_outcome"]["values"].append("none"),
            "bill_outcome: no rule for none",
        ),
        (
            lambda d: d.domain["slots"]["bill_outcome"]["values"].remove("found"),
            "bill_outcome: a rule for found, which is no outcome",
        ),
        (add("utter_found", "Achei.\n\nTchau."), "utter_found: a blank line"),
        (add("utter_found", "A" * 1601), "utter_found: longer than 1600"),
        (add("utter_found", "Achei {uma fatura}."), "utter_found: a brace that is no variable"),
    ],
)
def test_finds_a_planted_fault(plant, problem):
    dialogue = small()
    plant(dialogue)
    assert all_problems(dialogue) == [problem]


def test_refuses_a_response_that_only_running_could_tell():
    with pytest.raises(AssertionError, match="code:1: a response that can't be read"):
        uses_in_code("dispatcher.utter_message(response=name)", "code")


def test_reads_both_branches_and_what_they_are_given():
    assert uses_in_code(CODE, "code") == [
        Use("utter_menu", "code", frozenset({"name"})),
        Use("utter_hello", "code", frozenset({"name"})),
        Use("utter_sorry", "code"),
    ]


def test_reads_the_question_of_a_slot_that_the_code_adds_to_a_form():
    assert uses_in_code('slots = [*domain_slots, "birth_date"]\nothers = [*listed, "name"]', "code") == [
        Use("utter_ask_birth_date", "code")
    ]
