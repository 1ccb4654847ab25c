"""Fetching media from the bot, as Twilio does before it sends a message on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import aiohttp

from sandbox.twilio.messages import Media

if TYPE_CHECKING:
    from sandbox.twilio.webhooks import Tunnel

MAX_BYTES = 16 * 1024 * 1024
MAX_IMAGE_BYTES = 5 * 1024 * 1024
MAX_REDIRECTS = 3
ATTEMPTS = 2
SECONDS = 15.0

DOWNLOAD_FAILED, WRONG_TYPE, NOT_SUPPORTED = 63019, 12300, 63021

_OK = 200
_REDIRECTS = (301, 302, 303, 307, 308)
_ZIP = b"PK\x03\x04"
_OFFICE = "application/vnd.openxmlformats-officedocument."
_BEGINNINGS = {
    "application/pdf": ((0, b"%PDF-"),),
    f"{_OFFICE}wordprocessingml.document": ((0, _ZIP),),
    f"{_OFFICE}spreadsheetml.sheet": ((0, _ZIP),),
    f"{_OFFICE}presentationml.presentation": ((0, _ZIP),),
    "application/msword": ((0, b"\xd0\xcf\x11\xe0"),),
    "audio/aac": ((0, b"\xff\xf1"),),
    "audio/amr": ((0, b"#!AMR"),),
    "audio/mpeg": ((0, b"ID3"),),
    "audio/ogg": ((0, b"OggS"),),
    "image/jpeg": ((0, b"\xff\xd8\xff"),),
    "image/png": ((0, b"\x89PNG\r\n\x1a\n"),),
    "image/webp": ((0, b"RIFF"), (8, b"WEBP")),
    "text/vcard": ((0, b"BEGIN:VCARD"),),
    "video/3gpp": ((4, b"ftyp3g"),),
    "video/mp4": ((4, b"ftyp"),),
}
"""What WhatsApp takes, and by what each shows what it is: bytes at an offset."""


class MediaFailed(Exception):
    """The media cannot go out.

    Attributes:
        code: Twilio's error code.
    """

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code = code


@dataclass(frozen=True)
class _Answer:
    status: int
    content_type: str
    filename: str | None
    location: str | None
    content: bytes


class MediaFetcher:
    """Fetches from the bot.

    Args:
        session: Connections.
        tunnel: The way to the bot.
    """

    def __init__(self, session: aiohttp.ClientSession, tunnel: Tunnel) -> None:
        self._session = session
        self._tunnel = tunnel

    async def fetch(self, url: str) -> Media:
        """Asks with HEAD and then GET; both must declare the same type, and the bytes must be of it.

        Raises:
            MediaFailed: It cannot be had, or is not what it says, or nothing that WhatsApp takes.
        """
        head = await self._ask("HEAD", url)
        answer = await self._ask("GET", url)
        if head.content_type != answer.content_type:
            raise MediaFailed(WRONG_TYPE, f"HEAD says {head.content_type}, GET {answer.content_type}")
        check_media(answer.content_type, answer.content)
        return Media(answer.content, answer.content_type, answer.filename)

    async def _ask(self, method: str, url: str) -> _Answer:
        """The final answer, after redirects, of at most two attempts."""
        why = ""
        for _ in range(ATTEMPTS):
            try:
                answer = await self._follow(method, url)
            except (aiohttp.ClientError, asyncio.TimeoutError) as error:
                why = type(error).__name__
                continue
            if answer.status == _OK:
                return answer
            why = f"{method} answered {answer.status}"
        raise MediaFailed(DOWNLOAD_FAILED, why)

    async def _follow(self, method: str, url: str) -> _Answer:
        for _ in range(MAX_REDIRECTS + 1):
            answer = await self._once(method, url)
            if answer.status not in _REDIRECTS or answer.location is None:
                return answer
            url = urljoin(url, answer.location)
        raise MediaFailed(DOWNLOAD_FAILED, f"more than {MAX_REDIRECTS} redirects")

    async def _once(self, method: str, url: str) -> _Answer:
        target, headers = self._tunnel.reach(url)
        async with self._session.request(
            method,
            target,
            headers=headers,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=SECONDS),
        ) as answer:
            content = bytearray()
            async for chunk in answer.content.iter_any():
                content += chunk
                if len(content) > MAX_BYTES:
                    raise MediaFailed(DOWNLOAD_FAILED, f"more than {MAX_BYTES} bytes")
            disposition = answer.content_disposition
            return _Answer(
                answer.status,
                answer.content_type,
                None if disposition is None else disposition.filename,
                answer.headers.get("Location"),
                bytes(content),
            )


def check_media(content_type: str, content: bytes) -> None:
    """Checks a file against its declared type and WhatsApp's limits.

    Raises:
        MediaFailed: Naming Twilio's code.
    """
    if content_type not in _BEGINNINGS:
        raise MediaFailed(NOT_SUPPORTED, f"{content_type} is not taken")
    for offset, beginning in _BEGINNINGS[content_type]:
        if content[offset : offset + len(beginning)] != beginning:
            raise MediaFailed(WRONG_TYPE, f"the bytes are not {content_type}")
    limit = MAX_IMAGE_BYTES if content_type.startswith("image/") else MAX_BYTES
    if len(content) > limit:
        raise MediaFailed(DOWNLOAD_FAILED, f"more than {limit} bytes")
