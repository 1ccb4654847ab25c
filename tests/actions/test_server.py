"""The action server answers only who knows the secret, and never with the conversation."""

from __future__ import annotations

import asyncio
import json
import socket
import warnings
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession
from sanic import Sanic

from actions import ActionNotUnderstood, server
from actions.__main__ import HOST
from actions.context import off_loop
from billing.correlation import NO_TURN, TURN_HEADER, current_turn_id, turn
from billing.settings import load_settings
from tests.stack import KEYS

TOKEN = {server.TOKEN_HEADER: KEYS["ACTIONS_TOKEN"]}
PLANTED = "52998224725"
TURNS = []


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    headers: dict = field(default_factory=dict)

    @property
    def json(self):
        return json.loads(self.text)


def crash(_action, _dispatcher, tracker, _domain):
    """An action that fails with the customer's data in its message."""
    TURNS.append(current_turn_id())
    raise ValueError(tracker.get_slot("cpf"))


def call(name):
    tracker = {
        "sender_id": "x",
        "slots": {"cpf": PLANTED},
        "latest_message": {},
        "events": [],
        "paused": False,
    }
    tracker |= {"followup_action": None, "active_loop": {}, "latest_action_name": None}
    return {"next_action": name, "sender_id": "x", "tracker": tracker, "domain": {}, "version": "3.6.21"}


@pytest.fixture
async def send(monkeypatch, tmp_path):
    settings = load_settings(
        _env_file=None,
        database_url=f"sqlite:///{tmp_path / 'bot.db'}",
        **{name.lower(): value for name, value in KEYS.items()},
    )
    monkeypatch.setattr(server, "settings", lambda: settings)
    monkeypatch.setattr(ActionNotUnderstood, "run", crash)
    # Else Sanic refuses a second application of the same name in one process.
    monkeypatch.setattr(Sanic, "test_mode", True)
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with warnings.catch_warnings():
        # Sanic and rasa-sdk use what Python deprecates.
        warnings.simplefilter("ignore")
        app = server.build_app()
        running = await app.create_server(sock=listener, return_asyncio_server=True, access_log=False)
        await running.startup()
    async with ClientSession() as session:

        async def request(method, path, **options):
            async with session.request(method, url + path, **options) as answer:
                return Answer(answer.status, await answer.text(), dict(answer.headers))

        request.url = url
        yield request
    running.close()
    await running.wait_closed()
    listener.close()


@pytest.mark.parametrize("headers", [{}, {server.TOKEN_HEADER: "falso"}, {server.TOKEN_HEADER: ""}])
@pytest.mark.parametrize("path", ["/webhook", "/actions"])
async def test_refuses_who_does_not_know_the_secret(send, headers, path):
    method = "post" if path == "/webhook" else "get"

    answer = await send(method, path, headers=headers, **({"json": call("x")} if method == "post" else {}))

    assert (answer.status, answer.json) == (403, {"error": "forbidden"})


async def test_a_secret_that_is_no_text_is_wrong(send):
    host, port = urlsplit(send.url).netloc.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        b"GET /actions HTTP/1.1\r\nHost: x\r\nX-Actions-Token: \xff\xfe\r\nConnection: close\r\n\r\n"
    )
    answer = await reader.read()
    writer.close()

    assert answer.startswith(b"HTTP/1.1 403")


@pytest.mark.parametrize("method", ["get", "options"])
async def test_no_page_of_another_origin_may_read_an_answer(send, method):
    origin = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}

    answer = await send(method, "/actions", headers={**TOKEN, **origin})

    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


async def test_an_action_works_for_the_turn_that_the_rasa_server_names(send):
    TURNS.clear()
    for named in ({TURN_HEADER: "0123456789ab"}, {}, {TURN_HEADER: "maria"}):
        await send("post", "/webhook", headers={**TOKEN, **named}, json=call("action_not_understood"))

    assert TURNS == ["0123456789ab", NO_TURN, NO_TURN]


async def test_so_do_its_threads():
    with turn("0123456789ab"):
        assert await off_loop(current_turn_id) == "0123456789ab"


def test_it_listens_on_loopback_only():
    assert HOST == "127.0.0.1"


async def test_health_is_open(send):
    assert (await send("get", "/health")).status == 200


async def test_another_method_is_refused_and_no_failure(send):
    answer = await send("post", "/health", headers=TOKEN)

    assert (answer.status, answer.json) == (405, {"error": "refused"})


async def test_the_actions_are_served(send):
    answer = await send("get", "/actions", headers=TOKEN)

    assert {"name": "action_deliver_bill"} in answer.json


async def test_an_action_runs(send):
    answer = await send("post", "/webhook", headers=TOKEN, json=call("action_start_over"))

    assert answer.status == 200
    assert answer.json["events"][0]["event"] == "active_loop"


@pytest.mark.parametrize(("name", "status"), [("action_unknown", 404), ("action_not_understood", 500)])
async def test_errors_tell_nothing_of_the_conversation(send, name, status, caplog):
    answer = await send("post", "/webhook", headers=TOKEN, json=call(name))

    assert answer.status == status
    assert PLANTED not in answer.text
    assert "tracker" not in answer.text
    assert PLANTED not in caplog.text
