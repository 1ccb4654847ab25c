"""People see "digitando…" when an answer is coming, and nothing depends on it."""

from __future__ import annotations

import asyncio

import pytest

from addons.whatsapp.api import Account, Answer, MaybeTaken
from addons.whatsapp.inbox import Received
from addons.whatsapp.indicator import AT_ONCE, TypingIndicator
from addons.whatsapp.leases import Lease
from addons.whatsapp.turn import Turn

ANSWERS = [Answer(200, None, {"success": True}), Answer(404, None, {"code": 20404}), MaybeTaken("time-out")]


class Api:
    """Notes for which messages it was called."""

    def __init__(self, answer=ANSWERS[0]):
        self.account = Account("AC1", "SK1", "secret", "whatsapp:+551130000000")
        self.answer = answer
        self.shown = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def call(self, method, url, *, data):
        assert (method, url) == ("POST", "https://messaging.twilio.com/v2/Indicators/Typing.json")
        assert data["channel"] == "whatsapp"
        self.shown.append(data["messageId"])
        await self.gate.wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def turn(*sids, kind="text", attempts=1):
    more = {"button": None, "replied_to": None, "turn": sids[0], "attempts": attempts, "started_at": 0.0}
    messages = (Received(number, sid, kind, "oi", **more) for number, sid in enumerate(sids))
    return Turn(Lease("a" * 32, 1), tuple(messages))


async def ended(typing):
    await asyncio.wait_for(asyncio.gather(*typing._tasks), 5)


@pytest.mark.parametrize("answer", ANSWERS)
async def test_it_is_shown_for_the_last_message_and_may_fail(answer):
    api = Api(answer)
    typing = TypingIndicator(api, lambda _sender_id: False)

    typing.show(turn("SM1", "SM2"))
    await ended(typing)

    assert api.shown == ["SM2"]


async def test_nobody_types_while_the_desk_has_the_person():
    api = Api()
    typing = TypingIndicator(api, lambda _sender_id: True)

    typing.show(turn("SM1"))
    await ended(typing)

    assert api.shown == []


async def test_a_database_that_cannot_tell_changes_nothing():
    def away(_sender_id):
        raise OSError

    api = Api()
    typing = TypingIndicator(api, away)

    typing.show(turn("SM1"))
    await ended(typing)

    assert api.shown == []


@pytest.mark.parametrize("unfit", [{"kind": "sticker"}, {"kind": "reaction"}, {"attempts": 2}])
async def test_not_for_what_gets_no_answer_and_not_after_a_crash(unfit):
    typing = TypingIndicator(Api(), lambda _sender_id: False)

    typing.show(turn("SM1", **unfit))

    assert not typing._tasks


async def test_answers_have_the_connections_first():
    api = Api()
    api.gate.clear()
    typing = TypingIndicator(api, lambda _sender_id: False)

    for number in range(3 * AT_ONCE):
        typing.show(turn(f"SM{number}"))
    while len(api.shown) < AT_ONCE:  # noqa: ASYNC110 - a test's eye on work in the background
        await asyncio.sleep(0.005)
    await typing.stop()

    assert len(api.shown) == AT_ONCE
