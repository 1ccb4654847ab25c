"""Faults on demand: what a real ERP does on a bad day."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from enum import Enum
from typing import Any

from aiohttp import web

_HANG_SECONDS = 60.0
_LATENCY_SECONDS = 0.3
_PIX_KEYS = ("codigoPix", "codigopix", "pix")

LOGIN_PAGE = (
    "<!DOCTYPE html>\n<html><head><title>SGP · Login</title></head><body>"
    '<form method="post" action="/accounts/login/?next=/admin/"><input name="username">'
    '<input name="password" type="password"></form></body></html>'
)


class Kind(str, Enum):
    """What goes wrong.

    The `_AFTER` kinds do the work first, so that its outcome is unknown to the caller. Two spoil an answer
    that is well-formed: MISSING_ROW leaves out the last row of a list whose total still counts it, and
    BROKEN_PIX changes the last character of every PIX code.
    """

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
    MISSING_ROW = "missing_row"
    BROKEN_PIX = "broken_pix"

    @property
    def after_work(self) -> bool:
        """Whether the call is carried out before it fails."""
        return self.spoils or self in (Kind.TIMEOUT_AFTER, Kind.DROPPED_AFTER)

    @property
    def spoils(self) -> bool:
        """Whether the caller gets the right answer with something wrong in it."""
        return self in (Kind.MISSING_ROW, Kind.BROKEN_PIX)

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
        fault: Any but a latency and those that spoil an answer.
        request: The call, already read.

    Returns:
        The wrong answer; for the kinds without answer one that cannot reach the caller any more.
    """
    if fault.kind.hangs:
        await asyncio.sleep(_HANG_SECONDS if fault.seconds is None else fault.seconds)
    return _abort(request) if fault.kind.silent else _wrong_answer(fault.kind)


def spoil(kind: Kind, answer: web.Response) -> web.Response:
    """The answer with something wrong in it.

    Args:
        kind: One that spoils.
        answer: The right one; anything but JSON stays as it is.
    """
    if answer.content_type != "application/json":
        return answer
    body = json.loads(answer.text or "null")
    if kind is Kind.BROKEN_PIX:
        body = _with_broken_pix(body)
    else:
        body = {key: value[:-1] if isinstance(value, list) else value for key, value in body.items()}
    return web.json_response(body, status=answer.status)


def _with_broken_pix(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_broken_pix(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: f"{item[:-1]}{'0' if item[-1] != '0' else '1'}"
        if key in _PIX_KEYS and isinstance(item, str) and item
        else _with_broken_pix(item)
        for key, item in value.items()
    }


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
