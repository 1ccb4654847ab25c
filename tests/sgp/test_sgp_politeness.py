"""The client as the settings make it, and at the sandbox SGP when that throttles or is away."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest
from aiohttp import web

from billing.deadline import Deadline
from billing.settings import load_settings
from billing.sgp import errors
from billing.sgp.breaker import OUTAGES
from billing.sgp.client import SgpClient
from billing.sgp.limiter import LocalPace, RateLimiter
from billing.sgp.models import Connection
from billing.sgp.pace import Pace
from billing.sgp.shared_pace import SharedPace
from sandbox.sgp.customers import CUSTOMERS
from sandbox.sgp.faults import Fault, Kind
from sandbox.sgp.server import APP, TOKEN, create_app
from sandbox.sgp.state import SGP
from tests.stack import KEYS

CONTRACT = str(CUSTOMERS[0].contracts[0].contract_id)


@pytest.mark.parametrize(
    ("variables", "keeper", "max_rate"),
    [
        ({}, LocalPace, None),
        ({"sgp_max_rate": 0.25}, LocalPace, 0.25),
        ({"redis_url": "redis://:senha@127.0.0.1:6379/0", "sgp_max_rate": 4}, SharedPace, 4),
    ],
)
def test_the_settings_make_the_limit(variables, keeper, max_rate):
    keys = {name.lower(): value for name, value in KEYS.items()}
    client = SgpClient.from_settings(load_settings(_env_file=None, **keys, **variables))

    made = client._transport._limiter._keeper
    assert type(made) is keeper
    fresh = made._pace if keeper is LocalPace else made._fresh
    assert fresh.max_rate == max_rate
    client._transport._session.close()


@pytest.fixture
async def sandbox():
    """The sandbox SGP, and its address."""
    app = create_app(lambda: datetime(2026, 11, 23, 10, 30))  # noqa: DTZ001 - SGP keeps naive local time
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    yield app[SGP], f"http://{host}:{port}"
    await runner.cleanup()


@pytest.fixture
def keeper():
    return LocalPace(Pace())


@pytest.fixture
def client(sandbox, keeper):
    made = SgpClient(
        sandbox[1], TOKEN, APP, limiter=RateLimiter(keeper, lambda _: None), sleep=lambda _: None
    )
    yield made
    made._transport._session.close()


def calls(sandbox):
    return sandbox[0].calls.report()["calls"]


async def ask(client):
    return await asyncio.to_thread(client.connection, CONTRACT, Deadline.after(10))


async def test_a_throttled_read_is_answered_after_all_and_the_next_ones_go_slower(sandbox, client, keeper):
    sandbox[0].faults.add(Fault("verificaacesso", Kind.THROTTLED, times=2))

    assert await ask(client) is Connection.ONLINE
    assert [call["status"] for call in calls(sandbox)] == [403, 403, 200]
    assert keeper.update(lambda pace, _now: (pace, pace.limit)) < 64


async def test_an_sgp_that_is_away_is_left_alone(sandbox, client):
    sandbox[0].faults.add(Fault("*", Kind.SERVER_ERROR))
    heard = []
    for _ in range(6):
        with pytest.raises(errors.SgpOutage) as caught:
            await ask(client)
        heard.append(type(caught.value))

    assert heard == [errors.SgpOutage] * 3 + [errors.SgpCircuitOpen] * 3
    assert len(calls(sandbox)) == OUTAGES
