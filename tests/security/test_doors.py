"""The doors of Rasa that check nobody are not there, and what is local is on loopback alone."""

from __future__ import annotations

import ast
import warnings

import pytest
from rasa.core.run import configure_app
from sanic import Sanic

from actions.__main__ import HOST as ACTIONS_HOST
from addons.whatsapp.channel import WhatsAppChannel
from billing.settings import PROJECT_ROOT, load_settings
from deploy import run, serve
from deploy.processes import HOST as LOCAL
from deploy.processes import StartFailed
from tests.stack import KEYS
from tests.whatsapp.served import ACCOUNT, BASE, PREFIX, actions, bot, changes

__all__ = ["actions", "bot", "changes"]

OURS = {
    f"{PREFIX}/webhook",
    f"{PREFIX}/status",
    f"{PREFIX}/media/<token:str>",
    f"{PREFIX}/ready",
    f"{PREFIX}/handoff/release",
    f"{PREFIX}/metrics",
}
RASAS_HELLO = {"/"}
FORBIDDEN_OPTIONS = ("--enable-api", "--cors", "--auth-token", "--jwt-secret", "--remote-storage", "--debug")
OTHER_DOORS = (
    "/webhooks/rest/webhook",
    "/webhooks/rest/",
    "/webhooks/callback/webhook",
    "/webhooks/twilio/webhook",
    "/webhooks/socketio/",
    "/socket.io/",
    "/socket.io/?EIO=4&transport=polling",
    "/conversations/x/tracker",
    "/conversations/x/messages",
    "/conversations/x/tracker/events",
    "/conversations/x/trigger_intent",
    "/model",
    "/model/train",
    "/model/parse",
    "/model/test/stories",
    "/model/predict",
    "/domain",
    "/status",
    "/docs",
    "/openapi.json",
    "/.env",
    "/webhook",
    "/webhooks/whatsapp/",
    "/webhooks/whatsapp/../rest/webhook",
    "/webhooks/whatsapp/media/",
)


def paths(channels, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        Sanic.test_mode = True
        app = configure_app(channels, **options)
    return {f"/{route.path}" for route in app.router.routes}


@pytest.fixture
def channel(tmp_path):
    keys = {name.lower(): value for name, value in KEYS.items()}
    made = load_settings(_env_file=None, database_url=f"sqlite:///{tmp_path / 'bot.db'}", **keys, **ACCOUNT)
    return WhatsAppChannel(made)


def test_rasas_server_has_the_channels_routes_and_no_others(channel):
    assert paths([channel], enable_api=False) == OURS | RASAS_HELLO


def test_with_its_api_it_would_have_others(channel):
    assert "/conversations/<conversation_id:path>/tracker" in paths([channel], enable_api=True)


@pytest.mark.parametrize("module", [serve, run])
def test_rasa_is_started_without_its_api(module):
    tree = ast.parse(
        (PROJECT_ROOT / "deploy" / f"{module.__name__.rpartition('.')[2]}.py").read_text("utf-8")
    )
    words = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}

    assert "--interface" in words
    assert not words & set(FORBIDDEN_OPTIONS)


def test_what_is_for_this_machine_listens_on_loopback():
    assert {ACTIONS_HOST, LOCAL} == {"127.0.0.1"}


def test_the_committed_credentials_are_served():
    serve.refuse_other_channels(PROJECT_ROOT / "credentials.yml")


@pytest.mark.parametrize("other", ["rest", "twilio", "socketio", "callback", "rasa", "addons.shell.Other"])
def test_a_channel_that_checks_nobody_is_not_served(tmp_path, other):
    credentials = tmp_path / "credentials.yml"
    credentials.write_text(f"addons.whatsapp.channel.WhatsAppChannel:\n{other}:\n", "utf-8")

    with pytest.raises(StartFailed):
        serve.refuse_other_channels(credentials)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
@pytest.mark.parametrize("door", OTHER_DOORS)
async def test_a_stranger_finds_no_other_door(bot, method, door):
    async with bot.session.request(method, bot.url + door, json={"sender": "x", "message": "oi"}) as answer:
        assert answer.status in {404, 405}


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "golpe.example", "X-Forwarded-Proto": "https"},
        {"Forwarded": "for=127.0.0.1;host=golpe.example"},
        {"Host": "golpe.example"},
        {"X-HTTP-Method-Override": "DELETE"},
        {"Origin": "https://golpe.example"},
    ],
    ids=str,
)
async def test_what_a_request_says_of_itself_changes_nothing(bot, headers):
    answer = await bot.request("GET", "/ready", headers=headers)

    assert answer.status == 200
    assert "golpe" not in str(answer.headers) + answer.text
    assert "Access-Control-Allow-Origin" not in answer.headers


async def test_a_forwarded_host_signs_nothing(bot):
    """A signature for the address that a forger's header names is none."""
    answer = await bot.post({"Body": "x"}, base="https://golpe.example")
    assert answer.status == 403
    assert BASE not in answer.text
