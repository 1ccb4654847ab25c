"""Nothing that was acknowledged is lost, nothing is kept twice, and neighbours are read together."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from addons.whatsapp.form import IncomingMessage
from addons.whatsapp.leases import Scope
from addons.whatsapp.outbox import Later
from tests.whatsapp.conftest import ANA, LEASE, MARIA

RACERS = 20
HELLO = IncomingMessage("SM1", MARIA, kind="text", text="oi", button=None, replied_to=None)


def texts(turn):
    return [message.text for message in turn.messages]


def test_a_message_that_comes_twenty_times_at_once_is_kept_once(replicas):
    start = Barrier(RACERS)

    def receive(number):
        start.wait()
        return replicas[number % 2].inbox.receive([HELLO])[0][1]

    with ThreadPoolExecutor(RACERS) as threads:
        new = list(threads.map(receive, range(RACERS)))

    assert new.count(True) == 1
    assert len(replicas[0].rows("inbox")) == 1


def test_messages_kept_together_stay_in_their_order(replica):
    said = [(MARIA, "quero"), (ANA, "oi"), (MARIA, "o boleto"), (ANA, "tudo bem?"), (MARIA, "de agosto")]
    together = [replace(HELLO, message_sid=f"SM{text}", address=who, text=text) for who, text in said]

    kept = replica.inbox.receive([*together, together[0]])

    assert [new for _, new in kept] == [True] * len(said) + [False]
    for who in (MARIA, ANA):
        turn = replica.turns.take(replica.contacts.sender_id(who))
        assert texts(turn) == [text for each, text in said if each == who]


def test_two_servers_that_keep_the_same_messages_do_not_wait_for_each_other_forever(replicas):
    crowd = [
        replace(HELLO, message_sid=f"SM{number}", address=f"{MARIA}{number}") for number in range(RACERS)
    ]
    start = Barrier(2)

    def receive(replica, messages):
        start.wait()
        return [new for _, new in replica.inbox.receive(messages)]

    with ThreadPoolExecutor(2) as threads:
        there, back = threads.map(receive, replicas, (crowd, crowd[::-1]))

    assert [one != other for one, other in zip(there, back[::-1], strict=True)] == [True] * RACERS


def test_a_message_that_comes_again_after_its_answer_is_not_answered_again(replica):
    sender_id = replica.write("oi", sid="SM1")
    replica.turns.commit(replica.turns.take(sender_id), [], None)

    assert replica.inbox.receive([HELLO]) == [(sender_id, False)]
    assert replica.turns.take(sender_id) is None


def test_who_wrote_is_remembered_but_nothing_stands_there_in_plain_text(replica):
    sender_id = replica.write("meu cpf é 111.444.777-35", sid="SM1")

    assert replica.contacts.address_of(sender_id) == MARIA
    (row,) = replica.rows("inbox")
    assert "cpf é" not in row.content
    assert MARIA not in str(vars(row))


def test_an_answered_message_is_forgotten(replica):
    sender_id = replica.write("segredo")
    replica.turns.commit(replica.turns.take(sender_id), [], None)

    assert [row.content for row in replica.rows("inbox")] == [""]


def test_plain_texts_that_wait_together_are_one_turn(replica):
    for number, text in enumerate(["quero o pix", "111.444.777-35", "de agosto"]):
        sender_id = replica.write(text, sid=f"SM{number}")

    turn = replica.turns.take(sender_id)

    assert turn.text == "quero o pix\n111.444.777-35\nde agosto"
    assert turn.message_sid == "SM0"
    replica.turns.commit(turn, [], None)
    assert replica.turns.take(sender_id) is None


@pytest.mark.parametrize("other", [{"kind": "image"}, {"button": "b1"}, {"replied_to": "SM9"}])
def test_whatever_is_more_than_text_is_a_turn_of_its_own(replica, other):
    replica.write("oi")
    replica.write("", **other)
    sender_id = replica.write("quero o boleto")

    turns = []
    while (turn := replica.turns.take(sender_id)) is not None:
        turns.append(texts(turn))
        replica.turns.commit(turn, [], None)

    assert turns == [["oi"], [""], ["quero o boleto"]]


def test_a_turn_is_not_longer_than_what_is_read_of_it(replica):
    for _ in range(3):
        sender_id = replica.write("a" * 499)

    assert len(texts(replica.turns.take(sender_id))) == 2


def test_an_attempt_after_a_crash_has_the_same_messages(replica, clock):
    sender_id = replica.write("sim", sid="SM1")
    replica.turns.take(sender_id)
    replica.write("não, espera", sid="SM2")
    clock.now += LEASE

    again = replica.turns.take(sender_id)

    assert texts(again) == ["sim"]
    assert (again.message_sid, again.attempt) == ("SM1", 2)
    assert again.started_at == pytest.approx(clock.now - LEASE, abs=0.1)


def test_messages_of_two_senders_wait_for_nobody_but_themselves(replica):
    maria, ana = replica.write(sender=MARIA), replica.write(sender=ANA)

    replica.turns.take(maria)

    assert texts(replica.turns.take(ana)) == ["oi"]
    assert isinstance(replica.turns.take(maria), Later)


def test_senders_that_nobody_works_for_are_found_in_the_order_of_arrival(replica, clock):
    ana, maria = replica.write(sender=ANA), replica.write(sender=MARIA)
    assert replica.inbox.ready_senders(Scope.TURN, limit=10) == [ana, maria]
    assert replica.inbox.ready_senders(Scope.TURN, limit=1) == [ana]

    replica.turns.take(ana)
    assert replica.inbox.ready_senders(Scope.TURN, limit=10) == [maria]

    clock.now += LEASE
    assert replica.inbox.ready_senders(Scope.TURN, limit=10) == [ana, maria]
