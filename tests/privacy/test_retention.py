"""What was kept long enough goes; whoever is being served, and what goes on, stays."""

from __future__ import annotations

import asyncio
import logging
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from addons.whatsapp.alone import Busy, alone_with
from addons.whatsapp.retention import EVERY_SECONDS, FIRST_SECONDS, Periods, Retention
from billing import tables
from billing.audit import verify
from billing.privacy import senders
from billing.privacy.inventory import BY_SENDER
from billing.settings import load_settings
from tests.privacy.conftest import ANA, DAY, MARIA, ZONE
from tests.stack import KEYS

if TYPE_CHECKING:
    from tests.privacy.conftest import World

PERIODS = Periods(
    conversations=90 * DAY, audit=1827 * DAY, identity_idle=3600, identity=12 * 3600, lockout=900
)


def retention(world: World) -> Retention:
    return Retention(world.engine, world.vault, PERIODS, zone=ZONE, clock=world.clock, pause=lambda: None)


def held_of(world: World, who: Any) -> dict[str, int]:
    counts = {table.name: len(world.rows(table, who)) for table in BY_SENDER}
    return {name: count for name, count in counts.items() if count}


def test_nothing_goes_before_its_time(world: World) -> None:
    before = world.counts()

    assert retention(world).purge() == {}
    assert world.counts() == before


def test_an_identity_and_files_go_within_a_day_and_the_conversation_stays(world: World) -> None:
    before = world.counts()
    world.clock.now += 13 * 3600

    gone = retention(world).purge()

    assert set(gone) == {"identities", "identification_failures", "media"}
    assert world.counts()["media"] == world.counts()["identities"] == 0
    assert world.counts()["events"] == before["events"]


def test_who_was_silent_for_the_whole_time_is_forgotten_and_the_others_are_not(world: World) -> None:
    world.clock.now += 60 * DAY
    world.live(ANA, "boleto")
    world.clock.now += 31 * DAY

    retention(world).purge()

    assert held_of(world, MARIA) == {}
    kept = held_of(world, ANA)
    assert {"contacts", "events", "inbox", "outbox", "verifications", "privacy_notices"} <= set(kept)
    assert world.replica.contacts.address_of(world.sender_id(ANA)) == ANA.address


def test_of_somebody_who_comes_back_the_old_sessions_go_and_the_present_one_stays(world: World) -> None:
    world.clock.now += 91 * DAY
    world.event(MARIA, "session_started")
    world.event(MARIA, "user", text="voltei")
    world.talk(MARIA, "voltei")

    gone = retention(world).purge()

    assert [row.type_name for row in world.rows(tables.events, MARIA)] == [
        "session_started",
        "user",
        "user",
        "bot",
    ]
    assert len(world.rows(tables.inbox, MARIA)) == 1
    assert gone["events"] == 6
    assert held_of(world, ANA) == {}


def test_a_session_that_goes_on_is_never_cut(world: World) -> None:
    world.clock.now += 91 * DAY
    world.event(MARIA, "user", text="ainda aqui")

    retention(world).purge()

    assert len(world.rows(tables.events, MARIA)) == 4


def test_who_is_being_served_is_left_for_the_next_time(world: World) -> None:
    world.clock.now += 91 * DAY
    sender_id = world.sender_id(MARIA)
    with world.engine.begin() as connection:
        taken = sa.update(tables.leases).where(tables.leases.c.sender_id == sender_id)
        connection.execute(taken.values(until=world.clock.now + 5))

    retention(world).purge()
    assert len(held_of(world, MARIA)) > 5
    assert held_of(world, ANA) == {}

    world.clock.now += 5
    retention(world).purge()
    assert held_of(world, MARIA) == {}


def test_a_message_that_still_waits_is_not_lost(world: World) -> None:
    world.clock.now += 89 * DAY
    world.replica.write("oi?", sender=MARIA.address)
    world.clock.now += 2 * DAY

    retention(world).purge()

    assert world.replica.turns.take(world.sender_id(MARIA)).text == "oi?"


def test_a_message_that_comes_in_that_moment_is_not_lost(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.clock.now += 91 * DAY
    late = Thread(target=lambda: world.replica.write("oi?", sender=MARIA.address))
    last_seen = senders.last_seen

    def written_meanwhile(connection: Any, sender_id: str) -> float:
        moment = last_seen(connection, sender_id)
        if sender_id == world.sender_id(MARIA):
            late.start()
            # It has to wait for the purge; without that it is done within this time.
            late.join(timeout=0.3)
        return moment

    monkeypatch.setattr(senders, "last_seen", written_meanwhile)
    retention(world).purge()
    late.join()

    assert world.replica.turns.take(world.sender_id(MARIA)).text == "oi?"
    assert world.replica.contacts.address_of(world.sender_id(MARIA)) == MARIA.address


def test_two_at_once_do_no_harm(world: World) -> None:
    world.clock.now += 91 * DAY
    first, second = retention(world), retention(world)

    assert first.purge()["contacts"] == 2
    assert second.purge() == {}


def test_old_days_of_the_audit_go_and_the_trail_still_verifies(world: World) -> None:
    world.clock.now += 91 * DAY
    assert "audit_rows" not in retention(world).purge()
    world.clock.now += 1740 * DAY

    assert retention(world).purge()["audit_rows"] == 2
    assert verify(world.engine, world.vault).findings == ()
    assert world.rows(tables.audit_salts) == []


async def test_the_job_goes_on_after_a_failure_and_names_nobody(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.clock.now += 2000 * DAY
    with world.engine.begin() as connection:
        connection.execute(sa.update(tables.audit_rows).values(outcome="changed"))
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError), caplog.at_level(logging.INFO):
        await retention(world).run(sleep)

    assert waited == [FIRST_SECONDS, EVERY_SECONDS, EVERY_SECONDS]
    assert caplog.text.count("don't verify") == 2
    assert world.sender_id(MARIA) not in caplog.text


def test_the_settings_say_how_long() -> None:
    made = Periods.from_settings(load_settings(_env_file=None, retention_days=30, **_keys()))

    assert (made.conversations, made.audit) == (30 * DAY, 1827 * DAY)


def test_nobody_else_works_for_a_sender_meanwhile(world: World) -> None:
    sender_id = world.sender_id(MARIA)
    world.replica.write("oi", sender=MARIA.address)
    with alone_with(world.engine, sender_id, clock=world.clock):
        pass
    assert world.replica.turns.take(sender_id).text == "oi", "the leases ended with the transaction"

    with pytest.raises(Busy), alone_with(world.engine, sender_id, clock=world.clock):
        pass


def _keys() -> dict[str, str]:
    return {name.lower(): value for name, value in KEYS.items()}
