"""What a demo customer is: the vocabulary in which `people` is written."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

DueRule = Callable[[date], date]
"""Today -> due date. Demo stories are told relative to today, so that they hold on any day."""


def in_days(days: int) -> DueRule:
    """Due so many days from today (negative: overdue)."""
    return lambda today: today + timedelta(days=days)


def in_months(months: int) -> DueRule:
    """Due on today's day of another month (negative: overdue), or that month's last day."""

    def due(today: date) -> date:
        year, month0 = divmod(today.year * 12 + today.month - 1 + months, 12)
        last_day = calendar.monthrange(year, month0 + 1)[1]
        return date(year, month0 + 1, min(today.day, last_day))

    return due


def next_year(month: int, day: int) -> DueRule:
    """Due on a date of next year, as the instalments of a yearly booklet are."""
    return lambda today: date(today.year + 1, month, day)


class ContractStatus(IntEnum):
    """`contratoStatus` as SGP numbers it."""

    ACTIVE = 1
    INACTIVE = 2
    CANCELLED = 3
    SUSPENDED = 4
    NOT_VIABLE = 5
    NEW = 6
    REDUCED_SPEED = 7


class Pix(Enum):
    """How a title can be paid by PIX."""

    NONE = "none"
    DYNAMIC = "dynamic"
    WITH_AMOUNT = "with_amount"


@dataclass(frozen=True)
class TitleSpec:
    """A title of the story.

    Attributes:
        amount: Original amount in reais.
        due: Rule that gives the due date.
        paid_after: Days between due date and payment (negative: paid early); None while open.
        pix: Which PIX code the title carries.
        registered: Whether the bank registered the slip; without it there is no linha digitável.
    """

    amount: Decimal
    due: DueRule
    paid_after: int | None = None
    pix: Pix = Pix.DYNAMIC
    registered: bool = True


@dataclass(frozen=True)
class Address:
    """Where a contract is installed, written in capitals as SGP operators do."""

    street: str
    number: int | None
    district: str
    city: str
    state: str
    postcode: str


@dataclass(frozen=True)
class Pop:
    """Point of presence that serves a contract: the join key of maintenances."""

    pop_id: int
    name: str


@dataclass(frozen=True)
class ContractSpec:
    """A contract of the story.

    Attributes:
        contract_id: `contratoId`.
        plan: Name of the plan.
        pop: Point of presence.
        address: Installation address; None makes it a TV add-on, listed without address and service keys.
        status: Status at the start.
        promises_used: Trust unblocks already used this month.
        titles: Titles in SGP's order.
    """

    contract_id: int
    plan: str
    pop: Pop
    address: Address | None
    status: ContractStatus = ContractStatus.ACTIVE
    promises_used: int = 0
    titles: tuple[TitleSpec, ...] = ()


@dataclass(frozen=True)
class Contact:
    """A registered phone or e-mail, written as a bare string when `kind` is None, else as an object."""

    text: str
    kind: str | None = "Celular Pessoal"


@dataclass(frozen=True)
class Customer:
    """A demo customer.

    Attributes:
        key: Short name by which demos and tests choose the customer.
        client_id: `clienteId`.
        name: Registered name.
        document: Formatted CPF or CNPJ.
        born: Birth date; None for companies.
        whatsapp: E.164 number from which the customer writes, registered or not.
        story: One line in Portuguese for whoever chooses a demo customer.
        phones: Registered phones.
        emails: Registered e-mail addresses.
        contracts: Contracts in SGP's (meaningless) order.
        numbers_as_text: Whether SGP writes this customer's ids and money as strings.
    """

    key: str
    client_id: int
    name: str
    document: str
    born: date | None
    whatsapp: str
    story: str
    phones: tuple[Contact, ...]
    emails: tuple[Contact, ...]
    contracts: tuple[ContractSpec, ...]
    numbers_as_text: bool = False
