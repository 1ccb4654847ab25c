"""The composition root: which parts of `billing` the actions talk to, and on which threads.

rasa-sdk awaits an action on the one event loop of its server, so everything that may block (the ERP,
the database) runs in a pool of threads.
"""

from __future__ import annotations

import asyncio
import contextvars
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from billing.audit import Audit
from billing.claims import WriteClaims
from billing.contacts import ContactBook
from billing.database import open_database
from billing.deadline import Deadline
from billing.desk import Desk
from billing.identity import IdentityService
from billing.media import MediaStore
from billing.payable import PayableService
from billing.protocol import conversation_protocol
from billing.settings import Settings, settings
from billing.sgp.client import SgpClient
from billing.slips import SlipFetcher
from billing.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from rasa_sdk import Tracker

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 64
"""As many turns at the ERP at once as its client has connections."""

_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="billing")


@dataclass(frozen=True)
class Context:
    """What an action needs, built once per process."""

    settings: Settings
    sgp: SgpClient
    identities: IdentityService
    payables: PayableService
    slips: SlipFetcher
    claims: WriteClaims
    desk: Desk
    vault: Vault
    media: MediaStore
    audit: Audit

    def now(self) -> datetime:
        """Naive local time of the provider, as SGP writes times."""
        return datetime.now(self.settings.timezone).replace(tzinfo=None)

    def today(self) -> date:
        """The provider's date."""
        return self.now().date()

    def protocol(self, tracker: Tracker) -> str:
        """Number of the conversation that began with the tracker's session."""
        events = tracker.events
        began = next(
            (event["timestamp"] for event in reversed(events) if event.get("event") == "session_started"),
            events[0]["timestamp"] if events else time.time(),
        )
        return conversation_protocol(self.vault, tracker.sender_id, began, self.settings.timezone)

    def deadline(self, tracker: Tracker) -> Deadline:
        """End of the ERP budget of the turn that the customer's last message began."""
        began = next(
            (event["timestamp"] for event in reversed(tracker.events) if event.get("event") == "user"),
            time.time(),
        )
        spent = max(0.0, time.time() - began)
        return Deadline.after(max(0.0, self.settings.erp_budget_seconds - spent))


def build_context(settings: Settings) -> Context:
    """Wire `billing` together as the settings say."""
    engine = open_database(settings.database_url)
    vault = Vault.from_settings(settings)
    sgp = SgpClient.from_settings(settings, pool_size=THREADS)
    contacts = ContactBook(engine, vault, demo_allowed=settings.sandbox)
    slips = SlipFetcher(settings.sgp_url, settings.slip_hosts)
    return Context(
        settings=settings,
        sgp=sgp,
        identities=IdentityService(
            engine,
            vault,
            contacts,
            sgp,
            idle_seconds=settings.identity_idle_minutes * 60,
            max_seconds=settings.identity_max_hours * 3600,
            lockout_failures=settings.lockout_failures,
            lockout_seconds=settings.lockout_minutes * 60,
            flood_failures=settings.identification_failures_per_minute,
            birth_date_proof=settings.birth_date_proof,
        ),
        payables=PayableService(sgp, slips),
        slips=slips,
        claims=WriteClaims(engine, vault),
        desk=Desk.from_settings(settings, engine, vault, contacts),
        vault=vault,
        media=MediaStore(engine, vault),
        audit=Audit(engine, vault, zone=settings.timezone),
    )


@lru_cache(maxsize=1)
def context() -> Context:
    """This process's context, built at the first action."""
    return build_context(settings())


async def off_loop(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a blocking function in the pool, for the same turn, and await its result."""
    work = partial(contextvars.copy_context().run, function, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(_threads, work)
