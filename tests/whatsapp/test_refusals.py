"""What strangers post costs next to nothing, leaves nothing, and sends nothing."""

from __future__ import annotations

import asyncio
import gc
import statistics
import time
import tracemalloc
from urllib.parse import urlencode

import pytest

from addons.whatsapp.channel import MAX_BODY
from addons.whatsapp.form import MAX_FIELDS
from addons.whatsapp.privacy_notice import WITHOUT_LINK
from billing.tables import metadata
from tests.whatsapp.served import FORM, NOTHING, PREFIX, actions, bot, changes, signature

__all__ = ["actions", "bot", "changes"]

WEBHOOK = f"{PREFIX}/webhook"
LONG = {**FORM, "Body": "x" * (MAX_BODY - 2000)}
WIDE = {f"Field{number}": "x" for number in range(MAX_FIELDS - 1)}
EMPTY = {"AccountSid": "AC1"}
ENDLESS = {f"Field{number}": "" for number in range(3000)}
RATIO = 3
ROUNDS, IN_A_ROUND = 15, 20
"""Processor time is compared, so that what else runs on the machine is not counted."""


def request(path, body, headers=(), method="POST"):
    """The bytes of one request."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: bot.provedor.example",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def posted(form, signed=None, path=WEBHOOK, method="POST"):
    headers = [] if signed is None else [f"X-Twilio-Signature: {signed}"]
    return request(path, urlencode(form).encode(), headers, method)


REFUSED = {
    "unsigned": (posted(FORM), 403),
    "signed with a word": (posted(FORM, "x"), 403),
    "signed by a stranger": (posted(FORM, signature(FORM, token="guess")), 403),
    "signed for another host": (posted(FORM, signature(FORM, base="https://evil.example")), 403),
    "signed for another route": (posted(FORM, signature(FORM, "/status")), 403),
    "replayed with another text": (posted({**FORM, "Body": "meu cpf"}, signature(FORM)), 403),
    "replayed with another person": (posted({**FORM, "From": "whatsapp:+551190"}, signature(FORM)), 403),
    "replayed with one field more": (posted({**FORM, "Extra": ""}, signature(FORM)), 403),
    "no UTF-8": (request(WEBHOOK, b"Body=\xff\xfe", ["X-Twilio-Signature: x"]), 403),
    "no form": (request(WEBHOOK, b"{}", [f"X-Twilio-Signature: {signature(FORM)}"]), 403),
    "a long text": (posted(LONG, signature(FORM)), 403),
    "many fields": (posted(WIDE, signature(FORM)), 403),
    "too many fields": (posted(ENDLESS, signature(FORM))[: MAX_BODY + 200], 403),
    "an unsigned status": (posted(FORM, path=f"{PREFIX}/status?id=1"), 403),
    "another method": (posted(FORM, signature(FORM), method="PUT"), 405),
    "a signed form that is no message": (
        posted({"AccountSid": "AC1"}, signature({"AccountSid": "AC1"})),
        400,
    ),
}


@pytest.fixture
async def connect(bot):
    """Opens a connection that sends bytes and tells the answer's status."""
    writers = []

    async def opened():
        host, port = bot.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writers.append(writer)

        async def send(content):
            writer.write(content)
            head = await reader.readuntil(b"\r\n\r\n")
            length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            if length:
                await reader.readexactly(int(length[0].split(b":")[1]))
            return int(head.split()[1])

        return send

    yield opened
    for writer in writers:
        writer.close()


def nothing_is_left(bot):
    assert [len(bot.rows(table)) for table in metadata.tables.values()] == [0] * len(metadata.tables)
    assert bot.phone.got == []


@pytest.mark.parametrize("changes", [{"twilio_auth_token_secondary": ""}], ids=["one token"])
@pytest.mark.parametrize("kind", REFUSED)
async def test_a_refusal_costs_little_and_leaves_nothing(bot, connect, kind):
    content, status = REFUSED[kind]
    body = content.partition(b"\r\n\r\n")[2]
    send = await connect()

    async def seconds(what, expected):
        began = time.process_time()
        for _ in range(IN_A_ROUND):
            assert await send(what) == expected
        return time.process_time() - began

    pairs = [
        (await seconds(request(NOTHING, body), 204), await seconds(content, status)) for _ in range(ROUNDS)
    ]
    idle, refused = (min(column) for column in zip(*pairs, strict=True))
    ratio = refused / idle
    print(f"{kind}: {ratio:.2f} times a route that does nothing")  # noqa: T201 - shown by -rP
    assert ratio < RATIO
    nothing_is_left(bot)


async def test_the_measure_sees_what_costs_more(connect):
    """A message that is kept costs a transaction, which is more than refusing it."""
    send = await connect()
    taken = posted(FORM, signature(FORM))
    await send(taken)

    async def seconds(what):
        began = time.process_time()
        for _ in range(IN_A_ROUND):
            await send(what)
        return time.process_time() - began

    ratios = [await seconds(taken) / await seconds(request(NOTHING, b"")) for _ in range(ROUNDS)]
    assert statistics.median(ratios) > RATIO


@pytest.mark.parametrize("count", [2_000, pytest.param(10_000, marks=pytest.mark.soak)])
async def test_thousands_of_refusals_leave_memory_flat(bot, connect, count):
    sends = [await connect() for _ in range(8)]

    async def strangers(total):
        contents = [content for content, _ in REFUSED.values()]
        await asyncio.gather(
            *(
                one(send, [contents[number % len(contents)] for number in range(total // len(sends))])
                for send in sends
            )
        )
        gc.collect()

    async def one(send, contents):
        for content in contents:
            await send(content)

    await strangers(500)
    tracemalloc.start()
    try:
        await strangers(100)
        before = tracemalloc.get_traced_memory()[0]
        await strangers(count)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()

    assert grown < 200_000, grown
    nothing_is_left(bot)


async def test_what_is_huge_is_refused_and_the_next_person_is_served(bot, connect):
    for length in (MAX_BODY + 1, 10**9):
        send = await connect()
        head = f"POST {WEBHOOK} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode()
        assert await send(head) == 413

    assert await (await connect())(posted(FORM, signature(FORM))) == 204
    assert await bot.heard(1) == [f"OI\n\n{WITHOUT_LINK}"]
