"""Whatever was said early is not asked again, and no turn is longer than it must be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conversation.conftest import Customers

pytestmark = pytest.mark.xdist_group("stack")

MOST_MESSAGES = 3
ASKS = {
    "document": "CPF ou CNPJ",
    "contract": "De qual deles",
    "invoice": "Qual você quer?",
    "format": "Como você quer pagar?",
}
DELIVERED = {"pix": "br.gov.bcb.pix", "qr": "pix_qr_code", "pdf": "slip_pdf", "line": "75691."}


@pytest.mark.parametrize(
    ("key", "turns", "asked", "delivered"),
    [
        ("maria", ["quero o pix, meu cpf é 111.444.777-35"], [], "pix"),
        ("maria", ["boleto em pdf, cpf 11144477735"], [], "pdf"),
        ("maria", ["quero o pix", "111.444.777-35"], ["document"], "pix"),
        ("maria", ["meu cpf é 111.444.777-35, quero meu boleto", "pix"], ["format"], "pix"),
        ("maria", ["quero meu boleto", "111.444.777-35", "pix"], ["document", "format"], "pix"),
        ("maria", ["quero meu boleto", "111.444.777-35", "2"], ["document", "format"], "qr"),
        ("maria", ["boleto pdf", "111.444.777-35"], ["document"], "pdf"),
        ("maria", ["me manda a linha digitável", "111.444.777-35"], ["document"], "line"),
        ("ana", ["quero o pix de setembro", "123.456.789-09"], ["document"], "pix"),
        ("ana", ["quero o pix de setembro, cpf 123.456.789-09"], [], "pix"),
        ("ana", ["quero o boleto de outubro", "123.456.789-09", "pdf"], ["document", "format"], "pdf"),
        ("ana", ["boleto pdf", "123.456.789-09", "1"], ["document", "invoice"], "pdf"),
        ("ana", ["quero meu boleto", "123.456.789-09", "pix da segunda"], ["document", "invoice"], "pix"),
        ("joao", ["quero o pix de outubro", "529.982.247-25", "2"], ["document", "contract"], "pix"),
    ],
)
def test_said_once_is_enough(
    key: str, turns: list[str], asked: list[str], delivered: str, customer: Customers
) -> None:
    conversation = customer(key)
    questions = []
    for turn in turns:
        messages = conversation.say(turn)
        assert 1 <= len(messages) <= MOST_MESSAGES
        heard = "\n".join(conversation.transcript[-len(messages) :])
        questions += [name for name, words in ASKS.items() if words in heard]
    assert questions == asked
    assert DELIVERED[delivered] in heard


@pytest.mark.parametrize("key", ["maria", "otavio", "alfa", "padaria", "lucia", "bruno"])
@pytest.mark.parametrize("wanted", ["pix", "pdf", "linha digitável", "qr code"])
def test_one_open_invoice_takes_three_messages(key: str, wanted: str, customer: Customers) -> None:
    conversation = customer(key)
    assert "CPF ou CNPJ" in conversation.hear("preciso da segunda via")
    assert "Como você quer pagar?" in conversation.identify()
    assert any(sign in conversation.hear(wanted) for sign in DELIVERED.values())


def test_later_request_does_not_inherit_the_month_of_the_one_before(customer: Customers) -> None:
    conversation = customer("ana")
    conversation.hear("quero o pix de setembro")
    assert "Fatura de setembro" in conversation.identify()
    assert "Qual você quer?" in conversation.hear("quero meu boleto")


def test_stopped_request_is_forgotten(customer: Customers) -> None:
    conversation = customer("ana")
    conversation.hear("quero o pix de setembro")
    conversation.hear("parar")
    conversation.hear("quero meu boleto")
    assert "Qual você quer?" in conversation.identify()
