"""Which invoices a customer's words fit."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.invoices import Due, Invoice
from billing.selection import Wish, select

TODAY = date(2026, 11, 23)  # a Monday


def invoice(title_id, due, amount):
    day = date.fromisoformat(due)
    return Invoice(title_id, day, Decimal(amount), Due.OVERDUE if day < TODAY else Due.SOON)


LIST = (
    invoice("a", "2026-09-10", "99.90"),
    invoice("b", "2026-10-10", "99.90"),
    invoice("c", "2026-11-24", "150.00"),
    invoice("d", "2026-12-02", "99.90"),
)


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({}, ""),
        ({"ordinals": ("1",)}, "a"),
        ({"ordinals": ("4",)}, "d"),
        ({"ordinals": ("5",)}, ""),
        ({"ordinals": ("0",)}, ""),
        ({"ordinals": ("oldest",)}, "a"),
        ({"ordinals": ("newest",)}, "d"),
        ({"ordinals": ("all",)}, "abcd"),
        ({"months": ("10",)}, "b"),
        ({"months": ("current",)}, "c"),
        ({"months": ("previous",)}, "b"),
        ({"months": ("two_back",)}, "a"),
        ({"months": ("next",)}, "d"),
        ({"months": ("8",)}, ""),
        ({"days": ("2026-10-10",)}, "b"),
        ({"days": ("2025-10-10",)}, ""),
        ({"days": ("10-10",)}, "b"),
        ({"days": ("day:10",)}, "ab"),
        ({"days": ("day:1",)}, ""),
        ({"days": ("tomorrow",)}, "c"),
        ({"days": ("today",)}, ""),
        ({"days": ("yesterday",)}, ""),
        ({"days": ("next_week",)}, "d"),
        ({"days": ("weekday:2",)}, "c"),
        ({"amounts": ("99.9",)}, "abd"),
        ({"amounts": ("150",)}, "c"),
        ({"amounts": ("99.91",)}, ""),
        ({"amounts": ("cem",)}, ""),
        ({"amounts": ("NaN",)}, ""),
        ({"months": ("10",), "amounts": ("99.90",)}, "b"),
        ({"ordinals": ("1",), "months": ("10",)}, ""),
        ({"ordinals": ("all",), "amounts": ("99.90",)}, "abd"),
        ({"ordinals": ("1", "3")}, "ac"),
        ({"ordinals": ("all", "3")}, "abcd"),
        ({"months": ("9", "10")}, "ab"),
        ({"overdue": True}, "ab"),
    ],
)
def test_table(wish, expected):
    assert "".join(each.title_id for each in select(LIST, Wish(**wish), TODAY)) == expected


def said(words):
    return st.lists(words | st.text(max_size=12), max_size=3).map(tuple)


WISHES = st.builds(
    Wish,
    ordinals=said(st.sampled_from(["1", "2", "all", "oldest", "newest"])),
    months=said(st.sampled_from(["1", "12", "current", "previous", "next", "two_back"])),
    days=said(st.sampled_from(["today", "next_week", "day:10", "weekday:7", "02-29"])),
    amounts=said(st.decimals().map(str)),
    overdue=st.booleans(),
)
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
LISTS = st.lists(
    st.builds(
        Invoice,
        title_id=st.uuids().map(str),
        due_date=DAYS,
        amount=st.decimals(0, 10_000, places=2),
        due=st.sampled_from(Due),
    ),
    max_size=6,
)


@given(LISTS, WISHES, DAYS)
def test_any_words_give_listed_invoices_in_order(invoices, wish, today):
    chosen = select(invoices, wish, today)

    assert list(chosen) == [each for each in invoices if each in chosen]


@given(LISTS.filter(bool), DAYS)
def test_every_invoice_can_be_named_by_its_place_date_and_amount(invoices, today):
    for place, each in enumerate(invoices, start=1):
        wish = Wish((str(place),), days=(each.due_date.isoformat(),), amounts=(str(each.amount),))
        assert select(invoices, wish, today) == (each,)


@given(DAYS)
def test_the_months_around_today_are_found_over_new_year(today):
    first = today.replace(day=1)
    invoices = [
        Invoice("previous", first - timedelta(days=1), Decimal(1), Due.OVERDUE),
        Invoice("current", first, Decimal(1), Due.SOON),
        Invoice("next", (first + timedelta(days=32)).replace(day=1), Decimal(1), Due.LATER),
    ]
    for each in invoices:
        assert select(invoices, Wish(months=(each.title_id,)), today) == (each,)
