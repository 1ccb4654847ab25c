"""Who may hear what: both checks first, the same words for everybody else, and nothing in the logs."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any

import pytest

from billing.settings import VAR_DIR
from billing.tables import events, place
from tests.stack import VAULT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.conversation.conftest import Customers
    from tests.stack import Conversation, Stack

pytestmark = pytest.mark.xdist_group("stack")

NEUTRAL = "com esse documento e este número de WhatsApp."
UNKNOWN_DOCUMENT = "935.411.347-80"
ANAS_DOCUMENT, ANAS_CONTRACT = "123.456.789-09", "7010"
LOCKED = "as tentativas de identificação"
LOCKOUT_SECONDS = 15 * 60
SAYS_SOMETHING = re.compile(r"R\$|\d{2}/\d{2}/\d{4}|FIBRA|bloqueado|protocolo|http|br\.gov", re.IGNORECASE)


@pytest.mark.parametrize(
    "request_text",
    [
        "quero meu boleto",
        "já paguei",
        "minha internet foi bloqueada",
        "desbloqueia minha internet",
        "quanto eu devo?",
        "quando vence minha fatura?",
        "quero o pix",
    ],
)
@pytest.mark.parametrize("document", [UNKNOWN_DOCUMENT, ANAS_DOCUMENT])
def test_nothing_is_said_before_both_checks_hold(
    request_text: str, document: str, stack: Stack, customer: Customers
) -> None:
    conversation = customer("maria")
    assert not SAYS_SOMETHING.search(conversation.hear(request_text))
    assert not stack.sandbox.calls()
    heard = conversation.hear(document)
    assert NEUTRAL in heard
    assert not SAYS_SOMETHING.search(heard)
    assert [call["endpoint"] for call in stack.sandbox.calls()] == ["consultacliente"]


def _texts(messages: list[dict[str, Any]]) -> list[str]:
    return [message["text"] for message in messages]


def test_unknown_document_and_foreign_phone_cannot_be_told_apart(stack: Stack, customer: Customers) -> None:
    heard, calls = [], []
    for document in (UNKNOWN_DOCUMENT, ANAS_DOCUMENT):
        conversation = customer("maria")
        stack.sandbox.reset()
        turns = ("quero meu boleto", document, "quero falar com um atendente", document)
        heard.append([_texts(conversation.say(turn)) for turn in turns])
        calls.append([call["endpoint"] for call in stack.sandbox.calls()])
    assert heard[0] == heard[1]
    assert calls[0] == calls[1]


def _fail_three_times(conversation: Conversation) -> None:
    conversation.hear("quero meu boleto")
    for document in (UNKNOWN_DOCUMENT, ANAS_DOCUMENT, UNKNOWN_DOCUMENT):
        assert NEUTRAL in conversation.hear(document)


def test_third_failure_locks_out_without_asking_the_erp(stack: Stack, customer: Customers) -> None:
    conversation = customer("maria")
    _fail_three_times(conversation)
    asked = len(stack.sandbox.calls())
    assert LOCKED in conversation.hear("quero meu boleto, cpf 111.444.777-35").casefold()
    assert LOCKED in conversation.identify().casefold()
    assert len(stack.sandbox.calls()) == asked


def test_lockout_ends(stack: Stack, customer: Customers) -> None:
    conversation = customer("maria")
    _fail_three_times(conversation)
    with stack.database() as database:
        database.execute(
            "UPDATE identification_failures SET failed_at = failed_at - ?", (LOCKOUT_SECONDS + 1,)
        )
    assert "Como você quer pagar?" in conversation.identify()


def test_wrong_check_digits_and_a_failing_erp_count_for_no_lockout(stack: Stack, customer: Customers) -> None:
    conversation = customer("maria")
    conversation.hear("quero meu boleto")
    for _ in range(4):
        conversation.hear("111.444.777-36")
    stack.sandbox.fault("consultacliente", "garbage")
    for _ in range(4):
        conversation.identify()
    stack.sandbox.heal()
    assert "Como você quer pagar?" in conversation.identify()


def test_one_sender_s_identity_serves_no_other(customer: Customers) -> None:
    maria, ana = customer("maria"), customer("ana")
    maria.hear("quero meu boleto")
    assert "Como você quer pagar?" in maria.identify()
    for text in ("quero meu boleto", "já paguei", "pix"):
        heard = ana.hear(text)
        assert "CPF ou CNPJ" in heard
        assert not SAYS_SOMETHING.search(heard)
    assert NEUTRAL in ana.hear("111.444.777-35")


def test_failed_attempt_ends_the_identity_before_it(customer: Customers) -> None:
    conversation = customer("maria")
    conversation.hear("quero meu boleto")
    conversation.identify()
    assert NEUTRAL in conversation.hear(f"meu cpf é {ANAS_DOCUMENT}")
    assert not SAYS_SOMETHING.search(conversation.hear("quero o pix"))


def _forge_slots(conversation: Conversation, **slots: Any) -> None:
    """Write slots into the tracker's database, as nobody but an intruder with the keys would."""
    where = place(events.c.data, conversation.sender_id)
    with conversation.stack.database() as database:
        for name, value in slots.items():
            now = time.time()
            event = {"event": "slot", "timestamp": now, "name": name, "value": value}
            database.execute(
                "INSERT INTO events (sender_id, type_name, timestamp, data) VALUES (?, 'slot', ?, ?)",
                (conversation.sender_id, now, VAULT.seal(json.dumps(event), where)),
            )


