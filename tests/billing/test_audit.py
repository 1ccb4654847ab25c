"""The audit trail: nothing in it changes unseen, and nobody in it is known for longer than they want."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from billing.audit import (
    Audit,
    AuditEvent,
    Fault,
    NotIntact,
    Person,
    PersonRegister,
    Step,
    drop_before,
    verify,
)
from billing.audit.chains import AuditFailed
from billing.database import open_database
from billing.settings import PROJECT_ROOT
from billing.tables import audit_chains, audit_rows, audit_salts
from billing.vault import Vault
from tests.stack import KEYS

ZONE = ZoneInfo("America/Sao_Paulo")
DAY = timedelta(days=1).total_seconds()
THREADS = 16
SENDER, DOCUMENT, CONTRACT, TITLE = "a" * 32, "d" * 32, "contrato-101", "titulo-5001"
EVENT = AuditEvent("delivery", SENDER, DOCUMENT, CONTRACT, (TITLE,), outcome="pix")
CUSTOMER, PHONE = Person("document", DOCUMENT), Person("sender", SENDER)

WRITE = """
import sys
from zoneinfo import ZoneInfo
from billing.audit import Audit, AuditEvent
from billing.database import open_database
from billing.vault import Vault
engine = open_database(sys.argv[1])
audit = Audit(engine, Vault([sys.argv[2]], sys.argv[3]), zone=ZoneInfo("America/Sao_Paulo"))
print("ready", flush=True)
sys.stdin.readline()
for _ in range(10):
    audit.record(AuditEvent("delivery", "a" * 32))
"""


@pytest.fixture
def audit(engine, vault, clock):
    return Audit(engine, vault, zone=ZONE, clock=clock)


@pytest.fixture
def trail(audit, engine):
    """Five rows in one chain."""
    for _ in range(5):
        audit.record(EVENT)
    return engine


def execute(engine, statement):
    with engine.begin() as connection:
        return connection.execute(statement)


def change(engine, position, /, **values):
    execute(engine, sa.update(audit_rows).where(audit_rows.c.position == position).values(**values))


def remove(engine, position):
    execute(engine, sa.delete(audit_rows).where(audit_rows.c.position == position))


def move(engine, *steps):
    for position, to in steps:
        change(engine, position, position=to)


def rows(engine):
    with engine.connect() as connection:
        return connection.execute(sa.select(audit_rows).order_by(audit_rows.c.position)).all()


def found(engine, vault):
    return [(finding.fault, finding.position) for finding in verify(engine, vault).findings]


def midnight(clock, days=0):
    """The beginning of the clock's day, or of one some days later."""
    day = datetime.fromtimestamp(clock.now, ZONE) + timedelta(days=days)
    return day.replace(hour=0, minute=0, second=0, microsecond=0)


def test_a_trail_that_nobody_touched_is_whole(trail, vault):
    report = verify(trail, vault)

    assert (report.chains, report.rows, report.last_number, report.findings) == (1, 5, 1, ())


@pytest.mark.parametrize(
    "values",
    [
        {"at": 1.5},
        {"sender": "b" * 32},
        {"document": "b" * 32},
        {"action": "ticket"},
        {"step": "denied"},
        {"outcome": "pdf"},
        {"details": "x"},
        {"previous": "0" * 64},
        {"mac": "0" * 64},
    ],
)
@pytest.mark.parametrize("position", [1, 3, 5])
def test_an_altered_row_is_found_and_no_other_is_blamed(trail, vault, position, values):
    change(trail, position, **values)

    assert found(trail, vault) == [(Fault.ALTERED, position)]


@pytest.mark.parametrize("position", [1, 3, 5])
def test_a_removed_row_is_found(trail, vault, position):
    remove(trail, position)

    assert found(trail, vault) == [(Fault.MISSING, position)]


def test_a_cut_end_is_found(trail, vault):
    execute(trail, sa.delete(audit_rows).where(audit_rows.c.position > 2))

    assert found(trail, vault) == [(Fault.MISSING, 3), (Fault.MISSING, 4), (Fault.MISSING, 5)]


def test_a_removed_row_is_found_although_the_others_closed_ranks(trail, vault):
    remove(trail, 3)
    move(trail, (4, 3), (5, 4))

    assert found(trail, vault) == [(Fault.MISSING, 5), (Fault.MISSING, 3)]


def test_rows_that_changed_places_are_found(trail, vault):
    move(trail, (2, 99), (3, 2), (99, 3))

    assert found(trail, vault) == [(Fault.REORDERED, position) for position in (2, 3, 4)]


@pytest.mark.parametrize("position", [6, 70])
def test_a_row_that_was_written_twice_is_found(trail, vault, position):
    copy = dict(rows(trail)[2]._mapping) | {"position": position}
    execute(trail, sa.insert(audit_rows).values(copy))

    assert found(trail, vault) == [(Fault.REORDERED, position)]


