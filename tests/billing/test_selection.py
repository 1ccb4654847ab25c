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
    return Invoice(title_id, date.fromisoformat(due), Decimal(amount), Due.SOON)


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
        ({"ordinal": "1"}, "a"),
        ({"ordinal": "4"}, "d"),
        ({"ordinal": "5"}, ""),
        ({"ordinal": "0"}, ""),
        ({"ordinal": "oldest"}, "a"),
        ({"ordinal": "newest"}, "d"),
        ({"ordinal": "all"}, "abcd"),
        ({"month": "10"}, "b"),
        ({"month": "current"}, "c"),
        ({"month": "previous"}, "b"),
        ({"month": "two_back"}, "a"),
        ({"month": "next"}, "d"),
        ({"month": "8"}, ""),
        ({"day": "2026-10-10"}, "b"),
        ({"day": "2025-10-10"}, ""),
        ({"day": "10-10"}, "b"),
        ({"day": "day:10"}, "ab"),
        ({"day": "day:1"}, ""),
        ({"day": "tomorrow"}, "c"),
        ({"day": "today"}, ""),
        ({"day": "yesterday"}, ""),
        ({"day": "next_week"}, "d"),
        ({"day": "weekday:2"}, "c"),
        ({"amount": "99.9"}, "abd"),
        ({"amount": "150"}, "c"),
        ({"amount": "99.91"}, ""),
        ({"amount": "cem"}, ""),
        ({"amount": "NaN"}, ""),
        ({"month": "10", "amount": "99.90"}, "b"),
        ({"ordinal": "1", "month": "10"}, ""),
        ({"ordinal": "all", "amount": "99.90"}, "abd"),
    ],
)
def test_table(wish, expected):
    assert "".join(each.title_id for each in select(LIST, Wish(**wish), TODAY)) == expected


WORDS = st.none() | st.text(max_size=12)
WISHES = st.builds(
    Wish,
    ordinal=WORDS | st.sampled_from(["1", "2", "all", "oldest", "newest"]),
    month=WORDS | st.sampled_from(["1", "12", "current", "previous", "next", "two_back"]),
    day=WORDS | st.sampled_from(["today", "next_week", "day:10", "weekday:7", "02-29"]),
    amount=WORDS | st.decimals().map(str),
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
        wish = Wish(ordinal=str(place), day=each.due_date.isoformat(), amount=str(each.amount))
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
        assert select(invoices, Wish(month=each.title_id), today) == (each,)
