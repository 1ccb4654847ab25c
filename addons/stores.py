"""Stores that read their address from the settings, since endpoints.yml refuses an unset variable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from rasa.core.tracker_store import SerializedTrackerAsText, SQLTrackerStore, TrackerStore

from addons import rasa_patches
from billing.settings import settings
from billing.storage import create_tables, open_database

if TYPE_CHECKING:
    from rasa.core.brokers.broker import EventBroker
    from rasa.shared.core.domain import Domain

rasa_patches.apply()


class SettingsTrackerStore(SQLTrackerStore):
    """Rasa's SQL tracker store on the project's database (`DATABASE_URL`).

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
        create_tables(self.engine, self.Base.metadata)
        self.sessionmaker = sa.orm.session.sessionmaker(bind=self.engine)
        SerializedTrackerAsText.__init__(self)
        TrackerStore.__init__(self, domain, event_broker, **kwargs)
