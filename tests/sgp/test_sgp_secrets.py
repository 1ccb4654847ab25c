"""Nothing secret or personal shows where people and log collectors look."""

from __future__ import annotations

import json
import logging
import re
import traceback
from pathlib import Path

import pytest
import requests

from billing.sgp.errors import SgpError

SAMPLES = sorted(path.stem for path in (Path(__file__).parent / "samples").glob("*.json"))
SECRET_KEYS = re.compile(
    r"senha|password|login|_mac|ssid|cpf|razaosocial|nome|telefone|contato|celular|email|outros"
    r"|linha|codigo|pix|link|barras|endereco_logradouro|bairro|conteudo|msg|mensagem|demonstrativo|ip$",
    re.IGNORECASE,
)
DOCUMENT = "11144477735"
# Named, because tracebacks quote the calling lines of this file.
TEXT = "texto-secreto"
CALLS = {
    "find_contracts": lambda client, _, deadline: client.find_contracts(DOCUMENT, deadline),
    "contract": lambda client, contract, deadline: client.contract(contract, deadline),
    "titles": lambda client, contract, deadline: client.titles(contract, deadline),
    "second_copy": lambda client, contract, deadline: client.second_copy(contract, deadline),
    "pix": lambda client, contract, deadline: client.pix(contract, "81550", deadline),
    "connection": lambda client, contract, deadline: client.connection(contract, deadline),
    "trust_unblock": lambda client, contract, deadline: client.trust_unblock(contract, deadline),
    "open_ticket": lambda client, contract, deadline: client.open_ticket(contract, TEXT, deadline),
    "email_slip": lambda client, contract, deadline: client.email_slip(contract, "81", deadline),
    "tickets": lambda client, contract, deadline: client.tickets(contract, deadline),
    "maintenances": lambda client, _, deadline: client.maintenances(deadline),
}


def secrets_of(content, *, secret=False):
    """Texts that must not be seen: all below a secret-looking key."""
    if isinstance(content, dict):
        for key, value in content.items():
            hidden = secret or bool(SECRET_KEYS.search(key))
            # Numbers of invoices are what logs name them by.
            yield from secrets_of(value, secret=hidden and key not in {"id", "fatura"})
    elif isinstance(content, list):
        for value in content:
            yield from secrets_of(value, secret=secret)
    elif secret and isinstance(content, str) and len(content.strip()) > 4:
        yield content
        if re.fullmatch(r"[\d./-]{14,18}", content):
            yield re.sub(r"\D", "", content)


def shown(outcome):
    """All that a log line, an error page or a debugger's first look shows of a result or an error."""
    texts = [repr(outcome), str(outcome)]
    while isinstance(outcome, BaseException):
        texts += [*traceback.format_exception(type(outcome), outcome, outcome.__traceback__)]
        texts += [repr(outcome.args), repr(vars(outcome))]
        outcome = outcome.__cause__ or outcome.__context__
    return "\n".join(texts)


def leaks(secrets, text):
    return sorted({secret for secret in secrets if secret in text})


def outcome_of(call, client, contract, deadline):
    try:
        outcome = call(client, contract, deadline)
    except SgpError as error:
        return error
    # A bare code is what `pix` is asked for; it has no repr to hide behind.
    return None if isinstance(outcome, str) else outcome


def test_a_call_is_logged_by_route_outcome_and_time_and_nothing_else(fake, client, deadline, caplog):
    caplog.set_level(logging.INFO, "billing.sgp.transport")
    fake.will("consultacliente__happy", requests.ConnectionError())
    client.find_contracts(DOCUMENT, deadline)
    with pytest.raises(SgpError):
        client.find_contracts(DOCUMENT, deadline)

    lines = [record for record in caplog.records if record.name == "billing.sgp.transport"]
    assert [(line.getMessage(), line.endpoint, line.outcome) for line in lines[:2]] == [
        ("SGP called", "/api/ura/consultacliente/", 200),
        ("SGP called", "/api/ura/consultacliente/", "SgpOutage"),
    ]
    assert all(isinstance(line.ms, int) for line in lines)
    assert DOCUMENT not in str([vars(line) for line in lines])


@pytest.mark.parametrize("name", SAMPLES)
def test_no_sample_leaks_through_any_method(name, fake, client, deadline, caplog, secrets_sent):
    caplog.set_level(logging.DEBUG)
    path = Path(__file__).parent / "samples" / f"{name}.json"
    text = path.read_text(encoding="utf-8")
    secrets = {*secrets_of(json.loads(text)), *secrets_sent, DOCUMENT, TEXT}
    contracts = {"7001", *re.findall(r'"(?:contratoId|clienteContrato|contrato)": "?(\d+)', text)}
    fake.will(name)
    for call in CALLS.values():
        for contract in contracts:
            assert leaks(secrets, shown(outcome_of(call, client, contract, deadline))) == []
    assert leaks(secrets, caplog.text) == []


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("failure", [requests.ConnectionError, requests.ReadTimeout, requests.ConnectTimeout])
def test_network_errors_do_not_carry_the_request(name, failure, fake, client, deadline, secrets_sent):
    fake.will(failure(f"https://host/?{secrets_sent}"))
    outcome = outcome_of(CALLS[name], client, "7001", deadline)
    assert isinstance(outcome, SgpError)
    assert leaks({*secrets_sent, DOCUMENT, TEXT}, shown(outcome)) == []
    assert not isinstance(outcome.__context__, requests.RequestException)


def test_the_search_sees_a_leak():
    error = SgpError("/api/", "fixed")
    error.__cause__ = ValueError("senha-planted")
    assert leaks({"senha-planted"}, shown(error)) == ["senha-planted"]
    assert leaks({"senha-planted"}, shown(("senha-planted",))) == ["senha-planted"]


def test_the_harvest_finds_nested_secrets_and_bare_documents():
    content = {"contratos": [{"servico_senha": "abc123", "cpfCnpj": "111.444.777-35", "popId": 12}]}
    assert set(secrets_of(content)) == {"abc123", "111.444.777-35", "11144477735"}


def test_client_and_transport_hide_the_token(client, secrets_sent):
    assert leaks(secrets_sent, repr(client) + repr(client._transport)) == []
