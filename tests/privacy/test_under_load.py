"""Keys move and people go while others are served: nobody else's turn is lost, and nothing is left behind."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING

from addons.whatsapp.leases import LeaseLost
from addons.whatsapp.render import Part
from addons.whatsapp.turn import AlreadyAnswered, Turn
from billing import tables
from billing.audit import Person
from billing.privacy.person import related
from billing.privacy.rotation import left, rotate
from deploy.privacy.erasure import erase
from tests.privacy.conftest import ANA, MARIA, ZONE, Someone

if TYPE_CHECKING:
    from tests.privacy.conftest import World

TURNS = 12
OTHERS = [Someone(f"+551191111000{number}", "", "Outro", "9") for number in range(3)]


def serve(world: World, who: Someone) -> int:
    """One turn; how many were committed."""
    sender_id = world.replica.write("oi", sender=who.address, sid=f"SM{secrets.token_hex(8)}")
    turn = world.replica.turns.take(sender_id)
    if not isinstance(turn, Turn):
        return 0
    try:
        world.replica.turns.commit(turn, [Part("text", "Olá!")], lambda _: None)
    except (LeaseLost, AlreadyAnswered):
        return 0
    world.event(who, "user", text="oi")
    return 1


def test_a_rotation_loses_no_turn_and_ends_with_everything_moved(world: World) -> None:
    # Every process has the new key before anything is moved to it.
    world.vault = world.rotated
    world.__post_init__()
    stop = Event()

    def rotate_again_and_again() -> None:
        while not stop.is_set():
            list(rotate(world.engine, world.rotated))

    with ThreadPoolExecutor(len(OTHERS) + 1) as threads:
        rotating = threads.submit(rotate_again_and_again)
        served = [
            threads.submit(lambda who=who: sum(serve(world, who) for _ in range(TURNS))) for who in OTHERS
        ]
        try:
            counts = [each.result() for each in served]
        finally:
            stop.set()
        rotating.result()

    assert counts == [TURNS] * len(OTHERS)
    list(rotate(world.engine, world.rotated))
    assert left(world.engine, world.rotated) == {}
    assert len(world.rows(tables.outbox, OTHERS[0])) == TURNS


def test_erasing_somebody_disturbs_nobody_and_leaves_nothing_of_before(world: World) -> None:
    with world.engine.connect() as connection:
        maria = related(connection, [Person("sender", world.sender_id(MARIA))])
    before = {row.outbox_id for row in world.rows(tables.outbox, MARIA)}

    with ThreadPoolExecutor(3) as threads:
        ana = threads.submit(lambda: sum(serve(world, ANA) for _ in range(TURNS)))
        writing = threads.submit(lambda: [serve(world, MARIA) for _ in range(TURNS)])
        erased = [erase(world.engine, world.vault, maria, zone=ZONE) for _ in range(3)]
        writing.result()

    assert ana.result() == TURNS
    assert [each.busy for each in erased] == [0, 0, 0]
    assert before.isdisjoint(row.outbox_id for row in world.rows(tables.outbox, MARIA))
    erase(world.engine, world.vault, maria, zone=ZONE)
    assert world.rows(tables.events, MARIA) == world.rows(tables.inbox, MARIA) == []
