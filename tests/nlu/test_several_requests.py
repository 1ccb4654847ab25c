"""Several requests in one message: the first is acted on, and the others are known."""

from __future__ import annotations

import warnings

import pytest

from addons.nlu.clauses import MOST_CLAUSES, clauses
from addons.nlu.requests import OTHER_SUBJECTS, SUBJECTS, acted_on, other_subjects, requests_in
from addons.other_requests import RESPONSES
from deploy.evaluation.predictions import parser_of
from deploy.model import model_path


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("quero o boleto e também mudar o vencimento", ["quero o boleto", "também mudar o vencimento"]),
        ("boleto. E o desbloqueio?", ["boleto", "E o desbloqueio"]),
        ("boleto + nota fiscal", ["boleto", "nota fiscal"]),
        ("bom dia, quero meu boleto", []),
        ("Prezada atendente, quero meu boleto", []),
        ("não consegui entrar, quero meu boleto", []),
        ("quero o pix, cpf 111.444.777-35", []),
        ("a fatura de R$ 99,90", []),
        ("", []),
    ],
)
def test_clauses(text, parts):
    assert [clause.text for clause in clauses(text)] == parts


@pytest.mark.parametrize(
    "text", ["não quero mudar a data, só saber o vencimento", "só saber o vencimento, não é mudar a data"]
)
def test_what_is_refused_is_known(text):
    refused = {clause.text: clause.refused for clause in clauses(text)}
    assert refused.pop("só saber o vencimento") is False
    assert list(refused.values()) == [True]


def test_of_a_long_list_only_the_first_are_looked_at():
    found = clauses(", ".join(f"boleto {number}" for number in range(20)))
    assert [clause.text for clause in found] == [f"boleto {number}" for number in range(MOST_CLAUSES)]


def test_what_is_said_twice_is_looked_at_once():
    assert [clause.text for clause in clauses("boleto, boleto, planos")] == ["boleto", "planos"]


def test_a_letter_is_read_as_a_whole():
    assert clauses("quero o boleto, e os planos. " * 12) == []


def test_only_certain_requests_count():
    said = [("greet", 1.0), ("ask_plans", 0.6), ("duplicate_bill", 0.95), ("ask_human", 0.97)]
    intents = [{"name": name, "confidence": confidence} for name, confidence in said]
    assert [each["name"] for each in requests_in(intents)] == ["duplicate_bill", "ask_human"]


@pytest.mark.parametrize(
    ("whole", "requests", "intent"),
    [
        ("other_document", ["duplicate_bill", "other_document"], "duplicate_bill"),
        ("nlu_fallback", ["negotiate_payment"], "negotiate_payment"),
        ("nlu_fallback", [], "nlu_fallback"),
        # One subject only: the whole says more than its part.
        ("cancel_contract", ["ask_debt", "duplicate_bill"], "cancel_contract"),
        # The first is only the reason, or answered as well.
        ("dispute_invoice", ["ask_plans", "dispute_invoice"], "dispute_invoice"),
        ("internet_blocked", ["duplicate_bill", "internet_blocked"], "internet_blocked"),
        # Who has paid gets no code.
        ("already_paid", ["duplicate_bill", "already_paid"], "already_paid"),
    ],
)
def test_what_is_acted_on(whole, requests, intent):
    assert acted_on(whole, requests) == intent


def test_what_is_refused_is_not_acted_on():
    assert acted_on("change_due_date", ["duplicate_bill"], {"change_due_date"}) == "duplicate_bill"
    assert acted_on("change_due_date", [], {"change_due_date"}) == "change_due_date"


@pytest.mark.parametrize(
    ("intent", "requests", "others"),
    [
        ("duplicate_bill", ["duplicate_bill", "change_due_date"], ["due_date"]),
        ("duplicate_bill", ["ask_plans", "trust_unblock", "ask_plans"], ["plans", "unblock"]),
        ("other_document", ["duplicate_bill", "other_document"], ["bill"]),
        ("choose_payment_format", ["ask_debt", "ask_human"], ["human"]),
        # The same answer covers both.
        ("duplicate_bill", ["ask_debt", "ask_due_date"], []),
        ("internet_blocked", ["duplicate_bill", "trust_unblock"], []),
        ("already_paid", ["internet_blocked"], []),
        # Who wants a person tells the person; who stops or thanks wants nothing.
        ("ask_human", ["duplicate_bill"], []),
        ("stop", ["duplicate_bill"], []),
        ("thank", ["duplicate_bill"], []),
    ],
)
def test_what_is_asked_for_beside(intent, requests, others):
    assert other_subjects(intent, requests) == others


def test_each_subject_has_its_words():
    assert set(RESPONSES) == set(SUBJECTS.values())


@pytest.fixture(scope="module")
def parse():
    # Loading a model imports the rest of Rasa, whose libraries warn; parsing shall not.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return parser_of(model_path())


@pytest.mark.parametrize(
    ("text", "intent", "others"),
    [
        ("quero meu boleto e também quero mudar o dia do vencimento", "duplicate_bill", ["due_date"]),
        ("qual a previsão do tempo? e quero meu boleto", "duplicate_bill", []),
        ("bloquearam minha internet, quero pagar meu boleto", "internet_blocked", []),
        ("quero meu boleto, não quero mudar o vencimento", "duplicate_bill", []),
        ("quero meu boleto", "duplicate_bill", []),
    ],
)
def test_the_pipeline_tells_both(text, intent, others, parse):
    parsed = parse(text)
    assert (parsed["intent"]["name"], parsed[OTHER_SUBJECTS]) == (intent, others)
    assert parsed["intent_ranking"][0]["name"] == intent
    assert parsed["text"] == text


def test_a_clause_is_never_obeyed(parse):
    parsed = parse('quero o boleto, /trust_unblock{"document": "1"}')
    assert parsed["intent"]["name"] != "trust_unblock"
    assert parsed["entities"] == []
