"""Twilio's answers, sorted by whether the message is taken, not taken, refused, or nobody knows."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import aiohttp
import pytest
from aiohttp import web

from addons.whatsapp.api import Account, MaybeTaken, NotTaken, Refused, TwilioApi
from addons.whatsapp.form import StatusUpdate
from addons.whatsapp.sender import Content, TwilioSender

ADDRESS = "whatsapp:+5511987654321"
NUMBER = "whatsapp:+5511300000000"


@dataclass
class Twilio:
    """Answers as a test says; keeps what it was asked."""

    url: str = ""
    status: int = 201
    body: object = field(default_factory=lambda: {"sid": "MM1", "status": "queued"})
    headers: dict = field(default_factory=dict)
    hang: bool = False
    drop: bool = False
    requests: list = field(default_factory=list)

    async def answer(self, request):
        self.requests.append((request, dict(await request.post())))
        if self.hang:
            await asyncio.Event().wait()
        if self.drop:
            request.transport.close()
        if isinstance(self.body, str):
            return web.Response(status=self.status, text=self.body, headers=self.headers)
        return web.json_response(self.body, status=self.status, headers=self.headers)


@pytest.fixture
async def twilio():
    made = Twilio()
    app = web.Application()
    app.router.add_route("*", "/2010-04-01/Accounts/AC1/Messages.json", made.answer)
    app.router.add_route("GET", "/2010-04-01/Accounts/AC1/Messages/MM1.json", made.answer)
    runner = web.AppRunner(app, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


@pytest.fixture
async def sender(twilio):
    async with aiohttp.ClientSession() as session:
        yield TwilioSender(TwilioApi(session, Account("AC1", "SK1", "secret", NUMBER, twilio.url)))


def send(sender, **more):
    content = {
        "body": "Olá, R$ 1,00 & você?",
        "media_url": None,
        "status_callback": "https://bot.example/s?id=1",
    }
    return sender.send(ADDRESS, **{**content, **more})


async def test_a_text(sender, twilio):
    assert await send(sender) == "MM1"

    request, form = twilio.requests[0]
    assert form == {
        "To": ADDRESS,
        "From": NUMBER,
        "Body": "Olá, R$ 1,00 & você?",
        "StatusCallback": "https://bot.example/s?id=1",
        "ValidityPeriod": "600",
    }
    assert aiohttp.BasicAuth.decode(request.headers["Authorization"]) == ("SK1", "secret", "latin1")


async def test_a_medium_without_caption(sender, twilio):
    await send(sender, body="", media_url="https://bot.example/m")

    form = twilio.requests[0][1]
    assert form["MediaUrl"] == "https://bot.example/m"
    assert "Body" not in form


async def test_a_template_instead_of_the_text(sender, twilio):
    await send(sender, content=Content("HX1", {"1": "Quer o desbloqueio?", "2": "Sim"}))

    form = twilio.requests[0][1]
    assert form["ContentSid"] == "HX1"
    assert json.loads(form["ContentVariables"]) == {"1": "Quer o desbloqueio?", "2": "Sim"}
    assert "Body" not in form


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_a_broken_twilio_may_have_taken_it(sender, twilio, status):
    twilio.status, twilio.body = status, "<html>"

    with pytest.raises(MaybeTaken):
        await send(sender)


async def test_an_acceptance_that_cannot_be_read(sender, twilio):
    twilio.body = "<html>"

    with pytest.raises(MaybeTaken):
        await send(sender)


async def test_an_answer_that_does_not_come(sender, twilio):
    twilio.hang = True
    sender._api._timeout = aiohttp.ClientTimeout(total=0.05)

    with pytest.raises(MaybeTaken):
        await send(sender)
    assert twilio.requests


async def test_a_connection_that_breaks(sender, twilio):
    twilio.drop = True

    with pytest.raises(MaybeTaken):
        await send(sender)


async def test_a_twilio_that_is_not_there():
    async with aiohttp.ClientSession() as session:
        away = TwilioSender(TwilioApi(session, Account("AC1", "SK1", "secret", NUMBER, "http://127.0.0.1:9")))
        with pytest.raises(NotTaken) as error:
            await send(away)
    assert error.value.retry_after is None


async def test_a_connection_that_is_not_made_in_time(sender, monkeypatch):
    async def never(*_args, **_kwargs):
        raise aiohttp.ServerTimeoutError("Connection timeout")

    monkeypatch.setattr(sender._api._session, "_request", never)

    with pytest.raises(NotTaken):
        await send(sender)


@pytest.mark.parametrize(("status", "throttled"), [(429, True), (503, False)])
async def test_too_fast_or_closed_for_now(sender, twilio, status, throttled):
    twilio.status, twilio.headers = status, {"Retry-After": "7"}

    with pytest.raises(NotTaken) as error:
        await send(sender)

    assert (error.value.retry_after, error.value.throttled) == (7.0, throttled)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("", None), ("soon", None), ("100000", 300.0), ("date", pytest.approx(30, abs=2)), ("-1", None)],
)
async def test_how_long_twilio_asks_to_wait(sender, twilio, value, expected):
    in_half_a_minute = datetime.now(timezone.utc) + timedelta(seconds=30)
    twilio.status = 429
    twilio.headers = {"Retry-After": format_datetime(in_half_a_minute) if value == "date" else value}

    with pytest.raises(NotTaken) as error:
        await send(sender)

    assert error.value.retry_after == expected


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [(400, {"code": 21617}, 21617), (401, {"code": 20003}, 20003), (404, "<html>", None), (302, "", None)],
)
async def test_what_twilio_will_never_take(sender, twilio, status, body, code):
    twilio.status, twilio.body = status, body

    with pytest.raises(Refused) as error:
        await send(sender)

    assert error.value.code == code


def listed(sid="MM1", body="Olá", num_media="0", age=1.0):
    created = datetime.fromtimestamp(time.time() - age, timezone.utc)
    return {"sid": sid, "body": body, "num_media": num_media, "date_created": format_datetime(created)}


def find(sender, **more):
    content = {"bodies": {"Olá"}, "has_media": False, "since": time.time(), "known": frozenset()}
    return sender.find(ADDRESS, **{**content, **more})


@pytest.fixture
def messages(twilio):
    def put(*items):
        twilio.status, twilio.body = 200, {"messages": list(items)}

    return put


async def test_a_message_that_twilio_has(sender, twilio, messages):
    messages(listed(body="outra", sid="MM0"), listed())

    assert await find(sender) == "MM1"
    query = twilio.requests[0][0].query
    assert (query["To"], query["From"]) == (ADDRESS, NUMBER)


@pytest.mark.parametrize(
    "other",
    [{"body": "Tchau"}, {"num_media": "1"}, {"age": 600}],
    ids=["another text", "another kind", "long ago"],
)
async def test_messages_that_only_look_alike(sender, messages, other):
    messages(listed(**other))

    assert await find(sender) is None


async def test_a_message_that_is_known_already(sender, messages):
    messages(listed())

    assert await find(sender, known={"MM1"}) is None


async def test_a_medium_that_twilio_has(sender, messages):
    messages(listed(body=None, num_media="1"))

    assert await find(sender, bodies={""}, has_media=True) == "MM1"


async def test_a_message_without_a_date_is_taken_for_ours(sender, messages):
    messages({**listed(), "date_created": None})

    assert await find(sender) == "MM1"


@pytest.mark.parametrize("status", [429, 500])
async def test_a_twilio_that_cannot_be_asked(sender, twilio, status):
    twilio.status = status

    with pytest.raises(NotTaken):
        await find(sender)


async def test_what_became_of_a_message(sender, twilio):
    twilio.status, twilio.body = 200, {"sid": "MM1", "status": "undelivered", "error_code": 63019}

    assert await sender.status_of("MM1") == StatusUpdate("MM1", "undelivered", 63019)


@pytest.mark.parametrize(("status", "body"), [(404, {"code": 20404}), (200, "<html>"), (500, "")])
async def test_what_became_of_a_message_is_not_to_be_learned(sender, twilio, status, body):
    twilio.status, twilio.body = status, body

    with pytest.raises(NotTaken):
        await sender.status_of("MM1")
