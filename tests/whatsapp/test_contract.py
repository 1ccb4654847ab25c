"""Every call that the channel makes is one that Twilio's own description of its API allows."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from urllib.parse import parse_qsl

import aiohttp
import pytest
from aiohttp import web

from addons.sql_threads import SqlThreads
from addons.whatsapp.api import Account, TwilioApi
from addons.whatsapp.buttons import ButtonOffers
from addons.whatsapp.indicator import TypingIndicator
from addons.whatsapp.render import TEMPLATES, Button, Part
from addons.whatsapp.sender import TwilioSender
from addons.whatsapp.templates import ButtonTemplates, description
from sandbox.twilio.account import ACCOUNT_SID, API_KEY_SECRET, API_KEY_SID, WHATSAPP_NUMBER
from sandbox.twilio.server import create_app
from sandbox.twilio.specification import load_operations
from sandbox.twilio.state import TWILIO
from sandbox.twilio.webhooks import Tunnel
from tests.sandbox.conftest import served
from tests.whatsapp.conftest import MARIA

OPERATIONS = load_operations()
MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages"
STATUS = "https://bot.example/webhooks/whatsapp/status?id=1"
PATHS = {
    ("POST", f"{MESSAGES}.json"): "CreateMessage",
    ("GET", f"{MESSAGES}.json"): "ListMessage",
    ("POST", "/v1/Content"): "CreateContent",
    ("POST", "/v2/Indicators/Typing.json"): "CreateTypingIndicator",
}
HIDDEN = "whatsapp:BR.1502576394655843"
MANY = tuple(Button(f"Opção {number}", f"opção {number}") for number in range(1, 11))


@dataclass
class Call:
    """What went over the wire."""

    method: str
    path: str
    query: list
    body: str
    status: int

    def problems(self):
        """What Twilio's description has against it."""
        name = PATHS.get((self.method, self.path), "FetchMessage")
        operation = OPERATIONS[name]
        if name == "CreateContent":
            return operation.check_json(json.loads(self.body))
        if self.method == "POST":
            return operation.read_form(parse_qsl(self.body, keep_blank_values=True))[1]
        return operation.read_query(self.query)[1]


@pytest.fixture
def calls():
    return []


@pytest.fixture
async def app(calls):
    app = await create_app(Tunnel("https://bot.example", "http://127.0.0.1:9"))
    app[TWILIO].book.open_window(MARIA)

    @web.middleware
    async def record(request, handler):
        body = (await request.read()).decode()
        answer = await handler(request)
        calls.append(Call(request.method, request.path, list(request.query.items()), body, answer.status))
        return answer

    app.middlewares.insert(0, record)
    return app


@pytest.fixture
def twilio(app):
    return app[TWILIO]


@pytest.fixture
async def api(app):
    async with served(app) as url, aiohttp.ClientSession() as session:
        account = Account(ACCOUNT_SID, API_KEY_SID, API_KEY_SECRET, WHATSAPP_NUMBER, str(url.with_path("")))
        yield TwilioApi(session, account)


@pytest.fixture
async def threads(engine):
    pool = SqlThreads(engine)
    yield pool
    pool.close()


@pytest.fixture
def templates(api, engine, threads, vault, clock):
    return ButtonTemplates(api, engine, threads, ButtonOffers(engine, vault, clock=clock), clock)


def without_problems(calls, count, status):
    assert [call.status for call in calls] == [status] * count
    assert [call.problems() for call in calls] == [[]] * count


@pytest.mark.parametrize("address", [MARIA, HIDDEN])
@pytest.mark.parametrize(
    ("body", "media_url"),
    [("R$ 1.234,56 & *menu* 😀", None), ("x" * 1600, None), ("", "https://bot.example/m/token")],
    ids=["text", "long text", "file"],
)
async def test_a_message(api, calls, address, body, media_url):
    await TwilioSender(api).send(address, body=body, media_url=media_url, status_callback=STATUS)

    without_problems(calls, 1, 201)


async def test_what_is_asked_of_messages(api, calls):
    sender = TwilioSender(api)
    sid = await sender.send(MARIA, body="oi", status_callback=STATUS)
    calls.clear()

    found = await sender.find(MARIA, bodies={"oi"}, has_media=False, since=time.time(), known=())
    update = await sender.status_of(sid)

    assert (found, update.message_sid) == (sid, sid)
    without_problems(calls, 2, 200)


@pytest.mark.parametrize("count", range(1, 11))
async def test_buttons_of_every_number(api, templates, twilio, calls, count):
    part = Part("text", "Qual?\n1. …", buttons=MANY[:count], prompt="Qual?")

    content = await templates.fill("a" * 32, part)
    await TwilioSender(api).send(MARIA, body=part.body, content=content, status_callback=STATUS)

    without_problems(calls, 2, 201)
    (shown,) = twilio.book.phone(MARIA)
    assert shown.body == "Qual?"
    assert [button.title for button in shown.buttons] == [button.title for button in part.buttons]
    assert len({button.id for button in shown.buttons}) == count


@pytest.mark.parametrize(("template", "most", "longest"), TEMPLATES)
async def test_the_longest_that_we_call_a_template_is_one(api, templates, calls, template, most, longest):
    buttons = tuple(Button(f"{number:0{longest}}", "sim") for number in range(most))
    part = Part("text", "…", buttons=buttons, prompt="x" * 1024)
    assert part.template == template

    content = await templates.fill("a" * 32, part)
    await TwilioSender(api).send(MARIA, body="", content=content, status_callback=STATUS)

    without_problems(calls, 2, 201)
    filled = json.dumps(description(template, most))
    for number, text in content.variables.items():
        filled = filled.replace("{{" + number + "}}", text)
    assert OPERATIONS["CreateContent"].check_json(json.loads(filled)) == []


async def test_typing(api, twilio, calls, replica):
    twilio.book.write({"MessageSid": "SM" + "0a" * 16, "From": MARIA}, None)
    replica.write("oi", sid="SM" + "0a" * 16)
    turn = replica.turns.take(replica.contacts.sender_id(MARIA))
    typing = TypingIndicator(api, lambda _sender_id: False)

    typing.show(turn)
    while not calls:  # noqa: ASYNC110 - a test's eye on work in the background
        await asyncio.sleep(0.005)
    await typing.stop()

    without_problems(calls, 1, 200)
    assert twilio.typing == ["SM" + "0a" * 16]


@pytest.mark.parametrize(
    "call",
    [
        Call("POST", f"{MESSAGES}.json", [], "To=whatsapp%3A%2B5511988880001&Bdy=oi", 201),
        Call("POST", f"{MESSAGES}.json", [], "Body=oi", 201),
        Call("GET", f"{MESSAGES}.json", [("PageSize", "many")], "", 200),
        Call("GET", f"{MESSAGES}/SM1.json", [("Fields", "status")], "", 200),
        Call("POST", "/v1/Content", [], "{}", 201),
        Call("POST", "/v1/Content", [], json.dumps(description("quick_reply", 4)), 201),
        Call("POST", "/v2/Indicators/Typing.json", [], "channel=whatsapp", 200),
    ],
)
def test_a_bad_call_would_be_found_out(call):
    assert call.problems()
