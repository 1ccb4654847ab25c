"""The training examples are complete, clean and hold nobody's data."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest
import yaml

from billing.documents import find_documents
from billing.folding import fold

FILES = sorted((Path(__file__).parents[2] / "data" / "nlu").glob("*.yml"))
OTHERS = {
    "negotiate_payment",
    "ask_debt",
    "ask_due_date",
    "ask_updated_value",
    "change_due_date",
    "dispute_invoice",
    "wrong_registration",
    "payment_receipt",
    "technical_problem",
    "ask_plans",
    "cancel_contract",
    "other_document",
    "ask_privacy",
    "bot_challenge",
    "ask_capabilities",
    "greet",
    "goodbye",
    "thank",
    "stop",
    "start_over",
    "complain",
    "out_of_scope",
}
FREQUENT = {
    "duplicate_bill",
    "already_paid",
    "internet_blocked",
    "trust_unblock",
    "inform_document",
    "choose_invoice",
    "choose_payment_format",
    "affirm",
    "deny",
    "ask_human",
}
ANNOTATION = re.compile(r"\[[^\]]*\][({]")
DOCUMENT_SHAPE = re.compile(
    r"(?<!\d)(?:\d{3}\.\d{3}\.\d{3}-\d{2}|\d{11}|\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}|\d{14})(?!\d)"
)
CONTACT = re.compile(
    r"[\w.]+@(?!exemplo\.example\b)[\w.]+\w|\+\d{2}[\s\d-]{8,}|\(\d{2}\)\s?\d{4}|\b\d{4,5}-\d{4}\b"
)


def examples_in(files: list[Path]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for file in files:
        for block in yaml.safe_load(file.read_text("utf-8"))["nlu"]:
            found[block["intent"]].extend(line[2:] for line in block["examples"].splitlines())
    return dict(found)


def normalised(text: str) -> str:
    return " ".join(fold(text).split())


def shared_between_intents(examples: dict[str, list[str]]) -> list[str]:
    intents_of = defaultdict(list)
    for intent, texts in examples.items():
        for text in texts:
            intents_of[normalised(text)].append(intent)
    return [text for text, intents in intents_of.items() if len(intents) > 1]


def personal_data(examples: dict[str, list[str]]) -> list[str]:
    """Contacts of real shape, and documents with wrong check digits where none was meant to be wrong."""
    wrong = []
    for intent, texts in examples.items():
        for text in texts:
            written = DOCUMENT_SHAPE.findall(text)
            invalid = len(written) > len(find_documents(text))
            if CONTACT.search(text) or (invalid and intent != "inform_document"):
                wrong.append(text)
    return wrong


EXAMPLES = examples_in(FILES)


@pytest.mark.parametrize(("intents", "fewest"), [(FREQUENT, 60), (OTHERS, 35)], ids=["frequent", "others"])
def test_every_intent_has_enough_examples(intents, fewest):
    assert {intent: len(EXAMPLES[intent]) for intent in intents if len(EXAMPLES[intent]) < fewest} == {}


def test_no_example_stands_in_two_places():
    assert shared_between_intents(EXAMPLES) == []


def test_examples_are_plain_text():
    assert [
        text for texts in EXAMPLES.values() for text in texts if ANNOTATION.search(text) or not text.strip()
    ] == []


def test_examples_hold_nobodys_data():
    assert personal_data(EXAMPLES) == []


def test_documents_are_varied():
    written = Counter(
        found.document.digits
        for texts in EXAMPLES.values()
        for text in texts
        for found in find_documents(text)
    )
    assert len(written) > 80
    assert written.most_common(1)[0][1] <= 3


@pytest.mark.parametrize(
    ("examples", "check"),
    [
        ({"greet": ["Oi"], "affirm": ["oi"]}, shared_between_intents),
        ({"affirm": ["sim", "SIM"]}, shared_between_intents),
        ({"duplicate_bill": ["boleto cpf 529.982.247-26"]}, personal_data),
        ({"ask_human": ["me liga (11) 98765-4321"]}, personal_data),
        ({"ask_human": ["manda pra joana@provedor.com"]}, personal_data),
    ],
)
def test_the_checks_notice_what_they_are_for(examples, check):
    assert check(examples)
