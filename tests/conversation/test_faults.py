"""A failing ERP is told as a failing ERP, whichever call fails and in whichever way, and the talk goes on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conversation.conftest import Customers
    from tests.stack import Conversation, Stack

pytestmark = pytest.mark.xdist_group("stack")

UNAVAILABLE = "Não consegui consultar o sistema agora"
FALSE_NEWS = ("não há nenhuma fatura", "não consegui confirmar", "não encontrei", "sem código de pagamento")
MACHINE_TALK = re.compile(r"Traceback|Error|Exception|<html|<!DOCTYPE|\{\}|\"msg\"|None\b", re.IGNORECASE)

QUICK = ("500", "403", "html", "garbage", "dropped", "empty_json")
SLOW = ("latency", "timeout")
LATENCY_SECONDS = 20


@dataclass(frozen=True)
class Path:
    """A way to an endpoint: the last turn reaches it, and answers with `result` when the ERP is well."""

    customer: str
    endpoint: str
    turns: tuple[str, ...]
    result: str

    def __str__(self) -> str:
        return self.endpoint


READS = (
    Path("maria", "consultacliente", ("quero meu boleto", "111.444.777-35"), "Como você quer pagar?"),
    Path("maria", "titulos", ("quero meu boleto", "111.444.777-35"), "Como você quer pagar?"),
    Path("ana", "fatura2via", ("quero meu boleto", "123.456.789-09", "2"), "Fatura de outubro"),
    Path("rita", "pagamento/pix", ("quero o pix", "168.995.350-09"), "não tem PIX"),
    Path("maria", "verificaacesso", ("minha internet foi bloqueada", "111.444.777-35"), "aparece online"),
    Path("maria", "manutencao/list", ("minha internet foi bloqueada", "111.444.777-35"), "aparece online"),
)
BY_DEFAULT = {("consultacliente", "timeout"), ("titulos", "latency")}


def _cases() -> list[object]:
    quick = [pytest.param(path, kind, id=f"{path}-{kind}") for path in READS for kind in QUICK]
    slow = [
        pytest.param(
            path,
            kind,
            id=f"{path}-{kind}",
            marks=() if (path.endpoint, kind) in BY_DEFAULT else pytest.mark.soak,
        )
        for path in READS
        for kind in SLOW
    ]
    return quick + slow


def _is_honest(heard: str) -> bool:
    told = heard.casefold()
    return not any(news in told for news in FALSE_NEWS) and not MACHINE_TALK.search(heard)


@pytest.mark.parametrize(
    "heard",
    [
        "Boa notícia - não há nenhuma fatura em aberto neste contrato.",
        "Não consegui confirmar seu cadastro com esse documento",
        "Traceback (most recent call last)",
        "<html><h1>Server Error (500)</h1></html>",
        '{"msg": "Contr',
    ],
)
def test_dishonest_answers_are_noticed(heard: str) -> None:
    assert not _is_honest(heard)


def _reach(conversation: Conversation, path: Path, kind: str) -> str:
    for turn in path.turns[:-1]:
        conversation.hear(turn)
    seconds = LATENCY_SECONDS if kind == "latency" else None
    conversation.stack.sandbox.fault(path.endpoint, kind, seconds=seconds)
    return conversation.hear(path.turns[-1])


@pytest.mark.parametrize(("path", "kind"), _cases())
def test_read_failure_is_told_and_trying_again_goes_on(path: Path, kind: str, customer: Customers) -> None:
    conversation = customer(path.customer)
    heard = _reach(conversation, path, kind)
    assert UNAVAILABLE in heard
    assert _is_honest(heard)
    assert any(call["endpoint"] == path.endpoint for call in conversation.stack.sandbox.calls())
    conversation.stack.sandbox.heal()
    assert path.result in conversation.hear("tentar de novo")


@pytest.mark.parametrize("path", READS, ids=str)
def test_repeating_the_request_after_a_failure_goes_on(path: Path, customer: Customers) -> None:
    conversation = customer(path.customer)
    assert UNAVAILABLE in _reach(conversation, path, "garbage")
    conversation.stack.sandbox.heal()
    # A list position only means something where the list was; anywhere else the request itself is repeated.
    again = path.turns[-1] if path.turns[-1].isdecimal() else path.turns[0]
    assert path.result in conversation.hear(again)


UNBLOCK = Path(
    "carlos", "liberacaopromessa", ("desbloqueia minha internet", "987.654.321-00", "sim"), "liberado"
)
TICKET = Path("maria", "chamado", ("meu cpf é 111.444.777-35", "quero falar com um atendente"), "protocolo")
NOT_CONFIRMED = "não recebi a confirmação do sistema"


def _write_cases() -> list[object]:
    return [
        pytest.param(path, kind, id=f"{path}-{kind}", marks=pytest.mark.soak if kind in SLOW else ())
        for path in (UNBLOCK, TICKET)
        for kind in (*QUICK, *SLOW)
    ]


@pytest.mark.parametrize(("path", "kind"), _write_cases())
def test_failed_write_is_told_and_never_repeated_by_itself(
    path: Path, kind: str, customer: Customers
) -> None:
    conversation = customer(path.customer)
    heard = _reach(conversation, path, kind)
    assert UNAVAILABLE in heard or NOT_CONFIRMED in heard or "Não consegui registrar o pedido agora" in heard
    assert _is_honest(heard)
    assert path.result not in heard
    assert len(conversation.stack.sandbox.calls(path.endpoint)) == 1


@pytest.mark.parametrize("kind", ["dropped_after", pytest.param("timeout_after", marks=pytest.mark.soak)])
def test_unblock_whose_answer_got_lost_is_resolved_by_reading(kind: str, customer: Customers) -> None:
    conversation = customer("carlos")
    heard = _reach(conversation, UNBLOCK, kind)
    assert "liberado" in heard
    assert len(conversation.stack.sandbox.calls("liberacaopromessa")) == 1


@pytest.mark.parametrize("kind", ["dropped_after", pytest.param("timeout_after", marks=pytest.mark.soak)])
def test_ticket_whose_answer_got_lost_is_not_opened_twice(kind: str, customer: Customers) -> None:
    conversation = customer("maria")
    heard = _reach(conversation, TICKET, kind)
    assert NOT_CONFIRMED in heard
    assert len(conversation.stack.sandbox.calls("chamado")) == 1


def test_unblock_after_a_failed_one_needs_another_yes(stack: Stack, customer: Customers) -> None:
    conversation = customer("carlos")
    _reach(conversation, UNBLOCK, "403")
    stack.sandbox.heal()
    assert "desbloqueio em confiança" in conversation.hear("tentar de novo")
    assert len(stack.sandbox.calls("liberacaopromessa")) == 1
    assert "liberado" in conversation.hear("sim")
    assert len(stack.sandbox.calls("liberacaopromessa")) == 2
