"""Real SQLite in a folder of the test, a clock that a test turns, and a fake SGP."""

from __future__ import annotations

import pytest

from billing.contacts import ContactBook
from billing.deadline import Deadline
from billing.storage import open_database
from billing.vault import Vault
from tests.billing.fake_sgp import FakeSgp
from tests.stack import KEYS


class Clock:
    """Seconds since the epoch; a test adds to `now`."""

    def __init__(self):
        self.now = 1_795_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def engine(tmp_path):
    made = open_database(f"sqlite:///{tmp_path / 'bot.db'}")
    yield made
    made.dispose()


@pytest.fixture
def vault():
    return Vault([KEYS["PII_ENCRYPTION_KEYS"]], KEYS["PII_INDEX_KEY"])


@pytest.fixture
def contacts(engine, vault, clock):
    return ContactBook(engine, vault, demo_allowed=True, clock=clock)


@pytest.fixture
def sgp():
    return FakeSgp()


@pytest.fixture
def deadline():
    return Deadline.after(60)
