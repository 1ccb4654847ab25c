"""Is an HTTP answer really SGP's, and did it accept the request?

SGP's status codes tell little (a login page and most refusals come with 200), so the order of the tests
matters. Source: section "Errors" of the project's SGP notes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from http import HTTPStatus
from typing import Any, NoReturn

from billing.sgp.errors import (
    SgpCredentialOrThrottle,
    SgpMisconfigured,
    SgpOutage,
    SgpRequestRejected,
    SgpRouteAbsent,
)

_REFUSED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}
_MISSING_PARAMETER = "não informad"
_UNREADABLE = object()


@dataclass(frozen=True)
class Answer:
    """An HTTP answer with its whole decoded body."""

    status: int
    content_type: str
    body: bytes = field(repr=False)


def read(endpoint: str, answer: Answer) -> Any:
    """The JSON of an answer that SGP gave to a request it accepted.

    Args:
        endpoint: Path of the route, for errors.
        answer: What came back.

    Returns:
        Parsed JSON with Decimal for fractions; business refusals included, which each route words its own
        way.

    Raises:
        SgpError: One of the classes that errors.py describes.
    """
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise SgpOutage(endpoint, f"HTTP {answer.status}")
    if answer.status == HTTPStatus.NOT_FOUND:
        raise SgpRouteAbsent(endpoint, "HTTP 404")
    content = _json(answer)
    detail = isinstance(content, dict) and "detail" in content
    if answer.status in _REFUSED or detail:
        # SGP's framework words its own 429 with a `detail`, too.
        too_fast = answer.status == HTTPStatus.TOO_MANY_REQUESTS or not detail
        raise SgpCredentialOrThrottle(endpoint, f"HTTP {answer.status}", throttle_likely=too_fast)
    if HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST or content is _UNREADABLE:
        raise SgpMisconfigured(endpoint, f"HTTP {answer.status} without JSON, or a redirect")
    if answer.status >= HTTPStatus.BAD_REQUEST or _rejects(content):
        raise SgpRequestRejected(endpoint, "SGP names a wrong or missing parameter")
    return content


def _json(answer: Answer) -> Any:
    if answer.content_type.partition(";")[0].strip().lower() != "application/json":
        return _UNREADABLE
    try:
        return json.loads(answer.body, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return _UNREADABLE


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _rejects(content: Any) -> bool:
    if not isinstance(content, dict):
        return False
    message = content.get("msg")
    return "erro" in content or (isinstance(message, str) and _MISSING_PARAMETER in message.lower())
