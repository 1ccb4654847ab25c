"""The yearly settlement statement: the file that stands behind SGP's link, or why there is none."""

from __future__ import annotations

import pytest

from billing.slips import NotASlip, SlipForbidden, SlipTimeout, SlipUnreachable
from billing.statement import Statement, StatementState, settlement_statement
from tests.billing.fake_sgp import ORIGIN, contract

LINK = f"{ORIGIN}/api/declaracao/quitacao/EXEMPLO101/2025"
PDF = b"%PDF-1.4 declaracao %%EOF"


class Files:
    """Gives a PDF, or fails."""

    def __init__(self):
        self.failure = None
        self.asked = []

    def fetch(self, link, _deadline):
        self.asked.append(link)
        if self.failure:
            raise self.failure
        return PDF


@pytest.fixture
def files():
    return Files()


@pytest.fixture
def statement(sgp, files, deadline):
    def ask(link=LINK):
        sgp.customers = {"x": (contract(settlement_link=link),)}
        return settlement_statement(sgp, files, "101", deadline)

    return ask


@pytest.mark.parametrize(
    ("link", "year", "filename"),
    [
        (LINK, 2025, "quitacao-2025.pdf"),
        (f"{LINK}/", 2025, "quitacao-2025.pdf"),
        (f"{ORIGIN}/quitacao/EXEMPLO101", None, "quitacao.pdf"),
        (f"{ORIGIN}/quitacao/12025", None, "quitacao.pdf"),
    ],
)
def test_the_file_is_fetched_and_named_by_its_year(statement, files, link, year, filename):
    made = statement(link)
    assert made == Statement(StatementState.AVAILABLE, year, PDF)
    assert made.filename == filename
    assert files.asked == [link]


def test_without_a_link_there_is_none(statement, files):
    assert statement(None) == Statement(StatementState.NOT_AVAILABLE)
    assert files.asked == []


@pytest.mark.parametrize(
    ("failure", "state"),
    [
        (NotASlip("no PDF"), StatementState.NOT_AVAILABLE),
        (SlipForbidden("the host is not allowed"), StatementState.NOT_AVAILABLE),
        (SlipUnreachable("answered with status 500"), StatementState.UNAVAILABLE),
        (SlipTimeout("took too long"), StatementState.UNAVAILABLE),
    ],
)
def test_what_cannot_be_fetched_is_told_apart_and_the_link_is_not_logged(
    statement, files, caplog, failure, state
):
    files.failure = failure
    assert statement() == Statement(state)
    assert str(failure) in caplog.text
    assert "EXEMPLO101" not in caplog.text


def test_the_repr_shows_no_content(statement):
    assert "PDF" not in repr(statement())
