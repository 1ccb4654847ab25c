"""Messages go out in order, once, and while they still may; callbacks only move them forward."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from threading import Barrier

import pytest

from addons.whatsapp.failures import AGAIN_SECONDS
from addons.whatsapp.leases import LeaseLost, Scope
from addons.whatsapp.outbox import GRACE_SECONDS, MEDIA_SECONDS, SILENT_SECONDS, WINDOW_SECONDS, Later
from addons.whatsapp.receipts import FORGOTTEN_SECONDS
from addons.whatsapp.render import Part
from tests.whatsapp.conftest import ANA, LEASE, MARIA

SLIP = Part("media", "", media_id="m1", fallback="linha digitável")


@pytest.fixture
def sender_id(replica):
    return replica.write()


@pytest.fixture
def outbox(replica):
    return replica.outbox


@pytest.fixture
def queue(replica, sender_id):
    def put(*parts):
        with replica.engine.begin() as connection:
            replica.outbox.add(connection, sender_id, parts)

    return put


def sent(outbox, sender_id, sid):
    """Take the next message and have it accepted."""
    message = outbox.next_for(sender_id)
    outbox.accepted(message, sid)
    return message


def test_messages_are_sent_in_the_order_in_which_they_were_said(replica, outbox, sender_id):
    replica.answer("um", "dois")
    replica.answer("três")

    assert [sent(outbox, sender_id, f"MM{n}").part.body for n in range(3)] == ["um", "dois", "três"]
    assert outbox.next_for(sender_id) is None


def test_the_next_message_waits_while_one_is_being_sent(replicas, sender_id):
    replicas[0].answer("um", "dois")
    replicas[0].outbox.next_for(sender_id)

    assert replicas[1].outbox.next_for(sender_id) == Later(pytest.approx(LEASE))


def test_what_is_said_is_sealed(replica):
    replica.answer("R$ 99,90")

    assert "R$ 99" not in replica.rows("outbox")[0].content


def test_a_message_that_was_not_taken_comes_again_before_those_behind_it(replica, outbox, sender_id, clock):
    replica.answer("um", "dois")
    outbox.retry(outbox.next_for(sender_id), delay=5)

    assert outbox.next_for(sender_id) == Later(pytest.approx(5))
    clock.now += 5
    again = outbox.next_for(sender_id)

    assert (again.part.body, again.attempts, again.doubtful) == ("um", 2, False)


def test_a_message_whose_sender_crashed_is_doubtful(replicas, sender_id, clock):
    replicas[0].answer("um")
    replicas[0].outbox.next_for(sender_id)
    clock.now += LEASE

    found = replicas[1].outbox.next_for(sender_id)

    assert (found.part.body, found.doubtful) == ("um", True)


def test_a_doubtful_message_gives_the_callback_time(replica, outbox, sender_id):
    replica.answer("um", "dois")
    outbox.doubt(outbox.next_for(sender_id))
    assert outbox.next_for(sender_id) == Later(pytest.approx(GRACE_SECONDS), woken=True)

    replica.receipts.note_status(replica.rows("outbox")[0].outbox_id, "MM1", "queued", None)

    assert outbox.next_for(sender_id).part.body == "dois"


def test_a_doubtful_message_can_be_sent_again(replica, outbox, sender_id, clock):
    replica.answer("um")
    outbox.doubt(outbox.next_for(sender_id))
    clock.now += GRACE_SECONDS

    again = outbox.send_again(outbox.next_for(sender_id))

    assert (again.attempts, again.doubtful) == (2, False)
    assert outbox.accepted(again, "MM2")


def test_a_doubtful_message_that_a_callback_settled_is_not_sent_again(replica, outbox, sender_id, clock):
    replica.answer("um")
    outbox.doubt(outbox.next_for(sender_id))
    clock.now += GRACE_SECONDS
    message = outbox.next_for(sender_id)
    replica.receipts.note_status(message.outbox_id, "MM1", "sent", None)

    assert outbox.send_again(message) is None


def test_a_message_that_twilio_took_twice_is_noticed(replica, outbox, sender_id):
    replica.answer("um")
    message = outbox.next_for(sender_id)

    assert outbox.accepted(message, "MM1")
    assert outbox.accepted(message, "MM1")
    assert not outbox.accepted(message, "MM2")
    assert replica.receipts.note_status(message.outbox_id, "MM2", "delivered", None).verdict == "second_send"


def test_an_acceptance_is_noted_though_the_lease_is_lost(replicas, sender_id, clock):
    replicas[0].answer("um")
    slow = replicas[0].outbox.next_for(sender_id)
    clock.now += LEASE
    quick = replicas[1].outbox.next_for(sender_id)

    assert replicas[0].outbox.accepted(slow, "MM1")
    with pytest.raises(LeaseLost):
        replicas[0].outbox.retry(slow, delay=1)

    assert replicas[1].outbox.send_again(quick) is None


def test_what_is_settled_is_not_put_back(replica, outbox, sender_id):
    replica.answer("um")
    message = outbox.next_for(sender_id)
    replica.receipts.note_status(message.outbox_id, "MM1", "queued", None)

    outbox.doubt(message)

    assert outbox.next_for(sender_id) is None


@pytest.mark.parametrize("order", list(permutations(["queued", "sent", "delivered", "read"])))
def test_callbacks_only_move_forward(replica, outbox, sender_id, order):
    replica.answer("um")
    message = outbox.next_for(sender_id)
    outbox.accepted(message, "MM1")

    for status in (*order, *order):
        replica.receipts.note_status(message.outbox_id, "MM1", status, None)

    assert replica.rows("outbox")[0].status == "read"


def test_a_callback_for_a_message_of_nobody(replica):
    assert replica.receipts.note_status("made up", "MM1", "sent", None).verdict == "unknown_message"


def test_a_failure_is_final(replica, outbox, sender_id):
    replica.answer("um")
    message = sent(outbox, sender_id, "MM1")

    assert replica.receipts.note_status(message.outbox_id, "MM1", "failed", 63016).verdict == "failed"
    assert replica.receipts.note_status(message.outbox_id, "MM1", "delivered", None).verdict == "old"

    (row,) = replica.rows("outbox")
    assert (row.status, row.error_code) == ("failed", 63016)
    assert outbox.next_for(sender_id) is None


def test_a_medium_that_cannot_be_delivered_goes_out_as_text(replica, outbox, sender_id, queue):
    queue(SLIP)
    message = sent(outbox, sender_id, "MM1")

    assert replica.receipts.note_status(message.outbox_id, "MM1", "undelivered", 63021).verdict == "fallback"

    again = sent(outbox, sender_id, "MM2")
    assert again.part == Part("text", "linha digitável")
    assert (
        replica.receipts.note_status(message.outbox_id, "MM1", "failed", 63021).verdict == "unknown_message"
    )
    assert replica.receipts.note_status(again.outbox_id, "MM2", "failed", 63016).verdict == "failed"


def test_a_delivery_that_failed_for_a_passing_reason_is_tried_once_more(replica, outbox, sender_id, clock):
    replica.answer("um")
    verdicts = []
    for number in range(2):
        message = sent(outbox, sender_id, f"MM{number}")
        verdicts.append(
            replica.receipts.note_status(message.outbox_id, f"MM{number}", "undelivered", 63005).verdict
        )
        clock.now += AGAIN_SECONDS

    assert verdicts == ["again", "failed"]
    assert outbox.next_for(sender_id) is None


def test_a_medium_that_could_not_be_fetched_is_offered_again_and_then_said_in_text(
    replica, outbox, sender_id, queue, clock
):
    queue(SLIP)
    first = sent(outbox, sender_id, "MM1")
    assert replica.receipts.note_status(first.outbox_id, "MM1", "failed", 63019).verdict == "again"
    clock.now += AGAIN_SECONDS
    second = sent(outbox, sender_id, "MM2")
    assert second.part == first.part

    assert replica.receipts.note_status(second.outbox_id, "MM2", "failed", 63019).verdict == "fallback"


def test_twilio_is_asked_about_messages_it_is_silent_about_less_and_less_often(
    replica, outbox, sender_id, clock
):
    replica.answer("um")
    sent(outbox, sender_id, "MM1")
    began, asked_after = clock.now, []
    while clock.now < began + 2 * FORGOTTEN_SECONDS:
        clock.now += 5
        if replica.receipts.unheard(limit=10):
            asked_after.append(clock.now - began)

    assert asked_after[:4] == [15, 30, 60, 120]
    assert asked_after[-1] < FORGOTTEN_SECONDS
    assert replica.receipts.unheard(limit=10) == []


@pytest.mark.parametrize(("status", "asked"), [("queued", True), ("sent", False), ("failed", False)])
def test_twilio_is_not_asked_about_what_is_known(replica, outbox, sender_id, clock, status, asked):
    replica.answer("um")
    message = sent(outbox, sender_id, "MM1")
    replica.receipts.note_status(message.outbox_id, "MM1", status, None)
    clock.now += SILENT_SECONDS

    assert bool(replica.receipts.unheard(limit=10)) is asked


def test_a_medium_for_somebody_who_has_no_whatsapp_is_not_said_in_text(replica, outbox, sender_id, queue):
    queue(SLIP)
    message = sent(outbox, sender_id, "MM1")

    assert replica.receipts.note_status(message.outbox_id, "MM1", "failed", 63003).verdict == "failed"


def test_a_medium_that_is_refused_is_replaced_before_what_follows(outbox, sender_id, queue):
    queue(SLIP, Part("text", "Precisa de mais alguma coisa?"))
    message = outbox.next_for(sender_id)

    assert outbox.refuse(message, 12345) == "fallback"

    bodies = [sent(outbox, sender_id, sid).part.body for sid in ("MM1", "MM2")]
    assert bodies == ["linha digitável", "Precisa de mais alguma coisa?"]


def test_a_refused_text_does_not_stop_what_follows(replica, outbox, sender_id):
    replica.answer("um", "dois")
    message = outbox.next_for(sender_id)

    assert outbox.refuse(message, 21617) == "failed"

    assert outbox.next_for(sender_id).part.body == "dois"


def test_a_text_waits_until_the_medium_before_it_is_there(replica, outbox, sender_id, queue):
    queue(SLIP, Part("text", "Segue o boleto"))
    message = sent(outbox, sender_id, "MM1")
    assert outbox.next_for(sender_id) == Later(pytest.approx(MEDIA_SECONDS), woken=True)

    replica.receipts.note_status(message.outbox_id, "MM1", "queued", None)
    assert isinstance(outbox.next_for(sender_id), Later)

    replica.receipts.note_status(message.outbox_id, "MM1", "sent", None)
    assert outbox.next_for(sender_id).part.body == "Segue o boleto"


def test_a_text_does_not_wait_for_ever_for_the_medium_before_it(outbox, sender_id, queue, clock):
    queue(SLIP, Part("text", "Segue o boleto"))
    sent(outbox, sender_id, "MM1")
    clock.now += MEDIA_SECONDS

    assert outbox.next_for(sender_id).part.body == "Segue o boleto"


def test_a_day_after_the_customer_wrote_nothing_is_sent(replica, outbox, sender_id, clock):
    replica.answer("um", "dois")
    clock.now += WINDOW_SECONDS + 1

    assert outbox.next_for(sender_id) is None
    assert {row.state for row in replica.rows("outbox")} == {"too_late"}


def test_a_new_message_of_the_customer_opens_the_window_again(replica, outbox, sender_id, clock):
    replica.answer("um")
    clock.now += WINDOW_SECONDS - 10
    replica.write("oi?")
    clock.now += 100

    assert outbox.next_for(sender_id).part.body == "um"


def test_recipients_with_something_due_are_found(replica, outbox, clock):
    ana, maria = replica.write(sender=ANA), replica.write(sender=MARIA)
    replica.answer("um", sender=ANA)
    replica.answer("um", sender=MARIA)
    assert outbox.ready_recipients(Scope.DELIVERY, limit=10) == [ana, maria]

    outbox.retry(outbox.next_for(ana), delay=5)
    assert outbox.ready_recipients(Scope.DELIVERY, limit=10) == [maria]

    outbox.next_for(maria)
    assert outbox.ready_recipients(Scope.DELIVERY, limit=10) == []

    clock.now += LEASE
    assert outbox.ready_recipients(Scope.DELIVERY, limit=10) == [ana, maria]
    assert outbox.counts() == {"sending": 1, "waiting": 1}


def test_of_many_that_send_at_once_each_message_goes_to_one(replicas, sender_id):
    replicas[0].answer("um")
    start = Barrier(8)

    def take(number):
        start.wait()
        return replicas[number % 2].outbox.next_for(sender_id)

    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(take, range(8)))
    assert sum(not isinstance(each, Later) for each in taken) == 1
