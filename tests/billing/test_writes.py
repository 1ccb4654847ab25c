"""Claims, the trust unblock and tickets: each write happens once, whatever is repeated or lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
import sqlalchemy as sa

from billing.blocking import Unblocking, UnblockOutcome, trust_unblock
from billing.claims import WriteClaims
from billing.handoff import Handoff, HandoffOutcome, open_ticket
from billing.sgp.errors import SgpError, SgpTimeout, SgpWriteOutcomeUnknown
from billing.sgp.models import ContractStatus, UnblockKind, UnblockResult
from billing.storage import write_claims
from tests.billing.fake_sgp import contract

LOST = SgpWriteOutcomeUnknown(SgpTimeout("rota", "too slow"))
RACERS = 64


@pytest.fixture
def claims(engine, vault):
    return WriteClaims(engine, vault)


def test_of_many_racers_exactly_one_may_write(claims):
    start = Barrier(RACERS)

    def race(_number):
        start.wait()
        return claims.take("message", "trust_unblock", "101").mine

    with ThreadPoolExecutor(RACERS) as threads:
        assert sum(threads.map(race, range(RACERS))) == 1


@pytest.mark.parametrize("other", [("m2", "op", "1"), ("m1", "op2", "1"), ("m1", "op", "2")])
def test_a_claim_is_for_one_message_operation_and_contract(claims, other):
    assert claims.take("m1", "op", "1").mine
    assert claims.take(*other).mine
    assert not claims.take("m1", "op", "1").mine


def test_the_outcome_is_read_by_who_comes_later(claims, engine):
    first = claims.take("m", "op", "1")
    assert claims.take("m", "op", "1").outcome is None

    claims.settle(first, "protocolo 77")

    assert claims.take("m", "op", "1").outcome == "protocolo 77"
    with engine.connect() as connection:
        assert "protocolo 77" not in str(connection.execute(sa.select(write_claims)).all())


@pytest.fixture
def unblock(sgp, claims, deadline):
    sgp.customers = {"x": (contract(status=ContractStatus.SUSPENDED),)}
    return lambda message="m1": trust_unblock(sgp, claims, "101", message, deadline)


def becomes(sgp, **changes):
    """SGP changes the contract and then loses the answer."""

    def write(_contract_id, _deadline):
        sgp.calls.append(("trust_unblock",))
        sgp.customers = {"x": (contract(**changes),)}
        raise LOST

    sgp.trust_unblock = write


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (
            UnblockResult(UnblockKind.GRANTED, 3, date(2026, 11, 26), "77"),
            UnblockOutcome(Unblocking.GRANTED, 3, date(2026, 11, 26), "77"),
        ),
        (UnblockResult(UnblockKind.QUOTA_USED), UnblockOutcome(Unblocking.QUOTA_USED)),
        (UnblockResult(UnblockKind.NOT_APPLICABLE), UnblockOutcome(Unblocking.NOT_APPLICABLE)),
    ],
)
def test_unblock_says_what_sgp_said_and_asks_once(sgp, unblock, answer, outcome):
    sgp.unblock = answer

    assert unblock() == outcome
    assert unblock().result is outcome.result
    assert sgp.names().count("trust_unblock") == 1


@pytest.mark.parametrize("status", [ContractStatus.ACTIVE, ContractStatus.CANCELLED])
def test_who_is_not_blocked_is_not_unblocked(sgp, unblock, status):
    sgp.customers = {"x": (contract(status=status),)}

    assert unblock().result is Unblocking.NOT_APPLICABLE
    assert "trust_unblock" not in sgp.names()


@pytest.mark.parametrize(
    ("changes", "result"),
    [
        ({"status": ContractStatus.ACTIVE}, Unblocking.GRANTED),
        ({"status": ContractStatus.SUSPENDED, "promises_this_month": 1}, Unblocking.GRANTED),
        ({"status": ContractStatus.SUSPENDED}, Unblocking.UNKNOWN),
    ],
)
def test_a_lost_answer_is_resolved_by_reading(sgp, unblock, changes, result):
    becomes(sgp, **changes)

    assert [unblock().result, unblock().result] == [result] * 2
    assert sgp.names().count("trust_unblock") == 1


def test_a_lost_answer_and_no_reading(sgp, unblock):
    def write(_contract_id, _deadline):
        sgp.failing["contract"] = SgpTimeout("consultacliente", "too slow")
        raise LOST

    sgp.trust_unblock = write

    assert unblock().result is Unblocking.UNKNOWN


def test_a_failure_before_the_write_claims_nothing(sgp, unblock):
    sgp.failing["contract"] = SgpTimeout("consultacliente", "too slow")
    with pytest.raises(SgpError):
        unblock()
    sgp.failing.clear()
    sgp.unblock = UnblockResult(UnblockKind.GRANTED)

    assert unblock().result is Unblocking.GRANTED


def test_another_yes_is_another_call(sgp, unblock):
    unblock("m1")
    unblock("m2")

    assert sgp.names().count("trust_unblock") == 2


@pytest.fixture
def ticket(sgp, claims, deadline):
    return lambda message="m1", reason="asked": open_ticket(sgp, claims, "101", reason, message, deadline)


def test_a_ticket_is_opened_once_a_message_and_reason(sgp, ticket):
    opened = HandoffOutcome(Handoff.TICKET, "241122000001")

    assert [ticket(), ticket(), ticket(reason="dispute")] == [opened] * 3
    assert [call[3] for call in sgp.calls] == ["5", "5"]
    assert "Motivo: asked." in sgp.calls[0][2]


def test_a_lost_ticket_is_not_opened_again(sgp, ticket):
    sgp.failing["open_ticket"] = LOST

    assert [ticket(), ticket()] == [HandoffOutcome(Handoff.UNKNOWN)] * 2
    assert sgp.names() == ["open_ticket"]


def test_a_refused_ticket_is_an_error(sgp, ticket):
    sgp.failing["open_ticket"] = SgpError("chamado", "refused")

    with pytest.raises(SgpError):
        ticket()
