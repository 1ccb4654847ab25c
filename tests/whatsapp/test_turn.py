"""Answer, tracker and "answered" are written together or not at all, and only by who holds the sender."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa

from addons.whatsapp.leases import LeaseLost
from addons.whatsapp.outbox import Later
from addons.whatsapp.render import Part
from addons.whatsapp.turn import AlreadyAnswered, Paused, Turn
from billing.tables import write_claims
from tests.whatsapp.conftest import ANA, LEASE

HELLO = Part("text", "Olá!")


def tracker_row(connection):
    connection.execute(sa.insert(write_claims).values(claim="c", operation="stands for events", claimed_at=1))


@pytest.fixture
def sender_id(replica):
    return replica.write("oi", sid="SM1")


def test_a_committed_turn_is_answered_kept_and_never_taken_again(replica, sender_id):
    replica.turns.commit(replica.turns.take(sender_id), [HELLO], tracker_row)

    assert [row.state for row in replica.rows("inbox")] == ["done"]
    assert [row.state for row in replica.rows("outbox")] == ["waiting"]
    assert len(replica.rows("write_claims")) == 1
    assert replica.turns.take(sender_id) is None


def answer_all(replica, sender_id):
    while isinstance(turn := replica.turns.take(sender_id), Turn):
        replica.turns.commit(turn, [], None)
    return turn


def test_above_the_pace_messages_wait_and_none_is_lost(replicas, clock):
    replica, other = replicas
    replica.write("0")
    for number in range(1, 41):
        sender_id = replica.write(str(number))

    paused = answer_all(replica, sender_id)

    assert isinstance(paused, Paused)
    assert 59 < paused.seconds <= 60
    assert [row.state for row in replica.rows("inbox")].count("waiting") == 11
    assert isinstance(other.turns.take(sender_id), Paused)
    assert isinstance(other.turns.take(other.write("oi", sender=ANA)), Turn)
    clock.now += paused.seconds + 0.01
    assert answer_all(replica, sender_id) is None
    assert {row.state for row in replica.rows("inbox") if row.sender_id == sender_id} == {"done"}


def test_a_turn_that_was_begun_is_not_paused(replica, clock):
    for number in range(40):
        sender_id = replica.write(str(number))
    taken = [replica.turns.take(sender_id) for _ in range(2)]
    assert isinstance(taken[1], Later)
    clock.now += LEASE
    for _ in range(2):
        again = replica.turns.take(sender_id)
        replica.turns.commit(again, [], None)
    third = replica.turns.take(sender_id)

    clock.now += LEASE

    assert replica.turns.take(sender_id).message_sid == third.message_sid


def test_a_failing_tracker_takes_everything_back(replica, sender_id, clock):
    turn = replica.turns.take(sender_id)

    def fail(connection):
        tracker_row(connection)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        replica.turns.commit(turn, [HELLO], fail)

    assert replica.rows("outbox") == replica.rows("write_claims") == []
    clock.now += LEASE
    assert replica.turns.take(sender_id).attempt == 2


def test_a_turn_whose_lease_was_lost_commits_nothing(replicas, sender_id, clock):
    slow, quick = replicas
    late = slow.turns.take(sender_id)
    clock.now += LEASE
    quick.turns.commit(quick.turns.take(sender_id), [HELLO], None)

    with pytest.raises(LeaseLost):
        slow.turns.commit(late, [Part("text", "tarde")], tracker_row)

    with pytest.raises(LeaseLost):
        slow.turns.say_now(late, Part("text", "tarde"))
    assert len(slow.rows("outbox")) == 1
    assert slow.rows("write_claims") == []


def test_a_turn_is_committed_once(replica, sender_id):
    turn = replica.turns.take(sender_id)
    replica.turns.commit(turn, [HELLO], None)

    with pytest.raises(AlreadyAnswered):
        replica.turns.commit(turn, [HELLO], tracker_row)

    assert len(replica.rows("outbox")) == 1
    assert replica.rows("write_claims") == []


def test_two_replicas_that_commit_the_same_turn_at_once(replicas, sender_id, clock):
    turns = [replicas[0].turns.take(sender_id)]
    clock.now += LEASE
    turns.append(replicas[1].turns.take(sender_id))
    start = Barrier(2)

    def commit(number):
        start.wait()
        try:
            replicas[number].turns.commit(turns[number], [HELLO], None)
        except LeaseLost:
            return False
        return True

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(commit, range(2))) == [False, True]
    assert len(replicas[0].rows("outbox")) == 1


def test_a_failed_attempt_is_followed_by_another_after_a_while(replica, sender_id, clock):
    replica.turns.give_up(replica.turns.take(sender_id), delay=2)

    assert replica.turns.take(sender_id) == Later(pytest.approx(2))
    clock.now += 2
    # Not counted: the count finds messages of which processes die.
    assert replica.turns.take(sender_id).attempt == 1


def test_a_kept_turn_lasts(replicas, sender_id, clock):
    turn = replicas[0].turns.take(sender_id)
    for _ in range(5):
        clock.now += LEASE / 2
        replicas[0].turns.keep(turn)
        assert isinstance(replicas[1].turns.take(sender_id), Later)


def test_a_notice_is_said_once_however_often_the_turn_is_begun(replica, sender_id, clock):
    notice = Part("text", "Só um instante")
    assert replica.turns.say_now(replica.turns.take(sender_id), notice)
    clock.now += LEASE
    again = replica.turns.take(sender_id)
    assert replica.turns.say_now(again, notice)
    replica.turns.commit(again, [HELLO], None)

    assert len(replica.rows("outbox")) == 2


def test_a_notice_that_comes_after_the_answer_is_dropped(replica, sender_id):
    turn = replica.turns.take(sender_id)
    replica.turns.commit(turn, [HELLO], None)

    assert not replica.turns.say_now(turn, Part("text", "Só um instante"))
    replica.turns.keep(turn)

    assert len(replica.rows("outbox")) == 1
    replica.write("e agora?")
    assert replica.turns.take(sender_id).text == "e agora?"
