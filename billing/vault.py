"""Personal data at rest: authenticated encryption, and keyed hashes to look it up by.

Encryption is AES-256-GCM (NIST SP 800-38D) with a random nonce; one key may seal 2^32 texts (section 8.3
there), which is more than a provider's bot says in a century. What is sealed opens only in the place it was
sealed for, a column and its owner, so that nobody with the database moves one person's data to another.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

if TYPE_CHECKING:
    from collections.abc import Sequence

    from billing.settings import Settings

NONCE_BYTES = 12
KEY_ID_BYTES = 4
KEY_ID_END = ":"
"""Ends the key's id at the beginning of a sealed text."""


class Unreadable(Exception):
    """What was to be opened was sealed by unknown keys or for another place, or it was changed."""


class Vault:
    """Encrypts texts and files and makes look-up hashes.

    Args:
        encryption_keys: URL-safe base64 of 32 bytes each, newest first; the others only decrypt.
        index_key: Key of the look-up hashes, separate so that encryption keys can rotate alone.
        previous_index_keys: Keys that it replaced, newest first; what was not moved is looked up under them.
    """

    def __init__(
        self, encryption_keys: Sequence[str], index_key: str, previous_index_keys: Sequence[str] = ()
    ) -> None:
        keys = [base64.urlsafe_b64decode(key) for key in encryption_keys]
        self._ciphers = {_id_of(key): AESGCM(key) for key in keys}
        self._newest = _id_of(keys[0])
        self._index_keys = [key.encode() for key in (index_key, *previous_index_keys)]

    @classmethod
    def from_settings(cls, settings: Settings) -> Vault:
        """The vault that the settings describe."""
        return cls(
            settings.encryption_keys,
            settings.pii_index_key.get_secret_value(),
            settings.previous_index_keys,
        )

    @property
    def newest_mark(self) -> str:
        """How every text begins that the newest key has sealed; a file begins with its bytes."""
        return f"{self._newest.hex()}{KEY_ID_END}"

    @property
    def newest_mark_bytes(self) -> bytes:
        """How every file begins that the newest key has sealed."""
        return self._newest

    def seal(self, text: str, place: str) -> str:
        """Encrypt `text`; two calls give different results.

        Args:
            text: What is kept.
            place: Where; see `billing.database.place`.

        Returns:
            The key's id in hexadecimal, a colon, and URL-safe base64 of nonce, ciphertext and tag.
        """
        sealed = self.seal_bytes(text.encode(), place)[KEY_ID_BYTES:]
        return self.newest_mark + base64.urlsafe_b64encode(sealed).decode()

    def open(self, sealed: str, place: str) -> str:
        """Decrypt what `seal` gave.

        Args:
            sealed: From the database.
            place: As it was sealed for.

        Raises:
            Unreadable: When it was sealed by unknown keys or for another place, or changed.
        """
        try:
            key_id, _, rest = sealed.partition(KEY_ID_END)
            content = bytes.fromhex(key_id) + base64.b64decode(rest, altchars=b"-_", validate=True)
        except (ValueError, binascii.Error):
            raise Unreadable from None
        return self.open_bytes(content, place).decode()

    def seal_bytes(self, content: bytes, place: str) -> bytes:
        """Encrypt a file: the key's id, the nonce, ciphertext and tag; 32 bytes longer than the file.

        Args:
            content: What is kept.
            place: As in `seal`.
        """
        nonce = secrets.token_bytes(NONCE_BYTES)
        return self._newest + nonce + self._ciphers[self._newest].encrypt(nonce, content, place.encode())

    def open_bytes(self, sealed: bytes, place: str) -> bytes:
        """Decrypt what `seal_bytes` gave.

        Args:
            sealed: From the database.
            place: As it was sealed for.

        Raises:
            Unreadable: When it was sealed by unknown keys or for another place, or changed.
        """
        cipher = self._ciphers.get(sealed[:KEY_ID_BYTES])
        nonce, rest = sealed[KEY_ID_BYTES:][:NONCE_BYTES], sealed[KEY_ID_BYTES + NONCE_BYTES :]
        if cipher is None or len(nonce) < NONCE_BYTES:
            raise Unreadable
        try:
            return cipher.decrypt(nonce, rest, place.encode())
        except InvalidTag:
            raise Unreadable from None

    def index(self, kind: str, value: str) -> str:
        """A stable 128-bit look-up hash.

        Args:
            kind: What the value is ("address", "document"), so that equal texts of two kinds differ.
            value: The text in its canonical form.

        Returns:
            32 hexadecimal digits of HMAC-SHA256.
        """
        return self.indexes(kind, value)[0]

    def indexes(self, kind: str, value: str) -> tuple[str, ...]:
        """The look-up hashes under the present key and under each that it replaced.

        Args:
            kind: As in `index`.
            value: As in `index`.
        """
        text = f"{kind}\0{value}".encode()
        return tuple(hmac.new(key, text, hashlib.sha256).hexdigest()[:32] for key in self._index_keys)

    def derive(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose, from the oldest index key.

        It outlives the keys that rotate: what hangs on it must be checked for years.

        Args:
            purpose: Different for each use, so that no key opens two doors.
        """
        return hmac.new(self._index_keys[-1], f"derived key\0{purpose}".encode(), hashlib.sha256).digest()


def _id_of(key: bytes) -> bytes:
    return hmac.new(key, b"key id", hashlib.sha256).digest()[:KEY_ID_BYTES]
