"""Files on their way to a customer, sealed in the database, and the signed links that open them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sqlalchemy as sa

from billing.tables import media, place

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.engine import Engine

    from billing.vault import Vault

ID_BYTES = 16
"""128 bits: nobody guesses the id of a file."""

MEDIA_SECONDS = 2 * 3600.0
"""How long a file waits for its delivery; a bill that comes later is worse than none."""

LINK_SECONDS = 15 * 60.0
"""How long one link opens: the channel makes a new one for each attempt to send."""

MEDIA_PATH = "/webhooks/whatsapp/media/"


@dataclass(frozen=True)
class StoredMedia:
    """A file.

    Attributes:
        content: Its bytes.
        content_type: Like `application/pdf`.
        filename: As the customer sees it.
    """

    content: bytes = field(repr=False)
    content_type: str
    filename: str


class MediaStore:
    """Keeps files until they are fetched or expire.

    Args:
        engine: Database with the project's tables.
        vault: Seals contents and file names.
        clock: Seconds since the epoch.
    """

    def __init__(self, engine: Engine, vault: Vault, *, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._vault = vault
        self._clock = clock

    def put(self, content: bytes, content_type: str, filename: str, lifetime: float = MEDIA_SECONDS) -> str:
        """Keep a file.

        Args:
            content: Its bytes.
            content_type: Like `application/pdf`.
            filename: As the customer sees it.
            lifetime: Seconds.

        Returns:
            Its id: 32 random hexadecimal digits.
        """
        media_id = secrets.token_hex(ID_BYTES)
        row = {
            "id": media_id,
            "content": self._vault.seal_bytes(content, place(media.c.content, media_id)),
            "content_type": content_type,
            "filename": self._vault.seal(filename, place(media.c.filename, media_id)),
            "expires_at": self._clock() + lifetime,
        }
        with self._engine.begin() as connection:
            connection.execute(sa.insert(media).values(row))
        return media_id

    def get(self, media_id: str) -> StoredMedia | None:
        """The file, or None when there is none or its time is over."""
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(media).where(media.c.id == media_id)).first()
        if row is None or row.expires_at <= self._clock():
            return None
        return StoredMedia(
            self._vault.open_bytes(row.content, place(media.c.content, media_id)),
            row.content_type,
            self._vault.open(row.filename, place(media.c.filename, media_id)),
        )

    def purge(self) -> int:
        """Delete what has expired; returns how many files that were."""
        with self._engine.begin() as connection:
            deleted = connection.execute(sa.delete(media).where(media.c.expires_at <= self._clock()))
        return int(deleted.rowcount)


class MediaLinks:
    """Makes and checks the public addresses of files.

    A token is `<media id>.<expiry in seconds since the epoch>.<HMAC-SHA256 of both>`.

    Args:
        key: URL-safe base64 of 32 bytes, from MEDIA_SIGNING_KEY.
        public_base_url: Where the Internet reaches this server.
        lifetime: Seconds that a link opens.
        clock: Seconds since the epoch.
    """

    _TOKEN = re.compile(r"([0-9a-f]{32})\.(\d{1,12})\.([\w-]{43})", re.ASCII)

    def __init__(
        self,
        key: str,
        public_base_url: str,
        *,
        lifetime: float = LINK_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._key = base64.urlsafe_b64decode(key)
        self._public_base_url = public_base_url
        self._lifetime = lifetime
        self._clock = clock

    def url(self, media_id: str) -> str:
        """A fresh link to a file; it opens for whoever has it, so it belongs in no log."""
        signed = f"{media_id}.{int(self._clock() + self._lifetime)}"
        return f"{self._public_base_url}{MEDIA_PATH}{signed}.{self._signature(signed)}"

    def media_id_of(self, token: str) -> str | None:
        """The id in a token of ours that has not expired; None for any other text."""
        parts = self._TOKEN.fullmatch(token)
        if parts is None:
            return None
        media_id, expires_at, signature = parts.groups()
        expected = self._signature(f"{media_id}.{expires_at}")
        if not hmac.compare_digest(signature, expected) or int(expires_at) <= self._clock():
            return None
        return media_id

    def _signature(self, signed: str) -> str:
        digest = hmac.new(self._key, signed.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")
