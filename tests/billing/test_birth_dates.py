"""A birth date is read as customers write it, and compared with what the ERP has."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from billing.birth_dates import parse_birth_date, were_born_on
from tests.billing.fake_sgp import contract

TODAY = date(2026, 11, 25)
BORN = date(1985, 4, 12)
SOMEBODY = replace(contract(), birth_date=BORN)
NOBODY = contract()


@pytest.mark.parametrize(
    "text",
    [
        "12/04/1985",
        "12/4/1985",
        "12-04-1985",
        "12.04.1985",
        "12 04 1985",
        "12 / 04 / 1985",
        "12/04/85",
        "12041985",
        "1985-04-12",
        "nasci em 12/04/1985",
        "é 12/04/1985.",
        "12 de abril de 1985",
        "12 de Abril de 85",
        "12 abril 1985",
        "cpf 111.444.777-35, nascimento 12/04/1985",
        "cpf 11144477735 nascido 12041985",
        "12/04/1985 (repito: 12.04.1985)",
        "\uff11\uff12/04/1985",
    ],
)
def test_it_is_read_as_people_write_it(text):
    assert parse_birth_date(text, TODAY) == BORN


@pytest.mark.parametrize(
    ("text", "born"),
    [
        ("1º de março de 1970", date(1970, 3, 1)),
        ("29/02/2000", date(2000, 2, 29)),
        ("01/02/03", date(2003, 2, 1)),
        ("01/02/27", date(1927, 2, 1)),
        ("01/02/26", date(2026, 2, 1)),
    ],
)
def test_others(text, born):
    assert parse_birth_date(text, TODAY) == born


@pytest.mark.parametrize(
    "text",
    [
        "",
        "não sei",
        "12/04",
        "abril de 1985",
        "31/02/1985",
        "29/02/1985",
        "12/13/1985",
        "00/04/1985",
        "12/04/2027",
        "25/11/2026",
        "12/04/1885",
        "12/04/1985 ou 13/04/1985",
        "111.444.777-35",
        "12/04-1985",
        "112/04/1985",
        "12/04/19855",
        "12/04/198",
        "9" * 5000,
    ],
)
def test_anything_else_is_no_birth_date(text):
    assert parse_birth_date(text, TODAY) is None


@pytest.mark.parametrize(
    ("contracts", "same"),
    [
        ([SOMEBODY], True),
        ([NOBODY, SOMEBODY], True),
        ([replace(SOMEBODY, birth_date=date(1985, 12, 4))], False),
        ([NOBODY], False),
        ([], False),
    ],
)
def test_only_the_date_that_the_erp_has_matches(contracts, same):
    assert were_born_on(contracts, BORN) is same


def test_every_contract_is_compared(monkeypatch):
    compared = []
    monkeypatch.setattr(
        "billing.birth_dates.hmac.compare_digest", lambda one, other: compared.append(one) or one == other
    )
    assert were_born_on([SOMEBODY, NOBODY, SOMEBODY], BORN)
    assert not were_born_on([], BORN)
    assert compared == ["1985-04-12", "0000-00-00", "1985-04-12", "0000-00-00"]
