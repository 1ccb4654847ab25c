"""The desk of the running tests, asked by the real webhook client over a real connection."""

from __future__ import annotations

import threading

import pytest

from billing.sgp.transport import pooled_session
from billing.webhook import Webhook
from tests.desk_receiver import SECRET, running_desk

MESSAGE = {"type": "message", "text": "olá"}


@pytest.fixture(scope="module")
def listening():
    with running_desk() as desk:
        yield desk


@pytest.fixture
def desk(listening):
    listening.reset()
    return listening


@pytest.fixture
def webhook(desk):
    with pooled_session(1) as session:
        yield Webhook(desk.url, SECRET, session=session)


def test_a_connected_desk_takes_what_is_signed(desk, webhook):
    desk.answer(200)

    assert webhook.post(MESSAGE)
    assert desk.taken() == [MESSAGE]
    assert desk.taken("message") == [desk.wait_for("message")]
    assert desk.taken("handoff") == []


def test_a_desk_that_is_not_connected_takes_nothing(desk, webhook):
    assert not webhook.post(MESSAGE)
    assert (desk.taken(), desk.asked) == ([], 3)


def test_another_secret_is_refused(desk):
    desk.answer(200)
    with pooled_session(1) as session:
        assert not Webhook(desk.url, "outro", session=session).post(MESSAGE)
    assert desk.taken() == []


def test_a_desk_that_hangs_answers_when_it_is_told_to(desk, webhook):
    desk.hang()
    sending = threading.Thread(target=webhook.post, args=[MESSAGE])
    sending.start()
    desk.wait_until_asked()
    assert desk.taken() == []

    desk.answer(200)

    assert desk.wait_for("message") == MESSAGE
    sending.join()
