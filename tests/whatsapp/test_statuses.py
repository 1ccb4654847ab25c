"""A message's status only moves forward, and each failure has its consequence."""

from __future__ import annotations

import itertools

import pytest

from addons.whatsapp.statuses import FAILED, Failure, advances, failure, rank

FORWARD = ["accepted", "queued", "sending", "sent", "delivered", "read"]


def settled(callbacks):
    current = None
    for status in callbacks:
        if advances(current, status):
            current = status
    return current


def test_ranks_rise():
    assert [rank(status) for status in FORWARD] == sorted({rank(status) for status in FORWARD})


@pytest.mark.parametrize("order", itertools.permutations(["queued", "sent", "delivered", "read"]))
def test_in_any_order_the_furthest_stays(order):
    assert settled(order) == "read"
    assert settled(order + order) == "read"


@pytest.mark.parametrize("failed", sorted(FAILED))
def test_a_failure_is_final(failed):
    assert settled(["queued", "sent", failed]) == failed
    assert settled([failed, "queued", "sent", "sending", "delivered", "read"]) == failed


@pytest.mark.parametrize("failed", sorted(FAILED))
@pytest.mark.parametrize("arrived", ["delivered", "read"])
def test_what_arrived_did_not_fail(failed, arrived):
    assert settled(["sent", arrived, failed]) == arrived


def test_an_unknown_status_changes_nothing():
    assert settled(["sent", "estado_novo"]) == "sent"
    assert settled(["estado_novo"]) is None


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (63016, Failure(alert=True)),
        (63018, Failure(retry=True)),
        (20429, Failure(retry=True)),
        (30008, Failure(retry=True)),
        (63019, Failure(retry=True, other_format=True, alert=True)),
        (12300, Failure(other_format=True, alert=True)),
        (63003, Failure()),
        (21610, Failure()),
        (63038, Failure(alert=True)),
        (20003, Failure(alert=True)),
        (21617, Failure(alert=True)),
        (99999, Failure(other_format=True, alert=True)),
        (None, Failure(other_format=True, alert=True)),
    ],
)
def test_what_a_failure_means(code, expected):
    assert failure(code) == expected
