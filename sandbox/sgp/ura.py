"""The `/api/ura/` endpoints: parameters in, SGP's JSON out. Business refusals are ordinary answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sandbox.sgp.bill import current_bill
from sandbox.sgp.contract_shapes import contract_item, service_id, service_login
from sandbox.sgp.ledger import Contract, Ledger, PromiseRefusedError, Title
from sandbox.sgp.model import ContractStatus
from sandbox.sgp.params import Params
from sandbox.sgp.ticket_shapes import maintenance_item, ticket_item
from sandbox.sgp.title_shapes import invoice_link, title_row
from sandbox.sgp.writing import Json, Writing

Endpoint = Callable[[Ledger, Params], Json]

_NOT_INFORMED = {"msg": "CPF/CNPJ ou Contrato ID Não informados"}
_NO_CONTRACT = {"status": 0, "msg": "Contrato não localizado"}
_MANY_CONTRACTS = {
    "msg": "Há mais de um contrato para o CPF/CNPJ informado. Favor informar o id do contrato",
    "status": 0,
}
_QUOTA_USED = "O recurso de promessa de pagamento já atingiu quantidade permitida. Recurso não disponível"
_ONLINE = (ContractStatus.ACTIVE, ContractStatus.REDUCED_SPEED)
_TITLES_PAGE = 250
_TICKETS_PAGE = 1000
_DEFAULT_TICKET_TYPE = 5


def consultacliente(ledger: Ledger, params: Params) -> Json:
    """Finds contracts by `cpfcnpj`, `contrato` or `telefone` (exact digits), narrowed by `status`."""
    if not any(params.text(name) for name in ("cpfcnpj", "contrato", "telefone")):
        return _NOT_INFORMED
    statuses = [status for status in params.text("status").split(",") if status]
    found = [
        contract
        for contract in _scope(ledger, params)
        if not statuses or str(int(contract.status)) in statuses
    ]
    items = [
        contract_item(
            contract,
            open_titles=len(_open_titles(ledger, [contract])),
            base_url=params.base_url,
            year=ledger.today.year,
        )
        for contract in found
    ]
    return {
        "msg": "Contrato(s) Localizado(s)" if items else "Nenhum contrato localizado",
        "contratos": items,
    }


def titulos(ledger: Ledger, params: Params) -> Json:
    """Lists titles; without scope those of everyone, without `status` those in any state."""
    contracts = {contract.spec.contract_id: contract for contract in _scope(ledger, params)}
    paid = {"abertos": False, "pagos": True}.get(params.text("status"))
    cancelled_only = params.text("status") == "cancelados"
    title_id, between = params.number("titulo_id"), params.due_range()
    rows = [
        title
        for title in ledger.titles(contracts)
        if not cancelled_only
        and (paid is None or (title.paid_on is not None) is paid)
        and (title_id is None or title.title_id == title_id)
        and (between is None or between[0] <= title.due <= between[1])
    ]
    page, pagination = _page(rows, params, _TITLES_PAGE)
    today = ledger.today
    return {
        "paginacao": pagination,
        "titulos": [
            title_row(title, contracts[title.contract_id], today=today, base_url=params.base_url)
            for title in page
        ],
    }


def fatura2via(ledger: Ledger, params: Params) -> Json:
    """Issues second copies; opens a ticket unless `nao_gerar_os=1`."""
    if not params.text("cpfcnpj") and not params.text("contrato"):
        return _NOT_INFORMED
    contracts = _scope(ledger, params)
    if not contracts:
        return _NO_CONTRACT
    if len(contracts) > 1:
        return _MANY_CONTRACTS
    contract = contracts[0]
    titles = _requested(_open_titles(ledger, contracts), ledger, params)
    if not titles:
        return {"status": 0, "razaoSocial": contract.customer.name, "links": []}
    protocol = ""
    if not params.flag("nao_gerar_os"):
        content = params.text("ocorrencia_conteudo") or "Segunda via de fatura"
        ticket = ledger.open_ticket(contract.spec.contract_id, type_id=_DEFAULT_TICKET_TYPE, content=content)
        protocol = ticket.protocol
    today = ledger.today
    links = [invoice_link(title, contract, today=today, base_url=params.base_url) for title in titles]
    return {
        "status": 1,
        **_whose(contract, protocol),
        "msg": "",
        "link": links[0]["link"],
        "link_cobranca": links[0]["link_cobranca"],
        "links": links,
    }


def pagamento_pix(ledger: Ledger, params: Params) -> Json:
    """Gives the PIX of an open title, named by `id` or `fatura`: which of them SGP means is not known."""
    number = params.number("number")
    for title in _open_titles(ledger, _scope(ledger, params)):
        if number in (title.title_id, title.invoice):
            pix = current_bill(title, ledger.today).pix
            if pix:
                return {"status": 1, "msg": "Dados do Pix", "pix": pix}
    return {"status": 0, "msg": "Pix não disponível para o título informado"}


def verificaacesso(ledger: Ledger, params: Params) -> Json:
    """Tells whether the service is online."""
    contract = ledger.contract(params.number("contrato"))
    if contract is None or contract.spec.address is None:
        return _NO_CONTRACT
    contract_id = contract.spec.contract_id
    online = contract.status in _ONLINE
    write = Writing(as_text=contract.customer.numbers_as_text)
    return {
        "status": 1 if online else 2,
        "msg": "Serviço Online" if online else "Serviço Offline",
        "contratoId": write.number(contract_id),
        "cpfCnpj": contract.customer.document,
        "razaoSocial": contract.customer.name,
        "login": service_login(contract_id),
        "servico_id": write.number(service_id(contract_id)),
    }


def liberacaopromessa(ledger: Ledger, params: Params) -> Json:
    """Grants or refuses the trust unblock; the `msg` of a grant leaks the PPPoE login, as SGP's does."""
    contract = ledger.contract(params.number("contrato"))
    if contract is None:
        return {"status": 0, "liberado": False, "msg": ""}
    contract_id = contract.spec.contract_id
    try:
        until = ledger.grant_promise(contract_id)
    except PromiseRefusedError as refusal:
        if not refusal.quota_used:
            return {"status": 0, "liberado": False, "msg": ""}
        whose = _whose(contract, protocol="")
        del whose["protocolo"]
        return {"status": 2, "liberado": False, **whose, "msg": _QUOTA_USED}
    return {
        "status": 1,
        "liberado": True,
        "liberado_dias": (until - ledger.today).days,
        "data_promessa": until.isoformat(),
        **_whose(contract, ledger.next_protocol()),
        "msg": (
            f"Liberação via URA - \nServiço ID: {service_id(contract_id)}, "
            f"Login: {service_login(contract_id)}\nMotivo: Promessa de Pagamento\n"
        ),
    }


