"""A turn is answered and kept, or apologised for and undone."""

from __future__ import annotations

import asyncio
import warnings

import pytest
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

from addons import notice
from addons.reception import Reception
from billing.correlation import TURN_HEADER, turn_id_of
from tests.addons.desk import FakeDesk
from tests.stack import KEYS

HELLO = ["Olá!"]
SORRY = ["Não consegui consultar."]


async def test_a_turn_that_works_is_kept(say, kept):
    assert await say() == HELLO
    assert kept().count("user") == 1


async def test_the_action_server_is_called_as_the_settings_say(say, action_server):
    await say()

    assert [headers["X-Actions-Token"] for headers in action_server.headers] == [KEYS["ACTIONS_TOKEN"]]


async def test_the_action_server_is_told_the_messages_turn(agent, action_server):
    for message_id in ("SM1", "SM1", "SM2"):
        message = UserMessage("oi", CollectingOutputChannel(), "maria", message_id=message_id)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            await agent.handle_message(message)

    told = [headers[TURN_HEADER] for headers in action_server.headers]
    assert told == [turn_id_of("SM1"), turn_id_of("SM1"), turn_id_of("SM2")]


@pytest.mark.parametrize("fault", [{"status": 500}, {"events": "nonsense"}])
async def test_a_failing_action_is_apologised_for_and_undone(say, kept, action_server, fault):
    working = {name: getattr(action_server, name) for name in fault}
    vars(action_server).update(fault)

    assert await say() == SORRY
    assert "user" not in kept()

    vars(action_server).update(working)
    assert await say() == HELLO
    assert kept().count("user") == 1


async def test_an_action_server_that_is_gone(say, kept, agent):
    url, agent.processor.action_endpoint.url = (
        agent.processor.action_endpoint.url,
        "http://127.0.0.1:9/webhook",
    )
    assert await say() == SORRY
    assert "user" not in kept()

    agent.processor.action_endpoint.url = url
    assert await say() == HELLO


async def test_a_turn_without_end_is_apologised_for_and_undone(say, kept, action_server):
    action_server.events = [{"event": "followup", "name": "action_answer"}]

    assert await say() == SORRY
    assert "user" not in kept()

    action_server.events = []
    assert await say() == HELLO


ABORT = "BEGIN SELECT RAISE(ABORT, 'disk full'); END"


@pytest.mark.parametrize(
    ("broken", "mended"),
    [
        ("ALTER TABLE events RENAME TO hidden", "ALTER TABLE hidden RENAME TO events"),
        (f"CREATE TRIGGER full_disk BEFORE INSERT ON events {ABORT}", "DROP TRIGGER full_disk"),
    ],
    ids=["unreadable", "unwritable"],
)
async def test_a_failing_database_is_told_and_not_replaced_by_memory(say, kept, store, broken, mended):
    assert await say() == HELLO
    run(store, broken)

    answer = await say()

    run(store, mended)
    assert answer[-1:] == SORRY
    assert kept().count("user") == 1
    assert await say() == HELLO
    assert kept().count("user") == 2


def run(store, statement):
    with store.engine.begin() as connection:
        connection.exec_driver_sql(statement)


async def test_nothing_of_the_customer_reaches_the_log(say, store, caplog):
    run(store, "CREATE TRIGGER full_disk BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'disk full'); END")

    await say("oi, meu nome é Fulana")

    assert "turn failed" in caplog.text
    assert "Fulana" not in caplog.text


async def test_a_message_that_is_no_text_is_answered_and_kept(say, kept):
    assert await say("", kind="audio") == ["Não ouço áudios."]
    assert kept().count("user") == 1


async def test_a_sticker_is_no_turn(say, kept):
    assert await say("", kind="sticker") == []
    assert kept() == []


@pytest.fixture
def desk(agent):
    """A desk that has taken the conversation over."""
    made = FakeDesk(holds={"maria"})
    agent.processor._reception = Reception(lambda: made)
    return made


async def test_while_the_desk_has_the_conversation_the_bot_is_silent(say, kept, desk):
    assert await say("oi") == []
    assert desk.forwarded == ["oi"]
    assert kept() == []


async def test_who_cannot_reach_the_desk_is_told(say, desk):
    desk.takes = False
    assert await say("oi") == ["Não chegou à equipe."]


async def test_menu_brings_the_bot_back(say, desk):
    assert await say("menu") == ["Voltei!"]
    assert await say("oi") == HELLO
    assert desk.forwarded == []


async def test_a_hold_that_cannot_be_looked_up_is_apologised_for(say, kept, agent):
    def broken():
        raise OSError

    agent.processor._reception = Reception(broken)

    assert await say() == SORRY
    assert kept() == []


class Channel(CollectingOutputChannel):
    """Lets the action server answer only after a message was sent at once."""

    def __init__(self):
        super().__init__()
        self.at_once = []
        self.sent = asyncio.Event()

    async def send_at_once(self, recipient_id, text):
        self.at_once.append((recipient_id, text))
        self.sent.set()


async def test_a_slow_turn_gives_one_sign_of_life_that_is_not_kept(say, store, action_server, monkeypatch):
    monkeypatch.setattr(notice, "NOTICE_SECONDS", 0)
    channel = Channel()
    action_server.waits_for = channel.sent

    assert await say(channel=channel) == HELLO

    assert channel.at_once == [("maria", "Só um instante.")]
    kept = await store.retrieve("maria")
    assert "instante" not in str([event.as_dict() for event in kept.events])


async def test_a_channel_without_haste_gets_it_as_a_message(say, action_server, monkeypatch):
    class Plain(CollectingOutputChannel):
        async def send_text_message(self, recipient_id, text, **kwargs):
            await super().send_text_message(recipient_id, text, **kwargs)
            action_server.waits_for.set()

    monkeypatch.setattr(notice, "NOTICE_SECONDS", 0)
    action_server.waits_for = asyncio.Event()

    assert await say(channel=Plain()) == ["Só um instante.", *HELLO]


async def test_a_turn_in_time_gives_no_sign_of_life(say):
    channel = Channel()

    assert await say(channel=channel) == HELLO
    assert channel.at_once == []
