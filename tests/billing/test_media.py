"""Files open for whoever holds a fresh link of ours, and for nobody else."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from billing.media import LINK_SECONDS, MediaLinks, MediaStore
from billing.redaction import redact
from billing.tables import media
from billing.vault import Vault
from tests.stack import KEYS

PDF = b"%PDF-1.7 JOSE DA SILVA %%EOF"
BASE = "https://bot.provedor.example"
KEY, OTHER_KEY = KEYS["MEDIA_SIGNING_KEY"], KEYS["PII_INDEX_KEY"]


@pytest.fixture
def store(engine, vault, clock):
    return MediaStore(engine, vault, clock=clock)


@pytest.fixture
def links(clock):
    return MediaLinks(KEY, BASE, clock=clock)


def token_of(url):
    prefix = f"{BASE}/webhooks/whatsapp/media/"
    assert url.startswith(prefix)
    return url.removeprefix(prefix)


def test_a_file_comes_back_as_it_was(store):
    found = store.get(store.put(PDF, "application/pdf", "boleto-2026-12-05.pdf", 60))

    assert (found.content, found.content_type, found.filename) == (
        PDF,
        "application/pdf",
        "boleto-2026-12-05.pdf",
    )
    assert "JOSE" not in repr(found)


def test_five_megabytes_come_back(store):
    content = bytes(5 * 1024 * 1024)

    assert store.get(store.put(content, "application/pdf", "a.pdf", 60)).content == content


def test_ids_are_long_and_never_the_same(store):
    ids = {store.put(PDF, "application/pdf", "a.pdf", 60) for _ in range(20)}

    assert len(ids) == 20
    assert all(len(bytes.fromhex(media_id)) >= 16 for media_id in ids)


def test_nothing_is_readable_in_the_database(store, engine):
    store.put(PDF, "application/pdf", "boleto-de-jose.pdf", 60)

    with engine.connect() as connection:
        (row,) = connection.execute(sa.select(media)).all()
    assert b"JOSE" not in row.content
    assert b"PDF" not in row.content
    assert "jose" not in row.filename


def test_older_keys_still_open(store, engine, clock):
    media_id = store.put(PDF, "application/pdf", "a.pdf", 60)
    rotated = Vault([OTHER_KEY, KEYS["PII_ENCRYPTION_KEYS"]], KEYS["PII_INDEX_KEY"])

    assert MediaStore(engine, rotated, clock=clock).get(media_id).content == PDF


@pytest.mark.parametrize(("age", "there"), [(59, True), (60, False), (3600, False)])
def test_a_file_ends(store, clock, age, there):
    media_id = store.put(PDF, "application/pdf", "a.pdf", 60)
    clock.now += age

    assert (store.get(media_id) is not None) is there


def test_an_unknown_id_is_nothing(store):
    assert store.get("0" * 32) is None


def test_purging_deletes_what_has_expired_and_nothing_else(store, engine, clock):
    store.put(PDF, "application/pdf", "a.pdf", 60)
    kept = store.put(PDF, "application/pdf", "b.pdf", 600)
    clock.now += 60

    assert store.purge() == 1
    assert store.purge() == 0
    assert store.get(kept).filename == "b.pdf"
    with engine.connect() as connection:
        assert len(connection.execute(sa.select(media.c.id)).all()) == 1


def test_a_link_leads_back_to_its_file(links, store):
    media_id = store.put(PDF, "application/pdf", "a.pdf", 60)

    assert links.media_id_of(token_of(links.url(media_id))) == media_id


@pytest.mark.parametrize(("age", "opens"), [(LINK_SECONDS - 1, True), (LINK_SECONDS + 1, False)])
def test_a_link_ends(links, clock, age, opens):
    token = token_of(links.url("a" * 32))
    clock.now += age

    assert (links.media_id_of(token) == "a" * 32) is opens


def test_a_link_changed_in_any_place_opens_nothing(links):
    token = token_of(links.url("a" * 32))
    changed = [
        token[:place] + ("b" if token[place] != "b" else "c") + token[place + 1 :]
        for place in range(len(token))
    ]

    assert [links.media_id_of(each) for each in changed] == [None] * len(token)


def test_a_link_of_another_key_opens_nothing(links, clock):
    forged = token_of(MediaLinks(OTHER_KEY, BASE, clock=clock).url("a" * 32))

    assert links.media_id_of(forged) is None


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "a" * 32,
        f"{'a' * 32}.99999999999.",
        f"{'a' * 32}.99999999999.{'é' * 43}",
        "x" * 100_000,
        "../x\0",
    ],
)
def test_other_texts_open_nothing(links, token):
    assert links.media_id_of(token) is None


def test_a_later_end_cannot_be_written_into_a_link(links):
    media_id, expires_at, signature = token_of(links.url("a" * 32)).split(".")

    assert links.media_id_of(f"{media_id}.{int(expires_at) + 1}.{signature}") is None
    assert links.media_id_of(f"{media_id}.0{expires_at}.{signature}") is None


def test_links_are_masked_in_logs(links):
    url = links.url("a" * 32)

    for line in (f"GET {url} 200", f"GET {url.removeprefix(BASE)} 200"):
        assert redact(line).endswith("[link] 200")
        assert "aaa" not in redact(line)
