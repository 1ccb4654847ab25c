"""Stores that read their address from the settings, since endpoints.yml refuses an unset variable."""

from __future__ import annotations

import itertools
import json
import logging
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from rasa.core.tracker_store import SerializedTrackerAsText, SQLTrackerStore, TrackerStore
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.orm import Session

from addons import rasa_patches
from addons.sql_threads import SqlThreads
from addons.whatsapp.output import current_turn
from billing.database import open_database
from billing.settings import settings
from billing.tables import events, place
from billing.vault import Vault

if TYPE_CHECKING:
    from rasa.core.brokers.broker import EventBroker
    from rasa.shared.core.domain import Domain
    from rasa.shared.core.events import Event
    from sqlalchemy.engine import Connection

rasa_patches.apply()

logger = logging.getLogger(__name__)


class SettingsTrackerStore(SQLTrackerStore):
    """Rasa's SQL tracker store on the project's database (`DATABASE_URL`), off the event loop.

    Within a turn of the WhatsApp channel the new events are written in the turn's own transaction. What an
    event says is sealed for its sender; a row in clear, or of somebody else, is refused.

    Args:
        host: Ignored; Rasa passes `url` of endpoints.yml here.
        domain: The model's domain.
        event_broker: Where events are published, if anywhere.
    """

    def __init__(
        self,
        domain: Domain | None = None,
        event_broker: EventBroker | None = None,
        host: str | None = None,  # noqa: ARG002 - named by Rasa's factory
        **kwargs: Any,
    ) -> None:
        # Not through SQLTrackerStore: its constructor builds its own engine and waits for ever for it.
        self.engine = open_database(settings().database_url)
        self._vault = Vault.from_settings(settings())
        self.sessionmaker = sa.orm.session.sessionmaker(bind=self.engine)
        self.threads = SqlThreads(self.engine)
        SerializedTrackerAsText.__init__(self)
        TrackerStore.__init__(self, domain, event_broker, **kwargs)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Write the tracker's new events.

        Args:
            tracker: The conversation.

        Raises:
            sqlalchemy.exc.DBAPIError: When the database fails; nothing is written.
            LeaseLost: When the turn has been begun anew by another worker; nothing is written.
        """
        if not tracker.events:
            # Rasa also saves a new conversation before its first turn.
            return
        turn = current_turn.get()
        if turn is None:
            new = await self.threads.run(self._write_alone, tracker)
        else:
            new = []
            await turn.commit(lambda connection: new.extend(self._write(connection, tracker)))
        if self.event_broker is not None:
            # After the commit: what was not written must not be counted, and a broker stops nobody.
            try:
                await self._stream_new_events(self.event_broker, new, tracker.sender_id)
            except Exception as error:  # noqa: BLE001 - brokers raise what their libraries do
                logger.warning("events not published: %s", type(error).__name__)

    async def _retrieve(
        self, sender_id: str, fetch_events_from_all_sessions: bool
    ) -> DialogueStateTracker | None:
        return await self.threads.run(self._read, sender_id, fetch_events_from_all_sessions)

    def _read(self, sender_id: str, all_sessions: bool) -> DialogueStateTracker | None:
        with self.session_scope() as session:
            rows = self._event_query(session, sender_id, fetch_events_from_all_sessions=all_sessions).all()
            where = place(events.c.data, sender_id)
            opened = [json.loads(self._vault.open(row.data, where)) for row in rows]
        if not opened or self.domain is None:
            return None
        return DialogueStateTracker.from_dict(sender_id, opened, self.domain.slots)

    def _write_alone(self, tracker: DialogueStateTracker) -> list[Event]:
        with self.engine.begin() as connection:
            return self._write(connection, tracker)

    def _write(self, connection: Connection, tracker: DialogueStateTracker) -> list[Event]:
        with Session(bind=connection, future=True) as session:
            kept = self._event_query(session, tracker.sender_id, fetch_events_from_all_sessions=False).count()
        new = list(itertools.islice(tracker.events, kept, None))
        if new:
            rows = [self._row(tracker.sender_id, event) for event in new]
            connection.execute(sa.insert(events), rows)
        return new

    def _row(self, sender_id: str, event: Event) -> dict[str, Any]:
        data = event.as_dict()
        return {
            "sender_id": sender_id,
            # In clear: words of the domain, which say what kind of thing happened and nothing of whom, and
            # Rasa's query finds the session by them. Whatever was said or stored in a slot is in `data`.
            "type_name": event.type_name,
            "timestamp": data.get("timestamp"),
            "intent_name": data.get("parse_data", {}).get("intent", {}).get("name"),
            "action_name": data.get("name"),
            "data": self._vault.seal(json.dumps(data), place(events.c.data, sender_id)),
        }
