"""Faults on demand: what a real ERP does on a bad day."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import Enum

from aiohttp import web

_HANG_SECONDS = 60.0
_LATENCY_SECONDS = 0.3

LOGIN_PAGE = (
    "<!DOCTYPE html>\n<html><head><title>SGP · Login</title></head><body>"
    '<form method="post" action="/accounts/login/?next=/admin/"><input name="username">'
    '<input name="password" type="password"></form></body></html>'
)


class Kind(str, Enum):
    """What goes wrong; the `_AFTER` kinds do the work first, so that its outcome is unknown to the caller."""

    LATENCY = "latency"
    TIMEOUT = "timeout"
    TIMEOUT_AFTER = "timeout_after"
    DROPPED = "dropped"
    DROPPED_AFTER = "dropped_after"
    SERVER_ERROR = "500"
    THROTTLED = "403"
    HTML = "html"
    GARBAGE = "garbage"
    EMPTY_JSON = "empty_json"

    @property
    def after_work(self) -> bool:
        """Whether the call is carried out before it fails."""
        return self in (Kind.TIMEOUT_AFTER, Kind.DROPPED_AFTER)

    @property
    def hangs(self) -> bool:
        """Whether the connection is held open for long."""
        return self in (Kind.TIMEOUT, Kind.TIMEOUT_AFTER)

    @property
    def silent(self) -> bool:
        """Whether the caller gets no answer at all."""
        return self.hangs or self in (Kind.DROPPED, Kind.DROPPED_AFTER)


@dataclass
class Fault:
    """A fault set on an endpoint.

    Attributes:
        endpoint: Name of the endpoint, or "*".
        kind: What goes wrong.
        probability: 0 to 1.
        seconds: Delay of a latency, or how long a timeout holds the connection; None for the kind's usual.
        times: How often it still happens; None without end.
    """

    endpoint: str
    kind: Kind
    probability: float = 1.0
    seconds: float | None = None
    times: int | None = None

    @property
    def latency(self) -> float | None:
        """Seconds of a latency; None of any other kind."""
        if self.kind is not Kind.LATENCY:
            return None
        return _LATENCY_SECONDS if self.seconds is None else self.seconds


async def pause(seconds: float) -> None:
    """Waits as a slow ERP does; no latency costs nothing."""
    if seconds:
        await asyncio.sleep(seconds)


async def fail(fault: Fault, request: web.Request) -> web.Response:
    """Carries a fault out.

    Args:
        fault: Any but a latency.
        request: The call, already read.

    Returns:
        The wrong answer; for the kinds without answer one that cannot reach the caller any more.
    """
    if fault.kind.hangs:
        await asyncio.sleep(_HANG_SECONDS if fault.seconds is None else fault.seconds)
    return _abort(request) if fault.kind.silent else _wrong_answer(fault.kind)


def _wrong_answer(kind: Kind) -> web.Response:
    if kind is Kind.SERVER_ERROR:
        return _html(500, "<html><head><title>Server Error</title></head><h1>Server Error (500)</h1></html>")
    if kind is Kind.THROTTLED:
        return _html(403, "<html><head><title>403 Forbidden</title></head><h1>403 Forbidden</h1></html>")
    if kind is Kind.HTML:
        return _html(200, LOGIN_PAGE)
    if kind is Kind.GARBAGE:
        return web.Response(body=b'{"msg": "Contr\xff\x00', content_type="application/json")
    return web.json_response({})


def _html(status: int, page: str) -> web.Response:
    return web.Response(status=status, text=page, content_type="text/html")


def _abort(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
