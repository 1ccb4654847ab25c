"""Conversations are kept in the database that the settings name, and nowhere else."""

from __future__ import annotations

import base64
import json

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.utils.endpoints import EndpointConfig
from sqlalchemy.exc import OperationalError

import addons.stores
from billing.tables import events
from billing.vault import Unreadable
from tests.stack import KEYS


def test_the_database_of_the_settings_is_used(store, settings):
    assert str(store.engine.url) == settings.database_url


@pytest.mark.usefixtures("settings")
def test_rasa_makes_it_from_endpoints_yml():
    made = TrackerStore.create(EndpointConfig.from_dict({"type": "addons.stores.SettingsTrackerStore"}))

    assert isinstance(made, addons.stores.SettingsTrackerStore)
    made.engine.dispose()


async def test_the_agent_keeps_the_bare_store(agent, store):
    assert agent.tracker_store is store
    assert agent.processor.tracker_store is store


async def test_a_failure_is_not_swallowed(store):
    with store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE events")

    with pytest.raises(OperationalError):
        await store.retrieve("maria")


async def test_what_was_said_is_not_readable_in_the_database(say, store):
    await say("meu cpf é 529.982.247-25, quero falar com alguém")

    with store.engine.connect() as connection:
        everything = str(connection.execute(sa.select(events)).all())
    for said in ("529", "falar", "Olá", base64.b64encode(b"529.982").decode()[:8]):
        assert said not in everything
    assert "529" in str([event.as_dict() for event in (await store.retrieve("maria")).events])


async def test_an_event_of_somebody_else_is_refused(say, store):
    await say()
    with store.engine.begin() as connection:
        connection.execute(sa.update(events).values(sender_id="ana"))

    with pytest.raises(Unreadable):
        await store.retrieve("ana")


async def test_an_event_in_clear_is_refused(store):
    forged = {"event": "slot", "timestamp": 1.0, "name": "contract", "value": "101"}
    with store.engine.begin() as connection:
        connection.execute(
            sa.insert(events).values(
                sender_id="maria", type_name="slot", timestamp=1, data=json.dumps(forged)
            )
        )

    with pytest.raises(Unreadable):
        await store.retrieve("maria")


async def test_an_event_under_the_older_key_is_still_read(say, settings, monkeypatch):
    await say()
    keys = SecretStr(f"{KEYS['MEDIA_SIGNING_KEY']},{KEYS['PII_ENCRYPTION_KEYS']}")
    monkeypatch.setattr(
        addons.stores, "settings", lambda: settings.copy(update={"pii_encryption_keys": keys})
    )
    rotated = addons.stores.SettingsTrackerStore(Domain.empty())

    assert (await rotated.retrieve("maria")).events
    rotated.engine.dispose()


def test_the_table_has_the_columns_that_rasa_reads(store):
    assert {column.name for column in store.SQLEvent.__table__.columns} == set(events.columns.keys())
