"""The web application: routes, authentication, and the faults and the log around every call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from aiohttp import web

from sandbox.sgp.control import control_routes
from sandbox.sgp.faults import LOGIN_PAGE, Fault, fail, pause, spoil
from sandbox.sgp.ledger import Clock, Ledger
from sandbox.sgp.params import BadFilterError, Params, read_params
from sandbox.sgp.public import PAGES
from sandbox.sgp.state import SGP, Sgp
from sandbox.sgp.ura import POST_ENDPOINTS, Endpoint, manutencao_list, pagamento_pix

TOKEN = "sandbox-token"  # noqa: S105 - opens nothing but this sandbox
APP = "sandbox-bot"

_NOT_FOUND_PAGE = (
    "<!DOCTYPE html>\n<html><head><title>Página não encontrada</title></head><body><h1>404</h1></body></html>"
)

_Answer = Callable[[Ledger, Params], web.Response]
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def provider_time() -> datetime:
    """Naive local time of the demo provider."""
    return datetime.now(ZoneInfo("America/Sao_Paulo")).replace(tzinfo=None)


def create_app(clock: Clock = provider_time) -> web.Application:
    """Builds the sandbox SGP.

    Run it with `handler_cancellation=True`, so that a caller who leaves ends the hanging call.

    Args:
        clock: Naive local time of the provider.

    Returns:
        The application; its state is under the key `sandbox.sgp.state.SGP`.
    """
    slashes = web.normalize_path_middleware(redirect_class=web.HTTPMovedPermanently)
    app = web.Application(middlewares=[_framework_pages, slashes])
    app[SGP] = Sgp(Ledger(clock))
    for name, endpoint in POST_ENDPOINTS.items():
        app.router.add_post(f"/api/ura/{name}/", _served(name, _authenticated(endpoint)))
    pix = _served("pagamento/pix", _authenticated(pagamento_pix))
    app.router.add_post("/api/ura/pagamento/pix/{number}/", pix)
    app.router.add_post("/api/ura/pagamento/pix/{number}", pix)
    maintenances = _served("manutencao/list", _authenticated(manutencao_list))
    app.router.add_get("/api/ura/manutencao/list/", maintenances)
    for name, (path, page) in PAGES.items():
        app.router.add_get(path, _served(name, page))
    for path in ("/", "/admin/", "/accounts/login/", "/accounts/login/{rest:.*}"):
        app.router.add_route("*", path, _login_page)
    app.add_routes(control_routes())
    return app


def _served(name: str, answer: _Answer) -> _Handler:
    """Puts the faults and the log around an endpoint."""

    async def handle(request: web.Request) -> web.StreamResponse:
        sgp = request.app[SGP]
        params = await read_params(request)
        with sgp.calls.record(name, params, sgp.ledger.now()) as call:
            latency, fault = sgp.faults.draw(lambda fault: fault.endpoint in ("*", name))
            await pause(latency)
            response: web.Response | web.HTTPException = web.Response()
            if fault is None or fault.kind.after_work:
                try:
                    response = answer(sgp.ledger, params)
                except web.HTTPException as refusal:
                    response = refusal
            if fault is not None:
                call.outcome = fault.kind.value
                response = await _struck(fault, request, response)
            else:
                call.outcome = "answered"
            if fault is None or not fault.kind.silent:
                call.status = response.status
        if isinstance(response, web.HTTPException):
            raise response
        return response

    return handle


async def _struck(
    fault: Fault, request: web.Request, response: web.Response | web.HTTPException
) -> web.Response | web.HTTPException:
    if not fault.kind.spoils:
        return await fail(fault, request)
    return response if isinstance(response, web.HTTPException) else spoil(fault.kind, response)


def _authenticated(endpoint: Endpoint) -> _Answer:
    """Checks token and app, the case of both included, and writes the answer as JSON."""

    def answer(ledger: Ledger, params: Params) -> web.Response:
        pair = params.text("token"), params.text("app")
        if not all(pair):
            detail = "As credenciais de autenticação não foram fornecidas."
            return web.json_response({"detail": detail}, status=403)
        if pair != (TOKEN, APP):
            return web.json_response({"detail": "Credenciais de autenticação incorretas."}, status=403)
        try:
            return web.json_response(endpoint(ledger, params))
        except BadFilterError as refusal:
            return web.json_response({"erro": str(refusal)}, status=400)

    return answer


async def _login_page(_request: web.Request) -> web.Response:
    return web.Response(text=LOGIN_PAGE, content_type="text/html")


@web.middleware
async def _framework_pages(request: web.Request, handler: _Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except (web.HTTPNotFound, web.HTTPMethodNotAllowed) as refusal:
        return web.Response(status=refusal.status, text=_NOT_FOUND_PAGE, content_type="text/html")
