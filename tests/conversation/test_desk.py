"""A person takes the conversation over; and messages that are no text."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from tests.desk_receiver import NOT_CONNECTED

if TYPE_CHECKING:
    from tests.conversation.conftest import Customers
    from tests.stack import Conversation, Stack

pytestmark = pytest.mark.xdist_group("stack")

TWO_HOURS = 2 * 3600


@pytest.fixture
def maria(stack: Stack, customer: Customers) -> Conversation:
    """At the desk."""
    stack.desk.answer(200)
    opened = customer("maria")
    assert "menu" in opened.hear("quero falar com um atendente")
    return opened


def test_the_desk_is_told_whom_to_answer_and_why(stack: Stack, maria: Conversation) -> None:
    (handoff,) = stack.desk.taken()
    assert handoff["type"] == "handoff"
    assert handoff["sender"] == f"whatsapp:{maria.customer['phone']}"
    assert handoff["reason"] == "asked"
    assert handoff["summary"]
    assert handoff["contract"] is None


def test_while_a_person_answers_the_bot_is_silent(stack: Stack, maria: Conversation) -> None:
    assert maria.say(f"meu cpf é {maria.customer['document']}") == []
    assert maria.send("image", "olha o recibo") == []
    assert maria.send("audio") == []

    texts = [message["text"] for message in stack.desk.taken("message")]
    assert texts == ["meu cpf é [documento]", "(imagem) olha o recibo", "(áudio)"]
    assert stack.sandbox.calls() == []


def test_menu_brings_the_bot_back(stack: Stack, maria: Conversation) -> None:
    assert "voltei" in maria.hear("Menu!").lower()

    assert stack.desk.wait_for("released")["sender"] == f"whatsapp:{maria.customer['phone']}"
    assert "CPF" in maria.hear("quero meu boleto")
    assert stack.desk.taken("message") == []


def test_after_two_hours_the_bot_is_back(stack: Stack, maria: Conversation) -> None:
    maria.age(TWO_HOURS - 60)
    assert maria.say("oi") == []
    maria.age(60)

    assert "CPF" in maria.hear("quero meu boleto")
    stack.desk.wait_for("released")


def test_who_cannot_reach_the_desk_is_told_and_can_come_back(stack: Stack, maria: Conversation) -> None:
    stack.desk.answer(NOT_CONNECTED)

    answer = maria.hear("vocês ainda estão aí?")
    assert "não chegou" in answer
    assert "menu" in answer
    assert maria.hear("menu")
    assert "CPF" in maria.hear("quero meu boleto")


def test_a_desk_that_hangs_holds_up_nobody_else(
    stack: Stack, customer: Customers, maria: Conversation
) -> None:
    stack.desk.hang()
    asked = stack.desk.asked
    waiting = threading.Thread(target=maria.say, args=["oi?"])
    waiting.start()
    stack.desk.wait_until_asked(asked + 1)

    assert "CPF" in customer("ana").hear("quero meu boleto")

    assert waiting.is_alive()
    stack.desk.answer(200)
    waiting.join()
    assert stack.desk.wait_for("message")["text"] == "oi?"


def test_without_a_desk_the_bot_goes_on(stack: Stack, customer: Customers) -> None:
    joao = customer("joao")
    joao.hear("quero falar com um atendente")

    assert stack.desk.taken() == []
    assert "CPF" in joao.hear("quero meu boleto")


def test_a_desk_that_refuses_holds_nobody(stack: Stack, customer: Customers) -> None:
    stack.desk.answer(404)
    rita = customer("rita")
    rita.hear("quero falar com um atendente")

    # Not of all: what an earlier conversation still had to tell the desk may come now.
    assert stack.desk.senders.count(f"whatsapp:{rita.customer['phone']}") == 1
    assert "CPF" in rita.hear("quero meu boleto")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("audio", "ouvir áudios"),
        ("video", "tipo de mensagem"),
        ("location", "tipo de mensagem"),
        ("contact", "tipo de mensagem"),
        ("unsupported", "tipo de mensagem"),
        ("image", "comprovante"),
        ("document", "comprovante"),
    ],
)
def test_a_message_that_is_no_text_is_answered(customer: Customers, kind: str, words: str) -> None:
    assert words in customer("maria").send(kind)[0]["text"]


@pytest.mark.parametrize("kind", ["sticker", "reaction"])
def test_stickers_and_reactions_are_not_answered(customer: Customers, kind: str) -> None:
    assert customer("maria").send(kind) == []


def test_a_picture_with_words_is_what_the_words_say(customer: Customers) -> None:
    assert "CPF" in customer("maria").send("image", "quero meu boleto")[0]["text"]


def test_a_voice_message_in_the_middle_of_a_question_comes_back_to_it(customer: Customers) -> None:
    maria = customer("maria")
    maria.say("quero meu boleto")

    texts = "\n".join(message["text"] for message in maria.send("audio"))

    assert "ouvir áudios" in texts
    assert "CPF" in texts
    assert "Como você quer" in maria.identify()