@pytest.mark.parametrize("text", ["pix", "quero meu boleto", "já paguei", "minha internet foi bloqueada"])
def test_forged_contract_is_refused(text: str, stack: Stack, customer: Customers) -> None:
    conversation = customer("maria")
    conversation.hear("quero meu boleto")
    conversation.identify()
    _forge_slots(conversation, contract=ANAS_CONTRACT)
    heard = conversation.hear(text)
    assert all(call["params"].get("contrato") != ANAS_CONTRACT for call in stack.sandbox.calls())
    assert not any(amount in heard for amount in ("103,93", "102,93"))


def test_forged_invoice_is_not_delivered(stack: Stack, customer: Customers) -> None:
    foreign = stack.sandbox.titles(int(ANAS_CONTRACT))[2]
    listed = {
        "title_id": str(foreign["id"]),
        "due_date": foreign["dataVencimento"],
        "amount": "99.90",
        "due": "later",
        "known_formats": ["pix", "qr_code", "pdf", "barcode"],
    }
    conversation = customer("maria")
    conversation.hear("quero meu boleto")
    conversation.identify()
    _forge_slots(conversation, open_invoices=[listed], invoice=listed["title_id"])
    assert foreign["codigoPix"] not in conversation.hear("pix")


@pytest.mark.parametrize("slot", ["identity_outcome", "topic", "cpf", "contract"])
def test_forged_slots_identify_nobody(slot: str, customer: Customers) -> None:
    conversation = customer("maria")
    conversation.hear("oi")
    values = {"identity_outcome": "verified", "topic": "bill", "contract": ANAS_CONTRACT}
    values["cpf"] = "12345678909"
    _forge_slots(conversation, **{slot: values[slot]})
    assert not SAYS_SOMETHING.search(conversation.hear("quero meu boleto"))


def _logs(stack: Stack) -> list[Path]:
    names = ("SANDBOX_PORT", "ACTIONS_PORT", "BOT_PORT")
    return [
        VAR_DIR / "log" / f"{name.removesuffix('_PORT').lower()}-{stack.environment[name]}.log"
        for name in names
    ]


def leaks(text: str, customers: Iterable[dict[str, Any]]) -> set[str]:
    """Kinds of personal data found in a text: documents and phones in any punctuation, names, PIX codes."""
    found = set()
    # Digits joined over punctuation, but not over letters or quotes, which separate different numbers.
    digits = re.sub(r"(?<=\d)[ .()/-]+(?=\d)", "", text)
    for customer in customers:
        document = re.sub(r"\W", "", customer["document"])
        if document in digits or document in re.sub(r"\W", "", text):
            found.add("document")
        if customer["phone"].removeprefix("+55") in digits:
            found.add("phone")
        if customer["name"].casefold() in text.casefold():
            found.add("name")
    if "br.gov.bcb.pix" in text:
        found.add("pix code")
    return found


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("user said 111.444.777-35", "document"),
        ("parse 11144477735 inform_document", "document"),
        ("from whatsapp:+5511988880001", "phone"),
        ("call (11) 98888-0001", "phone"),
        ("customer Maria Exemplo da Silva", "name"),
        ("sent 00020101021226970014br.gov.bcb.pix2575", "pix code"),
    ],
)
def test_leaks_are_noticed(text: str, kind: str, stack: Stack) -> None:
    assert kind in leaks(text, stack.sandbox.customers().values())
    assert not leaks("action_identify: verified in 0.2 s", stack.sandbox.customers().values())


def test_logs_name_nobody(stack: Stack, customer: Customers) -> None:
    for key in ("maria", "alfa"):
        conversation = customer(key)
        conversation.hear("quero meu boleto")
        conversation.identify()
        conversation.hear("pix")
        stack.sandbox.fault("titulos", "garbage")
        conversation.hear("já paguei")
        stack.sandbox.heal()
        conversation.hear("quero falar com um atendente")
    stranger = customer("maria")
    stranger.hear(ANAS_DOCUMENT)
    stack.kill_actions()
    try:
        stranger.hear("meu cpf é 111.444.777-35")
    finally:
        logged = {path: path.read_text(encoding="utf-8") for path in _logs(stack)}
        stack.start_actions()
    found = {
        path.name: leaks(text, stack.sandbox.customers().values())
        for path, text in logged.items()
        if leaks(text, stack.sandbox.customers().values())
    }
    assert found == {}
