"""`titulos`, `fatura2via` and `pagamento/pix`: filters, paging, and what each issue of a title says."""

from __future__ import annotations

import pytest

ROW_KEYS = {
    "id",
    "clienteNome",
    "clienteCpfcnpj",
    "clienteContrato",
    "portador",
    "numeroDocumento",
    "nossoNumero",
    "link",
    "link_cobranca",
    "status",
    "valor",
    "valorDesconto",
    "valorCorrigido",
    "valorPago",
    "valorPagoParcial",
    "codigoBarras",
    "linhaDigitavel",
    "codigoPix",
    "dataEmissao",
    "dataVencimento",
    "dataPagamento",
    "dataCancelamento",
    "demonstrativo",
    "acordoPagamento",
    "formaPagamento",
    "usuario_baixa",
}
OVERDUE_KEYS = {"diasAtraso", "valorJuros", "valorMulta", "jurosDia", "multaDia"}
LINK_KEYS = {
    "id",
    "fatura",
    "valor",
    "valor_original",
    "juros",
    "multa",
    "desconto_vencimento",
    "vencimento",
    "vencimento_original",
    "linhadigitavel",
    "codigopix",
    "link",
    "link_cobranca",
    "link_pix_html",
}


async def titles(sgp, **params):
    return (await sgp.ura("titulos", **params))["titulos"]


async def test_rows_have_the_documented_keys(sgp):
    overdue, *_rest, future = await titles(sgp, contrato="7010")
    assert set(overdue) == ROW_KEYS | OVERDUE_KEYS
    assert set(future) == ROW_KEYS
    assert future["valorPago"] == ""


async def test_due_dates_tell_the_stories(sgp):
    async def dates(contract):
        return [row["dataVencimento"] for row in await titles(sgp, contrato=contract, status="abertos")]

    assert await dates("7001") == ["2026-12-05"]
    assert await dates("7010") == ["2026-09-23", "2026-10-23", "2026-12-10"]
    assert await dates("7012") == ["2026-10-05", "2026-11-05", "2026-11-27", "2027-03-05", "2027-04-05"]
    assert await dates("7014") == []
    assert await dates("7004") == []
    assert len(await dates("7013")) == 1


@pytest.mark.parametrize(
    ("status", "expected"),
    [("abertos", {"aberto"}), ("pagos", {"pago"}), ("cancelados", set()), ("", {"aberto", "pago"})],
)
async def test_status_filters_and_its_absence_gives_all(sgp, status, expected):
    assert {row["status"] for row in await titles(sgp, contrato="7002", status=status)} == expected


async def test_a_document_gives_every_contracts_titles(sgp):
    rows = await titles(sgp, cpfcnpj="52998224725")
    assert {row["clienteContrato"] for row in rows} == {7002, 7003, 7004}


async def test_one_title_can_be_asked_for(sgp):
    assert [row["id"] for row in await titles(sgp, titulo_id="80102")] == [80102]


async def test_pages_follow_offset_and_limit(sgp):
    answer = await sgp.ura("titulos", contrato="7012", offset="3", limit="3")
    assert answer["paginacao"] == {"offset": 3, "limit": 3, "parcial": 2, "total": 5}
    assert [row["id"] for row in answer["titulos"]] == [80124, 80125]


@pytest.mark.parametrize(("limit", "used"), [("9999", 250), ("", 250), ("abc", 250), ("1", 1)])
async def test_limit_is_at_most_250(sgp, limit, used):
    assert (await sgp.ura("titulos", limit=limit))["paginacao"]["limit"] == used


async def test_nothing_found_is_an_empty_page(sgp):
    empty = {"offset": 0, "limit": 250, "parcial": 0, "total": 0}
    assert await sgp.ura("titulos", contrato="1") == {"paginacao": empty, "titulos": []}


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ("data_vencimento_fim", "data_vencimento_inicio"),
        ("data_vencimento_inicio", "data_vencimento_fim"),
    ],
)
async def test_half_a_date_range_is_refused(sgp, given, missing):
    body = {"token": "sandbox-token", "app": "sandbox-bot", given: "2026-11-01"}
    async with sgp.request("POST", "/api/ura/titulos/", data=body) as answer:
        assert answer.status == 400
        assert await answer.json() == {"erro": f"[{missing}] obrigatória caso [{given}] informada"}


async def test_a_date_range_includes_its_ends(sgp):
    span = {"data_vencimento_inicio": "2026-10-05", "data_vencimento_fim": "2026-11-05"}
    assert [row["id"] for row in await titles(sgp, contrato="7012", **span)] == [80121, 80122]


async def test_overdue_titles_are_reissued_for_today_with_fine_and_interest(sgp):
    answer = await sgp.ura("fatura2via", contrato="7011", nao_gerar_os="1")
    assert set(answer) == {
        "status",
        "razaoSocial",
        "protocolo",
        "cpfCnpj",
        "contratoId",
        "msg",
        "link",
        "link_cobranca",
        "links",
    }
    (link,) = answer["links"]
    assert set(link) == LINK_KEYS
    assert (link["valor_original"], link["multa"], link["juros"], link["valor"]) == (79.9, 1.6, 0.48, 81.98)
    assert (link["vencimento_original"], link["vencimento"]) == ("2026-11-05", "2026-11-23")
    (row,) = await titles(sgp, contrato="7011")
    assert (row["valor"], row["valorCorrigido"], row["dataVencimento"]) == (79.9, 81.98, "2026-11-05")
    assert row["linhaDigitavel"] != link["linhadigitavel"]


