"""A button says what was offered to the one who touches it, or nothing."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from addons.whatsapp.buttons import OFFER_SECONDS, ButtonOffers
from billing.tables import button_offers

MARIA, JOSE = "a" * 32, "b" * 32


@pytest.fixture
def offers(engine, vault, clock):
    return ButtonOffers(engine, vault, clock=clock)


def test_a_touched_button_says_its_words(offers):
    first, second = offers.offer(MARIA, ["quero a segunda via", "já paguei"])

    assert offers.text_of(MARIA, first) == "quero a segunda via"
    assert offers.text_of(MARIA, second) == "já paguei"
    assert offers.text_of(MARIA, first) == "quero a segunda via", "a person may touch twice"


def test_another_persons_button_says_nothing(offers):
    (button,) = offers.offer(MARIA, ["fatura de novembro"])

    assert offers.text_of(JOSE, button) is None


@pytest.mark.parametrize("made_up", ["", "1", "/inform", "0" * 32, "x" * 10_000, "' OR 1=1 --"])
def test_a_made_up_id_says_nothing(offers, made_up):
    offers.offer(MARIA, ["sim"])

    assert offers.text_of(MARIA, made_up) is None


def test_an_old_button_says_nothing(offers, clock):
    (button,) = offers.offer(MARIA, ["sim"])
    clock.now += OFFER_SECONDS - 1
    assert offers.text_of(MARIA, button) == "sim"
    clock.now += 1
    assert offers.text_of(MARIA, button) is None


def test_ids_tell_nothing_and_fit_a_list(offers):
    ids = offers.offer(MARIA, ["sim"] * 10)

    assert len(set(ids)) == 10
    assert {len(each) for each in ids} == {32}


def test_nothing_is_readable_in_the_database(offers, engine):
    offers.offer(MARIA, ["RUA DAS FLORES"])

    with engine.connect() as connection:
        assert "FLORES" not in repr(connection.execute(sa.select(button_offers)).all())


def test_purging_deletes_what_has_expired_and_nothing_else(offers, clock):
    offers.offer(MARIA, ["sim", "não"])
    clock.now += OFFER_SECONDS
    (kept,) = offers.offer(MARIA, ["talvez"])

    assert offers.purge() == 2
    assert offers.text_of(MARIA, kept) == "talvez"


def test_nothing_to_offer_is_no_error(offers):
    assert offers.offer(MARIA, []) == ()
