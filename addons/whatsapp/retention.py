"""The end of what was kept long enough, while the bot serves."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from addons.whatsapp.alone import Busy, alone_with
from addons.whatsapp.buttons import ButtonOffers
from billing.audit import NotIntact, drop_before
from billing.media import MediaStore
from billing.privacy import senders
from billing.tables import identification_failures, identities, verifications, write_claims

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import tzinfo

    from sqlalchemy.engine import Engine

    from billing.settings import Settings
    from billing.vault import Vault

logger = logging.getLogger(__name__)

DAY = 24 * 3600.0
SENDERS_AT_ONCE = 100
PAUSE_SECONDS = 0.01
"""Between two senders, so that turns find SQLite's only place for a writer free."""
FIRST_SECONDS, EVERY_SECONDS = 60.0, 3600.0
"""The first purge waits until a start is over."""


@dataclass(frozen=True)
class Periods:
    """How long things are kept, in seconds.

    Attributes:
        conversations: After the last news of a sender all goes; what is older goes in any case.
        audit: Rows of the trail.
        identity_idle: An identity that was unused this long has ended.
        identity: … and of this age in any case.
        lockout: A failed identification counts this long.
    """

    conversations: float
    audit: float
    identity_idle: float
    identity: float
    lockout: float

    @classmethod
    def from_settings(cls, settings: Settings) -> Periods:
        """The periods that the settings describe."""
        return cls(
            conversations=settings.retention_days * DAY,
            audit=settings.audit_retention_days * DAY,
            identity_idle=settings.identity_idle_minutes * 60,
            identity=settings.identity_max_hours * 3600,
            lockout=settings.lockout_minutes * 60,
        )


class Retention:
    """Removes what is older than it may be. Several processes may do so at once.

    Args:
        engine: Database with the project's tables.
        vault: Opens what leads to files, and gives the audit's keys.
        periods: How long things are kept.
        zone: The provider's, in which the audit's days change.
        clock: Seconds since the epoch.
        pause: Called between two senders.
    """

    def __init__(
        self,
        engine: Engine,
        vault: Vault,
        periods: Periods,
        *,
        zone: tzinfo,
        clock: Callable[[], float] = time.time,
        pause: Callable[[], None] = lambda: time.sleep(PAUSE_SECONDS),
    ) -> None:
        self._engine = engine
        self._vault = vault
        self._periods = periods
        self._zone = zone
        self._clock = clock
        self._pause = pause

    @classmethod
    def from_settings(cls, settings: Settings, engine: Engine, vault: Vault) -> Retention:
        """The retention that the settings describe."""
        return cls(engine, vault, Periods.from_settings(settings), zone=settings.timezone)

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Purge again and again, until cancelled.

        Args:
            sleep: Waits for some seconds.
        """
        await sleep(FIRST_SECONDS)
        while True:
            try:
                # Not in the channel's threads: turns must not wait for it.
                gone = await asyncio.to_thread(self.purge)
                logger.info("purged: %s", dict(gone))
            except NotIntact as error:
                logger.error("old days of the audit stay, since they don't verify: %s", error)  # noqa: TRY400 - says all
            except Exception as error:  # noqa: BLE001 - the next purge may go well
                # Not the exception itself: a database's error quotes the row.
                logger.warning("not purged: %s", type(error).__name__)
            await sleep(EVERY_SECONDS)

    def purge(self) -> Counter[str]:
        """Remove everything whose time is over. Blocks; holds nothing for longer than one sender takes.

        Returns:
            How many rows of each table went. A sender who is being served is left for the next time.

        Raises:
            billing.audit.NotIntact: When old days of the audit don't verify; the rest is done by then.
        """
        gone = self._expired()
        oldest = self._clock() - self._periods.conversations
        after = ""
        while True:
            with self._engine.connect() as connection:
                some = senders.senders_before(connection, oldest, after, SENDERS_AT_ONCE)
            if not some:
                break
            for sender_id in some:
                with suppress(Busy):
                    gone += self._purge_sender(sender_id, oldest)
                self._pause()
            after = some[-1]
        first_day = datetime.fromtimestamp(self._clock() - self._periods.audit, self._zone)
        midnight = first_day.replace(hour=0, minute=0, second=0, microsecond=0)
        gone["audit_rows"] += drop_before(self._engine, self._vault, midnight, clock=self._clock)
        return +gone

    def _purge_sender(self, sender_id: str, oldest: float) -> Counter[str]:
        with alone_with(self._engine, sender_id, clock=self._clock) as connection:
            senders.hold_back_news(connection, sender_id)
            if senders.last_seen(connection, sender_id) < oldest:
                return senders.forget(connection, self._vault, sender_id)
            return senders.trim(connection, sender_id, oldest)

    def _expired(self) -> Counter[str]:
        """Rows that serve nothing any more, whoever they are of."""
        now = self._clock()
        ended = {
            identities: (identities.c.used_at < now - self._periods.identity_idle)
            | (identities.c.verified_at < now - self._periods.identity),
            identification_failures: identification_failures.c.failed_at < now - self._periods.lockout,
            verifications: verifications.c.verified_at < now - self._periods.conversations,
            write_claims: write_claims.c.claimed_at < now - self._periods.conversations,
        }
        gone: Counter[str] = Counter()
        for table, condition in ended.items():
            with self._engine.begin() as connection:
                gone[table.name] += connection.execute(sa.delete(table).where(condition)).rowcount
        gone["media"] += MediaStore(self._engine, self._vault, clock=self._clock).purge()
        gone["button_offers"] += ButtonOffers(self._engine, self._vault, clock=self._clock).purge()
        return gone
