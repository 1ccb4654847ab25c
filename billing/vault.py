"""Personal data at rest: authenticated encryption, and keyed hashes to look it up by."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet, MultiFernet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from billing.settings import Settings


class Vault:
    """Encrypts texts and files and makes look-up hashes.

    Args:
        encryption_keys: Fernet keys (URL-safe base64 of 32 bytes), newest first; the others only decrypt.
        index_key: Key of the look-up hashes, separate so that encryption keys can rotate alone.
    """

    def __init__(self, encryption_keys: Sequence[str], index_key: str) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in encryption_keys])
        self._index_key = index_key.encode()

    @classmethod
    def from_settings(cls, settings: Settings) -> Vault:
        """The vault that the settings describe."""
        return cls(settings.encryption_keys, settings.pii_index_key.get_secret_value())

    def seal(self, text: str) -> str:
        """Encrypt `text`; two calls give different results."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Decrypt what `seal` gave.

        Raises:
            cryptography.fernet.InvalidToken: When it was sealed by unknown keys or changed.
        """
        return self._fernet.decrypt(sealed.encode()).decode()

    def seal_bytes(self, content: bytes) -> bytes:
        """Encrypt a file; the result is a third larger."""
        return self._fernet.encrypt(content)

    def open_bytes(self, sealed: bytes) -> bytes:
        """Decrypt what `seal_bytes` gave.

        Raises:
            cryptography.fernet.InvalidToken: When it was sealed by unknown keys or changed.
        """
        return self._fernet.decrypt(sealed)

    def index(self, kind: str, value: str) -> str:
        """A stable 128-bit look-up hash.

        Args:
            kind: What the value is ("address", "document"), so that equal texts of two kinds differ.
            value: The text in its canonical form.

        Returns:
            32 hexadecimal digits of HMAC-SHA256.
        """
        return hmac.new(self._index_key, f"{kind}\0{value}".encode(), hashlib.sha256).hexdigest()[:32]

    def derive(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose, from the index key.

        It outlives the encryption keys, which rotate.

        Args:
            purpose: Different for each use, so that no key opens two doors.
        """
        return hmac.new(self._index_key, f"derived key\0{purpose}".encode(), hashlib.sha256).digest()
