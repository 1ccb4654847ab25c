"""Claims, the trust unblock and tickets: each write happens once, whatever is repeated or lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from threading import Barrier

import pytest
import sqlalchemy as sa

from billing.blocking import Unblocking, UnblockOutcome, trust_unblock
from billing.claims import WriteClaims
from billing.handoff import Handoff, HandoffOutcome, open_ticket
from billing.sgp.errors import SgpCircuitOpen, SgpError, SgpTimeout, SgpWriteOutcomeUnknown
from billing.sgp.models import ContractStatus, TicketRow, UnblockKind, UnblockResult
from billing.tables import write_claims
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
    # A turn that is computed again tells the days and the protocol too.
    assert unblock() == outcome
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


def test_an_unblock_that_was_not_asked_for_may_be_asked_for_again(sgp, unblock):
    sgp.failing["trust_unblock"] = SgpCircuitOpen("liberacaopromessa", "not called")
    with pytest.raises(SgpCircuitOpen):
        unblock()
    sgp.failing.clear()
    sgp.unblock = UnblockResult(UnblockKind.GRANTED)

    assert unblock().result is Unblocking.GRANTED


def test_another_yes_is_another_call(sgp, unblock):
    unblock("m1")
    unblock("m2")

    assert sgp.names().count("trust_unblock") == 2


NOON = datetime(2026, 11, 23, 12, 0, tzinfo=timezone.utc)
ZONE = timezone(-timedelta(hours=3))


@pytest.fixture
def ticket(sgp, engine, vault, deadline):
    claims = WriteClaims(engine, vault, clock=NOON.timestamp)
    sgp.opening_time = NOON.astimezone(ZONE).replace(tzinfo=None)
    return lambda message="m1", reason="asked": open_ticket(
        sgp, claims, "101", reason, f"Motivo: {reason}.", message, deadline, ZONE
    )


def opened(number, result=Handoff.TICKET):
    return HandoffOutcome(result, f"24112200000{number}")


def closed(row):
    return replace(row, open=False)


def test_one_ticket_stays_open_for_each_reason(sgp, ticket):
    assert [ticket("m1"), ticket("m1"), ticket("m2")] == [
        opened(1),
        opened(1, Handoff.ALREADY_OPEN),
        opened(1, Handoff.ALREADY_OPEN),
    ]
    assert ticket("m3", reason="dispute") == opened(2)
    assert sgp.names().count("open_ticket") == 2
    assert "Motivo: asked." in sgp.calls[0][2]


def test_after_the_team_closed_it_another_one_is_opened(sgp, ticket):
    ticket("m1")
    sgp.opened[0] = closed(sgp.opened[0])

    assert ticket("m2") == opened(2)
    assert ticket("m3") == opened(2, Handoff.ALREADY_OPEN)


def test_a_ticket_whose_answer_got_lost_is_found_by_reading(sgp, ticket):
    sgp.failing["open_ticket"] = LOST
    assert ticket("m1") == HandoffOutcome(Handoff.UNKNOWN)
    sgp.failing.clear()
    sgp.opened.append(TicketRow("7", open=True, kind="Outros", opened_at=sgp.opening_time))

    assert ticket("m2") == HandoffOutcome(Handoff.ALREADY_OPEN, "7")
    assert sgp.names().count("open_ticket") == 1


def test_an_older_ticket_is_not_taken_for_the_lost_one(sgp, ticket):
    sgp.opened.append(
        TicketRow("7", open=True, kind="Outros", opened_at=sgp.opening_time - timedelta(hours=1))
    )
    sgp.failing["open_ticket"] = LOST
    ticket("m1")
    sgp.failing.clear()

    assert ticket("m1") == HandoffOutcome(Handoff.UNKNOWN)
    assert sgp.names().count("open_ticket") == 1
    assert ticket("m2") == opened(2)


def test_a_refused_ticket_is_an_error_and_may_be_asked_for_again(sgp, ticket):
    sgp.failing["open_ticket"] = SgpError("chamado", "refused")
    with pytest.raises(SgpError):
        ticket("m1")
    sgp.failing.clear()

    assert ticket("m1") == opened(1)


def test_while_tickets_cannot_be_read_none_is_opened(sgp, ticket):
    ticket("m1")
    sgp.failing["tickets"] = SgpError("ocorrencia/list", "down")
    with pytest.raises(SgpError):
        ticket("m2")
    assert sgp.names().count("open_ticket") == 1

    # The same message asked again is not held against the customer: nothing was written for it.
    sgp.failing.clear()
    sgp.opened[0] = closed(sgp.opened[0])
    assert ticket("m2") == opened(2)
