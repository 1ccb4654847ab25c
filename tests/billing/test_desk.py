"""Handing a conversation to people, and taking it back."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from threading import Barrier

import pytest

from billing.contacts import Proof
from billing.desk import Desk, DeskAnswer
from billing.hours import BusinessHours
from billing.settings import load_settings
from tests.billing.fake_webhook import FakeWebhook
from tests.stack import KEYS

ADDRESS = "whatsapp:+5511987654321"
ZONE = timezone(-timedelta(hours=3))
MONDAY_TEN = datetime(2026, 11, 23, 10, tzinfo=ZONE).timestamp()
TWO_HOURS = 7200


@pytest.fixture
def webhook():
    return FakeWebhook()


@pytest.fixture
def make(engine, vault, contacts, webhook, clock):
    clock.now = MONDAY_TEN

    def build(**changes):
        arguments = {
            "webhook": webhook,
            "hours": BusinessHours.parse("mon-fri 08:00-18:00"),
            "zone": ZONE,
            "hold_seconds": TWO_HOURS,
            "clock": clock,
            "in_background": lambda work: work(),
        }
        return Desk(engine, vault, contacts, **arguments | changes)

    return build


@pytest.fixture
def desk(make):
    return make()


@pytest.fixture
def sender(contacts):
    return contacts.remember(ADDRESS, Proof.CHANNEL)


def hand_over(desk, sender, message_id="SM1"):
    return desk.hand_over(
        sender, "dispute", "Cliente de CPF 529.982.247-25 contesta a fatura.", "101", message_id
    )


def test_within_hours_the_sender_is_held_and_the_desk_knows_all_it_needs(desk, sender, webhook):
    assert hand_over(desk, sender) is DeskAnswer.CONNECTED

    assert desk.held(sender)
    (message,) = webhook.posts
    assert re.fullmatch("[0-9a-f]{32}", message.pop("id"))
    assert message == {
        "type": "handoff",
        "sender": ADDRESS,
        "reason": "dispute",
        "summary": "Cliente de CPF [documento] contesta a fatura.",
        "contract": "101",
        "text": "",
        "created_at": "2026-11-23T10:00:00-03:00",
    }


def test_outside_hours_it_is_noted_and_the_bot_goes_on(desk, sender, webhook, clock):
    clock.now = MONDAY_TEN + 8 * 3600

    assert hand_over(desk, sender) is DeskAnswer.NOTED
    assert not desk.held(sender)
    assert webhook.types() == ["handoff"]


def test_a_desk_that_does_not_answer_holds_nobody(desk, sender, webhook):
    webhook.takes = False

    assert hand_over(desk, sender) is DeskAnswer.NOT_REACHED
    assert not desk.held(sender)


def test_without_a_desk_nobody_is_held(make, sender, desk):
    hand_over(desk, sender)
    without = make(webhook=None)

    assert hand_over(without, sender) is DeskAnswer.NOT_REACHED
    assert not without.held(sender)
    assert not without.forward(sender, "SM2", "oi")


def test_whom_the_desk_could_not_answer_is_not_handed_over(desk, webhook):
    assert hand_over(desk, "nobody") is DeskAnswer.NOT_REACHED
    assert webhook.posts == []


def test_only_reasons_of_the_list_go_out(desk, sender, webhook):
    with pytest.raises(ValueError, match="whim"):
        desk.hand_over(sender, "whim", "", None, "SM1")
    assert webhook.posts == []


def test_a_message_goes_to_the_desk_without_its_document(desk, sender, webhook):
    hand_over(desk, sender)

    assert desk.forward(sender, "SM2", "sou o 11144477735, me liga no (11) 98765-4321")

    message = webhook.posts[-1]
    assert (message["type"], message["sender"], message["reason"]) == ("message", ADDRESS, "dispute")
    assert message["text"] == "sou o [documento], me liga no (11) 98765-4321"
    assert message["summary"] == ""
    assert message["contract"] is None


def test_a_message_that_the_desk_does_not_take(desk, sender, webhook):
    hand_over(desk, sender)
    webhook.takes = False

    assert not desk.forward(sender, "SM2", "oi")
    assert desk.held(sender)


def test_nothing_is_forwarded_of_who_is_not_held(desk, sender, webhook):
    assert not desk.forward(sender, "SM2", "oi")
    assert webhook.posts == []


def test_the_same_message_has_the_same_id_and_every_other_its_own(desk, sender, webhook):
    for message_id in ("SM1", "SM1", "SM2"):
        hand_over(desk, sender, message_id)
        desk.forward(sender, message_id, "oi")
    ids = [message["id"] for message in webhook.posts]

    assert ids[:2] == ids[2:4]
    assert len(set(ids)) == 4


def test_a_release_is_told_to_the_desk_once(desk, sender, webhook):
    hand_over(desk, sender)

    assert [desk.release(sender), desk.release(sender)] == [True, False]
    assert not desk.held(sender)
    assert webhook.types() == ["handoff", "released"]
    assert webhook.posts[-1]["reason"] == "dispute"


def test_a_release_counts_also_when_the_desk_does_not_hear_of_it(desk, sender, webhook):
    hand_over(desk, sender)
    webhook.takes = False

    assert desk.release(sender)
    assert not desk.held(sender)


def test_a_hold_ends_by_itself_and_the_desk_learns_it_with_anybodys_next_message(
    desk, sender, webhook, clock
):
    hand_over(desk, sender)
    clock.now += TWO_HOURS - 1
    assert desk.held(sender)
    clock.now += 1

    assert not desk.held("somebody else")
    assert webhook.types() == ["handoff", "released"]
    assert not desk.held(sender)
    assert webhook.types() == ["handoff", "released"]


def test_a_hold_whose_time_is_over_is_no_longer_there_to_release(desk, sender, webhook, clock):
    hand_over(desk, sender)
    clock.now += TWO_HOURS

    assert not desk.release(sender)
    assert webhook.types() == ["handoff", "released"]


def test_another_handoff_starts_the_time_anew(desk, sender, clock):
    hand_over(desk, sender)
    clock.now += TWO_HOURS - 1
    hand_over(desk, sender, "SM2")
    clock.now += TWO_HOURS - 1

    assert desk.held(sender)


def test_each_release_has_an_id_of_its_own(desk, sender, webhook, clock):
    for _ in range(2):
        hand_over(desk, sender)
        desk.release(sender)
        clock.now += 60

    released = [message["id"] for message in webhook.posts if message["type"] == "released"]
    assert len(set(released)) == 2


def test_of_many_releases_at_once_one_counts(desk, sender, webhook):
    hand_over(desk, sender)
    start = Barrier(8)

    def race(_number):
        start.wait()
        return desk.release(sender)

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(race, range(8))) == 1
    assert webhook.types().count("released") == 1


@pytest.mark.parametrize(
    ("changes", "connected"),
    [({}, False), ({"handoff_webhook_url": "https://central.example", "handoff_webhook_secret": "s"}, True)],
)
def test_the_settings_say_whether_there_is_a_desk(engine, vault, contacts, changes, connected):
    keys = {name.lower(): value for name, value in KEYS.items()}
    made = Desk.from_settings(load_settings(_env_file=None, **keys, **changes), engine, vault, contacts)

    assert (made._webhook is not None) is connected
