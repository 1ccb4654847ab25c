"""What a customer hears who says to have paid."""

from __future__ import annotations

from datetime import date

import pytest

from actions import ActionCheckPayment
from billing.sgp.errors import SgpOutage
from billing.sgp.models import ContractStatus
from tests.actions.conftest import DOCUMENT, ERP_DOWN, said, slot, user
from tests.billing.fake_sgp import contract, title

SEPTEMBER_PAID = title("0", "2026-09-10", status="paid", payment_date=date(2026, 9, 8))
OCTOBER_PAID = title("1", "2026-10-10", status="paid", payment_date=date(2026, 10, 9))
NOVEMBER_OVERDUE = title("2", "2026-11-10")
NOVEMBER_SOON = title("3", "2026-11-25")

POSTED = said("utter_payment_posted", due_date="10/10/2026", paid_on=", recebida em 09/10/2026")
NOTHING_PENDING = said("utter_nothing_pending")
NOT_POSTED = slot("handoff_reason", "payment_not_posted")
CONSENT_FORGOTTEN = slot("unblock_consent", None)


OVERDUE_LINE = "1. Novembro: R$ 99,90, vencida em 10/11/2026"
SOON_LINE = "1. Novembro: R$ 99,90, vence em 25/11/2026"


@pytest.fixture
def check(known):
    """Ask about a payment; `entities` were said with it, `status` is the contract's."""

    async def run(*titles, entities=(), status=ContractStatus.ACTIVE, complete=True):
        known.sgp.customers[DOCUMENT] = (contract(status=status),)
        known.sgp.titles_of["101"] = titles
        known.sgp.complete = complete
        tracker = known.tracker("já paguei", "already_paid", entities, contract="101")
        return await known.run(ActionCheckPayment(), tracker)

    return run


def posted(value="posted"):
    return [CONSENT_FORGOTTEN, slot("payment_outcome", value)]


def not_posted(value="still_open"):
    return [CONSENT_FORGOTTEN, NOT_POSTED, slot("payment_outcome", value)]


async def test_a_posted_payment_with_nothing_else_open(check):
    assert await check(OCTOBER_PAID) == (posted(), [POSTED, NOTHING_PENDING])


async def test_a_posted_payment_whose_day_sgp_does_not_say(check):
    _, messages = await check(title("1", "2026-10-10", status="paid"))

    assert messages[0] == said("utter_payment_posted", due_date="10/10/2026", paid_on="")


async def test_who_paid_the_last_one_hears_of_the_next_but_is_not_denied(check):
    assert await check(OCTOBER_PAID, NOVEMBER_SOON) == (
        posted(),
        [POSTED, said("utter_others_open", invoices=SOON_LINE)],
    )


async def test_an_overdue_one_is_still_open_whatever_was_paid_before(check):
    assert await check(OCTOBER_PAID, NOVEMBER_OVERDUE) == (
        not_posted(),
        [said("utter_payment_still_open", invoices=OVERDUE_LINE)],
    )


async def test_neither_payment_nor_invoice(check):
    assert await check() == (
        [NOT_POSTED, slot("payment_outcome", "nothing_found")],
        [said("utter_payment_nothing_found")],
    )


@pytest.mark.parametrize("status", [ContractStatus.SUSPENDED, ContractStatus.REDUCED])
class TestBlocked:
    async def test_a_posted_payment_leads_to_the_unblock(self, check, status):
        assert await check(OCTOBER_PAID, status=status) == (posted("posted_blocked"), [])

    async def test_one_that_is_not_posted_leads_there_too(self, check, status):
        assert await check(NOVEMBER_OVERDUE, status=status) == (
            not_posted("open_blocked"),
            [said("utter_payment_still_open", invoices=OVERDUE_LINE)],
        )


