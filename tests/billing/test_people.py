"""Vault, contacts and phones: what is kept of people, and how a number is recognised."""

from __future__ import annotations

import base64

import pytest
import sqlalchemy as sa
from cryptography.fernet import InvalidToken

from billing.contacts import ContactBook, Proof
from billing.phones import canonical_phone, is_registered, spellings
from billing.storage import contacts as contacts_table
from billing.vault import Vault

ADDRESS = "whatsapp:+5511987654321"
OLD_KEY, NEW_KEY = (base64.urlsafe_b64encode(bytes([number]) * 32).decode() for number in (1, 2))


def test_old_keys_decrypt_and_the_newest_encrypts():
    sealed = Vault([OLD_KEY], "index").seal("Maria")

    assert Vault([NEW_KEY, OLD_KEY], "index").open(sealed) == "Maria"
    with pytest.raises(InvalidToken):
        Vault([OLD_KEY], "index").open(Vault([NEW_KEY, OLD_KEY], "index").seal("Maria"))


def test_sealing_hides_and_differs_each_time(vault):
    first, second = vault.seal("Maria"), vault.seal("Maria")

    assert first != second
    assert "Maria" not in first


def test_what_was_changed_does_not_open(vault):
    sealed = vault.seal("Maria")

    with pytest.raises(InvalidToken):
        vault.open(sealed[:-4] + "AAA=")


def test_an_index_depends_on_kind_value_and_key():
    vault = Vault([OLD_KEY], "one")
    indexes = {
        vault.index("document", "1"),
        vault.index("address", "1"),
        vault.index("document", "2"),
        Vault([OLD_KEY], "two").index("document", "1"),
    }

    assert len(indexes) == 4
    assert vault.index("document", "1") == Vault([NEW_KEY], "one").index("document", "1")
    assert all(len(index) == 32 for index in indexes)


def test_the_repr_of_a_vault_shows_no_key():
    text = repr(Vault([OLD_KEY], "index-key"))

    assert OLD_KEY not in text
    assert "index-key" not in text


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
