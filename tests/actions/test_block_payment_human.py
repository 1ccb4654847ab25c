"""Blocks, payments and the way to a person."""

from __future__ import annotations

from datetime import date

import pytest

from actions import (
    ActionCheckBlock,
    ActionCheckPayment,
    ActionHandoff,
    ActionTrustUnblock,
    ValidateUnblockForm,
)
from billing.sgp.errors import SgpError, SgpOutage, SgpTimeout, SgpWriteOutcomeUnknown
from billing.sgp.models import ContractStatus, UnblockKind, UnblockResult
from tests.actions.conftest import DOCUMENT, said, slot
from tests.billing.fake_sgp import contract, title

UNKNOWN = SgpWriteOutcomeUnknown(SgpTimeout("liberacaopromessa", "too slow"))


def block(bench, status=ContractStatus.SUSPENDED):
    bench.sgp.customers[DOCUMENT] = (contract(status=status),)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (ContractStatus.SUSPENDED, "blocked"),
        (ContractStatus.REDUCED, "blocked"),
        (ContractStatus.CANCELLED, "ended"),
        (ContractStatus.ACTIVE, "active"),
    ],
)
async def test_check_block(known, status, outcome):
    block(known, status)

    result = await known.run(ActionCheckBlock(), known.tracker(contract="101", unblock_consent=True))

    assert result == ([slot("unblock_consent", None), slot("block_outcome", outcome)], [])


class TestUnblockDisabled:
    @pytest.fixture
    def settings_changes(self):
        return {"trust_unblock_enabled": False}

    async def test_check_block_says_so(self, known):
        block(known)

        events, _ = await known.run(ActionCheckBlock(), known.tracker(contract="101"))

        assert events[-1] == slot("block_outcome", "unblock_disabled")

    async def test_no_yes_opens_the_door(self, known):
        block(known)

        events, _ = await unblock(known)

        assert (events[-1], known.sgp.calls) == (slot("unblock_outcome", "declined"), [])


@pytest.mark.parametrize(
    ("consent", "confidence", "kept"), [(True, 0.9, True), (True, 0.5, None), (False, 0.5, False)]
)
async def test_only_a_clear_yes_is_taken(bench, consent, confidence, kept):
    tracker = bench.tracker(
        "sim", "affirm", confidence=confidence, unblock_consent=consent, just_set=["unblock_consent"]
    )

    assert await bench.run(ValidateUnblockForm(), tracker) == ([slot("unblock_consent", kept)], [])


async def unblock(bench, intent="affirm", *, consent=True):
    tracker = bench.tracker("sim", intent, contract="101", unblock_consent=consent)
    return await bench.run(ActionTrustUnblock(), tracker)


ASKED_AGAIN = [slot("unblock_consent", None), slot("block_outcome", None)]


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
async def test_unblock_refused(known, kind):
    block(known)
    known.sgp.unblock = UnblockResult(kind)

    assert await unblock(known) == ([*ASKED_AGAIN, slot("unblock_outcome", kind.value)], [])


async def test_unblock_with_a_lost_answer(known):
    block(known)
    known.sgp.failing["trust_unblock"] = UNKNOWN

    assert await unblock(known) == ([*ASKED_AGAIN, slot("unblock_outcome", "unknown")], [])


@pytest.mark.parametrize(("intent", "consent"), [("deny", False), ("affirm", None), ("greet", True)])
async def test_unblock_needs_the_yes_of_this_message(known, intent, consent):
    block(known)

    events, messages = await unblock(known, intent, consent=consent)

    assert (events, messages) == ([*ASKED_AGAIN, slot("unblock_outcome", "declined")], [])
    assert known.sgp.calls == []


PAID = title("1", "2026-10-10", status="paid", payment_date=date(2026, 10, 9))
OPEN = title("2", "2026-11-10")


