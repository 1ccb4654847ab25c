"""What a message says of the bill."""

from __future__ import annotations

import pytest

from actions.bill.memory import formats_said, wish_in
from billing.selection import Wish
from tests.actions.conftest import acted, user


def message(text, kind="ordinal", *values):
    entities = [{"entity": kind, "value": value} for value in values]
    return {"text": text, "intent": {"name": "duplicate_bill"}, "entities": entities}


@pytest.mark.parametrize(
    ("said", "wish"),
    [
        (("a 2", "ordinal", "2"), Wish(ordinals=("2",))),
        (("1 e 3", "ordinal", "1", "3"), Wish(ordinals=("1", "3"), several=True)),
        (("todas as 3", "ordinal", "all", "3"), Wish(ordinals=("all", "3"), several=True)),
        (("setembro e outubro", "month", "9", "10"), Wish(months=("9", "10"), several=True)),
        (("as duas vencidas só", "ordinal", "2"), Wish(overdue=True, several=True)),
        (("só as atrasadas, a de dezembro nem venceu", "month", "12"), Wish(overdue=True, several=True)),
        (("ainda não vencidas", "ordinal"), Wish()),
        (("a de outubro", "month", "10"), Wish(months=("10",))),
        (("as de outubro", "month", "10"), Wish(months=("10",), several=True)),
        (("a 1 ou a 2?", "ordinal", "1", "2"), Wish()),
        (("a de outubro ou o que for", "month", "10"), Wish(months=("10",))),
        (("oi",), Wish()),
    ],
)
def test_wish(said, wish):
    assert wish_in(message(*said)) == wish


def wanting(text, *formats):
    return user(message(text, "payment_format", *formats))


@pytest.mark.parametrize(
    ("events", "formats"),
    [
        ([wanting("o pdf e a linha digitável", "pdf", "barcode")], ("pdf", "barcode")),
        ([wanting("o pdf e o pix", "pdf", "pix"), wanting("529.982.247-25")], ("pdf", "pix")),
        ([wanting("o pdf e o pix", "pdf", "pix"), wanting("só o pix", "pix")], ("pix",)),
        ([wanting("pix ou pdf?", "pix", "pdf")], ()),
        ([wanting("oi")], ()),
    ],
)
def test_formats(bench, events, formats):
    assert formats_said(bench.tracker(before=events)) == formats


def test_what_was_delivered_is_not_wanted_again(bench):
    before = [wanting("pix e pdf", "pix", "pdf"), acted("action_deliver_bill")]

    assert formats_said(bench.tracker(before=before)) == ()
