"""Tables on SQLite and PostgreSQL, also when several processes make them at once."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from billing.claims import WriteClaims
from billing.contacts import ContactBook, Proof
from billing.database import open_database
from billing.settings import PROJECT_ROOT
from billing.tables import metadata, write_claims

RACERS = 16
ADDRESS = "whatsapp:+5511987654321"

OPEN = """
import sys
from billing.database import open_database
print("ready", flush=True)
sys.stdin.readline()
open_database(sys.argv[1]).dispose()
"""


def test_processes_that_start_together_both_find_the_tables(url):
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    racers = [
        subprocess.Popen([sys.executable, "-c", OPEN, url], cwd=PROJECT_ROOT, text=True, **pipes)
        for _ in range(4)
    ]
    assert {racer.stdout.readline() for racer in racers} == {"ready\n"}
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    errors = [racer.communicate(timeout=60)[1] for racer in racers]

    assert [racer.returncode for racer in racers] == [0, 0, 0, 0], errors
    engine = open_database(url)
    assert set(sa.inspect(engine).get_table_names()) >= set(metadata.tables)
    engine.dispose()


def test_an_address_that_comes_twice_at_once_is_kept(url, vault):
    engine = open_database(url)
    book = ContactBook(engine, vault, demo_allowed=True)
    start = Barrier(RACERS)

    def race(_number):
        start.wait()
        return book.remember(ADDRESS, Proof.CHANNEL)

    with ThreadPoolExecutor(RACERS) as threads:
        (sender_id,) = set(threads.map(race, range(RACERS)))

    assert book.address_of(sender_id) == ADDRESS
    engine.dispose()


def test_what_one_engine_writes_another_reads(url, vault):
    first, second = open_database(url), open_database(url)
    sender_id = ContactBook(first, vault, demo_allowed=True).remember(ADDRESS, Proof.CHANNEL)

    assert ContactBook(second, vault, demo_allowed=True).address_of(sender_id) == ADDRESS
    assert WriteClaims(first, vault).take("m", "op", "1").mine
    assert not WriteClaims(second, vault).take("m", "op", "1").mine
    first.dispose()
    second.dispose()


def test_a_reader_does_not_wait_for_a_writer(sqlite):
    engine = open_database(sqlite)
    with engine.begin() as writer:
        writer.execute(sa.insert(write_claims).values(claim="c", operation="op", claimed_at=1))
        with engine.connect() as reader:
            assert reader.execute(sa.select(write_claims)).all() == []
    engine.dispose()


def test_a_database_that_cannot_be_opened_is_an_error(tmp_path):
    with pytest.raises(OperationalError):
        open_database(f"sqlite:///{tmp_path / 'missing' / 'bot.db'}")