@pytest.mark.parametrize(
    ("titles", "status", "outcome", "messages"),
    [
        (
            (PAID,),
            ContractStatus.ACTIVE,
            "posted",
            [said("utter_payment_posted", due_date="10/10/2026", paid_on=", recebida em 09/10/2026")],
        ),
        ((PAID,), ContractStatus.SUSPENDED, "posted_blocked", []),
        (
            (PAID, OPEN),
            ContractStatus.ACTIVE,
            "still_open",
            [said("utter_payment_still_open", invoices="1. Novembro: R$ 99,90, vencida em 10/11/2026")],
        ),
        ((), ContractStatus.ACTIVE, "nothing_found", []),
    ],
)
async def test_check_payment(known, titles, status, outcome, messages):
    block(known, status)
    known.sgp.titles_of["101"] = titles

    result = await known.run(ActionCheckPayment(), known.tracker(contract="101"))

    assert result == ([slot("payment_outcome", outcome)], messages)


@pytest.mark.parametrize(
    ("action", "method", "outcome"),
    [
        (ActionCheckBlock, "contract", slot("block_outcome", "unavailable")),
        (ActionTrustUnblock, "contract", slot("unblock_outcome", "unavailable")),
        (ActionCheckPayment, "titles", slot("payment_outcome", "unavailable")),
    ],
)
async def test_an_erp_failure_is_neither_yes_nor_no(known, action, method, outcome):
    known.sgp.failing[method] = SgpOutage("rota", "no answer")
    tracker = known.tracker("sim", "affirm", contract="101", unblock_consent=True)

    assert await known.run(action(), tracker) == ([outcome], [])


@pytest.mark.parametrize(
    ("action", "outcome_slot"),
    [
        (ActionCheckBlock, "block_outcome"),
        (ActionTrustUnblock, "unblock_outcome"),
        (ActionCheckPayment, "payment_outcome"),
    ],
)
async def test_a_stranger_learns_nothing(bench, action, outcome_slot):
    tracker = bench.tracker("sim", "affirm", contract="101", unblock_consent=True)

    assert await bench.run(action(), tracker) == ([slot(outcome_slot, "not_identified")], [])
    assert bench.sgp.calls == []


async def handoff(bench, **slots):
    return await bench.run(ActionHandoff(), bench.tracker("atendente", "ask_human", **slots))


class TestHandoff:
    @pytest.fixture
    def settings_changes(self):
        return {"support_contact": "0800 123"}

    async def test_a_known_customer_gets_one_ticket(self, known):
        assert await handoff(known) == (
            [slot("handoff_outcome", "ticket")],
            [said("utter_handoff_ticket", protocol="241122000001")],
        )
        assert await handoff(known) == (
            [slot("handoff_outcome", "already_open")],
            [said("utter_handoff_already", protocol="241122000001")],
        )
        assert known.sgp.names() == ["open_ticket", "tickets"]

    async def test_the_ticket_is_about_a_contract_of_their_own(self, known):
        await handoff(known, contract="999")

        assert known.sgp.calls[0][:2] == ("open_ticket", "101")

    async def test_anybody_else_gets_the_contact(self, bench):
        assert await handoff(bench) == (
            [slot("handoff_outcome", "contact")],
            [said("utter_handoff_contact", contact=": 0800 123")],
        )

    @pytest.mark.parametrize(
        ("failure", "outcome", "response"),
        [
            (SgpError("chamado", "refused"), "unavailable", "utter_handoff_unavailable"),
            (UNKNOWN, "unknown", "utter_handoff_unknown"),
        ],
    )
    async def test_a_failing_erp_gives_the_contact_too(self, known, failure, outcome, response):
        known.sgp.failing["open_ticket"] = failure

        assert await handoff(known) == (
            [slot("handoff_outcome", outcome)],
            [said(response, contact=": 0800 123")],
        )


async def test_handoff_without_a_configured_contact(bench):
    _, messages = await handoff(bench)

    assert messages == [said("utter_handoff_contact", contact="")]
