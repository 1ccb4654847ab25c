"""Why the Internet is off."""

from __future__ import annotations

from datetime import datetime

import pytest

from billing.blocking import BlockState, block_state, is_blocked
from billing.sgp.errors import SgpOutage, SgpRouteAbsent
from billing.sgp.models import Connection, ContractStatus, Maintenance
from tests.billing.fake_sgp import contract

BLOCKED = {BlockState.SUSPENDED, BlockState.REDUCED}
NOW = datetime(2026, 11, 23, 10, 30)  # noqa: DTZ001 - SGP's times are naive


def at(hour):
    return NOW.replace(hour=hour, minute=0)


def maintenance(**changes):
    row = {"maintenance_id": "1", "active": True, "status": 1, "severity": 4, "start": at(8), "end": at(12)}
    return Maintenance(**row | {"message": "", "pops": ("3",)} | changes)


@pytest.fixture
def state(sgp, deadline):
    sgp.customers = {"x": (contract(),)}
    return lambda: block_state(sgp, "101", NOW, deadline)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (ContractStatus.SUSPENDED, BlockState.SUSPENDED),
        (ContractStatus.REDUCED, BlockState.REDUCED),
        (ContractStatus.ACTIVE, BlockState.ACTIVE),
        (ContractStatus.INACTIVE, BlockState.ENDED),
        (ContractStatus.CANCELLED, BlockState.ENDED),
        (ContractStatus.UNKNOWN, BlockState.ENDED),
    ],
)
def test_the_contract_tells_first(sgp, state, status, expected, deadline):
    sgp.customers = {"x": (contract(status=status),)}
    sgp.outages = (maintenance(),) if expected is not BlockState.ACTIVE else ()

    assert state() is expected
    assert is_blocked(sgp, "101", deadline) is (expected in BLOCKED)


@pytest.mark.parametrize(
    ("changes", "outage"),
    [
        ({}, True),
        ({"start": None}, True),
        ({"end": None}, True),
        ({"start": NOW}, True),
        ({"end": NOW}, True),
        ({"pops": ("1", "3")}, True),
        ({"status": None}, True),
        ({"start": at(11)}, False),
        ({"end": at(10)}, False),
        ({"active": False}, False),
        ({"status": 4}, False),
        ({"pops": ()}, False),
        ({"pops": ("4",)}, False),
    ],
)
def test_an_outage_concerns_its_pops_in_its_window(sgp, state, changes, outage):
    sgp.outages = (maintenance(**changes),)

    assert (state() is BlockState.OUTAGE) is outage


def test_a_contract_without_pop_is_in_no_outage(sgp, state):
    sgp.customers = {"x": (contract(pop_id=None),)}
    sgp.outages = (maintenance(),)

    assert state() is BlockState.ACTIVE


@pytest.mark.parametrize(
    ("connected", "expected"),
    [
        (Connection.ONLINE, BlockState.ONLINE),
        (Connection.OFFLINE, BlockState.OFFLINE),
        (Connection.UNKNOWN, BlockState.ACTIVE),
    ],
)
def test_the_connection_tells_last(sgp, state, connected, expected):
    sgp.connected = connected

    assert state() is expected


@pytest.mark.parametrize(
    ("absent", "expected"),
    [
        (["maintenances"], BlockState.ONLINE),
        (["connection"], BlockState.ACTIVE),
        (["maintenances", "connection"], BlockState.ACTIVE),
    ],
)
def test_routes_that_an_installation_lacks_are_no_failure(sgp, state, absent, expected):
    sgp.connected = Connection.ONLINE
    sgp.failing = {name: SgpRouteAbsent(name, "404") for name in absent}

    assert state() is expected


@pytest.mark.parametrize("method", ["contract", "maintenances", "connection"])
def test_a_failure_is_a_failure(sgp, state, method):
    sgp.failing[method] = SgpOutage(method, "no answer")

    with pytest.raises(SgpOutage):
        state()