def test_a_row_from_another_chain_is_found(trail, vault, clock):
    Audit(trail, vault, zone=ZONE, clock=clock).record(EVENT)
    other = next(row.chain for row in rows(trail) if row.chain != rows(trail)[-1].chain)
    remove(trail, 5)
    target = rows(trail)[-1].chain
    execute(trail, sa.update(audit_rows).where(audit_rows.c.chain == other).values(chain=target, position=5))

    assert (Fault.ALTERED, 5) in found(trail, vault)


def test_a_row_of_somebody_without_the_key_is_found(trail, vault):
    forger = Vault([KEYS["PII_ENCRYPTION_KEYS"]], KEYS["MEDIA_SIGNING_KEY"])
    Audit(trail, forger, zone=ZONE).record(EVENT)

    assert {fault for fault, _ in found(trail, vault)} == {Fault.CHECKPOINT_ALTERED, Fault.ALTERED}


@pytest.mark.parametrize("values", [{"length": 3}, {"day": "x"}, {"dropped_at": 1.0}, {"last_mac": "0" * 64}])
def test_an_altered_checkpoint_is_found(trail, vault, values):
    execute(trail, sa.update(audit_chains).values(**values))

    assert (Fault.CHECKPOINT_ALTERED, None) in found(trail, vault)


def test_an_old_checkpoint_put_back_over_more_rows_stops_the_writer(audit, engine):
    audit.record(EVENT)
    with engine.connect() as connection:
        old = dict(connection.execute(sa.select(audit_chains)).one()._mapping)
    audit.record(EVENT)
    execute(engine, sa.update(audit_chains).values(old))

    with pytest.raises(AuditFailed):
        audit.record(EVENT)


def test_a_removed_checkpoint_is_found(trail, vault):
    execute(trail, sa.delete(audit_chains))

    assert found(trail, vault) == [(Fault.CHECKPOINT_MISSING, None)]


def test_a_removed_chain_is_found(trail, vault, clock):
    Audit(trail, vault, zone=ZONE, clock=clock).record(EVENT)
    chain = rows(trail)[-1].chain
    execute(trail, sa.delete(audit_chains).where(audit_chains.c.chain == chain))
    execute(trail, sa.delete(audit_rows).where(audit_rows.c.chain == chain))

    (finding,) = verify(trail, vault).findings
    assert (finding.fault, finding.number) == (Fault.CHAIN_MISSING, 1)


def test_rotated_encryption_keys_leave_the_trail_readable(trail, clock):
    rotated = Vault([KEYS["MEDIA_SIGNING_KEY"]], KEYS["PII_INDEX_KEY"])

    assert found(trail, rotated) == []
    assert len(list(Audit(trail, rotated, zone=ZONE, clock=clock).seen_of([CUSTOMER]))) == 5


def test_after_a_failure_the_writer_begins_another_chain(audit, engine, vault):
    audit.record(EVENT)
    execute(engine, sa.update(audit_chains).values(seal="0" * 64))
    with pytest.raises(AuditFailed):
        audit.record(EVENT)

    audit.record(EVENT)

    report = verify(engine, vault)
    assert (report.chains, report.rows) == (2, 2)
    assert [(each.fault, each.number) for each in report.findings] == [(Fault.CHECKPOINT_ALTERED, 1)]


def test_a_row_that_cannot_be_written_is_an_error(audit, engine):
    execute(engine, sa.text("DROP TABLE audit_rows"))

    with pytest.raises(sa.exc.OperationalError):
        audit.record(EVENT)


def test_threads_write_one_chain(url, vault):
    engine = open_database(url)
    audit = Audit(engine, vault, zone=ZONE)
    start = Barrier(THREADS)

    def race(number):
        start.wait()
        for _ in range(3):
            # Half of them about the same new customer.
            audit.record(AuditEvent("delivery", SENDER, DOCUMENT if number % 2 else f"{number:032}"))

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(race, range(THREADS)))

    report = verify(engine, vault)
    assert (report.chains, report.rows, report.findings) == (1, 3 * THREADS, ())
    assert len(list(audit.seen_of([CUSTOMER]))) == 3 * THREADS // 2
    engine.dispose()


def test_processes_write_chains_of_their_own(url, vault):
    keys = (KEYS["PII_ENCRYPTION_KEYS"], KEYS["PII_INDEX_KEY"])
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITE, url, *keys], cwd=PROJECT_ROOT, text=True, **pipes)
        for _ in range(3)
    ]
    assert {writer.stdout.readline() for writer in writers} == {"ready\n"}
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    errors = [writer.communicate(timeout=60)[1] for writer in writers]

    assert [writer.returncode for writer in writers] == [0, 0, 0], errors
    engine = open_database(url)
    report = verify(engine, vault)
    assert (report.chains, report.rows, report.findings) == (3, 30, ())
    engine.dispose()


