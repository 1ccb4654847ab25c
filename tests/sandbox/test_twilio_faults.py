"""Twilio on a bad day."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from tests.sandbox.twilio_bench import MARIA, MESSAGES

JOAO = "whatsapp:+5511988880002"
DROPPED = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)


async def fault(twilio, kind, **more):
    await twilio.open_window()
    await twilio.open_window(JOAO)
    await twilio.control("POST", "faults", {"kind": kind, **more})


async def texts(twilio, address=MARIA):
    return [message["body"] for message in await twilio.phone(address)]


@pytest.mark.parametrize(("seconds", "header"), [(2, "2"), (None, None)])
async def test_throttling_may_say_when_to_come_back(twilio, seconds, header):
    await fault(twilio, "429", seconds=seconds)
    async with twilio.rest("POST", f"{MESSAGES}.json", data={"To": MARIA}) as answer:
        assert (answer.status, answer.headers.get("Retry-After")) == (429, header)
        assert (await answer.json())["code"] == 20429


@pytest.mark.parametrize(
    ("kind", "more", "status", "code"),
    [("500", {}, 500, 20500), ("400", {"code": 21610}, 400, 21610), ("400", {"code": 99999}, 400, 99999)],
)
async def test_an_error_is_answered_and_nothing_sent(twilio, kind, more, status, code):
    await fault(twilio, kind, times=1, **more)
    answered, body = await twilio.create(Body="a")
    assert (answered, body["code"], body["status"]) == (status, code, status)
    assert (await twilio.create(Body="b"))[0] == 201
    assert await texts(twilio) == ["b"]


@pytest.mark.parametrize(("kind", "shown"), [("dropped", []), ("dropped_after", ["Olá!"])])
async def test_a_dropped_connection_may_have_sent_the_message(twilio, kind, shown):
    await fault(twilio, kind, times=1)
    with pytest.raises(DROPPED):
        await twilio.create()
    assert await texts(twilio) == shown
    stats = await twilio.control("GET", "stats")
    assert stats["requests"] == {"CreateMessage": {kind: 1}}


@pytest.mark.parametrize(("kind", "shown"), [("slow", []), ("slow_after", ["Olá!"])])
async def test_a_slow_answer_may_have_sent_the_message(twilio, kind, shown):
    await fault(twilio, kind, seconds=60)
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(twilio.create(), 0.3)
    assert await texts(twilio) == shown


@pytest.mark.parametrize("kind", ["slow", "slow_after"])
async def test_who_waits_gets_the_usual_answer(twilio, kind):
    await fault(twilio, kind, seconds=0.05)
    assert (await twilio.create())[0] == 201


async def test_a_silent_message_arrives_without_callbacks(twilio):
    await fault(twilio, "silent")
    _, message = await twilio.create()
    assert (await twilio.message(message["sid"]))["status"] == "read"
    assert twilio.bot.posts == []
    assert await texts(twilio) == ["Olá!"]


@pytest.mark.parametrize("kind", ["failed", "undelivered"])
async def test_a_message_fails_on_the_way_with_a_code(twilio, kind):
    await fault(twilio, kind, code=63018)
    _, message = await twilio.create()
    assert (await twilio.message(message["sid"]))["error_code"] == 63018
    assert twilio.bot.statuses_of(message["sid"]) == ["queued", kind]
    form = twilio.bot.posts[-1].form
    assert (form["ErrorCode"], form["ErrorMessage"]) == ("63018", "Rate limit exceeded for Channel")
    assert await texts(twilio) == []


async def test_a_fault_strikes_one_person_only(twilio):
    await fault(twilio, "500", to=JOAO)
    assert (await twilio.create(To=JOAO))[0] == 500
    assert (await twilio.create())[0] == 201


async def test_a_fault_strikes_one_operation_only(twilio):
    await fault(twilio, "500", operation="ListMessage")
    assert (await twilio.create())[0] == 201
    assert (await twilio.answer("GET", f"{MESSAGES}.json"))[0] == 500


async def test_a_probability_draws_the_same_requests_every_time(twilio):
    async def statuses():
        await twilio.control("POST", "reset")
        await fault(twilio, "500", probability=0.5)
        return [(await twilio.create())[0] for _ in range(20)]

    first = await statuses()
    assert set(first) == {201, 500}
    assert await statuses() == first


async def test_delete_heals(twilio):
    await fault(twilio, "500")
    assert len(await twilio.control("GET", "faults")) == 1
    assert await twilio.control("DELETE", "faults") == []
    assert (await twilio.create())[0] == 201


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "flood"},
        {"kind": "400"},
        {"kind": "failed"},
        {"kind": "slow"},
        {"kind": "500", "operation": "SendSms"},
        {"kind": "silent", "operation": "ListMessage"},
        {"kind": "500", "probability": 2},
        {"kind": "500", "times": 0},
        {"kind": "500", "colour": "red"},
    ],
)
async def test_a_fault_that_makes_no_sense_is_told_why(twilio, body):
    answer = await twilio.control("POST", "faults", body, status=400)
    assert answer["error"]
    assert await twilio.control("GET", "faults") == []
