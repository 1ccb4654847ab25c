"""Each demo customer lives what the sandbox says of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from sandbox.sgp.customers import CUSTOMERS

if TYPE_CHECKING:
    from tests.conversation.conftest import Customers
    from tests.stack import Stack

pytestmark = pytest.mark.xdist_group("stack")

FORMATS = "1. PIX copia e cola\n2. QR code PIX\n3. boleto em PDF\n4. linha digitável"
NEUTRAL = "com esse documento e este número de WhatsApp."
BLOCKED = "bloqueado por fatura vencida"
REDUCED = "velocidade reduzida por fatura vencida"
PDF = '"type": "slip_pdf"'
CONSENT = "Quer que eu peça agora o desbloqueio em confiança"


@dataclass(frozen=True)
class Turn:
    """What is said, what the answer holds, and what it must not hold. Case does not matter."""

    says: str
    hears: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


STORIES: dict[str, tuple[Turn, ...]] = {
    "maria": (
        Turn("quero a segunda via", ("CPF ou CNPJ",), ("R$",)),
        Turn("111.444.777-35", ("R$ 99,90", "vence em", FORMATS), ("vencida",)),
        Turn("pix", ("0002", "a baixa é automática")),
    ),
    "joao": (
        Turn("minha internet foi bloqueada", ("CPF ou CNPJ",)),
        Turn(
            "529.982.247-25",
            ("mais de um contrato", "1. FIBRA 500 MEGA", "2. FIBRA 300 MEGA"),
            ("TV EXEMPLO", "Rua do Passado", "3."),
        ),
        Turn("2", (BLOCKED, "vencida em"), (CONSENT,)),
        Turn("pix", ("0002", CONSENT)),
        Turn("sim", ("liberado por 3 dias", "Protocolo"), ("exemplo.7003", "servico", "Login")),
    ),
    "ana": (
        Turn("por que minha internet foi cortada?", ("CPF ou CNPJ",)),
        Turn("123.456.789-09", (BLOCKED, "1. ", "2. ", "3. ", "vencida em", "vence em"), (CONSENT,)),
        Turn("a mais antiga", (FORMATS, "vencida em"), ("R$ 99,90",)),
    ),
    "carlos": (
        Turn("minha internet foi bloqueada", ("CPF ou CNPJ",)),
        Turn("987.654.321-00", (REDUCED, "R$ 81,", "vencida em")),
    ),
    "empresa": (
        Turn("segunda via, cnpj 11.222.333/0001-81", ("1. ", "3. ", "total de R$"), ("4. ", "Março")),
        Turn("3", ("R$ 1.399,00", "vence em", FORMATS)),
    ),
    "alfa": (Turn("quero o boleto em pdf, cnpj 12.ABC.345/01DE-35", ("R$ 249,90", PDF)),),
    "paula": (
        Turn("já paguei", ("CPF ou CNPJ",)),
        Turn("390.533.447-05", ("Pagamento confirmado", "Não há nada pendente"), ("0002",)),
        Turn("quero meu boleto", ("não há nenhuma fatura em aberto",), ("R$",)),
    ),
    "bruno": (
        Turn("boleto", ("CPF ou CNPJ",)),
        Turn("111.222.333-96", ("vencida em", FORMATS)),
        Turn("pdf", (PDF,)),
        Turn("minha internet foi bloqueada", ("não está ativo",), (CONSENT,)),
    ),
    "rita": (
        Turn("boleto, meu cpf é 168.995.350-09", ("1. boleto em PDF\n2. linha digitável",), ("PIX copia",)),
        Turn("pix", ("não tem PIX", "1. boleto em PDF")),
        Turn("linha digitável", ("75691.",)),
    ),
    "sebastiao": (
        Turn("quero meu boleto", ("CPF ou CNPJ",)),
        Turn("246.813.579-28", (NEUTRAL,), ("R$", "Fatura de", "telefone")),
        Turn("atendente", ("central do seu provedor",), ("protocolo",)),
    ),
    "tiago": (
        Turn("desbloqueia minha internet", ("CPF ou CNPJ",)),
        Turn("135.792.468-28", (CONSENT,)),
        Turn("sim", ("já foi usado", "a liberação é automática"), ("liberado por",)),
    ),
    "lucia": (
        Turn("quero o pix", ("CPF ou CNPJ",)),
        Turn("314.159.265-90", ("vencida em", "0002"), ("R$ 119,90",)),
    ),
    "helena": (
        Turn("boleto", ("CPF ou CNPJ",)),
        Turn("271.828.182-05", ("R$ 99,90", "1. boleto em PDF"), ("2. ",)),
        Turn("1", (PDF,)),
    ),
    "otavio": (
        Turn("boleto", ("CPF ou CNPJ",)),
        Turn("161.803.398-05", ("R$ 69,90", FORMATS)),
        Turn("4", ("75691.",)),
    ),
    "padaria": (Turn("quero o qr code, cnpj 44.555.666/0001-81", ("R$ 129,90", "pix_qr_code")),),
}


def _names(but: str) -> list[str]:
    """Names and documents that must never be said to this customer: everybody's, their own included."""
    words = {word for customer in CUSTOMERS for word in customer.name.split() if len(word) > 4}
    ordinary = {"FIXO", "TESTE", "ANTIGO", "MODELO", "EXEMPLO", "RECENTE", "PROMESSA", "TELEFONE", "VALOR"}
    documents = [customer.document for customer in CUSTOMERS if customer.key != but]
    # The recipient of every PIX is the provider, whose invented name has ordinary words in it.
    return sorted(words - ordinary - {"PROVEDOR"}) + documents


def _said_about_others(heard: str, key: str) -> list[str]:
    return [name for name in _names(key) if re.search(rf"\b{re.escape(name)}\b", heard, re.IGNORECASE)]


def test_other_names_are_noticed() -> None:
    assert _said_about_others("Olá, Sebastiao!", "maria") == ["SEBASTIAO"]
    assert _said_about_others("o CPF 246.813.579-28", "maria") == ["246.813.579-28"]


def test_every_demo_customer_has_a_story(stack: Stack) -> None:
    assert set(STORIES) == set(stack.sandbox.customers())


@pytest.mark.parametrize("key", STORIES)
def test_story(key: str, customer: Customers) -> None:
    conversation = customer(key)
    for turn in STORIES[key]:
        heard = conversation.hear(turn.says)
        for fragment in turn.hears:
            assert fragment.casefold() in heard.casefold(), turn.says
        for fragment in turn.never:
            assert fragment.casefold() not in heard.casefold(), turn.says
        assert not _said_about_others(heard, key), turn.says


def test_customer_without_a_phone_hears_nothing_about_themselves(customer: Customers) -> None:
    conversation = customer("sebastiao")
    conversation.hear("quero meu boleto")
    for _ in range(3):
        assert NEUTRAL in conversation.identify()
    assert "pausadas" in conversation.identify()
    robot = "\n".join(line for line in conversation.story().split("\n") if not line.startswith("cliente:"))
    assert not re.search(r"R\$|\d{2}/\d{2}|FIBRA|SILÊNCIO|Sebasti", robot, re.IGNORECASE)
