"""What calls change: trust unblocks, tickets, payments, maintenances, and the reset."""

from __future__ import annotations

from datetime import timedelta

import pytest


async def contract(sgp, number):
    return (await sgp.ura("consultacliente", contrato=number))["contratos"][0]


@pytest.mark.parametrize("number", ["7010", "7011", "7003"])
async def test_a_blocked_contract_is_unblocked_once_a_month(sgp, number):
    granted = await sgp.ura("liberacaopromessa", contrato=number)
    assert set(granted) == {
        "status",
        "liberado",
        "liberado_dias",
        "data_promessa",
        "protocolo",
        "razaoSocial",
        "cpfCnpj",
        "contratoId",
        "msg",
    }
    assert (granted["status"], granted["liberado"], granted["liberado_dias"]) == (1, True, 3)
    assert granted["data_promessa"] == "2026-11-26"
    assert f"Login: exemplo.{number}" in granted["msg"]
    after = await contract(sgp, number)
    assert (after["contratoStatus"], after["promessasPagamentoMes"]) == (1, 1)
    await sgp.control("POST", "contract", {"contract_id": int(number), "status": 4})
    refused = await sgp.ura("liberacaopromessa", contrato=number)
    assert (refused["status"], refused["liberado"], "protocolo" in refused) == (2, False, False)


async def test_a_used_quota_is_refused(sgp):
    answer = await sgp.ura("liberacaopromessa", contrato="7017")
    assert set(answer) == {"status", "liberado", "razaoSocial", "cpfCnpj", "contratoId", "msg"}
    assert answer["status"] == 2
    assert "quantidade permitida" in answer["msg"]


@pytest.mark.parametrize("number", ["7001", "7013", "1", ""])
async def test_a_promise_does_not_apply(sgp, number):
    answer = await sgp.ura("liberacaopromessa", contrato=number)
    assert answer == {"status": 0, "liberado": False, "msg": ""}


async def test_tickets_get_unique_protocols_and_are_listed(sgp):
    opened = [await sgp.ura("chamado", contrato="7001", conteudo=f"motivo {n}") for n in range(3)]
    assert [answer["protocolo"] for answer in opened] == ["261123103010", "261123103011", "261123103012"]
    assert set(opened[0]) == {"status", "razaoSocial", "protocolo", "cpfCnpj", "contratoId", "msg"}
    listed = await sgp.ura("ocorrencia/list", contrato="7001", status="0")
    assert listed["paginacao"] == {"offset": 0, "limit": 1000, "parcial": 3, "total": 3}
    assert [item["conteudo"] for item in listed["ocorrencias"]] == ["motivo 0", "motivo 1", "motivo 2"]
    assert set(listed["ocorrencias"][0]) == {
        "id",
        "numero",
        "status",
        "status_id",
        "tipo",
        "conteudo",
        "responsavel",
        "metodo",
        "contrato",
        "pop",
        "data_cadastro",
        "data_agendamento",
        "data_finalizacao",
        "comentarios",
        "ordens_servicos",
    }
    assert (await sgp.ura("ocorrencia/list", contrato="7010"))["ocorrencias"] == []


async def test_a_ticket_needs_a_contract(sgp):
    answer = await sgp.ura("chamado", contrato="1", conteudo="x")
    assert answer == {"status": 0, "msg": "Contrato não localizado"}


@pytest.mark.parametrize(("number", "status"), [("7001", 1), ("7016", 0), ("1", 0)])
async def test_the_slip_goes_to_the_registered_address(sgp, number, status):
    assert (await sgp.ura("enviafatura", contrato=number))["status"] == status


@pytest.mark.parametrize(("invoice", "status"), [("open", 1), ("unknown", 0)])
async def test_only_an_open_slip_is_sent(sgp, invoice, status):
    (row,) = (await sgp.ura("titulos", contrato="7001", status="abertos"))["titulos"]
    number = str(row["numeroDocumento"]) if invoice == "open" else "999999"
    assert (await sgp.ura("enviafatura", contrato="7001", numero_documento=number))["status"] == status


async def test_a_paid_title_is_no_longer_open(sgp):
    await sgp.control("POST", "pay", {"title_id": 80111})
    (row,) = (await sgp.ura("titulos", contrato="7011"))["titulos"]
    assert (row["status"], row["valorPago"], row["dataPagamento"]) == ("pago", 81.98, "2026-11-23")
    assert row["codigoPix"] == ""
    assert (await sgp.ura("fatura2via", contrato="7011"))["links"] == []


async def test_a_stale_maintenance_is_listed_and_a_new_one_can_be_added(sgp):
    (stale,) = await sgp.maintenances()
    assert (stale["ativa"], stale["status"], stale["data_final"]) == (1, 4, "2026-11-20 12:00:00")
    await sgp.control("POST", "maintenance", {"pop_ids": [31], "hours": 2, "message": "Obra."})
    _, added = await sgp.maintenances()
    assert (added["data_inicial"], added["data_final"]) == ("2026-11-23 09:30:10", "2026-11-23 12:30:10")
    assert (added["pops"], added["mensagem_central"]) == (
        [{"id": 31, "cidade": "OUTRA CIDADE", "uf": "SP"}],
        "Obra.",
    )
    assert set(added) == set(stale)


async def test_reset_puts_everything_back(sgp):
    before = await sgp.ura("titulos"), await contract(sgp, "7010")
    await sgp.control("POST", "pay", {"title_id": 80101})
    await sgp.ura("liberacaopromessa", contrato="7010")
    await sgp.ura("chamado", contrato="7010")
    await sgp.control("POST", "maintenance", {})
    await sgp.control("POST", "faults", {"endpoint": "*", "kind": "500"})
    await sgp.control("POST", "reset")
    assert (await sgp.control("GET", "log"))["calls"] == []
    assert (await sgp.ura("titulos"), await contract(sgp, "7010")) == before
    assert (await sgp.ura("ocorrencia/list"))["ocorrencias"] == []
    assert len(await sgp.maintenances()) == 1


async def test_a_new_day_re_dates_the_stories_and_keeps_what_happened(sgp, clock):
    await sgp.control("POST", "pay", {"title_id": 80111})
    clock.now += timedelta(days=1)
    (maria,) = (await sgp.ura("titulos", contrato="7001"))["titulos"]
    (carlos,) = (await sgp.ura("titulos", contrato="7011"))["titulos"]
    assert maria["dataVencimento"] == "2026-12-06"
    assert (carlos["status"], carlos["dataPagamento"]) == ("pago", "2026-11-23")


@pytest.mark.parametrize(
    ("name", "body", "says"),
    [
        ("pay", {}, "title_id"),
        ("pay", {"title_id": 1}, "no title 1"),
        ("pay", {"title": 80111}, "extra fields"),
        ("contract", {"contract_id": 7001, "status": 9}, "status"),
        ("contract", {"contract_id": 1, "status": 4}, "no contract 1"),
        ("maintenance", {"status": 5}, "status"),
        ("faults", {"endpoint": "titulo", "kind": "500"}, "unknown endpoint"),
        ("faults", {"endpoint": "*", "kind": "flood"}, "kind"),
        ("faults", {"endpoint": "*", "kind": "500", "probability": 2}, "probability"),
        ("faults", 3, "dict"),
    ],
)
async def test_a_bad_control_body_is_explained(sgp, name, body, says):
    async with sgp.request("POST", f"/_sandbox/{name}", json=body) as answer:
        assert answer.status == 400
        assert says in (await answer.json())["error"]
