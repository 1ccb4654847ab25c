"""Under a new index key everybody is who they were, and what cannot be moved ends safely."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from billing import tables
from billing.audit import Person, PersonRegister, verify
from billing.privacy.export import Export
from billing.privacy.index_rotation import StillServing, rotate_index
from billing.privacy.inventory import BY_DOCUMENT, BY_SENDER
from billing.privacy.person import related
from billing.vault import Unreadable, Vault
from tests.privacy.conftest import ANA, MARIA, NEW_KEY, ZONE, World
from tests.stack import KEYS

if TYPE_CHECKING:
    from collections import Counter

UNMOVED = {*(table.name for table in BY_DOCUMENT), "leases"}


@pytest.fixture
def after() -> Vault:
    """The vault once a new index key was set."""
    return Vault([KEYS["PII_ENCRYPTION_KEYS"]], NEW_KEY, [KEYS["PII_INDEX_KEY"]])


def move(world: World, vault: Vault) -> Counter[str]:
    world.clock.now += 60
    return rotate_index(world.engine, vault, world.clock.now)


def test_everything_of_a_sender_moves_and_opens(world: World, after: Vault) -> None:
    before = {table.name: len(world.rows(table, MARIA)) for table in BY_SENDER}
    old = world.sender_id(MARIA)

    moved = move(world, after)

    assert all(world.rows(table, MARIA) == [] for table in BY_SENDER)
    world.vault = after
    world.__post_init__()
    assert world.sender_id(MARIA) != old
    for table in BY_SENDER:
        if table.name not in UNMOVED:
            assert len(world.rows(table, MARIA)) == before[table.name], table.name
            assert moved[table.name] == 2 * before[table.name]
    assert world.replica.contacts.address_of(world.sender_id(MARIA)) == MARIA.address
    world.talk(MARIA, "e agora?")


def test_what_only_a_document_s_hash_tells_is_removed(world: World, after: Vault) -> None:
    move(world, after)

    assert [world.rows(table) for table in BY_DOCUMENT] == [[], [], []]


def test_a_person_is_found_under_both_keys(world: World, after: Vault) -> None:
    move(world, after)

    people = [Person("document", index) for index in after.indexes("document", MARIA.document)]
    people += [Person("sender", index) for index in after.indexes("address", MARIA.address)]
    with world.engine.connect() as connection:
        kept = Export(world.engine, after, zone=ZONE).of(related(connection, people))

    text = json.dumps(kept, ensure_ascii=False)
    assert "quero meu boleto" in text
    assert [row["contrato e títulos"]["contract"] for row in kept["trilha de auditoria"]] == ["101"]
    assert ANA.phone not in text


def test_the_trail_still_verifies_and_a_person_can_be_erased_from_it(world: World, after: Vault) -> None:
    move(world, after)

    assert verify(world.engine, after).findings == ()
    assert verify(world.engine, Vault([NEW_KEY], NEW_KEY)).findings, (
        "without the old key it cannot be checked"
    )
    register = PersonRegister(world.engine, after)
    erased = [register.erase(Person("document", each)) for each in after.indexes("document", MARIA.document)]
    assert erased == [False, True]


def test_a_second_time_there_is_nothing_to_do(world: World, after: Vault) -> None:
    move(world, after)
    world.vault = after
    world.__post_init__()
    world.identify(MARIA)

    assert move(world, after) == {}
    assert len(world.rows(tables.identities)) == 1


def test_a_conversation_without_an_address_ends(world: World, after: Vault) -> None:
    with world.engine.begin() as connection:
        mine = tables.contacts.c.sender_id == world.sender_id(ANA)
        connection.execute(sa.delete(tables.contacts).where(mine))

    move(world, after)

    assert len(world.rows(tables.contacts)) == 1
    assert {row.sender_id for row in world.rows(tables.events)} == {after.index("address", MARIA.address)}


def test_nothing_moves_while_somebody_waits(world: World, after: Vault) -> None:
    world.replica.write("oi", sender=MARIA.address)
    before = world.counts()

    with pytest.raises(StillServing):
        move(world, after)
    assert world.counts() == before


def test_nothing_moves_while_a_worker_is_there(world: World, after: Vault) -> None:
    with world.engine.begin() as connection:
        connection.execute(sa.update(tables.leases).values(until=9e9))

    with pytest.raises(StillServing):
        move(world, after)


def test_a_row_that_does_not_open_takes_all_back(world: World, after: Vault) -> None:
    with world.engine.begin() as connection:
        connection.execute(sa.update(tables.outbox).values(content="broken"))
    before = world.counts()

    with pytest.raises(Unreadable):
        move(world, after)
    assert world.counts() == before
    assert world.rows(tables.events, MARIA)
