"""A Rasa agent with the project's patches on a tiny model, and an action server that a test controls."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
import yaml
from aiohttp import web

from billing.settings import load_settings
from tests.stack import KEYS

if TYPE_CHECKING:
    import asyncio

with warnings.catch_warnings():
    warnings.simplefilter("ignore")

    from rasa.core.agent import Agent
    from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
    from rasa.model_training import train

    import addons.processor
    import addons.stores

DOMAIN = {
    "version": "3.1",
    "intents": ["greet", "voice_message"],
    "actions": ["action_answer"],
    "responses": {
        "utter_hello": [{"text": "Olá!"}],
        "utter_unavailable": [{"text": "Não consegui consultar."}],
        "utter_voice_message": [{"text": "Não ouço áudios."}],
        "utter_desk_released": [{"text": "Voltei!"}],
        "utter_desk_unreachable": [{"text": "Não chegou à equipe."}],
        "utter_one_moment": [{"text": "Só um instante."}],
    },
}
RULES = {
    "version": "3.1",
    "rules": [
        {
            "rule": "greet",
            "steps": [{"intent": "greet"}, {"action": "action_answer"}, {"action": "utter_hello"}],
        },
        {
            "rule": "voice message",
            "steps": [{"intent": "voice_message"}, {"action": "utter_voice_message"}],
        },
    ],
    "nlu": [{"intent": "greet", "examples": "- oi\n- olá\n"}],
}
CONFIG = {
    "recipe": "default.v1",
    "language": "pt",
    "assistant_id": "test",
    "pipeline": [{"name": "KeywordIntentClassifier"}],
    "policies": [{"name": "RulePolicy"}],
}


@dataclass
class ActionServer:
    """Answers every call with `status` and `events`, once what it waits for has happened."""

    url: str = ""
    status: int = 200
    events: list = field(default_factory=list)
    headers: list = field(default_factory=list)
    waits_for: asyncio.Event | None = None

    async def answer(self, request):
        self.headers.append(request.headers)
        if self.waits_for is not None:
            await self.waits_for.wait()
        return web.json_response({"events": self.events, "responses": []}, status=self.status)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    for name, content in (("domain", DOMAIN), ("rules", RULES), ("config", CONFIG)):
        (folder / f"{name}.yml").write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        paths = [str(folder / name) for name in ("domain.yml", "config.yml", "rules.yml", "models")]
        result = train(*paths)
    return result.model


@pytest.fixture
async def action_server():
    server = ActionServer()
    app = web.Application()
    app.router.add_post("/webhook", server.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    server.url = f"http://{host}:{port}/webhook"
    yield server
    await runner.cleanup()


@pytest.fixture
def settings(action_server, tmp_path, monkeypatch):
    made = load_settings(
        _env_file=None,
        database_url=f"sqlite:///{tmp_path / 'bot.db'}",
        actions_url=action_server.url,
        **{name.lower(): value for name, value in KEYS.items()},
    )
    monkeypatch.setattr(addons.processor, "settings", lambda: made)
    monkeypatch.setattr(addons.stores, "settings", lambda: made)
    return made


@pytest.fixture
def store(settings):  # noqa: ARG001 - it puts the settings in place
    made = addons.stores.SettingsTrackerStore()
    yield made
    made.engine.dispose()


@pytest.fixture
def agent(tiny_model, store):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Agent.load(tiny_model, tracker_store=store)


@pytest.fixture
def say(agent):
    """Send a message; texts of the answer."""

    async def send(text="oi", kind="text", channel=None):
        message = UserMessage(text, channel or CollectingOutputChannel(), "maria", metadata={"kind": kind})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            messages = await agent.handle_message(message)
        return [message["text"] for message in messages]

    return send


@pytest.fixture
def kept(store):
    """Types of the events that the database holds."""

    def read():
        with store.engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT type_name FROM events ORDER BY id").fetchall()
        return [row.type_name for row in rows]

    return read
