"""Routes under `/_sandbox/` by which demos and tests look behind the counter and move things."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, Extra, Field, ValidationError, validator

from sandbox.sgp.customers import CUSTOMERS
from sandbox.sgp.faults import Fault, Kind
from sandbox.sgp.model import ContractStatus  # noqa: TC001 - pydantic reads it when it builds the model
from sandbox.sgp.places import CENTRE
from sandbox.sgp.state import ENDPOINTS, SGP
from sandbox.sgp.ticket_shapes import maintenance_item
from sandbox.sgp.title_shapes import title_truth

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class _Body(BaseModel):
    class Config:
        extra = Extra.forbid


class _FaultBody(_Body):
    endpoint: str
    kind: Kind
    probability: float = Field(1.0, ge=0, le=1)
    seconds: float | None = Field(None, ge=0, le=600)
    times: int | None = Field(None, ge=1)

    @validator("endpoint")
    def _known(cls, endpoint: str) -> str:  # noqa: N805 - pydantic's validators are class methods
        if endpoint != "*" and endpoint not in ENDPOINTS:
            raise ValueError(f"unknown endpoint; use * or one of {', '.join(sorted(ENDPOINTS))}")
        return endpoint


class _PayBody(_Body):
    title_id: int


class _IssueBody(_Body):
    contract_id: int
    count: int = Field(1, ge=1, le=9)


class _ContractBody(_Body):
    contract_id: int
    status: ContractStatus


class _MaintenanceBody(_Body):
    pop_ids: tuple[int, ...] = (CENTRE.pop_id,)
    message: str = "Estamos com uma interrupção na sua região e já trabalhamos no reparo."
    status: int = Field(2, ge=0, le=4)
    severity: int = Field(4, ge=0, le=4)
    hours: float = 4.0


_BodyType = TypeVar("_BodyType", bound=_Body)


class _RefusedError(Exception):
    """A control body that makes no sense; its text is the answer's `error`."""


async def _read(request: web.Request, model: type[_BodyType]) -> _BodyType:
    try:
        return model.parse_raw(await request.read() or b"{}")
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise _RefusedError("; ".join(faults)) from None


async def _customers(_request: web.Request) -> web.Response:
    return web.json_response(
        [
            {
                "key": customer.key,
                "name": customer.name,
                "document": customer.document,
                "phone": customer.whatsapp,
                "story": customer.story,
                "contracts": [contract.contract_id for contract in customer.contracts],
            }
            for customer in CUSTOMERS
        ]
    )


async def _titles(request: web.Request) -> web.Response:
    ledger = request.app[SGP].ledger
    contracts = {contract.spec.contract_id: contract for contract in ledger.contracts()}
    return web.json_response(
        [
            title_truth(title, contracts[title.contract_id], today=ledger.today)
            for title in ledger.titles(contracts)
        ]
    )


async def _log(request: web.Request) -> web.Response:
    return web.json_response(request.app[SGP].calls.report())


async def _reset(request: web.Request) -> web.Response:
    request.app[SGP].reset()
    return web.json_response({"reset": True})


async def _list_faults(request: web.Request) -> web.Response:
    return web.json_response([asdict(fault) for fault in request.app[SGP].faults.list()])


async def _add_fault(request: web.Request) -> web.Response:
    body = await _read(request, _FaultBody)
    request.app[SGP].faults.add(Fault(**body.dict()))
    return await _list_faults(request)


async def _clear_faults(request: web.Request) -> web.Response:
    request.app[SGP].faults.clear()
    return await _list_faults(request)


async def _pay(request: web.Request) -> web.Response:
    body = await _read(request, _PayBody)
    try:
        request.app[SGP].ledger.pay(body.title_id)
    except KeyError:
        raise _RefusedError(f"title_id: no title {body.title_id}") from None
    return web.json_response({"title_id": body.title_id, "status": "pago"})


async def _issue(request: web.Request) -> web.Response:
    body = await _read(request, _IssueBody)
    try:
        request.app[SGP].ledger.issue(body.contract_id, body.count)
    except KeyError:
        raise _RefusedError(f"contract_id: no contract {body.contract_id} with titles") from None
    return web.json_response({"contract_id": body.contract_id, "issued": body.count})


async def _set_contract(request: web.Request) -> web.Response:
    body = await _read(request, _ContractBody)
    try:
        request.app[SGP].ledger.set_status(body.contract_id, body.status)
    except KeyError:
        raise _RefusedError(f"contract_id: no contract {body.contract_id}") from None
    return web.json_response({"contract_id": body.contract_id, "status": int(body.status)})


async def _add_maintenance(request: web.Request) -> web.Response:
    body = await _read(request, _MaintenanceBody)
    return web.json_response(maintenance_item(request.app[SGP].ledger.add_maintenance(**body.dict())))


def _clear_refusals(handler: _Handler) -> _Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except _RefusedError as refusal:
            return web.json_response({"error": str(refusal)}, status=400)

    return handle


def control_routes() -> list[web.RouteDef]:
    """The control routes, to be added to the application that holds `SGP`."""
    return [
        web.route(method, f"/_sandbox/{path}", _clear_refusals(handler))
        for method, path, handler in (
            ("GET", "customers", _customers),
            ("GET", "titles", _titles),
            ("GET", "log", _log),
            ("POST", "reset", _reset),
            ("GET", "faults", _list_faults),
            ("POST", "faults", _add_fault),
            ("DELETE", "faults", _clear_faults),
            ("POST", "pay", _pay),
            ("POST", "issue", _issue),
            ("POST", "contract", _set_contract),
            ("POST", "maintenance", _add_maintenance),
        )
    ]
