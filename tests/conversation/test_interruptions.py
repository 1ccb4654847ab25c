"""Questions, changes of mind and other wishes in the middle of a form; and the yes that unblocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conversation.conftest import Customers
    from tests.stack import Conversation, Stack

pytestmark = pytest.mark.xdist_group("stack")

ASKS_DOCUMENT = "CPF ou CNPJ do titular"
ASKS_INVOICE = "você quer?"
ASKS_FORMAT = "Como você quer pagar"
ASKS_CONSENT = "desbloqueio em confiança"
ASKS_CONTRACT = "De qual "

WAYS = {
    ASKS_DOCUMENT: ("ana", ("quero meu boleto",)),
    ASKS_INVOICE: ("ana", ("quero meu boleto", "123.456.789-09")),
    ASKS_FORMAT: ("ana", ("quero meu boleto", "123.456.789-09", "2")),
    ASKS_CONSENT: ("carlos", ("desbloqueia minha internet", "987.654.321-00")),
    ASKS_CONTRACT: ("joao", ("quero meu boleto", "529.982.247-25")),
}
"""Pending question -> customer and turns that lead to it."""

QUESTIONS = {
    "por que precisa do meu cpf?": "só para localizar seu cadastro",
    "bom dia": "assistente virtual",
    "obrigado": "coisa",
    "você é um robô?": "Sou um robô",
    "dá pra parcelar?": "combinados com uma pessoa",
    "quais planos vocês têm?": "Sobre planos",
    "que horas são?": "Sobre isso eu não consigo ajudar",
}

pending = pytest.mark.parametrize("question", WAYS)


def _lead_to(question: str, customer: Customers) -> Conversation:
    key, turns = WAYS[question]
    conversation = customer(key)
    for turn in turns[:-1]:
        conversation.hear(turn)
    assert question in conversation.hear(turns[-1])
    return conversation


@pending
@pytest.mark.parametrize("interruption", QUESTIONS)
def test_question_is_answered_and_the_form_s_question_comes_back(
    question: str, interruption: str, customer: Customers
) -> None:
    heard = _lead_to(question, customer).hear(interruption)
    answer, _, after = heard.partition(question)
    assert QUESTIONS[interruption].casefold() in answer.casefold()
    assert question in heard
    assert question not in after


@pending
def test_stop_leaves_the_form(question: str, customer: Customers) -> None:
    conversation = _lead_to(question, customer)
    heard = conversation.hear("parar")
    assert "parei por aqui" in heard
    assert question not in heard
    assert "assistente virtual" in (greeting := conversation.hear("oi"))
    assert question not in greeting


@pending
def test_start_over_leaves_the_form_and_keeps_the_identity(question: str, customer: Customers) -> None:
    conversation = _lead_to(question, customer)
    heard = conversation.hear("quero começar de novo")
    assert "começar de novo" in heard
    assert question not in heard
    known = question != ASKS_DOCUMENT
    assert (ASKS_DOCUMENT in conversation.hear("quero meu boleto")) is not known


@pending
def test_person_is_reached_from_inside_a_form(question: str, stack: Stack, customer: Customers) -> None:
    heard = _lead_to(question, customer).hear("quero falar com um atendente")
    known = question != ASKS_DOCUMENT
    assert ("protocolo" if known else "central do seu provedor") in heard
    assert len(stack.sandbox.calls("chamado")) == int(known)


def test_change_of_mind_about_the_invoice(customer: Customers) -> None:
    conversation = _lead_to(ASKS_FORMAT, customer)
    heard = conversation.hear("na verdade quero a de setembro")
    assert "atura de setembro" in heard
    assert ASKS_FORMAT in heard
    assert "Fatura de setembro" in conversation.hear("pix")


def test_change_of_mind_about_the_format(customer: Customers) -> None:
    conversation = _lead_to(ASKS_FORMAT, customer)
    assert "br.gov.bcb.pix" in conversation.hear("pix")
    heard = conversation.hear("melhor em pdf")
    assert "Fatura de outubro" in heard
    assert "slip_pdf" in heard


def test_topics_may_change_without_identifying_again(customer: Customers) -> None:
    conversation = _lead_to(ASKS_INVOICE, customer)
    assert "Ainda não consta no sistema o pagamento" in conversation.hear("já paguei")
    assert "bloqueado por fatura vencida" in conversation.hear("minha internet foi bloqueada")
    assert ASKS_CONSENT in conversation.hear("desbloqueia minha internet")
    assert ASKS_INVOICE in conversation.hear("quero meu boleto")
    assert ASKS_DOCUMENT not in conversation.story().split(conversation.customer["document"])[1]


@pytest.mark.parametrize(
    "answer",
    ["não", "talvez", "sei lá", "acho que sim", "quanto custa?", "depois eu vejo", "bom dia", "1", "paguei"],
)
def test_only_yes_unblocks(answer: str, stack: Stack, customer: Customers) -> None:
    _lead_to(ASKS_CONSENT, customer).hear(answer)
    assert not stack.sandbox.calls("liberacaopromessa")


def test_yes_after_no_unblocks_nothing(stack: Stack, customer: Customers) -> None:
    conversation = _lead_to(ASKS_CONSENT, customer)
    assert "não pedi o desbloqueio" in conversation.hear("não")
    conversation.hear("sim")
    assert not stack.sandbox.calls("liberacaopromessa")


def test_a_person_asked_for_twice_gets_one_ticket(customer: Customers) -> None:
    conversation = customer("maria")
    conversation.hear("meu cpf é 111.444.777-35")
    assert "Registrei seu pedido" in conversation.hear("quero falar com um atendente")
    assert "já está com a equipe" in conversation.hear("atendente, por favor")
    assert len(conversation.stack.sandbox.calls("chamado")) == 1


@pytest.mark.parametrize("yes", ["sim", "quero sim", "pode", "pode pedir"])
def test_one_yes_is_one_call(yes: str, stack: Stack, customer: Customers) -> None:
    conversation = _lead_to(ASKS_CONSENT, customer)
    assert "liberado por 3 dias" in conversation.hear(yes)
    conversation.hear("sim")
    conversation.hear("sim")
    assert len(stack.sandbox.calls("liberacaopromessa")) == 1


def test_yes_elsewhere_unblocks_nothing(stack: Stack, customer: Customers) -> None:
    conversation = customer("carlos")
    conversation.hear("minha internet foi bloqueada")
    conversation.identify()
    for _ in range(2):
        conversation.hear("sim")
    assert not stack.sandbox.calls("liberacaopromessa")


def test_unblocked_customer_is_not_unblocked_again(stack: Stack, customer: Customers) -> None:
    conversation = _lead_to(ASKS_CONSENT, customer)
    conversation.hear("sim")
    heard = conversation.hear("desbloqueia minha internet")
    assert "ativo" in heard
    assert ASKS_CONSENT not in heard
    assert len(stack.sandbox.calls("liberacaopromessa")) == 1


def test_bill_can_be_had_instead_of_the_unblock(stack: Stack, customer: Customers) -> None:
    conversation = _lead_to(ASKS_CONSENT, customer)
    assert ASKS_FORMAT in conversation.hear("boleto")
    assert ASKS_CONSENT in conversation.hear("pix")
    assert not stack.sandbox.calls("liberacaopromessa")


@pytest.mark.parametrize(
    "said", ["me conta uma piada", "quem ganhou o jogo ontem?", "primeiro me fala dos planos"]
)
def test_small_talk_chooses_no_invoice(said: str, customer: Customers) -> None:
    heard = _lead_to(ASKS_INVOICE, customer).hear(said)
    assert ASKS_INVOICE in heard
    assert ASKS_FORMAT not in heard
