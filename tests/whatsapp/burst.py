"""Webhooks in a burst: signed beforehand and sent as bytes, so that the sender takes no time from the bot."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from twilio.request_validator import RequestValidator

from sandbox.twilio.account import AUTH_TOKEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def signed(url: str, form: Mapping[str, str]) -> bytes:
    """A webhook's whole request, as Twilio makes it.

    Args:
        url: The webhook's public address, under which it is also reached.
        form: Its fields.
    """
    body = urlencode(form)
    head = {
        "Host": urlsplit(url).netloc,
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": str(len(body)),
        "X-Twilio-Signature": RequestValidator(AUTH_TOKEN).compute_signature(url, form),
    }
    lines = [f"POST {urlsplit(url).path} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
    return "\r\n".join([*lines, "", body]).encode()


async def burst(url: str, webhooks: Sequence[bytes], *, seconds: float = 0.0) -> list[float]:
    """Send webhooks, each on a connection of its own that is open before the first is sent.

    Args:
        url: Where.
        webhooks: From `signed`.
        seconds: Over how long they are spread evenly; at once when 0.

    Returns:
        Seconds from each request to its answer.

    Raises:
        AssertionError: When one was not acknowledged.
    """
    where = urlsplit(url)
    doors = [await asyncio.open_connection(where.hostname, where.port) for _ in webhooks]
    gap = seconds / len(webhooks)

    async def send(number: int) -> float:
        reader, writer = doors[number]
        await asyncio.sleep(number * gap)
        began = time.perf_counter()
        writer.write(webhooks[number])
        answer = await reader.readline()
        took = time.perf_counter() - began
        assert answer.startswith(b"HTTP/1.1 204"), answer
        writer.close()
        return took

    return await asyncio.gather(*map(send, range(len(webhooks))))
