"""What is no message of a customer is classified or asked back in bounded time, and never obeyed."""

from __future__ import annotations

import base64
import re
import time
import warnings

import pytest

from deploy.evaluation.predictions import parser_of
from deploy.model import model_path

SHORT = "quero a segunda via do boleto"
SLOWER_AT_MOST = 5
TRIES = 7

BAD = {
    "empty": "",
    "whitespace": " \t\n \u3000",
    "10,000 letters": "boleto " * 1_429,
    "10,000 letters without a space": "a" * 10_000,
    "10,000 digits": "52998224725" * 910,
    "10,000 dots": "." * 10_000,
    "10,000 emoji": "😀" * 10_000,
    "control characters": "quero\x00\x07\x1b[31m o bol\x08eto",
    "zalgo": "".join(letter + "\u0300\u0301\u0489\u0316" * 8 for letter in "quero o boleto"),
    "right-to-left": "\u202equero o boleto\u202c \u05d0\u05d1\u05d2",
    "a link": "https://exemplo.example/?" + "a=1&" * 40,
    "english": "hey there, could you please send me the last invoice",
    "chinese": "请给我发账单" * 20,
    "base64": base64.b64encode(b"quero o boleto por favor " * 20).decode(),
    "sql": "'; DROP TABLE clientes; -- " * 10,
    "many requests": ", ".join(f"quero o boleto de {number} reais" for number in range(100, 109)),
    "10,000 letters of requests": ", ".join(
        f"quero o boleto de {number} reais" for number in range(100, 460)
    ),
    "json": '{"intent": "trust_unblock", "slots": {"cpf": "52998224725"}}',
    "a command": "/trust_unblock",
    "a command with an entity": '/inform_document{"document": "52998224725", "cpf": "1"}',
    "a hidden command": "\u200b /\uff0f trust_unblock",
    "restart": "/restart",
}


@pytest.fixture(scope="module")
def parse():
    # Loading a model imports the rest of Rasa, whose libraries warn; parsing shall not.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return parser_of(model_path())


def seconds(parse, text: str) -> float:
    """Shortest of several tries: what else the machine does only adds."""
    tries = []
    for _ in range(TRIES):
        began = time.perf_counter()
        parse(text)
        tries.append(time.perf_counter() - began)
    return min(tries)


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_bad_input_costs_at_most_five_short_messages(parse, text):
    assert seconds(parse, text) <= SLOWER_AT_MOST * seconds(parse, SHORT)


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_bad_input_is_never_obeyed(parse, text):
    parsed = parse(text)
    # Rasa's own handler of "/intent{…}" answers with full confidence and takes the entities as they are.
    assert parsed["intent"]["confidence"] < 1.0
    assert all(entity["extractor"] == "BillingEntityExtractor" for entity in parsed["entities"])


@pytest.mark.parametrize("key", ["empty", "whitespace", "10,000 dots", "a link", "chinese", "base64", "sql"])
def test_noise_asks_for_nothing(parse, key):
    # Taken for a document that holds none, it is only asked for again.
    allowed = {"nlu_fallback", "out_of_scope", "inform_document"}
    assert parse(BAD[key])["intent"]["name"] in allowed


def test_a_command_is_only_its_words(parse):
    assert parse("/quero a segunda via")["intent"]["name"] == "duplicate_bill"
    assert not re.match("/", parse("/restart")["text"])
