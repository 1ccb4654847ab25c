"""Conversations are kept in the database that the settings name, and nowhere else."""

from __future__ import annotations

import pytest
from rasa.core.tracker_store import TrackerStore
from rasa.utils.endpoints import EndpointConfig
from sqlalchemy.exc import OperationalError

import addons.stores


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
