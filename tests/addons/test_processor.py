"""A turn is answered and kept, or apologised for and undone."""

from __future__ import annotations

import pytest

from tests.stack import KEYS

HELLO = ["Olá!"]
SORRY = ["Não consegui consultar."]


async def test_a_turn_that_works_is_kept(say, kept):
    assert await say() == HELLO
    assert kept().count("user") == 1


async def test_the_action_server_is_called_as_the_settings_say(say, action_server):
    await say()

    assert [headers["X-Actions-Token"] for headers in action_server.headers] == [KEYS["ACTIONS_TOKEN"]]


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
    run(store, "DROP TABLE events")

    await say("oi, meu nome é Fulana")

    assert "turn failed" in caplog.text
    assert "Fulana" not in caplog.text
