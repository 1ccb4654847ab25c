"""A transaction in which nobody computes a sender's turn or sends to them."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from addons.whatsapp.leases import Leases, Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.engine import Connection, Engine


class Busy(Exception):
    """Somebody works for the sender right now."""


@contextmanager
def alone_with(
    engine: Engine, sender_id: str, *, clock: Callable[[], float] = time.time
) -> Iterator[Connection]:
    """Hold both of a sender's leases for one transaction. Blocks.

    Args:
        engine: Database with the project's tables.
        sender_id: Whose.
        clock: Seconds since the epoch.

    Yields:
        A connection in the transaction; it is committed at the end.

    Raises:
        Busy: When somebody holds one of them; nothing is changed.
    """
    with engine.begin() as connection:
        for scope in Scope:
            # They end with the transaction: its lock on the row keeps everybody else from taking it.
            if Leases(scope, seconds=0, clock=clock).take(connection, sender_id) is None:
                raise Busy
        yield connection