async def test_only_one_link_unless_all_are_asked_for(sgp):
    one = await sgp.ura("fatura2via", contrato="7010", nao_gerar_os="1")
    assert [link["id"] for link in one["links"]] == [80102]
    every = await sgp.ura("fatura2via", contrato="7010", nao_gerar_os="1", faturas_abertas_todas="1")
    assert [link["id"] for link in every["links"]] == [80101, 80102, 80103]
    named = await sgp.ura("fatura2via", contrato="7010", nao_gerar_os="1", numero_documento="50101")
    assert [link["id"] for link in named["links"]] == [80101]


async def test_the_three_numbers_of_an_invoice_differ(sgp):
    (link,) = (await sgp.ura("fatura2via", contrato="7001", nao_gerar_os="1"))["links"]
    (row,) = await titles(sgp, contrato="7001")
    assert len({row["id"], link["fatura"], row["numeroDocumento"]}) == 3
    assert f"/boleto/{link['fatura']}-" in row["link"]
    assert row["link"] == link["link"]


async def test_several_contracts_without_contrato_are_refused(sgp):
    answer = await sgp.ura("fatura2via", cpfcnpj="52998224725", nao_gerar_os="1")
    assert (set(answer), answer["status"]) == ({"msg", "status"}, 0)


async def test_nothing_open_has_no_links(sgp):
    answer = await sgp.ura("fatura2via", contrato="7014")
    assert answer == {"status": 0, "razaoSocial": "PAULA PAGADORA ROCHA", "links": []}


async def test_a_second_copy_opens_a_ticket_unless_told_not_to(sgp):
    quiet = await sgp.ura("fatura2via", contrato="7001", nao_gerar_os="1")
    assert (quiet["protocolo"], (await sgp.ura("ocorrencia/list"))["ocorrencias"]) == ("", [])
    loud = await sgp.ura("fatura2via", contrato="7001")
    (ticket,) = (await sgp.ura("ocorrencia/list", contrato="7001"))["ocorrencias"]
    assert ticket["numero"] == loud["protocolo"]


@pytest.mark.parametrize(
    ("contract", "line", "pix"),
    [("7001", True, True), ("7015", True, False), ("7019", False, False)],
)
async def test_missing_codes_are_empty_in_both_lists(sgp, contract, line, pix):
    (row,) = await titles(sgp, contrato=contract)
    (link,) = (await sgp.ura("fatura2via", contrato=contract, nao_gerar_os="1"))["links"]
    assert (bool(row["linhaDigitavel"]), bool(row["codigoPix"])) == (line, pix)
    assert bool(row["codigoBarras"]) is line
    assert (bool(link["linhadigitavel"]), bool(link["codigopix"])) == (line, pix)
    assert bool(link["link_pix_html"]) is pix
    assert link["link"].startswith("http://127.0.0.1:")


@pytest.mark.parametrize(
    ("number", "contract", "status"),
    [
        ("80011", "7001", 1),
        ("30011", "7001", 1),
        ("80011", "7010", 0),
        ("80151", "7015", 0),
        ("1", "7001", 0),
    ],
)
async def test_pix_of_one_title(sgp, number, contract, status):
    answer = await sgp.ura(f"pagamento/pix/{number}", contrato=contract)
    assert answer["status"] == status
    assert ("pix" in answer) is (status == 1)


async def test_a_test_sees_the_codes_of_both_issues_and_the_payment_whatever_fails(sgp):
    listed = (await titles(sgp, contrato="7010"))[0]
    linked = (await sgp.ura("fatura2via", contrato="7010", faturas_abertas_todas="1"))["links"]
    reissued = next(link for link in linked if link["id"] == listed["id"])
    await sgp.control("POST", "faults", {"endpoint": "*", "kind": "500"})
    await sgp.control("POST", "pay", {"title_id": 80_101 + 1})
    shown = {title["title_id"]: title for title in await sgp.control("GET", "titles")}
    truth = shown[listed["id"]]
    assert truth["pix"] == [reissued["codigopix"], listed["codigoPix"]]
    assert truth["line"] == [reissued["linhadigitavel"], listed["linhaDigitavel"]]
    assert truth["amount"] == f"{reissued['valor']:.2f}"
    assert (truth["customer"], truth["contract_id"], truth["due"]) == ("ana", 7010, listed["dataVencimento"])
    assert f"/boleto/{truth['invoice']}-" in listed["link"]
    assert truth["open"]
    assert not shown[80_102]["open"]


async def test_a_contract_may_be_given_more_titles(sgp):
    before = (await sgp.ura("titulos", contrato="7010", status="abertos"))["titulos"]
    await sgp.control("POST", "issue", {"contract_id": 7010, "count": 4})
    after = (await sgp.ura("titulos", contrato="7010", status="abertos"))["titulos"]
    more = [row for row in after if row not in before]
    assert len(more) == 4
    assert len({row["dataVencimento"] for row in more}) == 4
    assert all(row["codigoPix"] and row["linhaDigitavel"] for row in more)
    everybody = await sgp.control("GET", "titles")
    assert len({row["title_id"] for row in everybody}) == len(everybody)
