"""Every check notices what it is there for, on turns that were never said; no bot is running."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.conversation import checks
from tests.conversation.heard import Heard, Title
from tests.conversation.spoken import Responses
from tests.conversation.test_formats import GOOD_CODE, GOOD_LINE

RESPONSES = Responses.of(
    {
        "utter_greet": [{"text": "Olá! O que você precisa?"}],
        "utter_unavailable": [{"text": "Não consegui consultar agora."}],
        "utter_ask_cpf": [
            {"text": "Qual é o CPF?"},
            {
                "text": "Esse CPF não confere.",
                "condition": [{"type": "slot", "name": "cpf_problem", "value": "wrong_digits"}],
            },
        ],
        "utter_ask_invoice": [{"text": "Em aberto, {total}:\n{invoices}\nQual?"}],
        "utter_ask_payment_format": [{"text": "Fatura de {month}, {amount}.\nComo quer pagar?\n{formats}"}],
        "utter_delivery_intro": [{"text": "Fatura de {month}, {amount}. {what}"}],
        "utter_ask_unblock_consent": [{"text": "Quer o desbloqueio?"}],
        "utter_handoff_noted": [{"text": "Registrei{when}.{note}"}],
        "utter_nothing_due": [{"text": "Não há fatura em aberto."}],
    }
)
OLD_CODE = GOOD_CODE.replace("Fulano de Tal", "Beltrano Tala")
OLD_CODE = OLD_CODE[:-4] + "8573"

OWN = Title(
    80_101,
    7010,
    "ana",
    "2026-10-24",
    True,
    "103.93",
    30_101,
    50_101,
    (GOOD_CODE, OLD_CODE),
    (GOOD_LINE, GOOD_LINE.replace("9990", "9991")),
)
LATER = replace(
    OWN,
    title_id=80_102,
    due="2026-12-11",
    amount="1099.90",
    invoice=30_102,
    document_number=50_102,
    pix=("", ""),
    line=("", ""),
)


def turn(*texts, **more):
    messages = tuple(text if isinstance(text, dict) else {"text": text} for text in texts)
    return Heard("oi", messages, RESPONSES, "ana", titles=(OWN, LATER), **more)


GREETING = "Olá! O que você precisa?"
LIST = """Em aberto, R$ 1.203,83:
1. Outubro: R$ 103,93, vencida em 24/10/2026
2. Dezembro: R$ 1.099,90, vence em 11/12/2026
Qual?"""
FORMATS = "Fatura de outubro, R$ 103,93.\nComo quer pagar?\n1. PIX copia e cola\n2. Linha digitável"

NOTED = "Registrei, a partir de 29/11/2026."
STATEMENT = turn(
    {"custom": {"type": "slip_pdf", "media_id": "m"}}, slips={"m": "Declaração de quitação anual de débitos"}
)


@pytest.mark.parametrize(
    "good",
    [
        turn(GREETING),
        turn(GREETING, *STATEMENT.messages, slips=STATEMENT.slips),
        turn(LIST),
        turn(FORMATS),
        turn("Fatura de outubro, R$ 103,93. Copie o código.", GOOD_CODE, f"{GREETING}\n\nQual é o CPF?"),
        turn(GREETING, GOOD_CODE, GOOD_LINE, GREETING),
        turn(GREETING, {"custom": {"type": "pix_qr_code", "code": GOOD_CODE}}),
        turn(GREETING, {"attachment": "http://127.0.0.1/boleto/30101-EXABC/"}),
        turn(
            GREETING,
            {"custom": {"type": "slip_pdf", "media_id": "m"}},
            slips={"m": "Mensalidade - documento 50101"},
        ),
        turn("Qual é o CPF?", identified=False),
    ],
    ids=lambda heard: heard.text[:20],
)
def test_good_turns_pass(good):
    assert checks.always(good) == []


BAD = {
    "four messages": (turn(*[GREETING] * 4), "4 messages, 3 at most"),
    "five messages with one code": (turn(*[GREETING] * 3, GOOD_CODE, GREETING), "5 messages, 3 at most"),
    "too much around several codes": (turn(*[GREETING] * 3, GOOD_CODE, GOOD_CODE), "5 messages, 4 at most"),
    "six codes": (turn(GREETING, *[GOOD_CODE] * 6), "6 codes, 5 at most"),
    "no message": (turn(), "no answer"),
    "blank message": (turn("  "), "no answer"),
    "JSON": (turn('{"msg": 1}'), "machine talk"),
    "HTML": (turn("<h1>Erro</h1>"), "machine talk"),
    "traceback": (turn("Traceback (most recent call last)"), "machine talk"),
    "None": (turn("Fatura de None, R$ 1,00. Segue."), "machine talk"),
    "unfilled placeholder": (turn("Em aberto, {total}:\n1. x\nQual?"), "machine talk"),
    "name of a response": (turn("utter_greet"), "machine talk"),
    "text from nowhere": (turn("Bom dia, flor do dia!"), "no response of domain.yml"),
    "payload": (turn("/affirm"), "begins with a slash"),
    "payload of a button": (
        turn({"text": GREETING, "buttons": [{"title": "Sim", "payload": "/affirm"}]}),
        "begins with a slash",
    ),
    "CPF": (turn("Fatura de 111.222.333-44, R$ 1,00. x"), "a full CPF or CNPJ"),
    "CNPJ": (turn("Fatura de 12.ABC.345/01DE-35, R$ 1,00. x"), "a full CPF or CNPJ"),
    "a customer's CPF without punctuation": (
        turn("Fatura de 111 444 777 35, R$ 1,00. x"),
        "a full CPF or CNPJ",
    ),
    "wrong CRC": (turn(GOOD_CODE[:-1] + "0"), "wrong CRC"),
    "wrong CRC in a picture": (
        turn({"custom": {"type": "pix_qr_code", "code": GOOD_CODE[:-1] + "0"}}),
        "wrong CRC",
    ),
    "wrong check digits": (turn(GOOD_LINE.replace("99990", "99991")), "wrong check digits"),
    "nobody's code": (turn(GOOD_CODE.replace("Fulano", "Cicran")), "belongs to no title"),
    "nobody's slip": (turn({"attachment": "http://127.0.0.1/boleto/1-EXABC/"}), "belongs to no title"),
    "a slip that cannot be read": (
        turn({"custom": {"type": "slip_pdf", "media_id": "m"}}),
        "belongs to no title",
    ),
    "somebody else's code": (
        replace(turn(GOOD_CODE), titles=(replace(OWN, customer="maria"),)),
        "belongs to maria",
    ),
    "a paid title's code": (replace(turn(GOOD_CODE), titles=(replace(OWN, open=False),)), "paid already"),
    "a figure for a stranger": (turn(FORMATS, identified=False), "tells something of a customer"),
    "a state for a stranger": (turn("Não há fatura em aberto.", identified=False), "utter_nothing_due"),
    "a name for a stranger": (turn("Olá, Ana Amostra!", identified=False), "'AMOSTRA'"),
    "a street for a stranger": (turn("É na travessa?", identified=False), "'TRAVESSA'"),
    "a code for a stranger": (
        turn(GREETING, GOOD_CODE, identified=False),
        "tells something of a customer: pix",
    ),
}


@pytest.mark.parametrize(("bad", "complaint"), BAD.values(), ids=BAD)
def test_bad_turns_are_noticed(bad, complaint):
    found = checks.always(bad)
    assert any(complaint in each for each in found), found


def test_an_answer_where_none_was_due_is_noticed():
    assert checks.always(turn(), silent=True) == []
    assert checks.always(turn(GREETING), silent=True) == ["an answer where none was due"]


def test_the_third_same_answer_in_a_row_is_noticed():
    same, other = turn(GREETING), turn("Qual é o CPF?")
    assert checks.always(same, [other, same]) == []
    assert checks.always(same, [same, other, same]) == []
    assert checks.always(same, [other, same, same]) == ["the same answer 3 times in a row"]


DELIVERED = turn("Fatura de outubro, R$ 103,93. Copie.", GOOD_CODE)
DOCUMENT = turn("Esse CPF não confere.")

EXPECTED = {
    "hears": [
        (checks.hears, turn(GREETING), [("utter_greet", {})], True),
        (checks.hears, turn(GREETING), [("utter_nothing_due", {})], False),
        (checks.hears, DELIVERED, [("utter_delivery_intro", {"month": "outubro"})], True),
        (checks.hears, DELIVERED, [("utter_delivery_intro", {"month": "setembro"})], False),
        (checks.hears, DELIVERED, [("utter_delivery_intro", {"weather": "outubro"})], False),
        (checks.hears, DOCUMENT, [("utter_ask_cpf", {"cpf_problem": "wrong_digits"})], True),
        (checks.hears, turn("Qual é o CPF?"), [("utter_ask_cpf", {"cpf_problem": "wrong_digits"})], False),
    ],
    "never": [
        (checks.never, turn(GREETING), ["utter_nothing_due", "fatura"], True),
        (checks.never, turn(GREETING), ["utter_greet"], False),
        (checks.never, turn(GREETING), ["PRECISA"], False),
    ],
    "order": [
        (checks.order, turn(GREETING, LIST, FORMATS), ["utter_greet", "utter_ask_payment_format"], True),
        (checks.order, turn(FORMATS, GREETING), ["utter_greet", "utter_ask_payment_format"], False),
    ],
    "asks": [
        (checks.asks, turn(GREETING, FORMATS), ["format"], True),
        (checks.asks, turn(GREETING), [], True),
        (checks.asks, turn(FORMATS), [], False),
        (checks.asks, turn(LIST, FORMATS), ["format"], False),
        (checks.asks, turn(FORMATS, FORMATS), ["format"], False),
        (checks.asks, DOCUMENT, ["format"], False),
    ],
    "offers": [
        (checks.offers, turn(FORMATS), ["pix", "barcode"], True),
        (checks.offers, turn(FORMATS), ["pix"], False),
        (checks.offers, turn(FORMATS), ["pix", "pdf", "barcode"], False),
        (checks.offers, turn(FORMATS), ["barcode", "pix"], False),
    ],
    "lists": [
        (checks.lists, turn(LIST), [OWN, LATER], True),
        (checks.lists, turn(LIST), [OWN], False),
        (checks.lists, turn(LIST), [LATER, OWN], False),
        (checks.lists, turn(LIST.replace("103,93", "99,90")), [OWN, LATER], False),
        (checks.lists, turn(GREETING), [OWN], False),
    ],
    "delivers": [
        (checks.delivers, DELIVERED, [("pix", OWN)], True),
        (checks.delivers, turn(GREETING), [], True),
        (checks.delivers, DELIVERED, [], False),
        (checks.delivers, DELIVERED, [("qr_code", OWN)], False),
        (checks.delivers, DELIVERED, [("pix", LATER)], False),
        (checks.delivers, turn(OLD_CODE), [("pix", OWN)], False),
        (checks.delivers, turn(GOOD_CODE, GOOD_LINE), [("barcode", OWN), ("pix", OWN)], False),
    ],
    "erp": [
        (checks.erp, turn(calls=("titulos", "titulos")), {"titulos": 2, "chamado": 0, "any": 2}, True),
        (checks.erp, turn(calls=("titulos",)), {"titulos": 2}, False),
        (checks.erp, turn(calls=("titulos",)), {"any": 0}, False),
    ],
    "writes": [
        (checks.writes, turn(calls=("titulos", "chamado")), {"ticket": 1}, True),
        (checks.writes, turn(calls=("titulos", "chamado")), {}, False),
        (checks.writes, turn(), {"unblock": 1}, False),
    ],
    "desk_told": [
        (checks.desk_told, ["handoff", "released"], ["handoff"], True),
        (checks.desk_told, [], ["handoff"], False),
        (checks.desk_told, ["handoff", "handoff"], ["handoff"], False),
        (checks.desk_told, ["message"], [], False),
    ],
    "reveals nothing": [
        (lambda heard, _: checks.reveals_nothing(heard), turn(GREETING), None, True),
        (lambda heard, _: checks.reveals_nothing(heard), STATEMENT, None, False),
        (lambda heard, _: checks.reveals_nothing(heard), turn(NOTED), None, True),
        (lambda heard, _: checks.reveals_nothing(heard), turn(f"{NOTED} R$ 99,90"), None, False),
        (lambda heard, _: checks.reveals_nothing(heard), turn(LIST), None, False),
    ],
}


@pytest.mark.parametrize(
    ("check", "heard", "wanted", "passes"),
    [case for cases in EXPECTED.values() for case in cases],
    ids=[f"{name} {number}" for name, cases in EXPECTED.items() for number, _ in enumerate(cases)],
)
def test_expectations(check, heard, wanted, passes):
    complaints = list(check(heard, wanted))
    assert (not complaints) is passes, complaints


def test_the_made_up_old_code_verifies():
    assert re.fullmatch(r".*6304[0-9A-F]{4}", OLD_CODE)
    assert checks.always(turn(OLD_CODE)) == []
