"""Twilio's REST calls that the channel needs, with every answer sorted by what it means for the message."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import aiohttp

from addons.whatsapp.form import StatusUpdate

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    Json = dict[str, Any]

TWILIO_API = "https://api.twilio.com"
TOTAL_SECONDS = 10.0
CONNECT_SECONDS = 4.0
VALIDITY_SECONDS = 600
"""How long Twilio may queue a message; an old bill is worse than none."""
RETRY_AFTER_LIMIT = 300.0
CLOCKS_APART = 120.0
"""Seconds by which Twilio's clock and ours may differ."""
PAGE_SIZE = 50

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
        base_url: Where all calls go.
    """

    sid: str
    user: str
    password: str
    number: str
    base_url: str = TWILIO_API

    @property
    def messages_url(self) -> str:
        """Where messages are made and listed, without the format's `.json`."""
        return f"{self.base_url}/2010-04-01/Accounts/{self.sid}/Messages"


class TwilioSender:
    """Sends messages and finds sent ones.

    Args:
        session: For all calls; made in the running loop, closed by its maker.
        account: Who sends.
    """

    def __init__(self, session: aiohttp.ClientSession, account: Account) -> None:
        self._session = session
        self._account = account
        self._auth = aiohttp.BasicAuth(account.user, account.password)
        self._timeout = aiohttp.ClientTimeout(total=TOTAL_SECONDS, sock_connect=CONNECT_SECONDS)

    async def send(self, address: str, *, body: str, media_url: str | None, status_callback: str) -> str:
        """Hand one message over.

        Args:
            address: To whom, `whatsapp:+55…`.
            body: Its text, or the caption of its medium.
            media_url: Where Twilio can fetch the medium.
            status_callback: Where Twilio tells what became of it.

        Returns:
            Twilio's id of the message.

        Raises:
            SendFailed: One of its three kinds.
        """
        form = {
            "To": address,
            "From": self._account.number,
            "StatusCallback": status_callback,
            "ValidityPeriod": str(VALIDITY_SECONDS),
        }
        if body:
            form["Body"] = body
        if media_url:
            form["MediaUrl"] = media_url
        status, headers, answer = await self._call("POST", ".json", data=form)
        if status == CREATED and isinstance(answer.get("sid"), str):
            sid: str = answer["sid"]
            return sid
        if status == TOO_MANY_REQUESTS:
            raise NotTaken("429", retry_after=_retry_after(headers), throttled=True)
        if status == UNAVAILABLE:
            raise NotTaken("503", retry_after=_retry_after(headers))
        if status >= 500 or 200 <= status < 300:  # noqa: PLR2004 - HTTP's classes of answers
            raise MaybeTaken(f"HTTP {status}")
        code = answer.get("code")
        raise Refused(status, code if isinstance(code, int) else None)

    async def find(
        self, address: str, *, body: str, has_media: bool, since: float, known: Collection[str]
    ) -> str | None:
        """Look for a message that was handed over without an answer.

        Args:
            address: To whom.
            body: Its text.
            has_media: Whether it had a medium.
            since: When it was handed over, in seconds since the epoch.
            known: Ids of other messages to the same person.

        Returns:
            Twilio's id of it, or None when Twilio does not have it.

        Raises:
            SendFailed: When Twilio could not be asked.
        """
        query = {"To": address, "From": self._account.number, "PageSize": str(PAGE_SIZE)}
        status, headers, answer = await self._call("GET", ".json", params=query)
        if status != OK or not isinstance(answer.get("messages"), list):
            raise NotTaken(f"HTTP {status}", retry_after=_retry_after(headers))
        for message in answer["messages"]:
            if (
                message.get("sid") not in known
                and (message.get("body") or "") == body
                and (str(message.get("num_media") or "0") != "0") == has_media
                and _epoch(message.get("date_created")) >= since - CLOCKS_APART
            ):
                return str(message["sid"])
        return None

    async def status_of(self, twilio_sid: str) -> StatusUpdate:
        """What has become of a message.

        Args:
            twilio_sid: Twilio's id of it.

        Raises:
            SendFailed: When Twilio could not be asked.
        """
        status, headers, answer = await self._call("GET", f"/{twilio_sid}.json")
        if status != OK or not isinstance(answer.get("status"), str):
            raise NotTaken(f"HTTP {status}", retry_after=_retry_after(headers))
        code = answer.get("error_code")
        return StatusUpdate(twilio_sid, answer["status"], code if isinstance(code, int) else None)

    async def _call(
        self, method: str, rest: str, **content: Any
    ) -> tuple[int, Mapping[str, str], dict[str, Any]]:
        try:
            async with self._session.request(
                method,
                f"{self._account.messages_url}{rest}",
                auth=self._auth,
                timeout=self._timeout,
                allow_redirects=False,
                **content,
            ) as response:
                try:
                    answer = await response.json(content_type=None)
                except ValueError:
                    answer = None
                return response.status, response.headers, answer if isinstance(answer, dict) else {}
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


def _epoch(value: object) -> float:
    try:
        return parsedate_to_datetime(str(value)).timestamp()
    except (TypeError, ValueError):
        # Without a date it may be any; better taken for ours than sent twice.
        return float("inf")
