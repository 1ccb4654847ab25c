"""Pseudonyms of the audit: one random salt for each person, in a table apart.

A row names people by pseudonyms and seals the rest, all under keys made from their salts. While a salt is
there, an operator with the keys can find and read that person's rows; once it is erased, nobody can, and
the rows still verify. The same person gets another salt, and so another pseudonym, afterwards. A document
and a phone are two people here: who wants to be forgotten wholly is erased as both.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy.exc import IntegrityError

from billing.tables import audit_salts

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence

    from sqlalchemy.engine import Engine

    from billing.vault import Vault

SALT_BYTES = 32


@dataclass(frozen=True)
class Person:
    """Whom a row names.

    Attributes:
        kind: What the person is known by.
        index: The vault's look-up hash of the document, or Rasa's sender id.
    """

    kind: Literal["document", "sender"]
    index: str


@dataclass(frozen=True)
class PersonKey:
    """What a salt gives.

    Attributes:
        pseudonym: Stands in the person's rows.
    """

    pseudonym: str
    _fernet: Fernet

    def seal(self, details: dict[str, Any]) -> str:
        """Encrypt what a row says of the person."""
        return self._fernet.encrypt(json.dumps(details).encode()).decode()

    def open(self, sealed: str) -> dict[str, Any] | None:
        """Decrypt what `seal` gave; None when it was changed."""
        try:
            details: dict[str, Any] = json.loads(self._fernet.decrypt(sealed.encode()))
        except InvalidToken:
            return None
        return details


class PersonRegister:
    """The salts.

    Args:
        engine: Database with the project's tables.
        vault: Gives the keys.
        clock: Seconds since the epoch.
    """

    def __init__(self, engine: Engine, vault: Vault, *, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._key = vault.derive("audit people")
        self._clock = clock

    def keys_of(self, people: Sequence[Person]) -> list[PersonKey]:
        """Each one's key; makes the salts that there are not. Never cached, since salts get erased."""
        row_keys = [self._row_key(person) for person in people]
        salts = self._salts(row_keys)
        for row_key in row_keys:
            if row_key not in salts:
                salts[row_key] = self._make_salt(row_key)
        return [self._made_of(salts[row_key]) for row_key in row_keys]

    def find(self, person: Person) -> PersonKey | None:
        """The person's key, if the trail knows the person."""
        salts = self._salts([self._row_key(person)])
        return next((self._made_of(salt) for salt in salts.values()), None)

    def known(self) -> dict[str, PersonKey]:
        """All keys by their pseudonyms."""
        with self._engine.connect() as connection:
            salts = connection.execute(sa.select(audit_salts.c.salt)).scalars().all()
        return {key.pseudonym: key for key in map(self._made_of, salts)}

    def erase(self, person: Person) -> bool:
        """Make a person's rows unreadable for good; False when there was no salt."""
        with self._engine.begin() as connection:
            gone = connection.execute(
                sa.delete(audit_salts).where(audit_salts.c.person == self._row_key(person))
            )
        return bool(gone.rowcount)

    def erase_unused(self, used: Container[str], made_before: float) -> None:
        """Remove salts that no row needs.

        Args:
            used: Pseudonyms of the rows that remain.
            made_before: Younger salts stay, since their first row may be on its way.
        """
        with self._engine.begin() as connection:
            old = sa.select(audit_salts).where(audit_salts.c.created_at < made_before)
            for row in connection.execute(old).all():
                if self._made_of(row.salt).pseudonym not in used:
                    connection.execute(sa.delete(audit_salts).where(audit_salts.c.person == row.person))

    def _row_key(self, person: Person) -> str:
        # Not the hash that the other tables carry, so that nobody joins them without the key.
        named = f"row\0{person.kind}\0{person.index}".encode()
        return hmac.new(self._key, named, hashlib.sha256).hexdigest()[:32]

    def _salts(self, row_keys: Sequence[str]) -> dict[str, str]:
        wanted = sa.select(audit_salts).where(audit_salts.c.person.in_(row_keys))
        with self._engine.connect() as connection:
            return {row.person: row.salt for row in connection.execute(wanted)}

    def _make_salt(self, row_key: str) -> str:
        fresh = secrets.token_hex(SALT_BYTES)
        # Another thread or process may be first; then its salt holds.
        with suppress(IntegrityError), self._engine.begin() as connection:
            connection.execute(
                sa.insert(audit_salts).values(person=row_key, salt=fresh, created_at=self._clock())
            )
        return self._salts([row_key]).get(row_key, fresh)

    def _made_of(self, salt: str) -> PersonKey:
        pseudonym = hmac.new(self._key, f"pseudonym\0{salt}".encode(), hashlib.sha256).hexdigest()[:32]
        secret = hmac.new(self._key, f"details\0{salt}".encode(), hashlib.sha256).digest()
        return PersonKey(pseudonym, Fernet(base64.urlsafe_b64encode(secret)))
