"""The number of a conversation."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

import pytest

from billing.protocol import conversation_protocol
from billing.vault import Vault
from tests.stack import KEYS

ZONE = timezone(-timedelta(hours=3))
BEGAN = datetime(2026, 11, 24, 23, 30, tzinfo=ZONE).timestamp()


def test_the_number_has_the_day_of_the_provider_and_six_letters(vault):
    number = conversation_protocol(vault, "maria", BEGAN, ZONE)

    assert re.fullmatch(r"20261124-[A-Z2-7]{6}", number)
    assert conversation_protocol(vault, "maria", BEGAN, timezone.utc).startswith("20261125-")


def test_one_conversation_has_one_number(vault):
    assert conversation_protocol(vault, "maria", BEGAN, ZONE) == conversation_protocol(
        vault, "maria", BEGAN, ZONE
    )


@pytest.mark.parametrize(("sender", "began"), [("joana", BEGAN), ("maria", BEGAN + 0.001)])
def test_another_conversation_has_another_number(vault, sender, began):
    assert conversation_protocol(vault, sender, began, ZONE) != conversation_protocol(
        vault, "maria", BEGAN, ZONE
    )


def test_without_the_key_nobody_tells_whose_number_it_is(vault):
    other = Vault([KEYS["PII_ENCRYPTION_KEYS"]], "k" * len(KEYS["PII_INDEX_KEY"]))

    assert conversation_protocol(other, "maria", BEGAN, ZONE) != conversation_protocol(
        vault, "maria", BEGAN, ZONE
    )
