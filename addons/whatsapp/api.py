"""Calls to Twilio's REST API, with what goes wrong on the way sorted by what it means for a message."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import aiohttp

if TYPE_CHECKING:
    from collections.abc import Mapping

TOTAL_SECONDS = 10.0
CONNECT_SECONDS = 4.0
RETRY_AFTER_LIMIT = 300.0

OK, CREATED, TOO_MANY_REQUESTS, UNAVAILABLE = 200, 201, 429, 503


class SendFailed(Exception):
    """Twilio did not say that it has taken a message."""


class NotTaken(SendFailed):
    """Twilio certainly has not taken the message; the same call may work later.

    Args:
        retry_after: Seconds that Twilio asked to wait, or None.
        throttled: Whether this was about the rate of all messages.
    """

    def __init__(self, reason: str, *, retry_after: float | None = None, throttled: bool = False) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.throttled = throttled


class MaybeTaken(SendFailed):
    """The connection or Twilio broke after the message had left: nobody knows."""


class Refused(SendFailed):
    """Twilio will never take this message.

    Args:
        status: HTTP status.
        code: Twilio's error number, or None.
    """

    def __init__(self, status: int, code: int | None) -> None:
        super().__init__(f"HTTP {status}, error {code}")
        self.code = code


@dataclass(frozen=True)
class Account:
    """Who sends.

    Attributes:
        sid: The account, `AC…`.
        user: Account or API key sid.
        password: Auth token or API key secret.
        number: As Twilio writes it, `whatsapp:+55…`.
        base_url: Where all calls go; blank for Twilio's own hosts.
    """

    sid: str
    user: str
    password: str
    number: str
    base_url: str = ""

    @property
    def messages_url(self) -> str:
        """Where messages are made and listed, without the format's `.json`."""
        return f"{self._host('api')}/2010-04-01/Accounts/{self.sid}/Messages"

    @property
    def content_url(self) -> str:
        """Where content templates are made."""
        return f"{self._host('content')}/v1/Content"

    @property
    def typing_url(self) -> str:
        """Where "is typing" is switched on."""
        return f"{self._host('messaging')}/v2/Indicators/Typing.json"

    def _host(self, name: str) -> str:
        return self.base_url or f"https://{name}.twilio.com"


@dataclass(frozen=True)
class Answer:
    """What Twilio answered.

    Attributes:
        status: HTTP status.
        retry_after: Seconds that Twilio asked to wait, or None.
        body: The JSON object; empty when there was none.
    """

    status: int
    retry_after: float | None
    body: dict[str, Any]


class TwilioApi:
    """Calls with the account's credentials and with limits of time.

    Args:
        session: For all calls; made in the running loop, closed by its maker.
        account: Who calls.
    """

    def __init__(self, session: aiohttp.ClientSession, account: Account) -> None:
        self.account = account
        self._session = session
        self._auth = aiohttp.BasicAuth(account.user, account.password)
        self._timeout = aiohttp.ClientTimeout(total=TOTAL_SECONDS, sock_connect=CONNECT_SECONDS)

    async def call(self, method: str, url: str, **content: Any) -> Answer:
        """Make one call.

        Args:
            method: HTTP's.
            url: One of the account's.
            content: `data`, `json` or `params`, as aiohttp takes them.

        Raises:
            NotTaken: When nothing was sent.
            MaybeTaken: When the answer did not come.
        """
        try:
            async with self._session.request(
                method, url, auth=self._auth, timeout=self._timeout, allow_redirects=False, **content
            ) as response:
                try:
                    body = await response.json(content_type=None)
                except ValueError:
                    body = None
                return Answer(
                    response.status, _retry_after(response.headers), body if isinstance(body, dict) else {}
                )
        except (aiohttp.ClientConnectorError, aiohttp.ServerTimeoutError) as error:
            # Only the time to connect has a limit of its own, so this one means that nothing was sent.
            raise NotTaken(type(error).__name__) from None
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            raise MaybeTaken(type(error).__name__) from None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    value = headers.get("Retry-After", "")
    if value.isdecimal():
        return min(float(value), RETRY_AFTER_LIMIT)
    if not value:
        return None
    try:
        seconds = (parsedate_to_datetime(value) - datetime.now(timezone.utc)).total_seconds()
    except (TypeError, ValueError):
        return None
    return min(max(seconds, 0.0), RETRY_AFTER_LIMIT)
