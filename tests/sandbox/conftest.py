"""A sandbox SGP or Twilio of its own for each test, and a caller that knows its credentials."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession, web
from yarl import URL

from sandbox.sgp.server import create_app
from sandbox.twilio.server import create_app as create_twilio
from sandbox.twilio.webhooks import Tunnel
from tests.sandbox import twilio_bench

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

CREDENTIALS = {"token": "sandbox-token", "app": "sandbox-bot"}


@dataclass
class Clock:
    """The provider's clock, which a test may turn."""

    now: datetime = datetime(2026, 11, 23, 10, 30, 10)  # noqa: DTZ001 - SGP keeps naive local time

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True)
class Caller:
    """Calls the sandbox the way a bot (`ura`) and a test bench (`control`) do."""

    session: ClientSession
    base: URL

    def request(self, method: str, path_or_url: str, **options: Any) -> Any:
        return self.session.request(method, self.base.join(URL(path_or_url)), **options)

    async def ura(self, endpoint: str, **params: str) -> Any:
        async with self.request("POST", f"/api/ura/{endpoint}/", data=CREDENTIALS | params) as answer:
            assert answer.status == 200
            return await answer.json()

    async def maintenances(self) -> Any:
        async with self.request("GET", "/api/ura/manutencao/list/", params=CREDENTIALS) as answer:
            return await answer.json()

    async def control(self, method: str, name: str, body: dict[str, Any] | None = None) -> Any:
        async with self.request(method, f"/_sandbox/{name}", json=body) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@asynccontextmanager
async def served(app: web.Application) -> AsyncIterator[URL]:
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0]
        yield URL.build(scheme="http", host=host, port=port)
    finally:
        await runner.cleanup()
        # Closed transports let go of their sockets in the next turn of the loop.
        await asyncio.sleep(0)


@pytest.fixture
async def sgp(clock: Clock) -> AsyncIterator[Caller]:
    async with served(create_app(clock)) as base, ClientSession() as session:
        yield Caller(session, base)


@pytest.fixture
async def twilio() -> AsyncIterator[twilio_bench.Bench]:
    bot, clock = twilio_bench.StandIn(), twilio_bench.Clock()
    async with served(bot.app()) as bot_url:
        app = await create_twilio(Tunnel(twilio_bench.PUBLIC, str(bot_url)), clock=clock)
        async with served(app) as base, ClientSession() as session:
            yield twilio_bench.Bench(session, base.with_path(""), bot, clock)
