"""Processes die and sessions end in the middle of a question."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conversation.conftest import Customers
    from tests.stack import Conversation, Stack

pytestmark = pytest.mark.xdist_group("stack")

UNAVAILABLE = "Não consegui consultar o sistema agora"
ASKS_DOCUMENT = "CPF ou CNPJ do titular"
SESSION_SECONDS = 3600
IDENTITY_SECONDS = 12 * 3600


@contextmanager
def _no_action_server(stack: Stack) -> Iterator[None]:
    stack.kill_actions()
    try:
        yield
    finally:
        stack.start_actions()


def _at_the_list(conversation: Conversation) -> None:
    conversation.hear("quero meu boleto")
    assert "Qual você quer?" in conversation.identify()


def test_action_server_dies_while_the_document_is_asked(stack: Stack, customer: Customers) -> None:
    conversation = customer("maria")
    conversation.hear("quero meu boleto")
    with _no_action_server(stack):
        assert UNAVAILABLE in conversation.identify()
        assert UNAVAILABLE in conversation.identify()
    assert "Como você quer pagar?" in conversation.identify()


def test_action_server_dies_while_the_invoice_is_asked(stack: Stack, customer: Customers) -> None:
    conversation = customer("ana")
    _at_the_list(conversation)
    with _no_action_server(stack):
        assert UNAVAILABLE in conversation.hear("2")
    assert "atura de outubro" in conversation.hear("2")


def test_action_server_dies_while_the_format_is_asked(stack: Stack, customer: Customers) -> None:
    conversation = customer("ana")
    _at_the_list(conversation)
    conversation.hear("2")
    with _no_action_server(stack):
        assert UNAVAILABLE in conversation.hear("pix")
    assert "br.gov.bcb.pix" in conversation.hear("pix")


def test_request_made_while_the_action_server_is_away_works_afterwards(
    stack: Stack, customer: Customers
) -> None:
    conversation = customer("maria")
    with _no_action_server(stack):
        assert UNAVAILABLE in conversation.hear("quero meu boleto")
    assert ASKS_DOCUMENT in conversation.hear("quero meu boleto")
    assert "Como você quer pagar?" in conversation.identify()


def test_ended_session_forgets_the_customer(customer: Customers) -> None:
    conversation = customer("ana")
    _at_the_list(conversation)
    conversation.age(SESSION_SECONDS + 100)
    heard = conversation.hear("quero meu boleto")
    assert ASKS_DOCUMENT in heard
    assert "R$" not in heard
    assert "Qual você quer?" in conversation.identify()


def test_ended_session_forgets_the_pending_question(customer: Customers) -> None:
    conversation = customer("ana")
    _at_the_list(conversation)
    conversation.age(SESSION_SECONDS + 100)
    heard = conversation.hear("2")
    assert "R$" not in heard
    assert "Fatura de" not in heard


def test_session_ends_while_the_action_server_is_away(stack: Stack, customer: Customers) -> None:
    conversation = customer("ana")
    _at_the_list(conversation)
    conversation.age(SESSION_SECONDS + 100)
    with _no_action_server(stack):
        heard = conversation.hear("quero meu boleto")
        assert UNAVAILABLE in heard
        assert "R$" not in heard
    heard = conversation.hear("quero meu boleto")
    assert ASKS_DOCUMENT in heard
    assert "R$" not in heard
    assert "Qual você quer?" in conversation.identify()


def _make_identity_old(conversation: Conversation) -> None:
    """As if it had been verified long ago and used all the time since, so that nothing idled out."""
    with conversation.stack.database() as database:
        database.execute(
            "UPDATE identities SET verified_at = ? WHERE sender_id = ?",
            (time.time() - IDENTITY_SECONDS - 60, conversation.sender_id),
        )


@pytest.mark.parametrize(
    ("key", "before", "turn", "after"),
    [
        ("maria", (), "quero meu boleto", "Como você quer pagar?"),
        ("ana", ("quero meu boleto",), "2", "atura de outubro"),
        ("maria", ("quero meu boleto",), "pix", "br.gov.bcb.pix"),
        ("joao", ("quero o pix de outubro",), "2", "FIBRA 300 MEGA"),
        ("maria", (), "já paguei", "ainda não consta"),
        ("carlos", ("desbloqueia minha internet",), "sim", "desbloqueio em confiança"),
    ],
)
def test_old_identity_is_asked_for_again(
    key: str, before: tuple[str, ...], turn: str, after: str, stack: Stack, customer: Customers
) -> None:
    conversation = customer(key)
    for said in before:
        conversation.hear(said)
    conversation.identify()
    _make_identity_old(conversation)
    calls = len(stack.sandbox.calls())
    heard = conversation.hear(turn)
    assert ASKS_DOCUMENT in heard
    assert "R$" not in heard
    assert len(stack.sandbox.calls()) == calls
    assert after.casefold() in conversation.identify().casefold()