class TestBlockedWithoutTrustUnblock:
    @pytest.fixture
    def settings_changes(self):
        return {"trust_unblock_enabled": False}

    async def test_a_posted_payment_offers_none(self, check):
        assert await check(OCTOBER_PAID, status=ContractStatus.SUSPENDED) == (
            posted("posted_no_unblock"),
            [],
        )

    async def test_one_that_is_not_posted_offers_none(self, check):
        events, _ = await check(NOVEMBER_OVERDUE, status=ContractStatus.SUSPENDED)

        assert events == not_posted("still_open")


class TestOneInvoice:
    async def test_the_month_that_was_paid_is_confirmed_although_another_is_overdue(self, check):
        assert await check(OCTOBER_PAID, NOVEMBER_OVERDUE, entities=[("month", "10")]) == (
            posted(),
            [POSTED, said("utter_others_open", invoices=OVERDUE_LINE)],
        )

    async def test_the_month_that_is_open_is_told_alone(self, check):
        rows = (title("0", "2026-09-10"), OCTOBER_PAID, NOVEMBER_OVERDUE)

        _, messages = await check(*rows, entities=[("month", "11")])

        assert messages == [said("utter_payment_still_open", invoices=OVERDUE_LINE)]

    async def test_a_month_that_does_not_exist_is_not_found(self, check):
        assert await check(OCTOBER_PAID, entities=[("month", "5")]) == (
            [NOT_POSTED, slot("payment_outcome", "nothing_found")],
            [said("utter_payment_not_found")],
        )

    async def test_a_position_names_no_invoice(self, check):
        _, messages = await check(SEPTEMBER_PAID, OCTOBER_PAID, entities=[("ordinal", "1")])

        assert messages[0] == POSTED

    async def test_what_was_said_counts_although_a_document_was_asked_in_between(self, known):
        known.sgp.titles_of["101"] = (SEPTEMBER_PAID, OCTOBER_PAID)
        paid = {"text": "paguei setembro", "intent": {"name": "already_paid"}}
        before = [user(paid | {"entities": [{"entity": "month", "value": "9"}]})]
        tracker = known.tracker("529.982.247-25", "inform_document", before=before, contract="101")

        _, messages = await known.run(ActionCheckPayment(), tracker)

        assert messages[0]["due_date"] == "10/09/2026"


class TestIncompleteList:
    """With gaps neither "all paid" nor "not paid" can be said, but what was read stands."""

    @pytest.mark.parametrize(
        ("titles", "entities"),
        [
            ((OCTOBER_PAID,), []),
            ((OCTOBER_PAID,), [("ordinal", "1")]),
            ((OCTOBER_PAID,), [("month", "5")]),
            ((), []),
        ],
    )
    async def test_nothing_is_promised(self, check, titles, entities):
        assert await check(*titles, entities=entities, complete=False) == (
            [slot("payment_outcome", "incomplete")],
            [],
        )

    async def test_the_payment_that_was_read_is_confirmed_and_no_more(self, check):
        assert await check(OCTOBER_PAID, entities=[("month", "10")], complete=False) == (posted(), [POSTED])

    async def test_the_invoice_that_was_read_is_open(self, check):
        events, _ = await check(NOVEMBER_OVERDUE, complete=False)

        assert events == not_posted()


async def test_an_erp_failure_is_neither_yes_nor_no(known):
    known.sgp.failing["titles"] = SgpOutage("titulos", "no answer")

    assert await known.run(ActionCheckPayment(), known.tracker(contract="101")) == (
        [ERP_DOWN, slot("payment_outcome", "unavailable")],
        [],
    )


async def test_a_failure_at_the_block_leaves_no_half_answer(known):
    known.sgp.titles_of["101"] = (NOVEMBER_OVERDUE,)
    known.sgp.failing["contract"] = SgpOutage("consultacliente", "no answer")

    assert await known.run(ActionCheckPayment(), known.tracker(contract="101")) == (
        [ERP_DOWN, slot("payment_outcome", "unavailable")],
        [],
    )


async def test_a_stranger_learns_nothing(bench):
    assert await bench.run(ActionCheckPayment(), bench.tracker(contract="101")) == (
        [slot("payment_outcome", "not_identified")],
        [],
    )
    assert bench.sgp.calls == []
