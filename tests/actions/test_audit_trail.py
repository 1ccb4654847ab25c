"""What the actions account for, and that nothing happens when they cannot."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.exc import OperationalError

from actions import (
    ActionCheckPayment,
    ActionDeliverBill,
    ActionHandoff,
    ActionIdentify,
    ActionSendStatement,
    ActionTellDebt,
    ActionTrustUnblock,
    AskInvoice,
    AskPaymentFormat,
)
from billing.audit import Audit, Person
from billing.invoices import Due, Invoice
from billing.sgp.errors import SgpOutage, SgpTimeout
from billing.sgp.models import ContractStatus, UnblockKind, UnblockResult
from tests.actions.conftest import DOCUMENT
from tests.billing.fake_sgp import complete_title, contract

STRANGER = "11144477735"
TITLE = complete_title(document_number="77")
CHOSEN = {
    "contract": "101",
    "open_invoices": [Invoice(TITLE.title_id, TITLE.due_date, TITLE.amount, Due.SOON).to_slot()],
    "invoice": TITLE.title_id,
}
YES = {"contract": "101", "unblock_consent": True}


class BrokenAudit(Audit):
    """Writes the first rows and then no more."""

    def __init__(self, audit, rows):
        self._audit = audit
        self._left = rows

    def record(self, event):
        if not self._left:
            raise OperationalError("INSERT", {}, Exception("disk full"))
        self._left -= 1
        self._audit.record(event)


def break_audit(bench, after=0):
    object.__setattr__(bench.here, "audit", BrokenAudit(bench.here.audit, after))


def seen(bench, document=DOCUMENT):
    """Rows about a customer as (action, step, outcome)."""
    person = Person("document", bench.here.vault.index("document", document))
    return [(row.action, row.step.value, row.outcome) for row in bench.here.audit.seen_of([person])]


def details(bench):
    person = Person("document", bench.here.vault.index("document", DOCUMENT))
    return [row.details for row in bench.here.audit.seen_of([person])]


@pytest.fixture
def owing(known):
    known.sgp.titles_of["101"] = (TITLE,)
    return known


@pytest.fixture
def blocked(known):
    known.sgp.customers[DOCUMENT] = (contract(status=ContractStatus.SUSPENDED),)
    known.sgp.unblock = UnblockResult(UnblockKind.GRANTED, 3, date(2026, 11, 26), "77")
    return known


@pytest.mark.parametrize(
    ("action", "slots", "row"),
    [
        (ActionDeliverBill, {**CHOSEN, "payment_format": "pix"}, ("delivery", "done", "pix")),
        (ActionTellDebt, {"contract": "101"}, ("invoice_list", "done", "")),
        (AskInvoice, CHOSEN, ("invoice_list", "done", "")),
        (AskPaymentFormat, CHOSEN, ("invoice_list", "done", "")),
        (ActionCheckPayment, {"contract": "101"}, ("payment_check", "done", "still_open")),
    ],
)
class TestWhatIsShown:
    async def test_it_is_accounted_for(self, owing, action, slots, row):
        _, messages = await owing.run(action(), owing.tracker(**slots))

        assert messages
        assert seen(owing) == [row]
        assert details(owing) == [{"contract": "101", "titles": [TITLE.title_id]}]

    async def test_it_does_not_leave_without_its_row(self, owing, action, slots, row):  # noqa: ARG002 - of the class's parameters
        break_audit(owing)

        with pytest.raises(OperationalError):
            await owing.run(action(), owing.tracker(**slots))


async def test_a_statement_is_accounted_for(known):
    link = "https://provedor.sgp.example/quitacao/2025"
    known.sgp.customers[DOCUMENT] = (contract(settlement_link=link),)

    _, messages = await known.run(ActionSendStatement(), known.tracker(contract="101"))

    assert messages
    assert seen(known) == [("statement", "done", "")]


class TestUnblock:
    async def say_yes(self, bench, intent="affirm"):
        return await bench.run(ActionTrustUnblock(), bench.tracker("sim", intent, **YES))

    async def test_asked_allowed_and_done(self, blocked):
        await self.say_yes(blocked)

        assert seen(blocked) == [
            ("trust_unblock", "asked", ""),
            ("trust_unblock", "allowed", ""),
            ("trust_unblock", "done", "granted"),
        ]

    async def test_without_a_yes_it_is_denied(self, blocked):
        await self.say_yes(blocked, intent="ask_debt")

        assert seen(blocked) == [("trust_unblock", "asked", ""), ("trust_unblock", "denied", "")]

    async def test_a_failing_erp_is_told_of(self, blocked):
        blocked.sgp.failing["contract"] = SgpTimeout("consultacliente", "too slow")

        await self.say_yes(blocked)

        assert seen(blocked)[-1] == ("trust_unblock", "failed", "SgpTimeout")

    @pytest.mark.parametrize("rows", [0, 1])
    async def test_sgp_is_not_asked_without_the_rows(self, blocked, rows):
        break_audit(blocked, after=rows)

        with pytest.raises(OperationalError):
            await self.say_yes(blocked)

        assert "trust_unblock" not in blocked.sgp.names()


class TestHandoff:
    async def ask(self, bench, **slots):
        started = {"event": "session_started", "timestamp": 1_795_440_600.0}
        tracker = bench.tracker("atendente", "ask_human", before=[started], **slots)
        return await bench.run(ActionHandoff(), tracker)

    async def test_ticket_and_handoff_with_their_reason(self, known):
        await self.ask(known, handoff_reason="dispute")

        assert seen(known) == [
            ("ticket", "asked", "dispute"),
            ("ticket", "allowed", ""),
            ("ticket", "done", "ticket"),
            ("handoff", "asked", "dispute"),
            ("handoff", "done", "not_reached"),
        ]

    async def test_a_ticket_that_sgp_refused(self, known):
        known.sgp.failing["open_ticket"] = SgpOutage("chamado", "500")

        await self.ask(known)

        assert ("ticket", "failed", "SgpOutage") in seen(known)

    async def test_who_is_not_known_stands_there_as_a_sender(self, bench):
        await self.ask(bench)

        rows = bench.here.audit.seen_of([Person("sender", bench.sender_id)])
        assert [(row.action, row.step.value) for row in rows] == [("handoff", "asked"), ("handoff", "done")]

    async def test_no_ticket_without_its_rows(self, known):
        break_audit(known, after=1)

        with pytest.raises(OperationalError):
            await self.ask(known)

        assert known.sgp.opened == []


class TestIdentification:
    async def identify(self, bench, document=DOCUMENT):
        return await bench.run(ActionIdentify(), bench.tracker(document, "inform_document", cpf=document))

    async def test_verified(self, bench):
        await self.identify(bench)

        assert seen(bench) == [("identification", "asked", ""), ("identification", "done", "verified")]

    async def test_refused_and_locked_out(self, bench):
        for _ in range(4):
            await self.identify(bench, STRANGER)

        assert [step[1:] for step in seen(bench, STRANGER)] == [
            ("asked", ""),
            ("denied", "not_matched"),
        ] * 3 + [
            ("asked", ""),
            ("denied", "locked"),
        ]

    async def test_nobody_is_asked_for_without_the_row(self, bench):
        break_audit(bench)

        with pytest.raises(OperationalError):
            await self.identify(bench)

        assert bench.sgp.names() == []

    async def test_who_has_no_identity_is_denied(self, bench):
        await bench.run(ActionDeliverBill(), bench.tracker(**CHOSEN, payment_format="pix"))

        (row,) = bench.here.audit.seen_of([Person("sender", bench.sender_id)])
        assert (row.action, row.step.value, row.outcome) == (
            "without_identity",
            "denied",
            "action_deliver_bill",
        )


class TestEmail:
    @pytest.fixture
    def settings_changes(self):
        return {"email_bill_enabled": True}

    @pytest.fixture
    def reachable(self, owing):
        owing.sgp.customers[DOCUMENT] = (contract(emails=("maria@exemplo.com.br",)),)
        return owing

    async def send(self, bench):
        return await bench.run(ActionDeliverBill(), bench.tracker(**CHOSEN, payment_format="email"))

    async def test_asked_allowed_and_done(self, reachable):
        await self.send(reachable)

        assert "email_slip" in reachable.sgp.names()
        assert seen(reachable) == [
            ("email_bill", "asked", ""),
            ("email_bill", "allowed", ""),
            ("email_bill", "done", "sent"),
        ]
        assert {row["titles"][0] for row in details(reachable)} == {TITLE.title_id}

    @pytest.mark.parametrize("rows", [0, 1])
    async def test_nothing_is_sent_without_the_rows(self, reachable, rows):
        break_audit(reachable, after=rows)

        with pytest.raises(OperationalError):
            await self.send(reachable)

        assert "email_slip" not in reachable.sgp.names()
