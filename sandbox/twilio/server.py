"""The web application: the REST API and the control routes over one state."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

import aiohttp
from aiohttp import web

from sandbox.twilio.control import control_routes
from sandbox.twilio.deliveries import Deliveries
from sandbox.twilio.errors import Refusal
from sandbox.twilio.media import MediaFetcher
from sandbox.twilio.messages import MessageBook
from sandbox.twilio.rest import rest_routes
from sandbox.twilio.state import TWILIO, Twilio
from sandbox.twilio.webhooks import Poster, Tunnel

WEBHOOK_PATH = "/webhooks/whatsapp/webhook"
RETRIES = "#rc=2&rp=5xx,ct,rt"
"""Twilio's connection overrides as a bot should ask for them that takes a message in and answers at once."""

_MAX_UPLOAD = 32 * 1024 * 1024
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def create_app(
    tunnel: Tunnel, *, retries: str = RETRIES, clock: Callable[[], float] = time.time
) -> web.Application:
    """Builds the sandbox Twilio, inside the loop that will serve it.

    Run it with `handler_cancellation=True`, so that a caller who leaves ends the hanging call.

    Args:
        tunnel: The bot's public address, and where it listens.
        retries: Connection overrides of the incoming webhook's address, as its fragment.
        clock: Seconds since the epoch.

    Returns:
        The application; its state is under the key `sandbox.twilio.state.TWILIO`.
    """
    # No connection is kept: what a killed bot left half open must not be taken for the bot of now.
    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, force_close=True))
    poster = Poster(session, tunnel)
    book = MessageBook(clock)
    deliveries = Deliveries(book, poster, MediaFetcher(session, tunnel))
    webhook_url = tunnel.public_base_url.rstrip("/") + WEBHOOK_PATH + retries

    async def close(_app: object) -> None:
        await deliveries.reset()
        await session.close()

    app = web.Application(middlewares=[_json_refusals], client_max_size=_MAX_UPLOAD)
    app[TWILIO] = Twilio(book, poster, deliveries, webhook_url, clock)
    app.add_routes(rest_routes())
    app.add_routes(control_routes())
    app.on_cleanup.append(close)
    return app


@web.middleware
async def _json_refusals(request: web.Request, handler: _Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except (web.HTTPNotFound, web.HTTPMethodNotAllowed) as refusal:
        return Refusal(20404, request.path, status=refusal.status).response()
