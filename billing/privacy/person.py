"""Which conversations belong to a document or a phone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from billing.audit import Person
from billing.tables import identities, verifications

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.engine import Connection


@dataclass(frozen=True)
class Related:
    """What is about somebody.

    Attributes:
        people: Who was asked for, and the senders that turned out to be theirs.
        senders: Whose conversations are theirs: phones that were named, and phones that proved to be the
            holder's of a named document and of no other.
        documents: Look-up hashes of the named documents.
        shared: Phones that proved to be the holder's of another document too, and were not named: their
            conversations are somebody else's as well.
    """

    people: tuple[Person, ...]
    senders: tuple[str, ...]
    documents: tuple[str, ...]
    shared: tuple[str, ...]


def related(connection: Connection, people: Iterable[Person]) -> Related:
    """Look up what belongs to some people.

    Args:
        connection: Of the project's database.
        people: By documents, by phones or by both.
    """
    people = tuple(people)
    named = [person.index for person in people if person.kind == "sender"]
    documents = tuple(person.index for person in people if person.kind == "document")
    proven = sa.union(
        *(sa.select(table.c.sender_id, table.c.document_index) for table in (identities, verifications))
    ).subquery()
    theirs = sa.select(proven.c.sender_id).where(proven.c.document_index.in_(documents))
    senders = set(connection.execute(theirs).scalars()) - set(named)
    others = sa.select(proven.c.sender_id).where(
        proven.c.sender_id.in_(senders), proven.c.document_index.not_in(documents)
    )
    shared = set(connection.execute(others).scalars())
    own = sorted(senders - shared)
    return Related(
        people=(*people, *(Person("sender", sender_id) for sender_id in own)),
        senders=(*named, *own),
        documents=documents,
        shared=tuple(sorted(shared)),
    )
