"""What the client sends, how it pages, and whose rows it believes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from billing.sgp import errors
from billing.sgp.models import ContractStatus

CREDENTIALS = {"token": "token-plantado-no-teste", "app": "app-plantado-no-teste"}
URA = "/api/ura"


def title_row(title_id, contract="7001", **other):
    return {
        "id": title_id,
        "clienteContrato": contract,
        "status": "aberto",
        "valor": "99.90",
        "dataVencimento": "2026-12-10",
        **other,
    }


def titles_page(rows, total):
    return {"paginacao": {"total": total}, "titulos": rows}


# --- what is sent


@pytest.mark.parametrize(
    "request_row",
    [
        ("find_contracts", "consultacliente__happy", "/consultacliente/", {"cpfcnpj": "11144477735"}),
        ("contract", "consultacliente__happy", "/consultacliente/", {"contrato": "7001"}),
        ("titles", "titulos__empty", "/titulos/", {"contrato": "7001", "offset": "0", "limit": "250"}),
        (
            "second_copy",
            "fatura2via__happy",
            "/fatura2via/",
            {"contrato": "7001", "faturas_abertas_todas": "1", "nao_gerar_os": "1"},
        ),
        ("pix", "pagamento_pix__happy", "/pagamento/pix/81550", {"contrato": "7001"}),
        ("connection", "verificaacesso__online", "/verificaacesso/", {"contrato": "7001"}),
        ("tickets", "ocorrencia_list__empty", "/ocorrencia/list/", {"contrato": "7001"}),
        (
            "trust_unblock",
            "liberacaopromessa__refused_not_eligible",
            "/liberacaopromessa/",
            {"contrato": "7001"},
        ),
        (
            "open_ticket",
            "chamado__opened",
            "/chamado/",
            {"contrato": "7001", "conteudo": "Motivo: asked.", "conteudolimpo": "1", "ocorrenciatipo": "22"},
        ),
        (
            "email_slip",
            "enviafatura__sent",
            "/enviafatura/",
            {"contrato": "7001", "tipo": "email", "numero_documento": "81"},
        ),
    ],
)
def test_request_is_a_form_with_the_credentials(request_row, reads, writes, fake, client, deadline):
    name, sample, path, form = request_row
    fake.will(sample)
    {**reads, **writes}[name](client, deadline)
    [sent] = fake.sent
    assert (sent.method, sent.path, sent.query) == ("POST", URA + path, {})
    assert sent.form == {**CREDENTIALS, **form}
    assert sent.headers["User-Agent"] == "sgp-billing-bot"


def test_maintenance_list_takes_the_credentials_in_the_query(fake, client, deadline):
    fake.will("manutencao_list__none")
    client.maintenances(deadline)
    [sent] = fake.sent
    assert (sent.method, sent.path, sent.query, sent.form) == (
        "GET",
        f"{URA}/manutencao/list/",
        CREDENTIALS,
        {},
    )


@pytest.mark.parametrize("number", ["", "81550/../../chamado", "8155O", "٣"])
def test_pix_never_puts_anything_but_a_number_in_the_path(number, fake, client, deadline):
    with pytest.raises(errors.SgpRequestRejected):
        client.pix("7001", number, deadline)
    assert fake.sent == []


# --- paging


@pytest.mark.parametrize(
    ("status", "sent"), [("open", "abertos"), ("paid", "pagos"), ("cancelled", "cancelados")]
)
def test_titles_filter(status, sent, fake, client, deadline):
    fake.will("titulos__empty")
    client.titles("7001", deadline, status=status)
    assert fake.sent[0].form["status"] == sent


def test_titles_of_another_status_are_left_out(fake, client, deadline, reply):
    rows = [title_row(1, status="pago"), title_row(2)]
    fake.will(reply(titles_page(rows, 2)))
    found = client.titles("7001", deadline, status="open")
    assert [title.title_id for title in found.titles] == ["2"]
    assert found.complete


def serve_pages(reply, total, size):
    def page(sent):
        offset = int(sent.form["offset"])
        return reply(
            titles_page([title_row(n) for n in range(offset + 1, min(offset + size, total) + 1)], total)
        )

    return page


@pytest.mark.parametrize(
    ("total", "size", "expected"),
    [(5, 3, (2, 5, True)), (6, 3, (2, 6, True)), (1000, 250, (4, 1000, True)), (1001, 250, (4, 1000, False))],
)
def test_titles_page_on_total(total, size, expected, fake, client, deadline, reply):
    fake.will(serve_pages(reply, total, size))
    found = client.titles("7001", deadline)
    assert (len(fake.sent), len(found.titles), found.complete) == expected
    assert found.total == total


def test_titles_stop_when_the_offset_is_ignored(fake, client, deadline, reply):
    fake.will(reply(titles_page([title_row(1), title_row(2)], 4)))
    found = client.titles("7001", deadline)
    assert (len(fake.sent), len(found.titles), found.complete) == (2, 2, False)


# --- whose rows


@pytest.mark.parametrize(
    ("call", "body"),
    [
        (lambda client, deadline: client.find_contracts("52998224725", deadline), "consultacliente__happy"),
        (lambda client, deadline: client.contract("7002", deadline), "consultacliente__happy"),
        (lambda client, deadline: client.contract("7002", deadline), "consultacliente__not_found"),
        (lambda client, deadline: client.titles("7999", deadline), "titulos__one_open_not_due"),
        (lambda client, deadline: client.second_copy("7999", deadline), "fatura2via__happy"),
        (lambda client, deadline: client.connection("7999", deadline), "verificaacesso__online"),
        (lambda client, deadline: client.tickets("7999", deadline), "ocorrencia_list__open_and_closed"),
    ],
)
def test_rows_of_somebody_else_are_an_error(call, body, fake, client, deadline):
    fake.will(body)
    with pytest.raises(errors.SgpUnexpectedShape):
        call(client, deadline)


def test_a_document_is_compared_without_punctuation_and_case(fake, client, deadline, reply):
    row = {"contratoId": 1, "cpfCnpj": "12.ABC.345/01DE-35"}
    fake.will(reply({"contratos": [row]}))
    [contract] = client.find_contracts("12.abc.345/01de-35", deadline)
    assert (contract.document, contract.status) == ("12ABC34501DE35", ContractStatus.UNKNOWN)


@pytest.mark.parametrize("body", ["{}", "1", "null", '"x"', "[1]", '{"contratos": null}', '{"links": {}}'])
def test_json_of_an_unknown_shape_is_never_nothing(read_call, body, fake, client, deadline, reply):
    fake.will(reply(body))
    with pytest.raises(errors.SgpUnexpectedShape):
        read_call(client, deadline)


@pytest.mark.parametrize("name", ["second_copy", "pix", "contract"])
def test_an_undocumented_status_is_never_nothing(name, reads, fake, client, deadline, reply):
    fake.will(reply({"status": 9}))
    with pytest.raises(errors.SgpUnexpectedShape):
        reads[name](client, deadline)


def test_wrapped_maintenance_list(fake, client, deadline, reply):
    row = {"id": "9", "ativa": "True", "status": 1, "severidade": "alta", "pops": [{"id": "12"}]}
    fake.will(reply({"manutencoes": [row]}))
    [maintenance] = client.maintenances(deadline)
    assert (maintenance.active, maintenance.severity, maintenance.pops) == (True, None, ("12",))


def test_second_copy_with_the_oldest_keys_and_a_relative_link(fake, client, deadline, reply):
    row = {"fatura": "7", "valor": "1234.5", "vencimento": "01/12/2026", "link": "/boleto/7-X/"}
    fake.will(reply({"status": 1, "links": [row]}))
    [item] = client.second_copy("7001", deadline)
    assert (item.amount, item.link, item.pix_code) == (
        Decimal("1234.50"),
        "https://provedor-exemplo.sgp.example/boleto/7-X/",
        None,
    )
