"""Tickets and maintenances as SGP lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.sgp.places import CENTRE, COAST
from sandbox.sgp.writing import Json, Writing

if TYPE_CHECKING:
    from sandbox.sgp.ledger import Contract, Maintenance, Ticket

_TYPE_TEXTS = {
    1: "Sem Acesso",
    3: "Acesso Lento",
    5: "Outros",
    21: "Bloqueio",
    22: "Reclamação de Fatura",
    26: "Financeiro - Outros",
    29: "Título Vencido",
}
_POPS = {pop.pop_id: pop for pop in (CENTRE, COAST)}


def ticket_item(ticket: Ticket, contract: Contract) -> Json:
    """Writes one item of `ocorrencias`."""
    write = Writing(as_text=contract.customer.numbers_as_text)
    return {
        "id": write.number(ticket.ticket_id),
        "numero": ticket.protocol,
        "status": "Aberta",
        "status_id": 0,
        "tipo": _TYPE_TEXTS.get(ticket.type_id, "Outros"),
        "conteudo": ticket.content,
        "responsavel": "",
        "metodo": "API",
        "contrato": write.number(ticket.contract_id),
        "pop": contract.spec.pop.name,
        "data_cadastro": f"{ticket.opened_at:%Y-%m-%d %H:%M:%S}",
        "data_agendamento": "",
        "data_finalizacao": "",
        "comentarios": [],
        "ordens_servicos": [],
    }


def maintenance_item(maintenance: Maintenance) -> Json:
    """Writes one item of `manutencao/list`; `ativa` stays true on solved ones, as in SGP."""
    pops = []
    for pop_id in maintenance.pop_ids:
        city, _, state = _POPS[pop_id].name.upper().partition("/") if pop_id in _POPS else ("", "", "")
        pops.append({"id": pop_id, "cidade": city, "uf": state})
    return {
        "id": maintenance.maintenance_id,
        "descricao": maintenance.description,
        "ativa": 1,
        "status": maintenance.status,
        "severidade": maintenance.severity,
        "data_inicial": f"{maintenance.starts:%Y-%m-%d %H:%M:%S}",
        "data_final": f"{maintenance.ends:%Y-%m-%d %H:%M:%S}",
        "mensagem_central": maintenance.message,
        "mensagem_ura": maintenance.message,
        "observacoes": "",
        "pops": pops,
        "olts": [],
        "ctos": [],
        "nas": [],
        "aps": [],
    }
