"""Parts of the WhatsApp channel on a real database."""

from __future__ import annotations

import pytest

from billing.media import MediaStore
from tests.billing.conftest import clock, engine, vault

__all__ = ["clock", "engine", "store", "vault"]


@pytest.fixture
def store(engine, vault, clock):
    return MediaStore(engine, vault, clock=clock)
