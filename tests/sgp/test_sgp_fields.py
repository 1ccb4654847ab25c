"""SGP's spellings of the same value, and what is refused instead of guessed."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal

import pytest

from billing.sgp import fields
from billing.sgp.fields import InvalidField

ABSENT = [None, "", "  ", "None", "null", []]
NOON = datetime(2026, 11, 23, 12, 0, 5)  # noqa: DTZ001 - SGP's times are naive local ones


@pytest.mark.parametrize("value", ABSENT)
@pytest.mark.parametrize(
    "reader",
    [
        fields.text, fields.verbatim, fields.integer, fields.identifier, fields.money, fields.boolean,
        fields.day, fields.local_datetime, fields.document, lambda row, key: fields.link(row, key, "https://h.example"),
    ],
)  # fmt: skip
def test_absent_spellings(reader, value):
    assert reader({"key": value}, "key") is None
    assert reader({}, "key") is None
    with pytest.raises(InvalidField):
        fields.required(reader, {"key": value}, "key")


@pytest.mark.parametrize(
    ("reader", "written", "expected"),
    [
        (fields.money, "99.9", Decimal("99.90")),
        (fields.money, '"99.90"', Decimal("99.90")),
        (fields.money, '" 1234.5 "', Decimal("1234.50")),
        (fields.money, "0", Decimal("0.00")),
        (fields.money, "399", Decimal("399.00")),
        (fields.money, "413.49999999999994", Decimal("413.50")),
        (fields.money, "0.1", Decimal("0.10")),
        (fields.integer, "7", 7),
        (fields.integer, '"7"', 7),
        (fields.integer, "7.0", 7),
        (fields.identifier, '"007001"', "7001"),
        (fields.identifier, "7001", "7001"),
        (fields.boolean, "true", True),
        (fields.boolean, "1", True),
        (fields.boolean, '"True"', True),
        (fields.boolean, "0", False),
        (fields.boolean, '"false"', False),
        (fields.day, '"2026-11-23"', date(2026, 11, 23)),
        (fields.day, '"23/11/2026"', date(2026, 11, 23)),
        (fields.day, '"23/11/2026 12:00:05"', date(2026, 11, 23)),
        (fields.day, '"0000-00-00"', None),
        (fields.day, '"31/02/2026"', None),
        (fields.day, "20261123", None),
        (fields.local_datetime, '"2026-11-23 12:00:05"', NOON),
        (fields.local_datetime, '"2026-11-23T12:00:05"', NOON),
        (fields.local_datetime, '"23/11/2026 12:00:05"', NOON),
        (fields.local_datetime, '"2026-11-23T12:00:05+00:00"', None),
        (fields.text, '" Ativo "', "Ativo"),
        (fields.text, "100", "100"),
        (fields.text, "true", None),
        (fields.text, "{}", None),
        (fields.verbatim, '" 000201 "', " 000201 "),
        (fields.verbatim, "201", None),
        (fields.document, '"111.444.777-35"', "11144477735"),
        (fields.document, '"12.abc.345/01de-35"', "12ABC34501DE35"),
    ],
)
def test_spellings(reader, written, expected):
    value = json.loads(written, parse_float=Decimal)
    assert reader({"key": value}, "key") == expected


@pytest.mark.parametrize(
    ("reader", "value"),
    [
        *[
            (fields.money, value)
            for value in (
                -1, Decimal("-0.01"), "-5", "99,90", "1.234,56", "NaN", "Infinity", "1e5", "abc", True, {},
                [1], 10**9, Decimal("NaN"), Decimal("Infinity"), Decimal("1E+999999"), "٣",
            )
        ],
        *[
            (fields.integer, value)
            for value in (-1, "-1", 1.5, Decimal("1.5"), Decimal("NaN"), "1.0", "x", True, {}, 10**18, "٣")
        ],
        *[(fields.boolean, value) for value in (2, "sim", {}, [1])],
    ],
)  # fmt: skip
def test_nonsense_is_refused_without_being_repeated(reader, value):
    with pytest.raises(InvalidField) as caught:
        reader({"valor": value}, "valor")
    assert str(caught.value) == "valor"
    assert fields.tolerant(reader, {"valor": value}, "valor") is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["(11) 90000-0001"], ("(11) 90000-0001",)),
        ([{"contato": " (11) 90000-0001 "}, "(11) 3000-0001"], ("(11) 90000-0001", "(11) 3000-0001")),
        (["1", {"contato": "1"}, None, {}, {"contato": None}, [], "None"], ("1",)),
        ("(11) 90000-0001", ("(11) 90000-0001",)),
        ([11900000001], ("11900000001",)),
        ([], ()),
        (None, ()),
        ({}, ()),
        ([str(n) for n in range(80)], tuple(str(n) for n in range(50))),
    ],
)
def test_contacts(value, expected):
    assert fields.contacts({"telefones": value}, "telefones") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https://p.example/boleto/1-A/", "https://p.example/boleto/1-A/"),
        ("/boleto/1-A/", "https://h.example/boleto/1-A/"),
        ("boleto/1-A/", "https://h.example/boleto/1-A/"),
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("https://[broken/", None),
        (5, "https://h.example/5"),
    ],
)
def test_links(value, expected):
    assert fields.link({"link": value}, "link", "https://h.example") == expected
