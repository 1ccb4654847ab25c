"""Every word that the bot tells people to write is understood as what it was promised to bring."""

from __future__ import annotations

import re
import warnings

import pytest
import yaml

from billing.settings import PROJECT_ROOT
from deploy.evaluation.predictions import parser_of
from deploy.model import model_path

MEANT = {
    "atendente": "ask_human",
    "bloqueio": "internet_blocked",
    "boleto": "duplicate_bill",
    "começar de novo": "start_over",
    "declaração de quitação": "other_document",
    "desbloqueio": "trust_unblock",
    "já paguei": "already_paid",
    "minha internet foi bloqueada": "internet_blocked",
    "não": "deny",
    "nota fiscal": "other_document",
    "planos": "ask_plans",
    "problema técnico": "technical_problem",
    "quanto eu devo?": "ask_debt",
    "quero meu boleto": "duplicate_bill",
    "segunda via": "duplicate_bill",
    "sim": "affirm",
    "tentar de novo": "try_again",
    "todas": "choose_invoice",
}
ELSEWHERE = {"menu"}
"""Understood before Rasa, by the reception."""


def quoted():
    """Words in quotation marks in the texts of the domain."""
    domain = yaml.safe_load((PROJECT_ROOT / "domain.yml").read_text("utf-8"))
    texts = [variation["text"] for each in domain["responses"].values() for variation in each]
    return {word for text in texts for word in re.findall('"([^"]+)"', text)}


@pytest.fixture(scope="module")
def parse():
    # Loading a model imports the rest of Rasa, whose libraries warn; parsing shall not.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return parser_of(model_path())


def test_every_quoted_word_has_a_meaning_here():
    assert quoted() == {*MEANT, *ELSEWHERE}


@pytest.mark.parametrize(("word", "intent"), MEANT.items())
def test_a_quoted_word_is_understood(word, intent, parse):
    assert parse(word)["intent"]["name"] == intent
