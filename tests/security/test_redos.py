"""No text makes a pattern work for ever: twice the length takes about twice the time."""

from __future__ import annotations

import re

import pytest

from billing.documents import find_documents, find_malformed
from billing.plain_text import one_line, unlinked
from billing.redaction import mask_documents, redact
from tests.security import patterns
from tests.security.patterns import SLOW, Used, project_patterns, superlinear

PATTERNS = project_patterns()


@pytest.mark.parametrize("place", sorted(PATTERNS))
def test_a_patterns_time_grows_no_faster_than_its_text(place):
    assert superlinear(PATTERNS[place]) is None


def test_the_patterns_are_found_where_they_stand():
    assert len(PATTERNS) > 100
    assert {"billing.redaction._SENSITIVE.0", "billing.media._TOKEN.0"} <= set(PATTERNS)
    assert any(place.startswith("billing/documents/search.py:") for place in PATTERNS)
    assert PATTERNS["addons.choices._NUMBER.0"].anchored
    assert not PATTERNS["billing.redaction._SENSITIVE.0"].anchored


@pytest.mark.parametrize("careless", [r"\s*x", r"[a-z]+[0-9]", r"(?:a|b)+c"])
def test_a_careless_pattern_is_noticed(careless):
    assert superlinear(Used(re.compile(careless), anchored=False, longest=4_000)) is not None


@pytest.mark.parametrize("catastrophic", [r"(?:a+)+b", r"(a|aa)+b", r"(?:[0-9]+)*-"])
def test_a_catastrophic_pattern_is_noticed(catastrophic, monkeypatch):
    # Such a one would not end within this life on a long text.
    monkeypatch.setattr(patterns, "SLOW", 0.00002)

    assert superlinear(Used(re.compile(catastrophic), anchored=True, longest=20)) is not None


@pytest.mark.parametrize("function", [find_documents, find_malformed, redact, mask_documents, one_line])
@pytest.mark.parametrize(
    "unit",
    [
        "529.982.247-25 ",
        "1 ",
        "1.",
        "12.ABC.345/01DE-35",
        "cinco dois ",
        "000201",
        "cpf ",
        "a@",
        "11 98765-4321, ",
        "1/2/",
        "\u0301",
        "(",
        "token=",
        "https://",
    ],
)
def test_searching_grows_with_the_text(function, unit, timed):
    short, long = (unit * (length // len(unit)) for length in (10_000, 20_000))
    before, after = timed(function, short), timed(function, long)

    assert after < max(2 * SLOW, 3.2 * before)


@pytest.mark.parametrize("unit", ["golpe.", "@", "www.", "a:", "://", "\u3002a"])
def test_making_harmless_grows_with_the_text(unit, timed):
    short, long = (unit * (length // len(unit)) for length in (10_000, 20_000))

    assert timed(unlinked, long, 60) < max(2 * SLOW, 3.2 * timed(unlinked, short, 60))
