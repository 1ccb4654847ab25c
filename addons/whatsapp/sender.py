"""Sends messages by Twilio, and finds out what it has of them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from addons.whatsapp.api import CREATED, OK, TOO_MANY_REQUESTS, UNAVAILABLE, MaybeTaken, NotTaken, Refused
from addons.whatsapp.form import StatusUpdate

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from addons.whatsapp.api import TwilioApi

VALIDITY_SECONDS = 600
"""How long Twilio may queue a message; an old bill is worse than none."""
CLOCKS_APART = 120.0
"""Seconds by which Twilio's clock and ours may differ."""
PAGE_SIZE = 50


@dataclass(frozen=True)
class Content:
    """A content template and what fills it.

    Attributes:
        sid: Twilio's id of the template.
        variables: Values by name.
    """

    sid: str
    variables: Mapping[str, str] = field(repr=False)


class TwilioSender:
    """Sends messages and finds sent ones.

    Args:
        api: With the credentials of who sends.
    """

    def __init__(self, api: TwilioApi) -> None:
        self._api = api

    async def send(
        self,
        address: str,
        *,
        body: str,
        media_url: str | None = None,
        content: Content | None = None,
        status_callback: str,
    ) -> str:
        """Hand one message over.

        Args:
            address: To whom, `whatsapp:+55…`.
            body: Its text, or the caption of its medium.
            media_url: Where Twilio can fetch the medium; None without.
            content: What is sent instead of the text; None for the text.
            status_callback: Where Twilio tells what became of it.

        Returns:
            Twilio's id of the message.

        Raises:
            SendFailed: One of its three kinds.
        """
        form = {
            "To": address,
            "From": self._api.account.number,
            "StatusCallback": status_callback,
            "ValidityPeriod": str(VALIDITY_SECONDS),
        }
        if content:
            form["ContentSid"] = content.sid
            form["ContentVariables"] = json.dumps(content.variables)
        elif body:
            form["Body"] = body
        if media_url:
            form["MediaUrl"] = media_url
        answer = await self._api.call("POST", f"{self._api.account.messages_url}.json", data=form)
        if answer.status == CREATED and isinstance(answer.body.get("sid"), str):
            sid: str = answer.body["sid"]
            return sid
        if answer.status == TOO_MANY_REQUESTS:
            raise NotTaken("429", retry_after=answer.retry_after, throttled=True)
        if answer.status == UNAVAILABLE:
            raise NotTaken("503", retry_after=answer.retry_after)
        if answer.status >= 500 or 200 <= answer.status < 300:  # noqa: PLR2004 - HTTP's classes of answers
            raise MaybeTaken(f"HTTP {answer.status}")
        raise Refused(answer.status, _code(answer.body.get("code")))

    async def find(
        self, address: str, *, bodies: Collection[str], has_media: bool, since: float, known: Collection[str]
    ) -> str | None:
        """Look for a message that was handed over without an answer.

        Args:
            address: To whom.
            bodies: Its text, in each form in which it may have been sent.
            has_media: Whether it had a medium.
            since: When it was handed over, in seconds since the epoch.
            known: Ids of other messages to the same person.

        Returns:
            Twilio's id of it, or None when Twilio does not have it.

        Raises:
            SendFailed: When Twilio could not be asked.
        """
        query = {"To": address, "From": self._api.account.number, "PageSize": str(PAGE_SIZE)}
        answer = await self._api.call("GET", f"{self._api.account.messages_url}.json", params=query)
        if answer.status != OK or not isinstance(answer.body.get("messages"), list):
            raise NotTaken(f"HTTP {answer.status}", retry_after=answer.retry_after)
        for message in answer.body["messages"]:
            if (
                message.get("sid") not in known
                and (message.get("body") or "") in bodies
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
        answer = await self._api.call("GET", f"{self._api.account.messages_url}/{twilio_sid}.json")
        if answer.status != OK or not isinstance(answer.body.get("status"), str):
            raise NotTaken(f"HTTP {answer.status}", retry_after=answer.retry_after)
        return StatusUpdate(twilio_sid, answer.body["status"], _code(answer.body.get("error_code")))


def _code(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _epoch(value: object) -> float:
    try:
        return parsedate_to_datetime(str(value)).timestamp()
    except (TypeError, ValueError):
        # Without a date it may be any; better taken for ours than sent twice.
        return float("inf")