def chamado(ledger: Ledger, params: Params) -> Json:
    """Opens a ticket, every time it is called."""
    contract = ledger.contract(params.number("contrato"))
    if contract is None:
        return _NO_CONTRACT
    ticket = ledger.open_ticket(
        contract.spec.contract_id,
        type_id=params.number("ocorrenciatipo") or _DEFAULT_TICKET_TYPE,
        content=params.text("conteudo"),
    )
    return {"status": 1, **_whose(contract, ticket.protocol), "msg": "Chamado aberto com sucesso"}


def ocorrencia_list(ledger: Ledger, params: Params) -> Json:
    """Lists tickets, of everyone when no scope is given."""
    contracts = {contract.spec.contract_id: contract for contract in _scope(ledger, params)}
    status, type_id = params.text("status"), params.number("tipo")
    rows = [
        ticket
        for ticket in ledger.tickets()
        if ticket.contract_id in contracts
        and status in ("", "0")
        and (type_id is None or ticket.type_id == type_id)
    ]
    page, pagination = _page(rows, params, _TICKETS_PAGE)
    return {
        "paginacao": pagination,
        "ocorrencias": [ticket_item(ticket, contracts[ticket.contract_id]) for ticket in page],
    }


def manutencao_list(ledger: Ledger, _params: Params) -> Json:
    """Lists maintenances, with no customer filter and stale ones still there."""
    return [maintenance_item(maintenance) for maintenance in ledger.maintenances()]


def enviafatura(ledger: Ledger, params: Params) -> Json:
    """Pretends to send the slip to the registered address."""
    contract = ledger.contract(params.number("contrato"))
    if contract is None:
        return _NO_CONTRACT
    if not contract.customer.emails and not params.text("email"):
        return {"status": 0, "msg": "Cliente sem e-mail cadastrado"}
    if not _requested(_open_titles(ledger, [contract]), ledger, params):
        return {"status": 0, "msg": "Título não localizado"}
    whose = _whose(contract, ledger.next_protocol())
    return {"status": 1, **whose, "msg": "Fatura enviada com sucesso"}


POST_ENDPOINTS: dict[str, Endpoint] = {
    "consultacliente": consultacliente,
    "titulos": titulos,
    "fatura2via": fatura2via,
    "verificaacesso": verificaacesso,
    "liberacaopromessa": liberacaopromessa,
    "chamado": chamado,
    "ocorrencia/list": ocorrencia_list,
    "enviafatura": enviafatura,
}
"""Path under `/api/ura/` -> endpoint; the two others differ in path or method."""


def _scope(ledger: Ledger, params: Params) -> list[Contract]:
    """The contracts that the identifying parameters name; all of them when there are none."""
    document = params.document()
    phone = "".join(filter(str.isdigit, params.text("telefone")))
    contract_id, client_id = params.text("contrato"), params.text("cliente_id")
    return [
        contract
        for contract in ledger.contracts()
        if (not document or _characters(contract.customer.document) == document)
        and (not contract_id or str(contract.spec.contract_id) == contract_id)
        and (not client_id or str(contract.customer.client_id) == client_id)
        and (not phone or phone in (_characters(item.text) for item in contract.customer.phones))
    ]


def _characters(formatted: str) -> str:
    return "".join(filter(str.isalnum, formatted))


def _open_titles(ledger: Ledger, contracts: Sequence[Contract]) -> list[Title]:
    ids = [contract.spec.contract_id for contract in contracts]
    return [title for title in ledger.titles(ids) if title.paid_on is None]


def _requested(titles: Sequence[Title], ledger: Ledger, params: Params) -> list[Title]:
    """All, the one of `numero_documento`, or else only one: the newest overdue or the next due."""
    number = params.number("numero_documento")
    if number is not None:
        return [title for title in titles if title.document_number == number]
    if params.flag("faturas_abertas_todas"):
        return list(titles)
    overdue = [title for title in titles if title.due < ledger.today]
    return overdue[-1:] or list(titles[:1])


def _whose(contract: Contract, protocol: str) -> dict[str, Json]:
    write = Writing(as_text=contract.customer.numbers_as_text)
    return {
        "razaoSocial": contract.customer.name,
        "protocolo": protocol,
        "cpfCnpj": contract.customer.document,
        "contratoId": write.number(contract.spec.contract_id),
    }


def _page(rows: Sequence[Json], params: Params, maximum: int) -> tuple[Sequence[Json], Json]:
    offset = params.number("offset") or 0
    limit = min(params.number("limit") or maximum, maximum)
    page = rows[offset : offset + limit]
    return page, {"offset": offset, "limit": limit, "parcial": len(page), "total": len(rows)}
