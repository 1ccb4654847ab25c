"""Everything comes under the new key, also while others write, and what cannot be opened is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from billing import tables
from billing.privacy import rotation
from billing.privacy.inventory import SEALED
from billing.privacy.rotation import left, rotate
from billing.vault import Unreadable, Vault
from tests.privacy.conftest import MARIA, NEW_KEY
from tests.stack import KEYS

if TYPE_CHECKING:
    from tests.privacy.conftest import World


def finals(world: World) -> dict[str, rotation.Progress]:
    return {progress.name: progress for progress in rotate(world.engine, world.rotated)}


def test_everything_is_moved_and_opens_with_the_new_key_alone(world: World) -> None:
    world.replica.write("esperando")
    assert set(left(world.engine, world.rotated)) == {
        f"{each.column.table.name}.{each.column.name}" for each in SEALED
    }

    done = finals(world)

    assert left(world.engine, world.rotated) == {}
    assert {name for name, progress in done.items() if progress.moved} == set(done)
    alone = Vault([NEW_KEY], KEYS["PII_INDEX_KEY"])
    world.vault = alone
    world.__post_init__()
    assert world.replica.contacts.address_of(world.sender_id(MARIA)) == MARIA.address
    assert world.replica.turns.take(world.sender_id(MARIA)).text == "esperando"
    slip = world.rows(tables.media)[0]
    assert world.media.get(slip.id).content.startswith(b"%PDF of ")
    sealed = world.rows(tables.events)[0]
    assert alone.open(sealed.data, tables.place(tables.events.c.data, sealed.sender_id))


def test_a_second_time_there_is_nothing_to_do(world: World) -> None:
    finals(world)

    assert all(progress.moved == 0 for progress in rotate(world.engine, world.rotated))


def test_it_goes_on_where_it_was_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "BATCH", 1)
    before = left(world.engine, world.rotated)["events.data"]
    begun = rotate(world.engine, world.rotated)
    next(begun)
    begun.close()

    assert left(world.engine, world.rotated)["events.data"] == before - 1
    assert finals(world)["events.data"].moved == before - 1


def test_who_writes_meanwhile_wins(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    seal = world.rotated.seal
    where = tables.place(tables.contacts.c.address, world.sender_id(MARIA))
    written = world.vault.seal("whatsapp:+5511900000000", where)

    def write_first(_self: Vault, text: str, place: str) -> str:
        if place == where:
            with world.engine.begin() as connection:
                mine = tables.contacts.c.sender_id == world.sender_id(MARIA)
                connection.execute(sa.update(tables.contacts).where(mine).values(address=written))
        return seal(text, place)

    monkeypatch.setattr(Vault, "seal", write_first)
    done = finals(world)["contacts.address"]

    assert (done.moved, done.left, done.unreadable) == (1, 1, 0)
    assert written in [row.address for row in world.rows(tables.contacts)]


def test_what_no_key_opens_is_told_and_left_alone(world: World) -> None:
    lost = Vault([KEYS["ACTIONS_TOKEN"]], "index").seal("lost", "")
    with world.engine.begin() as connection:
        mine = tables.identities.c.sender_id == world.sender_id(MARIA)
        connection.execute(sa.update(tables.identities).where(mine).values(customer=lost))

    done = finals(world)["identities.customer"]

    assert (done.moved, done.left, done.unreadable) == (1, 1, 1)
    with pytest.raises(Unreadable):
        world.rotated.open(lost, "")
