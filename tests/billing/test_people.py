"""Contacts and phones: what is kept of people, and how a number is recognised."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from billing.contacts import ContactBook, Proof
from billing.phones import canonical_phone, is_registered, spellings
from billing.tables import contacts as contacts_table

ADDRESS = "whatsapp:+5511987654321"


@pytest.mark.parametrize("proof", list(Proof))
def test_an_address_comes_back(contacts, proof):
    assert contacts.address_of(contacts.remember(ADDRESS, proof)) == ADDRESS


def test_nobody_stands_behind_an_unknown_sender(contacts):
    assert contacts.address_of("0" * 32) is None


def test_a_record_ends(contacts, clock):
    sender_id = contacts.remember(ADDRESS, Proof.OPERATOR, lifetime=3600)
    clock.now += 3599
    assert contacts.address_of(sender_id) == ADDRESS
    clock.now += 1
    assert contacts.address_of(sender_id) is None


def test_remembering_again_renews(contacts, clock):
    contacts.remember(ADDRESS, Proof.OPERATOR, lifetime=3600)
    sender_id = contacts.remember(ADDRESS, Proof.CHANNEL)
    clock.now += 10**6

    assert contacts.address_of(sender_id) == ADDRESS


def test_demo_records_count_only_with_the_sandbox(contacts, engine, vault):
    demo = contacts.remember(ADDRESS, Proof.DEMO)
    real = contacts.remember("whatsapp:+5511912345678", Proof.CHANNEL)
    production = ContactBook(engine, vault, demo_allowed=False)

    assert production.address_of(demo) is None
    assert production.address_of(real) == "whatsapp:+5511912345678"


def test_the_table_holds_no_number(contacts, engine):
    contacts.remember(ADDRESS, Proof.CHANNEL)

    with engine.connect() as connection:
        assert "98765" not in str(connection.execute(sa.select(contacts_table)).all())


@pytest.mark.parametrize(
    ("sender", "registered", "same"),
    [
        ("whatsapp:+5511987654321", "(11) 98765-4321", True),
        ("whatsapp:+5511987654321", "11987654321", True),
        ("whatsapp:+5511987654321", "+55 11 98765-4321", True),
        ("whatsapp:+5511987654321", "5511987654321", True),
        ("whatsapp:+5511987654321", "011 98765-4321", True),
        ("whatsapp:+5511987654321", "(11) 8765-4321", True),
        ("whatsapp:+551187654321", "(11) 98765-4321", True),
        ("whatsapp:+5511967654321", "(11) 6765-4321", True),
        ("whatsapp:+5511957654321", "(11) 5765-4321", False),
        ("whatsapp:+551134567890", "(11) 3456-7890", True),
        ("whatsapp:+551134567890", "(11) 93456-7890", False),
        ("whatsapp:+5511987654321", "(21) 98765-4321", False),
        ("whatsapp:+5511987654321", "98765-4321", False),
        ("whatsapp:+5511987654321", "(11) 98765-4322", False),
        ("whatsapp:+12025550143", "12025550143", False),
        ("whatsapp:+12025550143", "+1 202 555 0143", True),
        ("whatsapp:+351912345678", "(35) 91234-5678", False),
        ("whatsapp:+11987654321", "(11) 98765-4321", False),
        ("whatsapp:", "", False),
        ("whatsapp:maria.silva", "maria.silva", False),
        ("whatsapp:BR.11987654321", "(11) 98765-4321", False),
        ("whatsapp:11987654321", "(11) 98765-4321", False),
        ("whatsapp:+55", "55", False),
        ("whatsapp:+55011987654321", "(11) 98765-4321", False),
        ("", "(11) 98765-4321", False),
        ("whatsapp:+5511987654321", "não tem", False),
    ],
)
def test_is_registered(sender, registered, same):
    assert is_registered(sender, [registered]) is same
    assert is_registered(sender, ["(31) 3333-4444", registered]) is same


def test_nobody_is_registered_without_phones():
    assert not is_registered(ADDRESS, [])


@pytest.mark.parametrize("garbage", ["", "whatsapp:", "abc", "+", "+55", "0", "9" * 40, "(11)"])
def test_garbage_is_no_phone(garbage):
    assert canonical_phone(garbage) is None


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("11 98765-4321", {"+551187654321", "+5511987654321"}),
        ("+55 11 8765-4321", {"+551187654321", "+5511987654321"}),
        ("(11) 3456-7890", {"+551134567890"}),
        ("+351 912 345 678", {"+351912345678"}),
        ("123", set()),
    ],
)
def test_a_number_is_looked_up_in_every_way_that_whatsapp_may_write_it(text, written):
    assert set(spellings(text)) == written
