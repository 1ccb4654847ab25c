"""Twilio's posts to the bot: signed, retried as the address's own fragment asks, through a tunnel."""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urldefrag, urlsplit
from uuid import uuid4

import aiohttp
from twilio.request_validator import RequestValidator

from sandbox.twilio.account import AUTH_TOKEN

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = Any

_MAX_RETRIES = 5
_CONNECT, _READ = "ct", "rt"


@dataclass(frozen=True)
class Tunnel:
    """What leads from the public address to the bot: here it stands for the proxy in front of a real one.

    Attributes:
        public_base_url: As the world sees the bot; signatures are over addresses that begin with it.
        bot_url: Where the bot listens in truth.
    """

    public_base_url: str
    bot_url: str

    def reach(self, url: str) -> tuple[str, dict[str, str]]:
        """The address to connect to, and the headers that a proxy adds; other hosts are left alone."""
        base = self.public_base_url.rstrip("/")
        if url != base and not url.startswith((f"{base}/", f"{base}?")):
            return url, {}
        public = urlsplit(base)
        headers = {"Host": public.netloc, "X-Forwarded-Proto": public.scheme}
        return self.bot_url.rstrip("/") + url.removeprefix(base), headers


@dataclass(frozen=True)
class Overrides:
    """Time-outs and retries, as an address's fragment sets them.

    Attributes:
        connect: Seconds to connect.
        read: Seconds until something comes.
        total: Seconds for all attempts together.
        retries: Attempts after the first.
        policy: Failures that are tried again: "4xx", "5xx", "ct" (no connection), "rt" (no answer in time).
    """

    connect: float = 5.0
    read: float = 15.0
    total: float = 15.0
    retries: int = 1
    policy: frozenset[str] = frozenset({_CONNECT})

    @classmethod
    def of(cls, url: str) -> Overrides:
        """Reads them from the fragment, e.g. `#rc=2&rp=5xx,ct,rt`; the rest is Twilio's default."""
        given = {name: values[-1] for name, values in parse_qs(urldefrag(url).fragment).items()}
        names = {"ct": "connect", "rt": "read", "tt": "total"}
        more: dict[str, Any] = {names[name]: int(given[name]) / 1000 for name in names.keys() & given.keys()}
        if "rc" in given:
            more["retries"] = min(int(given["rc"]), _MAX_RETRIES)
        if "rp" in given:
            asked = frozenset(given["rp"].split(","))
            more["policy"] = frozenset({"4xx", "5xx", _CONNECT, _READ}) if "all" in asked else asked
        return cls(**more)


@dataclass(frozen=True)
class Delivery:
    """How a post went.

    Attributes:
        status: HTTP status of the last attempt; None when there was no answer.
        attempts: How many there were.
        seconds: Duration of the last one.
        token: `I-Twilio-Idempotency-Token`, the same in all attempts.
    """

    status: int | None
    attempts: int
    seconds: float
    token: str

    @property
    def accepted(self) -> bool:
        """Whether the bot took it."""
        return self.status is not None and self.status // 100 == 2  # noqa: PLR2004 - HTTP's class of successes

    def report(self) -> Json:
        """For the control routes."""
        return asdict(self)


class Poster:
    """Posts forms to the bot.

    Args:
        session: Connections; one attempt must not use what another left.
        tunnel: The way to the bot.
    """

    def __init__(self, session: aiohttp.ClientSession, tunnel: Tunnel) -> None:
        self._session = session
        self._tunnel = tunnel
        self._validator = RequestValidator(AUTH_TOKEN)

    async def post(self, url: str, form: Mapping[str, str], token: str | None = None) -> Delivery:
        """Posts a form, and again where the overrides say so.

        Args:
            url: The public address, perhaps with a fragment, which is neither sent nor signed.
            form: Fields; blank ones are sent and signed too.
            token: Idempotency token; a new one when missing.
        """
        overrides = Overrides.of(url)
        bare = urldefrag(url).url
        target, headers = self._tunnel.reach(bare)
        token = token or str(uuid4())
        headers |= {
            "X-Twilio-Signature": self._validator.compute_signature(bare, form),
            "I-Twilio-Idempotency-Token": token,
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
        }
        deadline = time.monotonic() + overrides.total
        attempts = 0
        while True:
            attempts += 1
            began = time.monotonic()
            status, failure = await self._attempt(target, form, headers, overrides, deadline - began)
            seconds = round(time.monotonic() - began, 4)
            again = failure in overrides.policy and attempts <= overrides.retries
            if not again or time.monotonic() >= deadline:
                return Delivery(status, attempts, seconds, token)

    async def _attempt(
        self,
        target: str,
        form: Mapping[str, str],
        headers: Mapping[str, str],
        overrides: Overrides,
        left: float,
    ) -> tuple[int | None, str]:
        """Status and kind of failure of one attempt; of a success the kind is "2xx"."""
        timeout = aiohttp.ClientTimeout(total=left, sock_connect=overrides.connect, sock_read=overrides.read)
        try:
            async with self._session.post(
                target, data=form, headers=headers, timeout=timeout, allow_redirects=False
            ) as answer:
                await answer.read()
                return answer.status, f"{answer.status // 100}xx"
        except asyncio.TimeoutError:
            return None, _READ
        except aiohttp.ClientError:
            return None, _CONNECT
