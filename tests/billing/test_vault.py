"""What is sealed opens with a known key, in its own place, unchanged; and an index leads nowhere."""

from __future__ import annotations

import base64

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from billing.contacts import Proof
from billing.tables import contacts as contacts_table
from billing.tables import place
from billing.vault import Unreadable, Vault

OLD_KEY, NEW_KEY = (base64.urlsafe_b64encode(bytes([number]) * 32).decode() for number in (1, 2))
HERE = place(contacts_table.c.address, "maria")
VAULT = Vault([NEW_KEY, OLD_KEY], "index")


def test_old_keys_decrypt_and_the_newest_encrypts():
    sealed = Vault([OLD_KEY], "index").seal("Maria", HERE)

    assert VAULT.open(sealed, HERE) == "Maria"
    with pytest.raises(Unreadable):
        Vault([OLD_KEY], "index").open(VAULT.seal("Maria", HERE), HERE)


def test_it_shows_which_key_sealed():
    assert VAULT.seal("Maria", HERE).startswith(VAULT.newest_mark)
    assert VAULT.seal_bytes(b"%PDF", HERE).startswith(VAULT.newest_mark_bytes)
    assert not Vault([OLD_KEY], "index").seal("Maria", HERE).startswith(VAULT.newest_mark)


def test_sealing_hides_and_differs_each_time(vault):
    first, second = vault.seal("Maria", HERE), vault.seal("Maria", HERE)

    assert first != second
    assert "Maria" not in first
    assert base64.b64encode(b"Maria").decode()[:6] not in first


@pytest.mark.parametrize("elsewhere", ["", place(contacts_table.c.address, "ana"), "contacts.proof\0maria"])
def test_what_was_moved_does_not_open(vault, elsewhere):
    with pytest.raises(Unreadable):
        vault.open(vault.seal("Maria", HERE), elsewhere)
    with pytest.raises(Unreadable):
        vault.open_bytes(vault.seal_bytes(b"Maria", HERE), elsewhere)


def test_what_was_changed_does_not_open():
    sealed = VAULT.seal_bytes(b"Maria", HERE)
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(Unreadable):
            VAULT.open_bytes(bytes(changed), HERE)


@pytest.mark.parametrize("text", ["", ":", "Maria", '{"event": "user"}', "é:é", VAULT.newest_mark])
def test_what_was_never_sealed_does_not_open(text):
    with pytest.raises(Unreadable):
        VAULT.open(text, HERE)


@given(st.binary(max_size=80))
def test_any_bytes_are_refused_alike(content):
    with pytest.raises(Unreadable):
        VAULT.open_bytes(content, HERE)
    with pytest.raises(Unreadable):
        VAULT.open(content.decode("latin-1"), HERE)


@given(st.text())
def test_any_text_comes_back(text):
    assert VAULT.open(VAULT.seal(text, HERE), HERE) == text


def test_an_address_moved_to_another_person_reaches_nobody(contacts, engine):
    maria, ana = (contacts.remember(f"whatsapp:+551198765432{end}", Proof.CHANNEL) for end in (1, 2))
    with engine.begin() as connection:
        taken = connection.execute(
            sa.select(contacts_table.c.address).where(contacts_table.c.sender_id == maria)
        ).scalar_one()
        connection.execute(
            sa.update(contacts_table).where(contacts_table.c.sender_id == ana).values(address=taken)
        )

    with pytest.raises(Unreadable):
        contacts.address_of(ana)


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
