"""Which code leaves, from which source, and why none does."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from threading import Barrier

import pytest

from billing.invoices import FORMATS, Due
from billing.payable import NotPayable, Payable, PayableService, Problem
from billing.sgp.errors import SgpOutage
from billing.slips import NotASlip, SlipForbidden, SlipTimeout, SlipUnreachable
from tests.billing.fake_sgp import (
    ORIGIN,
    FakeSlips,
    br_code,
    complete_title,
    digitable_line,
    second_copy,
    slip_of,
    title,
)

TODAY = date(2026, 11, 23)
BROKEN = br_code("99.90")[:-4] + "0000"
FOREIGN = "https://golpe.example/boleto/1-EXEMPLO/"
DUE = date(2026, 11, 10)
OVERDUE = {"due": f"{DUE}"}


@pytest.fixture
def slips():
    return FakeSlips(("boletos.example",))


@pytest.fixture
def prepare(sgp, slips, deadline):
    service = PayableService(sgp, slips)

    def run(payment_format, *rows, title_id="9001"):
        sgp.titles_of["101"] = rows
        (result,) = service.prepare("101", [title_id], payment_format, TODAY, deadline)
        return result

    return run


@pytest.fixture
def formats(sgp, deadline):
    def run(*rows):
        sgp.titles_of["101"] = rows
        return PayableService(sgp, FakeSlips()).formats("101", "9001", TODAY, deadline)

    return run


def delivered(result):
    assert isinstance(result, Payable), result
    return result.content, result.invoice.amount, result.code_amount


@pytest.mark.parametrize(
    ("payment_format", "content"),
    [
        ("pix", br_code("99.90")),
        ("qr_code", br_code("99.90")),
        ("pdf", f"{ORIGIN}/boleto/9001-EXEMPLO/"),
        ("barcode", digitable_line("99.90")),
    ],
)
def test_an_invoice_that_is_not_overdue_leaves_as_the_title_has_it(prepare, sgp, payment_format, content):
    result = prepare(payment_format, complete_title())

    assert delivered(result) == (content, Decimal("99.90"), None)
    assert (result.format, result.invoice.due) == (payment_format, Due.SOON)
    assert sgp.names() == ["titles"]


@pytest.mark.parametrize(
    ("payment_format", "content"),
    [
        ("pix", br_code("102.33")),
        ("barcode", digitable_line("102.33")),
        ("pdf", f"{ORIGIN}/boleto/77-EXEMPLO/"),
    ],
)
def test_an_overdue_one_leaves_with_the_updated_code_and_amount(prepare, sgp, payment_format, content):
    sgp.copies = (second_copy("5"), second_copy())

    result = prepare(payment_format, complete_title(**OVERDUE))

    assert delivered(result) == (content, Decimal("102.33"), None)
    assert sgp.names() == ["titles", "second_copy"]


@pytest.mark.parametrize(
    ("copy", "matches"),
    [
        (second_copy(None), True),
        (second_copy(None, original_due_date=None, due_date=DUE, original_amount=None), False),
        (second_copy(None, amount="99.90", original_due_date=None, due_date=DUE, original_amount=None), True),
        (second_copy(None, "2026-10-10"), False),
        (second_copy(None, original="98.90"), False),
        (second_copy("5"), False),
    ],
)
def test_older_versions_leave_the_title_out_of_the_second_copy(prepare, sgp, copy, matches):
    sgp.copies = (copy,)

    result = prepare("pix", title(**OVERDUE))

    assert isinstance(result, Payable) is matches


def test_of_two_copies_alike_none_is_guessed(sgp, deadline):
    sgp.titles_of["101"] = (title("1", f"{DUE}"), title("2", f"{DUE}"))
    sgp.copies = (second_copy(None, invoice_number="77"), second_copy(None, invoice_number="78"))

    results = PayableService(sgp, FakeSlips()).prepare("101", ["1", "2"], "pix", TODAY, deadline)

    assert results == (Problem(NotPayable.FORMAT_MISSING),) * 2


def test_a_second_copy_that_does_not_come_leaves_what_the_title_has(prepare):
    result = prepare("pix", complete_title(**OVERDUE, corrected_amount=Decimal("102.33")))

    assert delivered(result) == (br_code("99.90"), Decimal("102.33"), Decimal("99.90"))


@pytest.mark.parametrize(
    ("code", "told"), [(br_code("99.90"), None), (br_code(), None), (br_code("89.90"), Decimal("89.90"))]
)
def test_an_amount_in_the_code_that_differs_is_told(prepare, code, told):
    assert delivered(prepare("pix", complete_title(pix_code=code)))[2] == told


def test_an_amount_in_the_slip_that_differs_is_told(prepare):
    row = complete_title(digitable_line=digitable_line("89.90"))

    assert delivered(prepare("barcode", row))[1:] == (Decimal("99.90"), Decimal("89.90"))


def test_a_missing_pix_is_looked_for_in_the_second_copy_and_at_its_own_route(prepare, sgp):
    sgp.copies = (second_copy("9001", "2026-11-25", "99.90", pix_code=None),)
    sgp.pix_code = br_code("99.90")

    result = prepare("pix", complete_title(pix_code=None))

    assert delivered(result) == (br_code("99.90"), Decimal("99.90"), None)
    assert sgp.calls[-1] == ("pix", "101", "77")


def test_a_pix_that_the_title_has_is_not_looked_for_at_its_own_route(prepare, sgp):
    sgp.copies = (second_copy(pix_code=None),)

    assert delivered(prepare("pix", complete_title(**OVERDUE)))[0] == br_code("99.90")
    assert sgp.names() == ["titles", "second_copy"]


@pytest.mark.parametrize(
    ("payment_format", "changes", "reason", "offered"),
    [
        ("pix", {"pix_code": BROKEN}, NotPayable.CODE_BROKEN, ("pdf", "barcode")),
        ("qr_code", {"pix_code": BROKEN}, NotPayable.CODE_BROKEN, ("pdf", "barcode")),
        ("pix", {"pix_code": None}, NotPayable.FORMAT_MISSING, ("pdf", "barcode")),
        ("barcode", {"digitable_line": "1234"}, NotPayable.CODE_BROKEN, ("pix", "qr_code", "pdf")),
        ("barcode", {"digitable_line": None}, NotPayable.FORMAT_MISSING, ("pix", "qr_code", "pdf")),
        ("pdf", {"link": FOREIGN}, NotPayable.CODE_BROKEN, ("pix", "qr_code", "barcode")),
        ("pdf", {"link": "http" + ORIGIN[5:]}, NotPayable.CODE_BROKEN, ("pix", "qr_code", "barcode")),
        ("pdf", {"link": None}, NotPayable.FORMAT_MISSING, ("pix", "qr_code", "barcode")),
    ],
)
def test_what_is_broken_or_missing_offers_the_rest(prepare, payment_format, changes, reason, offered):
    assert prepare(payment_format, complete_title(**changes)) == Problem(reason, offered)


def test_a_broken_new_code_falls_back_to_a_good_old_one(prepare, sgp):
    sgp.copies = (second_copy(pix_code=BROKEN),)

    result = prepare("pix", complete_title(**OVERDUE))

    assert delivered(result) == (br_code("99.90"), Decimal("102.33"), Decimal("99.90"))


@pytest.mark.parametrize(
    "link",
    ["https://boletos.example/1/", "HTTPS://PROVEDOR.SGP.EXAMPLE/boleto/1/", f"{ORIGIN}/boleto/1/?x=1"],
)
def test_slips_come_from_allowed_hosts(prepare, link):
    assert delivered(prepare("pdf", complete_title(link=link)))[0] == link


@pytest.mark.parametrize(
    "link",
    [f"{ORIGIN}@golpe.example/", f"{ORIGIN}.golpe.example/", f"{ORIGIN}:8443/", "javascript:alert(1)", "//x"],
)
def test_slips_come_from_nowhere_else(prepare, link):
    assert isinstance(prepare("pdf", complete_title(link=link)), Problem)


def test_the_slip_comes_along(prepare, slips):
    result = prepare("pdf", complete_title())

    assert result.slip == slip_of(result.content)
    assert slips.fetched == [result.content]


@pytest.mark.parametrize("payment_format", ["pix", "qr_code", "barcode"])
def test_for_the_other_formats_no_slip_is_fetched(prepare, slips, payment_format):
    assert prepare(payment_format, complete_title()).slip is None
    assert slips.fetched == []


def test_offering_a_slip_fetches_none(sgp, slips, deadline):
    sgp.titles_of["101"] = (complete_title(),)

    assert PayableService(sgp, slips).formats("101", "9001", TODAY, deadline) == FORMATS
    assert slips.fetched == []


@pytest.mark.parametrize("error", [NotASlip, SlipForbidden, SlipTimeout, SlipUnreachable])
def test_a_slip_that_does_not_come_is_a_missing_format(prepare, slips, error, caplog):
    row = complete_title()
    slips.failing[row.link] = error("why not")

    assert prepare("pdf", row) == Problem(NotPayable.FORMAT_MISSING, ("pix", "qr_code", "barcode"))
    assert f"{error.__name__}: why not" in caplog.text
    assert "EXEMPLO" not in caplog.text


def test_several_slips_come_in_the_given_order_and_one_failure_spares_the_others(sgp, slips, deadline):
    rows = [complete_title(name) for name in ("1", "2", "3")]
    sgp.titles_of["101"] = tuple(rows)
    slips.failing[rows[1].link] = NotASlip("a login page")

    third, second, first = PayableService(sgp, slips).prepare("101", ["3", "2", "1"], "pdf", TODAY, deadline)

    assert (third.slip, first.slip) == (slip_of(rows[2].link), slip_of(rows[0].link))
    assert second == Problem(NotPayable.FORMAT_MISSING, ("pix", "qr_code", "barcode"))


def test_slips_are_fetched_at_the_same_time(sgp, slips, deadline):
    rows = [complete_title(name) for name in ("1", "2", "3")]
    sgp.titles_of["101"] = tuple(rows)
    together = Barrier(3, timeout=5)
    fetch = slips.fetch
    slips.fetch = lambda link, deadline: (together.wait(), fetch(link, deadline))[1]

    results = PayableService(sgp, slips).prepare("101", ["1", "2", "3"], "pdf", TODAY, deadline)

    assert [result.slip for result in results] == [slip_of(row.link) for row in rows]


@pytest.mark.parametrize("rows", [(), (complete_title("8"),), (complete_title(status="paid"),)])
def test_what_is_no_longer_open_does_not_leave(prepare, rows):
    assert prepare("pix", *rows) == Problem(NotPayable.NO_LONGER_OPEN)


def test_several_are_read_with_one_call_each(sgp, deadline):
    sgp.titles_of["101"] = (title("1", "2026-09-10"), title("2", "2026-10-10"))
    sgp.copies = (second_copy("1", "2026-09-10", "11.00"), second_copy("2", "2026-10-10", "22.00"))

    results = PayableService(sgp, FakeSlips()).prepare("101", ["2", "1", "3"], "pix", TODAY, deadline)

    assert [delivered(result)[1] for result in results[:2]] == [Decimal("22.00"), Decimal("11.00")]
    assert results[2] == Problem(NotPayable.NO_LONGER_OPEN)
    assert sgp.names() == ["titles", "second_copy"]


@pytest.mark.parametrize(
    ("row", "copies", "expected"),
    [
        (complete_title(), (), FORMATS),
        (title(), (), ()),
        (title(), (second_copy(original_due="2026-11-25"),), FORMATS),
        (complete_title(pix_code=BROKEN, link=FOREIGN), (), ("barcode",)),
        (complete_title("8"), (), None),
    ],
)
def test_formats_are_only_what_would_leave(formats, sgp, row, copies, expected):
    sgp.copies = copies

    assert formats(row) == expected


@pytest.mark.parametrize("method", ["titles", "second_copy", "pix"])
def test_an_erp_failure_is_no_missing_code(prepare, sgp, method):
    sgp.copies = (second_copy(pix_code=None),)
    sgp.failing[method] = SgpOutage(method, "no answer")

    with pytest.raises(SgpOutage):
        prepare("pix", title(**OVERDUE))


def test_the_repr_shows_no_code(prepare):
    assert repr(prepare("pix", complete_title())) == "Payable('9001', 'pix')"
