"""Was it paid, by what the ERP says?"""

from __future__ import annotations

from datetime import date

import pytest

from billing.payments import PaymentState, check_payment
from billing.selection import Wish
from tests.billing.fake_sgp import title

TODAY = date(2026, 11, 23)


def paid(due, on=None, amount="99.90"):
    return title(due, due, amount, status="paid", payment_date=on and date.fromisoformat(on))


def unpaid(due, amount="99.90"):
    return title(due, due, amount)


@pytest.fixture
def check(sgp, deadline):
    """State, due date and day of the payment that was meant, due dates of what is told as open."""

    def run(*rows, **said):
        sgp.titles_of["101"] = rows
        found = check_payment(
            sgp,
            "101",
            TODAY,
            deadline,
            Wish(**{f"{kind}s": (value,) for kind, value in said.items()}) if said else None,
        )
        dates = (found.last_paid_due, found.last_paid_on)
        told = [f"{invoice.due_date}" for invoice in found.open_invoices]
        return found.state, *(each and f"{each}" for each in dates), told

    return run


OCTOBER = paid("2026-10-10", "2026-10-09")


@pytest.mark.parametrize(
    ("rows", "state", "last_due", "last_on", "told"),
    [
        ([], PaymentState.NOTHING_FOUND, None, None, []),
        ([title(status="cancelled")], PaymentState.NOTHING_FOUND, None, None, []),
        ([OCTOBER], PaymentState.POSTED, "2026-10-10", "2026-10-09", []),
        ([paid("2026-10-10")], PaymentState.POSTED, "2026-10-10", None, []),
        ([paid("2026-09-10", "2026-11-20"), OCTOBER], PaymentState.POSTED, "2026-09-10", "2026-11-20", []),
        # The next one is not due soon: nobody thinks that it was paid.
        ([OCTOBER, unpaid("2027-01-10")], PaymentState.POSTED, "2026-10-10", "2026-10-09", []),
        ([OCTOBER, unpaid("2026-12-10")], PaymentState.POSTED, "2026-10-10", "2026-10-09", []),
        ([OCTOBER, unpaid("2026-11-25")], PaymentState.POSTED, "2026-10-10", "2026-10-09", ["2026-11-25"]),
        ([OCTOBER, unpaid("2026-11-22")], PaymentState.STILL_OPEN, None, None, ["2026-11-22"]),
        ([unpaid("2026-11-25")], PaymentState.STILL_OPEN, None, None, ["2026-11-25"]),
        (
            [unpaid("2026-11-25"), OCTOBER, unpaid("2026-09-10")],
            PaymentState.STILL_OPEN,
            None,
            None,
            ["2026-09-10", "2026-11-25"],
        ),
        # Not due soon, but "nothing is open" would be false.
        ([unpaid("2027-01-10")], PaymentState.STILL_OPEN, None, None, ["2027-01-10"]),
    ],
)
def test_a_payment_in_general(check, rows, state, last_due, last_on, told):
    assert check(*rows) == (state, last_due, last_on, told)


@pytest.mark.parametrize(
    ("said", "state", "last_due", "told"),
    [
        ({"month": "10"}, PaymentState.POSTED, "2026-10-10", ["2026-11-10"]),
        ({"month": "previous"}, PaymentState.POSTED, "2026-10-10", ["2026-11-10"]),
        ({"month": "11"}, PaymentState.STILL_OPEN, None, ["2026-11-10"]),
        ({"month": "current"}, PaymentState.STILL_OPEN, None, ["2026-11-10"]),
        ({"amount": "89.90"}, PaymentState.POSTED, "2026-10-10", ["2026-11-10"]),
        ({"day": "2026-10-10"}, PaymentState.POSTED, "2026-10-10", ["2026-11-10"]),
        # Paid on that day.
        ({"day": "2026-10-09"}, PaymentState.POSTED, "2026-10-10", ["2026-11-10"]),
        # "Paguei ontem": the bank has not told SGP yet, so what is overdue is still open.
        ({"day": "yesterday"}, PaymentState.STILL_OPEN, None, ["2026-11-10"]),
        ({"day": "yesterday", "month": "10"}, PaymentState.POSTED, "2026-10-10", ["2026-11-10"]),
        ({"day": "yesterday", "month": "5"}, PaymentState.NOTHING_FOUND, None, ["2026-11-10"]),
        ({"month": "5"}, PaymentState.NOTHING_FOUND, None, ["2026-11-10"]),
        ({"month": "10", "amount": "99.90"}, PaymentState.NOTHING_FOUND, None, ["2026-11-10"]),
        # Open, though months away.
        ({"month": "12"}, PaymentState.STILL_OPEN, None, ["2026-12-10"]),
    ],
)
def test_the_payment_of_one_invoice(check, said, state, last_due, told):
    rows = paid("2026-10-10", "2026-10-09", "89.90"), unpaid("2026-11-10"), unpaid("2026-12-10")

    found = check(*rows, **said)

    assert (found[0], found[1], found[3]) == (state, last_due, told)


def test_who_pays_in_december_may_call_it_decembers(check):
    assert check(paid("2026-11-10", "2026-12-02"), month="12")[:2] == (PaymentState.POSTED, "2026-11-10")


def test_an_open_invoice_of_the_month_goes_before_a_payment_in_it(check):
    rows = paid("2026-10-10", "2026-11-02"), unpaid("2026-11-10")

    assert check(*rows, month="11")[0] is PaymentState.STILL_OPEN


def test_of_two_payments_that_fit_the_latest_is_told(check):
    rows = paid("2026-10-10", "2026-10-09"), paid("2026-10-20", "2026-10-19")

    assert check(*rows, month="10")[1] == "2026-10-20"


@pytest.mark.parametrize("complete", [True, False])
@pytest.mark.parametrize("wish", [None, Wish(months=("10",))])
def test_gaps_in_the_list_are_told(sgp, deadline, complete, wish):
    sgp.titles_of["101"] = (OCTOBER,)
    sgp.complete = complete

    assert check_payment(sgp, "101", TODAY, deadline, wish).complete is complete
