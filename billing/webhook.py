"""Signed JSON posts to a system of the provider's, which may be slow or down."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import time
from typing import TYPE_CHECKING, Any

import requests
import urllib3

from billing.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

logger = logging.getLogger(__name__)

SIGNATURE_HEADER = "X-Signature"

CONNECT_SECONDS = 2.0
READ_SECONDS = 5.0
TOTAL_SECONDS = 6.0
"""For all tries together: an action that opens a ticket as well must end before Rasa stops waiting for it."""

PAUSES = (0.0, 0.1, 0.4)
"""Seconds before each try."""

SERVER_ERROR = 500


class Webhook:
    """Posts messages and says whether they were taken.

    Args:
        url: Where to; it may carry a token and is never logged.
        secret: Key of the signature.
        session: Shared by all threads.
        clock: Monotonic clock in seconds.
        sleep: Waits for some seconds.
    """

    def __init__(
        self,
        url: str,
        secret: str,
        *,
        session: requests.Session,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._url = url
        self._secret = secret.encode()
        self._session = session
        self._clock = clock
        self._sleep = sleep

    def post(self, message: Mapping[str, Any]) -> bool:
        """Post a message, up to three times, within six seconds.

        A receiver whose answer got lost sees the same body again, so the message needs an id by which it
        can tell.

        Args:
            message: JSON. The signature is the hexadecimal HMAC-SHA256 of the body as it is sent.

        Returns:
            True when it was taken (2xx). A redirect is not followed, and like 4xx not tried again.
        """
        body = json.dumps(message, separators=(",", ":")).encode()
        signature = hmac.new(self._secret, body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", SIGNATURE_HEADER: f"sha256={signature}"}
        deadline = Deadline.after(TOTAL_SECONDS, self._clock)
        outcome: int | str = "not tried"
        for pause in PAUSES:
            if deadline.remaining() <= pause:
                break
            self._sleep(pause)
            outcome = self._try(body, headers, deadline.remaining())
            if isinstance(outcome, int) and outcome < SERVER_ERROR:
                break
        taken = isinstance(outcome, int) and requests.codes.ok <= outcome < requests.codes.multiple_choices
        if not taken:
            logger.warning("webhook did not take %s: %s", message.get("type"), outcome)
        return taken

    def _try(self, body: bytes, headers: dict[str, str], allowed: float) -> int | str:
        """The status, or what kept it away."""
        try:
            with self._session.post(
                self._url,
                data=body,
                headers=headers,
                timeout=(min(CONNECT_SECONDS, allowed), min(READ_SECONDS, allowed)),
                allow_redirects=False,
                # The status is all that counts; a body without end is not read.
                stream=True,
            ) as answer:
                return answer.status_code
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            # Its text carries the address.
            return type(error).__name__
