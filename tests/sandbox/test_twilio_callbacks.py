"""Status callbacks, and the posting that they share with incoming messages."""

from __future__ import annotations

from collections import Counter

import pytest

from sandbox.twilio.webhooks import Overrides, Tunnel
from tests.sandbox.twilio_bench import STATUS

LADDER = ["queued", "sent", "delivered", "read"]


async def send(twilio, **parameters):
    await twilio.open_window()
    status, message = await twilio.create(**parameters)
    assert status == 201
    await twilio.settle()
    return message["sid"]


async def test_callbacks_climb_signed_over_the_public_address(twilio):
    sid = await send(twilio)
    assert twilio.bot.statuses_of(sid) == LADDER
    assert {post.path for post in twilio.bot.posts} == {"/status?outbox=7"}
    assert {post.host for post in twilio.bot.posts} == {"bot.example"}
    assert all(post.signed for post in twilio.bot.posts)
    assert all(post.form["MessagingServiceSid"] == "" for post in twilio.bot.posts)
    assert (await twilio.control("GET", "stats"))["callbacks"] == {"204": 4}


async def test_without_an_address_nothing_is_posted(twilio):
    sid = await send(twilio, StatusCallback=None)
    assert twilio.bot.posts == []
    assert (await twilio.message(sid))["status"] == "read"


async def test_they_come_shuffled_several_times_and_end_early(twilio):
    await twilio.control("POST", "callbacks", {"shuffled": True, "copies": 3, "last": "delivered"})
    orders = set()
    for _ in range(8):
        sid = await send(twilio)
        seen = twilio.bot.statuses_of(sid)
        assert Counter(seen) == {"queued": 3, "sent": 3, "delivered": 3}
        orders.add(tuple(dict.fromkeys(seen)))
        assert (await twilio.message(sid))["status"] == "delivered"
    assert len(orders) > 1


async def test_a_delay_holds_them_back_but_not_the_message(twilio):
    await twilio.control("POST", "callbacks", {"delay": 600})
    await twilio.open_window()
    _, message = await twilio.create()
    assert [shown["sid"] for shown in await twilio.phone()] == [message["sid"]]
    assert twilio.bot.posts == []
    await twilio.control("POST", "reset")
    assert await twilio.phone() == []


@pytest.mark.parametrize(
    ("fragment", "statuses", "attempts"),
    [
        ("", [500], 1),
        ("#rc=2&rp=5xx", [500, 502], 3),
        ("#rc=1&rp=5xx", [500, 502], 2),
        ("#rc=2&rp=5xx", [404], 1),
        ("#rc=2&rp=all", [404], 2),
    ],
)
async def test_the_fragment_says_what_is_tried_again_with_the_same_token(
    twilio, fragment, statuses, attempts
):
    await twilio.control("POST", "callbacks", {"last": "queued"})
    twilio.bot.statuses.extend(statuses)
    sid = await send(twilio, StatusCallback=STATUS + fragment)
    assert twilio.bot.statuses_of(sid) == ["queued"] * attempts
    assert len({post.token for post in twilio.bot.posts}) == 1
    assert all(post.signed for post in twilio.bot.posts)


@pytest.mark.parametrize(
    ("fragment", "overrides"),
    [
        ("", Overrides(5, 15, 15, 1, frozenset({"ct"}))),
        ("#ct=100&rt=2500&tt=3000", Overrides(0.1, 2.5, 3, 1, frozenset({"ct"}))),
        ("#rc=9&rp=5xx,rt", Overrides(retries=5, policy=frozenset({"5xx", "rt"}))),
        ("#e=ashburn&rc=0&rp=all", Overrides(retries=0, policy=frozenset({"4xx", "5xx", "ct", "rt"}))),
    ],
)
def test_overrides_are_read_from_the_fragment(fragment, overrides):
    assert Overrides.of(f"https://bot.example/x?rc=4{fragment}") == overrides


@pytest.mark.parametrize(
    ("url", "reached"),
    [
        ("https://bot.example/x?y=1", "http://127.0.0.1:5005/x?y=1"),
        ("https://bot.example", "http://127.0.0.1:5005"),
        ("https://bot.example.evil/x", "https://bot.example.evil/x"),
        ("http://bot.example/x", "http://bot.example/x"),
    ],
)
def test_only_the_public_address_leads_to_the_bot(url, reached):
    tunnel = Tunnel("https://bot.example/", "http://127.0.0.1:5005/")
    target, headers = tunnel.reach(url)
    assert target == reached
    assert bool(headers) == (url != reached)
