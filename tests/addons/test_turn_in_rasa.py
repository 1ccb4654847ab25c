"""Rasa's tracker is written in the transaction of the channel's turn, or not at all."""

from __future__ import annotations

import warnings

import pytest

from addons.whatsapp.buttons import ButtonOffers
from addons.whatsapp.metrics import Metrics
from addons.whatsapp.outbox import Later
from addons.whatsapp.pace import Pace
from addons.whatsapp.render import Renderer
from addons.whatsapp.runner import TurnRunner
from addons.whatsapp.sealed_parts import open_part
from billing.media import MediaStore
from tests.billing.conftest import Clock, vault
from tests.whatsapp.conftest import LEASE, Replica

__all__ = ["vault"]

ABORT = "BEGIN SELECT RAISE(ABORT, 'disk full'); END"
FULL_DISK = f"CREATE TRIGGER full_disk BEFORE INSERT ON {{}} {ABORT}"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def replica(store, vault, clock):
    return Replica(store.engine, clock, vault)


@pytest.fixture
def runner(agent, store, replica, vault, clock):
    async def answer(message):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return await agent.handle_message(message)

    async def respond(name):
        return {"text": name}

    return TurnRunner(
        turns=replica.turns,
        inbox=replica.inbox,
        offers=ButtonOffers(store.engine, vault),
        renderer=Renderer(MediaStore(store.engine, vault)),
        threads=store.threads,
        metrics=Metrics(),
        answer=answer,
        respond=respond,
        ready=agent.is_ready,
        show_typing=lambda _turn: None,
        deliver=lambda _sender_id: None,
        pace=Pace(),
        deadline=25,
        clock=clock,
    )


@pytest.fixture
def said(replica):
    def read():
        return [open_part(replica.vault, row).body for row in replica.rows("outbox")]

    return read


def run(store, statement):
    with store.engine.begin() as connection:
        connection.exec_driver_sql(statement)


async def test_tracker_answer_and_done_are_written_together(runner, replica, said, kept):
    sender_id = replica.write("oi")

    assert await runner.handle(sender_id) is None

    assert said() == ["Olá!"]
    assert kept().count("user") == 1
    assert [row.state for row in replica.rows("inbox")] == ["done"]


async def test_a_conversation_goes_on(runner, replica, kept, agent):
    for _ in range(3):
        await runner.handle(replica.write("oi"))

    assert kept().count("user") == 3
    tracker = await agent.tracker_store.retrieve(replica.contacts.sender_id("whatsapp:+5511987654321"))
    assert [event.type_name for event in tracker.events] == kept()[kept().index("session_started") :]


@pytest.mark.parametrize("table", ["events", "outbox"])
async def test_a_table_that_cannot_be_written_takes_all_back(
    runner, replica, said, kept, store, clock, table
):
    run(store, FULL_DISK.format(table))
    sender_id = replica.write("oi")

    assert isinstance(await runner.handle(sender_id), Later)
    assert kept() == said() == []
    assert [row.state for row in replica.rows("inbox")] == ["waiting"]

    run(store, "DROP TRIGGER full_disk")
    clock.now += 1
    assert await runner.handle(sender_id) is None
    assert said() == ["Olá!"]
    assert kept().count("user") == 1


async def test_a_tracker_that_never_can_be_written_is_apologised_for_once(
    runner, replica, said, kept, store, clock
):
    run(store, FULL_DISK.format("events"))
    sender_id = replica.write("oi")
    while await runner.handle(sender_id):
        clock.now += 2

    # It is tried until its deadline, which takes long enough for a notice.
    assert said() == ["utter_one_moment", "Não consegui consultar."]
    assert kept() == []


async def test_an_action_server_that_comes_back_is_not_noticed(
    runner, replica, said, kept, action_server, clock
):
    action_server.status = 500
    sender_id = replica.write("oi")
    assert isinstance(await runner.handle(sender_id), Later)
    assert said() == []

    action_server.status = 200
    clock.now += 1
    await runner.handle(sender_id)

    assert said() == ["Olá!"]
    assert kept().count("user") == 1


async def test_a_turn_that_was_begun_anew_elsewhere_writes_no_tracker(
    runner, replica, said, kept, agent, clock
):
    sender_id = replica.write("oi")
    save = agent.tracker_store.save

    async def lose_the_lease_first(tracker):
        agent.tracker_store.save = save
        clock.now += LEASE
        replica.turns.take(sender_id)
        await save(tracker)

    agent.tracker_store.save = lose_the_lease_first

    assert isinstance(await runner.handle(sender_id), Later)

    assert kept() == said() == []
    clock.now += LEASE
    await runner.handle(sender_id)
    assert said() == ["Olá!"]
    assert kept().count("user") == 1


class Broker:
    """Keeps what is published, or fails."""

    def __init__(self):
        self.published = []
        self.failure = None

    def publish(self, event):
        if self.failure:
            raise self.failure
        self.published.append(event["event"])


async def test_events_are_published_after_they_were_written(runner, replica, kept, store):
    store.event_broker = Broker()

    await runner.handle(replica.write("oi"))

    assert store.event_broker.published == kept()


async def test_a_broker_that_fails_stops_nobody(runner, replica, said, kept, store):
    store.event_broker = Broker()
    store.event_broker.failure = OSError()

    await runner.handle(replica.write("oi"))

    assert said() == ["Olá!"]
    assert kept()
