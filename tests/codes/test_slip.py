from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from billing.codes import slip
from billing.codes.slip import InvalidSlip

TODAY = date(2026, 11, 23)
MARIA = "75691.99990 01000.000107 00815.500012 5 16560000009990"
MARIA_BARCODE = "75695165600000099901999901000000100081550001"
OLD = "75691.99990 01000.000107 00865.520019 5 97120000009990"
FACTOR = slice(33, 37)


def weighted(digits):
    return sum(
        int(digit) * weight
        for digit, weight in zip(reversed(digits), [2, 3, 4, 5, 6, 7, 8, 9] * 6, strict=False)
    )


def bank_line(factor="1656", cents=9990, free="1999901000000100081550001", bank="7569"):
    """Built by FEBRABAN's description, independently of the code under test."""
    tail = f"{factor}{cents:010}"
    check = 11 - weighted(bank + tail + free) % 11
    check = 1 if check in {0, 10, 11} else check
    parts = [bank + free[:5], free[5:15], free[15:]]
    return "".join(part + luhn.calc_check_digit(part) for part in parts) + str(check) + tail


def collection_line(kind="6", cents=12345, rest="0" * 28 + "1"):
    def check(digits):
        if kind in "67":
            return luhn.calc_check_digit(digits)
        remainder = weighted(digits) % 11
        return "0" if remainder in {0, 1} else str(11 - remainder)

    amount = f"{cents:011}"
    barcode = f"84{kind}" + check(f"84{kind}{amount}{rest}") + amount + rest
    return "".join(block + check(block) for block in (barcode[n : n + 11] for n in range(0, 44, 11)))


@pytest.mark.parametrize(
    ("line", "due", "amount"),
    [
        (MARIA, date(2026, 12, 10), "99.90"),
        ("75691.99990 01000.000107 00825.510019 9 16390000010233", date(2026, 11, 23), "102.33"),
        ("75691.99990 01000.000107 00845.500016 9 15900000039900", date(2026, 10, 5), "399.00"),
        (OLD, date(2024, 5, 10), "99.90"),
    ],
)
def test_bank_slips(line, due, amount):
    parsed = slip.parse(line, TODAY)
    assert (parsed.formatted, parsed.due_date, parsed.amount) == (line, due, Decimal(amount))


def test_the_barcode_is_the_erps_one():
    assert slip.parse(MARIA, TODAY).barcode == MARIA_BARCODE


def test_separators_do_not_matter():
    digits = slip.parse(MARIA, TODAY).digits
    assert slip.parse(digits, TODAY) == slip.parse(MARIA, TODAY)
    assert slip.parse(f" {digits[:20]}-{digits[20:]} ", TODAY).formatted == MARIA


@pytest.mark.parametrize(
    ("factor", "today", "due"),
    [
        ("0000", TODAY, None),
        ("1000", date(2000, 7, 1), date(2000, 7, 3)),
        ("1000", TODAY, date(2025, 2, 22)),
        ("9999", TODAY, date(2025, 2, 21)),
        ("9999", date(2049, 1, 1), date(2049, 10, 13)),
        ("1000", date(2049, 1, 1), date(2049, 10, 14)),
    ],
)
def test_due_date_factor_restarts(factor, today, due):
    assert slip.parse(bank_line(factor), today).due_date == due


def test_an_amount_of_zero_is_no_amount():
    assert slip.parse(bank_line(cents=0), TODAY).amount is None


@pytest.mark.parametrize(
    ("kind", "amount"), [("6", Decimal("123.45")), ("7", None), ("8", Decimal("123.45")), ("9", None)]
)
def test_collection_slips(kind, amount):
    line = collection_line(kind)
    parsed = slip.parse(line, TODAY)
    assert (parsed.digits, parsed.amount, parsed.due_date) == (line, amount, None)
    assert len(parsed.barcode) == 44
    assert slip.parse(parsed.formatted, TODAY) == parsed


@pytest.mark.parametrize(
    "line",
    [
        "",
        "123",
        bank_line()[:-1],
        bank_line() + "0",
        "9" + collection_line()[1:],
        collection_line(kind="5"),
        bank_line("0999"),
        bank_line(bank="7560"),
        MARIA.replace("5 1656", "6 1656"),
        MARIA.replace("7", "\N{ARABIC-INDIC DIGIT SEVEN}"),
        MARIA.replace(".", "/"),
        MARIA + "\n",
        " " * 40 + MARIA,
        "0" * 100_000,
        collection_line()[:3] + "0" + collection_line()[4:],
    ],
)
def test_broken_lines(line):
    with pytest.raises(InvalidSlip) as caught:
        slip.parse(line, TODAY)
    assert not line or line not in str(caught.value)


def single_digit_changes(line, places):
    for place in places:
        for other in set("0123456789") - {line[place]}:
            yield line[:place] + other + line[place + 1 :]


@given(free=st.text("0123456789", min_size=25, max_size=25), cents=st.integers(0, 10**10 - 1))
def test_bank_round_trip_and_each_change_in_the_three_fields_is_caught(free, cents):
    line = bank_line(free=free, cents=cents)
    parsed = slip.parse(line, TODAY)
    assert parsed.amount == (Decimal(cents).scaleb(-2) or None)
    assert parsed.barcode[19:] == free
    for changed in single_digit_changes(line, range(32)):
        with pytest.raises(InvalidSlip):
            slip.parse(changed, TODAY)


@given(rest=st.text("0123456789", min_size=29, max_size=29), cents=st.integers(0, 10**11 - 1))
@pytest.mark.parametrize("kind", "67")
def test_collection_round_trip_and_each_change_is_caught(kind, rest, cents):
    line = collection_line(kind, cents, rest)
    assert slip.parse(line, TODAY).barcode[15:] == rest
    for changed in single_digit_changes(line, range(48)):
        with pytest.raises(InvalidSlip):
            slip.parse(changed, TODAY)


@given(days=st.integers(-3650, 3650))
def test_dates_within_ten_years_are_read_back(days):
    due = TODAY + timedelta(days=days)
    factor = (due - date(1997, 10, 7)).days
    while factor > 9999:
        factor -= 9000
    assert slip.parse(bank_line(f"{factor:04}"), TODAY).due_date == due


@given(st.text(max_size=100))
def test_any_text_is_refused(text):
    with pytest.raises(InvalidSlip):
        slip.parse(text, TODAY)


def test_the_repr_shows_no_line():
    shown = repr(slip.parse(MARIA, TODAY))
    assert shown == "Slip(amount=Decimal('99.90'), due_date=datetime.date(2026, 12, 10))"
