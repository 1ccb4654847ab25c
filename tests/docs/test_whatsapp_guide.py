"""The WhatsApp guide names settings, routes, metrics and error numbers that exist."""

from __future__ import annotations

import re

from addons.whatsapp.metrics import Metrics
from addons.whatsapp.statuses import _FAILURES
from billing.settings import PROJECT_ROOT, ServingSettings

GUIDE = (PROJECT_ROOT / "docs" / "whatsapp.md").read_text(encoding="utf-8")
CHANNEL = (PROJECT_ROOT / "addons" / "whatsapp" / "channel.py").read_text(encoding="utf-8")
TWILIOS_OWN = {"11200", "11205", "63015", "63007"}
"""Told to people, not to the bot."""


def strangers(page: str) -> set[str]:
    """Names of variables in a page that no setting has."""
    named = set(re.findall(r"\b((?:[A-Z]+_)+[A-Z]+)\b", page))
    return named - {name.upper() for name in ServingSettings.__fields__}


def test_every_variable_exists() -> None:
    assert strangers(GUIDE) == set()


def test_a_misspelt_variable_is_seen() -> None:
    assert strangers("TWILIO_ACOUNT_SID") == {"TWILIO_ACOUNT_SID"}


def test_everything_that_serving_needs_is_in_the_example() -> None:
    example = re.search(r"## 3\..*?## 4\.", GUIDE, re.DOTALL)[0]
    assert {name for name in ServingSettings.required if f"    {name.upper()}=" not in example} == set()


def test_every_route_exists() -> None:
    routes = set(re.findall(r"/webhooks/whatsapp(/[a-z/]+[a-z])", GUIDE))
    assert routes
    assert {route for route in routes if f'"{route}' not in CHANNEL} == set()


def test_every_metric_exists() -> None:
    metrics = re.findall(r"`(whatsapp_\w+)", GUIDE)
    page = Metrics().render().decode()
    assert metrics
    assert {name for name in metrics if name.removesuffix("_total") not in page} == set()


def test_every_error_is_one_that_the_bot_or_twilio_knows() -> None:
    codes = set(re.findall(r"\b(?:erro|ou) (\d{5})\b", GUIDE))
    assert codes - TWILIOS_OWN <= {str(code) for code in _FAILURES}


def test_the_links_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", GUIDE)
    assert links
    assert all((PROJECT_ROOT / "docs" / link).exists() for link in links)
