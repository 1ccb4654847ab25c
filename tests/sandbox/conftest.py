"""A sandbox SGP of its own for each test, and a caller that knows its credentials."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession, web
from yarl import URL

from sandbox.sgp.server import create_app

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


@pytest.fixture
async def sgp(clock: Clock) -> AsyncIterator[Caller]:
    runner = web.AppRunner(create_app(clock), handler_cancellation=True, shutdown_timeout=0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0]
        async with ClientSession() as session:
            yield Caller(session, URL.build(scheme="http", host=host, port=port))
    finally:
        await runner.cleanup()
