"""Contracts, invoices and how they are worded."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from billing import brazil
from billing.contracts import ContractChoice, answerable_contracts
from billing.invoices import FORMATS, Due, Invoice, payable_invoices, to_invoice
from billing.sgp.models import ContractStatus
from tests.billing.fake_sgp import complete_title, contract, title

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("changes", "label"),
    [
        ({}, "FIBRA 500, Rua das Flores, 10"),
        ({"plan": ""}, "Rua das Flores, 10"),
        ({"street": "", "number": ""}, "FIBRA 500"),
        ({"plan": "", "street": "", "number": ""}, "contrato 101"),
        (
            {"plan": "PLANO 123.456.789-09", "street": "tel 31966660004"},
            "PLANO [documento], Tel [telefone], 10",
        ),
    ],
)
def test_a_contract_is_recognised_by_plan_and_street(sgp, deadline, changes, label):
    assert answerable_contracts([contract(**changes)], sgp, deadline) == (ContractChoice("101", label),)


def test_the_repr_of_a_choice_shows_no_address():
    assert repr(ContractChoice("101", "Rua das Flores")) == "ContractChoice('101')"


@pytest.mark.parametrize(
    ("changes", "counts", "calls"),
    [
        ({}, True, []),
        ({"status": ContractStatus.SUSPENDED}, True, []),
        ({"status": ContractStatus.INACTIVE}, True, []),
        ({"has_internet": False}, False, []),
        ({"status": ContractStatus.NEW}, False, []),
        ({"status": ContractStatus.INFEASIBLE}, False, []),
        ({"status": ContractStatus.CANCELLED}, False, ["titles"]),
        ({"status": ContractStatus.CANCELLED, "contract_id": "owing"}, True, ["titles"]),
    ],
)
def test_which_contracts_can_carry_a_debt(sgp, deadline, changes, counts, calls):
    sgp.titles_of["owing"] = (title(),)
    sgp.titles_of["101"] = (title(status="paid"),)

    assert bool(answerable_contracts([contract(**changes)], sgp, deadline)) is counts
    assert sgp.names() == calls


def test_only_three_cancelled_contracts_are_looked_into(sgp, deadline):
    cancelled = [contract(str(number), status=ContractStatus.CANCELLED) for number in range(6)]

    answerable_contracts(cancelled, sgp, deadline)

    assert [call[1] for call in sgp.calls] == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("due", "urgency"),
    [
        ("2026-11-22", Due.OVERDUE),
        ("2026-11-23", Due.SOON),
        ("2026-11-30", Due.SOON),
        ("2026-12-01", Due.LATER),
    ],
)
def test_urgency(due, urgency):
    assert to_invoice(title(due=due), TODAY).due is urgency


@pytest.mark.parametrize(
    ("row", "formats"),
    [
        (complete_title(), FORMATS),
        (complete_title(due="2026-11-22"), ()),
        (complete_title(pix_code=None), ()),
        (title(), ()),
    ],
)
def test_formats_known_from_the_row_alone(row, formats):
    assert to_invoice(row, TODAY).known_formats == formats


def test_the_amount_is_the_one_that_sgp_updated():
    assert to_invoice(title(corrected_amount=Decimal("102.33")), TODAY).amount == Decimal("102.33")
    assert to_invoice(title(amount="99.90"), TODAY).amount == Decimal("99.90")


def test_an_invoice_survives_the_slot():
    invoice = to_invoice(complete_title(amount="1234.50"), TODAY)

    assert Invoice.from_slot(invoice.to_slot()) == invoice


@pytest.mark.parametrize(
    ("dues", "offered"),
    [
        ([], []),
        (["2026-12-10", "2026-10-10", "2026-11-10"], ["2026-10-10", "2026-11-10", "2026-12-10"]),
        (["2026-12-24", "2026-12-25", "2027-01-10"], ["2026-12-24"]),
        (["2027-02-10", "2027-01-10"], ["2027-01-10"]),
        (["2026-11-10", "2027-01-10"], ["2026-11-10"]),
    ],
)
def test_future_instalments_are_no_debt_but_the_next_may_be_paid_early(dues, offered):
    rows = [title(str(number), due) for number, due in enumerate(dues)]

    assert [f"{invoice.due_date}" for invoice in payable_invoices(rows, TODAY)] == offered


def test_the_same_day_keeps_a_stable_order():
    rows = [title("2"), title("1")]

    assert [invoice.title_id for invoice in payable_invoices(rows, TODAY)] == ["1", "2"]


@pytest.mark.parametrize(
    ("amount", "written"),
    [("0", "R$ 0,00"), ("9.9", "R$ 9,90"), ("1234.56", "R$ 1.234,56"), ("1234567.8", "R$ 1.234.567,80")],
)
def test_money(amount, written):
    assert brazil.money(Decimal(amount)) == written


def test_days_and_months():
    assert brazil.day(date(2026, 3, 7)) == "07/03/2026"
    assert [brazil.month(date(2026, number, 1)) for number in (1, 3, 12)] == ["janeiro", "março", "dezembro"]
