"""Why the Internet is off, and the trust unblock after an explicit yes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from actions import ActionCheckBlock, ActionTellDebt, ActionTrustUnblock, ValidateUnblockForm
from billing.sgp.errors import SgpOutage, SgpTimeout, SgpWriteOutcomeUnknown
from billing.sgp.models import Connection, ContractStatus, UnblockKind, UnblockResult
from tests.actions.conftest import DOCUMENT, ERP_DOWN, said, slot
from tests.billing.fake_sgp import contract, title

LOST = SgpWriteOutcomeUnknown(SgpTimeout("liberacaopromessa", "too slow"))
CONSENT_FORGOTTEN = slot("unblock_consent", None)


def block(bench, status=ContractStatus.SUSPENDED):
    bench.sgp.customers[DOCUMENT] = (contract(status=status),)


async def check(bench):
    return await bench.run(ActionCheckBlock(), bench.tracker(contract="101", unblock_consent=True))


@pytest.mark.parametrize(
    ("status", "kind"), [(ContractStatus.SUSPENDED, "suspended"), (ContractStatus.REDUCED, "reduced")]
)
async def test_a_block_has_a_kind_that_chooses_the_words(known, status, kind):
    block(known, status)

    assert await check(known) == (
        [CONSENT_FORGOTTEN, slot("block_kind", kind), slot("block_outcome", "blocked")],
        [],
    )


@pytest.mark.parametrize(
    ("status", "connected", "outcome"),
    [
        (ContractStatus.CANCELLED, Connection.UNKNOWN, "ended"),
        (ContractStatus.ACTIVE, Connection.UNKNOWN, "active"),
        (ContractStatus.ACTIVE, Connection.ONLINE, "online"),
        (ContractStatus.ACTIVE, Connection.OFFLINE, "offline"),
    ],
)
async def test_what_is_no_block(known, status, connected, outcome):
    block(known, status)
    known.sgp.connected = connected

    assert await check(known) == ([CONSENT_FORGOTTEN, slot("block_outcome", outcome)], [])


class TestUnblockDisabled:
    @pytest.fixture
    def settings_changes(self):
        return {"trust_unblock_enabled": False}

    async def test_check_block_says_so(self, known):
        block(known, ContractStatus.REDUCED)

        events, _ = await check(known)

        assert events[1:] == [slot("block_kind", "reduced"), slot("block_outcome", "unblock_disabled")]

    async def test_no_yes_opens_the_door(self, known):
        block(known)

        events, _ = await unblock(known)

        assert (events[-1], known.sgp.calls) == (slot("unblock_outcome", "declined"), [])


@pytest.mark.parametrize(
    ("text", "consent", "kept"),
    [
        ("sim", True, True),
        ("acho que sim", True, None),
        ("amanhã sim", True, None),
        ("não", False, False),
        ("acho que não", False, False),
    ],
)
async def test_only_an_explicit_yes_is_taken(bench, text, consent, kept):
    tracker = bench.tracker(text, "affirm", unblock_consent=consent, just_set=["unblock_consent"])

    assert await bench.run(ValidateUnblockForm(), tracker) == ([slot("unblock_consent", kept)], [])


async def unblock(bench, intent="affirm", *, consent=True):
    tracker = bench.tracker("sim", intent, contract="101", unblock_consent=consent)
    return await bench.run(ActionTrustUnblock(), tracker)


ASKED_AGAIN = [CONSENT_FORGOTTEN, slot("block_outcome", None)]
REFUSED = [*ASKED_AGAIN, slot("handoff_reason", "unblock_refused")]


@pytest.mark.parametrize(
    ("answer", "given"),
    [
        (
            UnblockResult(UnblockKind.GRANTED, 3, date(2026, 11, 26), "77"),
            {"days": " por 3 dias", "until": ", até 26/11/2026", "protocol": " Protocolo: 77."},
        ),
        (UnblockResult(UnblockKind.GRANTED), {"days": "", "until": "", "protocol": ""}),
    ],
)
async def test_unblock_granted(known, answer, given):
    block(known)
    known.sgp.unblock = answer

    events, messages = await unblock(known)

    assert events == [*ASKED_AGAIN, slot("unblock_outcome", "granted")]
    assert messages == [said("utter_unblock_granted", **given)]


@pytest.mark.parametrize("kind", [UnblockKind.QUOTA_USED, UnblockKind.NOT_APPLICABLE])
async def test_unblock_refused_is_a_reason_for_a_person(known, kind):
    block(known)
    known.sgp.unblock = UnblockResult(kind)

    events, messages = await unblock(known)

    assert (events[: len(REFUSED)], events[-1]) == (REFUSED, slot("unblock_outcome", kind.value))
    assert messages == []
    remembered = slot("unblock_used_up", "101") in events
    assert remembered == (kind is UnblockKind.QUOTA_USED)


@pytest.mark.parametrize(
    ("used_up", "outcome"), [(None, "blocked"), ("101", "unblock_used_up"), ("102", "blocked")]
)
async def test_an_unblock_refused_as_used_is_not_offered_again(known, used_up, outcome):
    block(known)

    events, _ = await known.run(ActionCheckBlock(), known.tracker(contract="101", unblock_used_up=used_up))

    assert events[-1] == slot("block_outcome", outcome)


async def test_unblock_with_a_lost_answer(known):
    block(known)
    known.sgp.failing["trust_unblock"] = LOST

    assert await unblock(known) == ([*REFUSED, slot("unblock_outcome", "unknown")], [])


@pytest.mark.parametrize(("intent", "consent"), [("deny", False), ("affirm", None), ("greet", True)])
async def test_unblock_needs_the_yes_of_this_message(known, intent, consent):
    block(known)

    events, messages = await unblock(known, intent, consent=consent)

    assert (events, messages) == ([*ASKED_AGAIN, slot("unblock_outcome", "declined")], [])
    assert known.sgp.calls == []


OVERDUE = title("1", "2026-10-10", "89.90", corrected_amount=Decimal("95.00"))
LATER_INSTALMENT = title("3", "2027-03-10")
DEBT = said("utter_debt", invoices="1. Outubro: R$ 95,00, vencida em 10/10/2026", total="R$ 95,00")


@pytest.mark.parametrize(
    ("titles", "complete", "outcome", "messages"),
    [
        ((OVERDUE, LATER_INSTALMENT), True, "found", [DEBT]),
        ((OVERDUE,), False, "found", [DEBT, said("utter_maybe_more_invoices")]),
        ((), True, "nothing_due", []),
        ((), False, "incomplete", []),
    ],
)
async def test_the_debt_is_told_and_no_invoice_chosen(known, titles, complete, outcome, messages):
    known.sgp.titles_of["101"] = titles
    known.sgp.complete = complete

    result = await known.run(ActionTellDebt(), known.tracker(contract="101"))

    assert result == ([slot("invoices_outcome", outcome)], messages)


@pytest.mark.parametrize(
    ("action", "method", "outcome_slot"),
    [
        (ActionCheckBlock, "contract", "block_outcome"),
        (ActionTrustUnblock, "contract", "unblock_outcome"),
        (ActionTellDebt, "titles", "invoices_outcome"),
    ],
)
async def test_an_erp_failure_is_neither_yes_nor_no(known, action, method, outcome_slot):
    known.sgp.failing[method] = SgpOutage("rota", "no answer")
    tracker = known.tracker("sim", "affirm", contract="101", unblock_consent=True)

    assert await known.run(action(), tracker) == ([ERP_DOWN, slot(outcome_slot, "unavailable")], [])


@pytest.mark.parametrize(
    ("action", "outcome_slot"),
    [
        (ActionCheckBlock, "block_outcome"),
        (ActionTrustUnblock, "unblock_outcome"),
        (ActionTellDebt, "invoices_outcome"),
    ],
)
async def test_a_stranger_learns_nothing(bench, action, outcome_slot):
    tracker = bench.tracker("sim", "affirm", contract="101", unblock_consent=True)

    assert await bench.run(action(), tracker) == ([slot(outcome_slot, "not_identified")], [])
    assert bench.sgp.calls == []
