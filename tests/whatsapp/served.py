"""The channel on a server of its own, with a Rasa that answers in capitals and a Twilio that notes."""

from __future__ import annotations

import asyncio
import socket
import warnings
from dataclasses import dataclass, field
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from aiohttp import ClientSession, web
from sanic import Sanic
from sanic.response import empty
from twilio.request_validator import RequestValidator

from addons.sql_threads import SqlThreads
from addons.whatsapp import readiness, service
from addons.whatsapp.api import NotTaken
from addons.whatsapp.channel import WhatsAppChannel
from billing.database import open_database
from billing.settings import load_settings
from tests.stack import KEYS
from tests.whatsapp.conftest import MARIA

BASE = "https://bot.provedor.example"
TOKEN, OLD_TOKEN, ADMIN = "auth token", "old auth token", "admin token"
ACCOUNT = {
    "twilio_account_sid": "AC" + "0a" * 16,
    "twilio_auth_token": TOKEN,
    "twilio_auth_token_secondary": OLD_TOKEN,
    "twilio_whatsapp_number": "whatsapp:+5511300000000",
    "public_base_url": BASE,
    "admin_token": ADMIN,
}
FORM = {
    "MessageSid": "SM" + "0b" * 16,
    "From": MARIA,
    "To": "whatsapp:+5511300000000",
    "Body": "oi",
    "NumMedia": "0",
    "ProfileName": "",
}
PREFIX = "/webhooks/whatsapp"


NOTHING = "/nothing"


async def nothing(_request):
    """What the cheapest route answers."""
    return empty()


class Phone:
    """Stands for Twilio's API."""

    def __init__(self, *_args):
        self.got = []

    async def send(self, address, *, body, media_url, content, status_callback):  # noqa: ARG002 - as Delivery calls it
        self.got.append((address, body, status_callback))
        return f"MM{len(self.got):032}"

    async def status_of(self, _twilio_sid):
        raise NotTaken("not asked for in these tests")


def signature(form, path="/webhook", *, token=TOKEN, base=BASE):
    """What Twilio puts into X-Twilio-Signature."""
    return RequestValidator(token).compute_signature(base + PREFIX + path, form)


@dataclass
class Bot:
    """A server with the channel on it, and a Rasa that answers in capitals."""

    url: str
    session: ClientSession
    engine: sa.engine.Engine
    phone: Phone
    agent: SimpleNamespace
    actions: list = field(default_factory=list)

    async def request(self, method, path, **options):
        async with self.session.request(method, self.url + PREFIX + path, **options) as answer:
            return SimpleNamespace(status=answer.status, text=await answer.text(), headers=answer.headers)

    async def post(self, form, path="/webhook", *, token=TOKEN, base=BASE):
        return await self.request(
            "POST",
            path,
            data=urlencode(form),
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "X-Twilio-Signature": signature(form, path, token=token, base=base),
            },
        )

    def rows(self, table):
        with self.engine.connect() as connection:
            return connection.execute(sa.select(table)).all()

    async def heard(self, count):
        while len(self.phone.got) < count:  # noqa: ASYNC110 - a test's eye on work in the background
            await asyncio.sleep(0.005)
        return [body for _, body, _ in self.phone.got]


@pytest.fixture
async def actions():
    """An action server that says it is there."""

    async def answer(_request):
        return web.json_response({"status": "ok"})

    app = web.Application()
    app.router.add_get("/health", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner
    await runner.cleanup()


@pytest.fixture
def changes():
    """Settings that a test wants otherwise."""
    return {}


@pytest.fixture
async def bot(tmp_path, monkeypatch, actions, changes):
    port = actions.addresses[0][1]
    made = load_settings(
        _env_file=None,
        database_url=f"sqlite:///{tmp_path / 'bot.db'}",
        actions_url=f"http://127.0.0.1:{port}/webhook",
        **{**{name.lower(): value for name, value in KEYS.items()}, **ACCOUNT, **changes},
    )
    engine = open_database(made.database_url)
    phone = Phone()
    monkeypatch.setattr(service, "TwilioSender", lambda *_: phone)
    monkeypatch.setattr(readiness, "KEPT_SECONDS", 0)
    monkeypatch.setattr(Sanic, "test_mode", True)
    agent = SimpleNamespace(
        tracker_store=SimpleNamespace(engine=engine, threads=SqlThreads(engine)),
        ready=True,
        gate=None,
    )
    agent.is_ready = lambda: agent.ready

    async def answer(message):
        if agent.gate:
            await agent.gate.wait()
        await message.output_channel.send_response(message.sender_id, {"text": message.text.upper()})

    listener = socket.create_server(("127.0.0.1", 0))
    with warnings.catch_warnings():
        # Sanic uses what Python deprecates.
        warnings.simplefilter("ignore")
        app = Sanic("test_channel")
        app.ctx.agent = agent
        app.add_route(nothing, NOTHING, methods=["POST"])
        app.blueprint(WhatsAppChannel(made).blueprint(answer), url_prefix=PREFIX)
        running = await app.create_server(sock=listener, return_asyncio_server=True, access_log=False)
        await running.startup()
        await running.before_start()
        await running.after_start()
    async with ClientSession() as session:
        yield Bot(f"http://127.0.0.1:{listener.getsockname()[1]}", session, engine, phone, agent)
    await running.before_stop()
    running.close()
    await running.wait_closed()
    agent.tracker_store.threads.close()
    engine.dispose()
    listener.close()