def test_a_new_day_is_a_new_chain(audit, engine, vault, clock):
    audit.record(EVENT)
    clock.now = midnight(clock, days=1).timestamp() - 1
    audit.record(EVENT)
    clock.now += 1
    audit.record(EVENT)

    report = verify(engine, vault)
    assert (report.chains, report.rows, report.findings) == (2, 3, ())


class TestDropping:
    @pytest.fixture
    def two_days(self, audit, engine, clock):
        audit.record(EVENT)
        audit.record(AuditEvent("delivery", "b" * 32))
        clock.now += DAY
        audit.record(EVENT)
        return engine

    def test_old_days_go_and_the_trail_is_whole(self, two_days, vault, clock, audit):
        assert drop_before(two_days, vault, midnight(clock)) == 2

        report = verify(two_days, vault)
        assert (report.chains, report.rows, report.findings) == (2, 1, ())
        assert len(list(audit.seen_of([CUSTOMER]))) == 1
        assert drop_before(two_days, vault, midnight(clock)) == 0

    def test_who_is_in_no_row_any_more_is_forgotten(self, two_days, vault, clock):
        drop_before(two_days, vault, midnight(clock))

        register = PersonRegister(two_days, vault)
        assert register.find(PHONE)
        assert register.find(Person("sender", "b" * 32)) is None

    def test_the_day_itself_stays(self, two_days, vault, clock):
        assert drop_before(two_days, vault, midnight(clock, days=-1)) == 0

    def test_days_that_were_tampered_with_stay(self, two_days, vault, clock):
        change(two_days, 2, outcome="pdf")

        with pytest.raises(NotIntact) as refusal:
            drop_before(two_days, vault, midnight(clock))

        assert [finding.position for finding in refusal.value.findings] == [2]
        assert len(rows(two_days)) == 3

    def test_who_drops_without_the_key_is_found(self, two_days, vault):
        first = sa.select(audit_chains.c.chain).where(audit_chains.c.number == 1).scalar_subquery()
        execute(two_days, sa.delete(audit_rows).where(audit_rows.c.chain == first))

        assert found(two_days, vault) == [(Fault.MISSING, 1), (Fault.MISSING, 2)]

    def test_a_row_that_comes_back_is_found(self, two_days, vault, clock):
        kept = dict(next(row for row in rows(two_days) if row.position == 2)._mapping)
        drop_before(two_days, vault, midnight(clock))
        execute(two_days, sa.insert(audit_rows).values(kept))

        assert found(two_days, vault) == [(Fault.LEFT_OVER, 2)]


class TestOnePerson:
    def test_an_operator_with_the_keys_reads_what_was_seen(self, audit, clock):
        audit.record(EVENT)
        audit.record(AuditEvent("handoff", "b" * 32))

        (seen,) = audit.seen_of([CUSTOMER])
        assert (seen.at, seen.action, seen.step, seen.outcome) == (clock.now, "delivery", Step.DONE, "pix")
        assert seen.details == {"contract": CONTRACT, "titles": [TITLE]}
        assert list(audit.seen_of([PHONE])) == [seen]

    def test_the_database_alone_names_nobody(self, trail):
        with trail.connect() as connection:
            kept = [connection.execute(sa.select(t)).all() for t in (audit_rows, audit_salts, audit_chains)]

        assert [word for word in (SENDER, DOCUMENT, CONTRACT, TITLE) if word in str(kept)] == []

    def test_who_was_erased_is_not_found_and_the_trail_is_whole(self, trail, audit, vault):
        register = PersonRegister(trail, vault)
        assert register.erase(CUSTOMER)
        assert not register.erase(CUSTOMER)

        assert list(audit.seen_of([CUSTOMER])) == []
        assert {seen.details for seen in audit.seen_of([PHONE])} == {None}
        assert found(trail, vault) == []

    def test_who_comes_back_after_that_is_somebody_new(self, trail, audit, vault):
        PersonRegister(trail, vault).erase(CUSTOMER)
        audit.record(EVENT)

        assert len(list(audit.seen_of([CUSTOMER]))) == 1
        assert len({row.document for row in rows(trail)}) == 2

    def test_an_altered_row_is_not_shown(self, trail, audit):
        change(trail, 3, step="never", at=1e300)

        assert len(list(audit.seen_of([CUSTOMER]))) == 4


class TestAttempts:
    def test_what_was_asked_stands_there_before_it_is_done(self, audit, engine):
        with audit.attempt(EVENT) as attempt:
            assert [row.step for row in rows(engine)] == ["asked"]
            attempt.record(Step.ALLOWED)
            attempt.record(Step.DONE, "granted")

        assert [(row.step, row.outcome) for row in rows(engine)] == [
            ("asked", "pix"),
            ("allowed", ""),
            ("done", "granted"),
        ]

    def test_a_failure_is_written_and_goes_on(self, audit, engine):
        with pytest.raises(LookupError), audit.attempt(EVENT):
            raise LookupError

        assert [(row.step, row.outcome) for row in rows(engine)][-1] == ("failed", "LookupError")
