"""Is the trail whole? And removing old days so that it stays so."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

import sqlalchemy as sa

from billing.audit.chains import Checkpoint, Macs
from billing.audit.people import PersonRegister
from billing.tables import audit_chains, audit_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy.engine import Connection, Engine
    from sqlalchemy.engine import Row as Record

    from billing.vault import Vault


class Fault(Enum):
    """What is wrong with a row, or with a whole chain."""

    ALTERED = "altered"
    MISSING = "missing"
    REORDERED = "reordered"
    CHECKPOINT_ALTERED = "checkpoint_altered"
    CHECKPOINT_MISSING = "checkpoint_missing"
    CHAIN_MISSING = "chain_missing"
    LEFT_OVER = "left_over"
    """A row of a chain that was dropped."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        fault: What.
        number: Of the chain; None when it has no checkpoint.
        day: ISO date of the chain; empty when it is not known.
        position: Of the row; None for the chain itself.
    """

    fault: Fault
    number: int | None
    day: str = ""
    position: int | None = None


@dataclass(frozen=True)
class Report:
    """What was found.

    Attributes:
        chains: How many there are, dropped ones included.
        rows: How many were read.
        findings: What is wrong; empty when the trail is whole.
        last_number: Of the last chain; to be noted elsewhere, since nothing here tells of a later one.
    """

    chains: int
    rows: int
    findings: tuple[Finding, ...]
    last_number: int


class NotIntact(Exception):
    """Days that don't verify are not dropped."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        super().__init__(f"{len(findings)} findings")


def verify(engine: Engine, vault: Vault) -> Report:
    """Check every chain; may run while the bot writes.

    Args:
        engine: Database with the project's tables.
        vault: Gives the keys.
    """
    macs = Macs(vault)
    rows = 0
    findings: list[Finding] = []
    with engine.connect() as connection:
        # Checkpoints before rows: rows that come meanwhile stand behind the end and are checked all the same.
        records = connection.execute(sa.select(audit_chains).order_by(audit_chains.c.number)).all()
        last_number = records[-1].number if records else 0
        present = {record.number for record in records}
        findings += [
            Finding(Fault.CHAIN_MISSING, number)
            for number in range(1, last_number + 1)
            if number not in present
        ]
        for record in records:
            chain_rows = _rows_of(connection, record.chain)
            rows += len(chain_rows)
            findings += _faults(macs, record, chain_rows)
        known = sa.exists().where(audit_chains.c.chain == audit_rows.c.chain)
        orphans = sa.select(audit_rows.c.chain).where(~known).distinct()
        findings += [Finding(Fault.CHECKPOINT_MISSING, None) for _ in connection.execute(orphans)]
    return Report(len(records), rows, tuple(findings), last_number)


def drop_before(
    engine: Engine, vault: Vault, day: datetime, *, clock: Callable[[], float] = time.time
) -> int:
    """Remove the rows of whole days; their checkpoints stay, sealed anew with the time of the removal.

    Args:
        engine: Database with the project's tables.
        vault: Gives the keys.
        day: The first moment that stays, midnight in the provider's zone; not after now.
        clock: Seconds since the epoch.

    Returns:
        How many rows went. Salts that no row needs any more go with them.

    Raises:
        NotIntact: When any of those days doesn't verify; then nothing is removed.
    """
    macs = Macs(vault)
    with engine.begin() as connection:
        records = connection.execute(
            sa.select(audit_chains)
            .where(audit_chains.c.day < day.date().isoformat())
            .where(audit_chains.c.dropped_at.is_(None))
        ).all()
        findings = [
            finding
            for record in records
            for finding in _faults(macs, record, _rows_of(connection, record.chain))
        ]
        if findings:
            raise NotIntact(tuple(findings))
        if not records:
            return 0
        for record in records:
            dropped = replace(_checkpoint(record), dropped_at=clock())
            connection.execute(
                sa.update(audit_chains)
                .where(audit_chains.c.number == record.number)
                .values(dropped_at=dropped.dropped_at, seal=macs.seal(dropped))
            )
            connection.execute(sa.delete(audit_rows).where(audit_rows.c.chain == record.chain))
        used = {
            pseudonym
            for column in (audit_rows.c.sender, audit_rows.c.document)
            for pseudonym in connection.execute(sa.select(column).distinct()).scalars()
        }
    PersonRegister(engine, vault).erase_unused(used, day.timestamp())
    return sum(record.length for record in records)


def _rows_of(connection: Connection, chain: str) -> Sequence[Record]:
    rows: Sequence[Record] = connection.execute(
        sa.select(audit_rows).where(audit_rows.c.chain == chain).order_by(audit_rows.c.position)
    ).all()
    return rows


def _checkpoint(record: Record) -> Checkpoint:
    return Checkpoint(
        record.number, record.chain, record.day, record.length, record.last_mac, record.dropped_at
    )


def _faults(macs: Macs, record: Record, rows: Sequence[Record]) -> list[Finding]:
    """Everything that is wrong with one chain."""
    number, day = record.number, record.day
    findings = []
    if macs.seal(_checkpoint(record)) != record.seal:
        findings.append(Finding(Fault.CHECKPOINT_ALTERED, number, day))
    if record.dropped_at is not None:
        return [*findings, *(Finding(Fault.LEFT_OVER, number, day, row.position) for row in rows)]
    by_position = {row.position: row for row in rows}
    findings += [
        Finding(Fault.MISSING, number, day, position)
        for position in range(1, record.length + 1)
        if position not in by_position
    ]
    links = {row.mac for row in rows} | {macs.opening(record.chain)}
    for row in rows:
        fault = _fault_of(macs, row, by_position.get(row.position - 1), links)
        if fault:
            findings.append(Finding(fault, number, day, row.position))
    end = by_position.get(record.length)
    if not findings and end is not None and end.mac != record.last_mac:
        findings.append(Finding(Fault.CHECKPOINT_ALTERED, number, day))
    return findings


def _fault_of(macs: Macs, row: Record, before: Record | None, links: set[str]) -> Fault | None:
    """What is wrong with one row, given the row that stands before it and the HMACs of its chain."""
    if not macs.holds(row):
        return Fault.ALTERED
    if before is None and row.position > 1:
        # The gap before it is told already, unless this row was put behind the end.
        return None if row.previous not in links else Fault.REORDERED
    expected = macs.opening(row.chain) if before is None else before.mac
    if row.previous == expected or (before is not None and not macs.holds(before)):
        return None
    return Fault.REORDERED if row.previous in links else Fault.MISSING
