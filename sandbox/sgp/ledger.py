"""The state of the sandbox: contracts, titles, tickets and maintenances of one running process.

Everything runs on one event loop and no method awaits, so no call ever sees another one half done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sandbox.sgp.charges import charges
from sandbox.sgp.customers import CUSTOMERS
from sandbox.sgp.model import ContractSpec, ContractStatus, Customer, TitleSpec
from sandbox.sgp.places import CENTRE

if TYPE_CHECKING:
    from decimal import Decimal

PROMISE_DAYS = 3
PROMISES_A_MONTH = 1
_PROMISE_STATUSES = (ContractStatus.SUSPENDED, ContractStatus.REDUCED_SPEED)

_BEFORE_ALL = datetime(2000, 1, 1)  # noqa: DTZ001 - SGP keeps naive local time

Clock = Callable[[], datetime]
"""Naive local time of the provider, as SGP itself keeps it."""


@dataclass(frozen=True)
class Contract:
    """A contract as it stands now."""

    spec: ContractSpec
    customer: Customer
    status: ContractStatus
    promises_used: int


@dataclass(frozen=True)
class Title:
    """A title as it stands today.

    Attributes:
        title_id: `id`; `fatura` and `numeroDocumento` are different numbers, as in SGP.
        spec: What the story says of it.
        contract_id: Contract that owes it.
        due: Original due date.
        paid_on: Payment date; None while open.
        paid_amount: Amount paid in reais; None while open.
    """

    title_id: int
    spec: TitleSpec
    contract_id: int
    due: date
    paid_on: date | None
    paid_amount: Decimal | None

    @property
    def invoice(self) -> int:
        """`fatura`, the number inside the links."""
        return self.title_id - 50_000

    @property
    def document_number(self) -> int:
        """`numeroDocumento`."""
        return self.title_id - 30_000


@dataclass(frozen=True)
class Ticket:
    """An ocorrência."""

    ticket_id: int
    protocol: str
    contract_id: int
    type_id: int
    content: str
    opened_at: datetime


@dataclass(frozen=True)
class Maintenance:
    """A planned or running outage.

    Attributes:
        maintenance_id: `id`.
        description: Text for the operator.
        message: Text for customers.
        status: 0 unknown, 1 investigating, 2 identified, 3 watching, 4 solved.
        severity: 0 unknown to 4 total outage.
        starts: Naive local time.
        ends: Naive local time.
        pop_ids: POPs concerned; empty is an unknown scope.
    """

    maintenance_id: int
    description: str
    message: str
    status: int
    severity: int
    starts: datetime
    ends: datetime
    pop_ids: tuple[int, ...]


class PromiseRefusedError(Exception):
    """The trust unblock was refused.

    Attributes:
        quota_used: True when this month's quota is used up, False when it does not apply to the contract.
    """

    def __init__(self, *, quota_used: bool) -> None:
        super().__init__("quota used" if quota_used else "not applicable")
        self.quota_used = quota_used


class Ledger:
    """All state, deterministic from the demo customers and the clock.

    Args:
        clock: Naive local time of the provider.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Puts every story back to its beginning."""
        self._contracts = {
            spec.contract_id: Contract(spec, customer, spec.status, spec.promises_used)
            for customer in CUSTOMERS
            for spec in customer.contracts
        }
        self._tickets: list[Ticket] = []
        self._last_protocol = _BEFORE_ALL
        self._today = self.now().date()
        self._titles = {title.title_id: title for title in self._told_today()}
        self._maintenances = [self._stale_maintenance()]

    def now(self) -> datetime:
        """Naive local time of the provider, to the second."""
        return self._clock().replace(microsecond=0)

    @property
    def today(self) -> date:
        """The provider's date; asking on a new day re-dates the stories and keeps what happened in them."""
        today = self.now().date()
        if today != self._today:
            self._today = today
            for title in self._told_today():
                before = self._titles[title.title_id]
                if title.paid_on is None and before.paid_on is not None:
                    self._titles[title.title_id] = replace(before, due=title.due)
                else:
                    self._titles[title.title_id] = title
        return today

    def contracts(self) -> list[Contract]:
        """All contracts, in each customer's order."""
        return list(self._contracts.values())

    def contract(self, contract_id: int | None) -> Contract | None:
        """The contract of that id, if there is one."""
        return self._contracts.get(contract_id) if contract_id is not None else None

    def titles(self, contract_ids: Iterable[int]) -> list[Title]:
        """Titles of those contracts in any state, oldest due date first."""
        _ = self.today
        wanted = set(contract_ids)
        rows = [title for title in self._titles.values() if title.contract_id in wanted]
        return sorted(rows, key=lambda title: (title.due, title.title_id))

    def title_of_invoice(self, invoice: int) -> Title | None:
        """The title whose `fatura` is that number."""
        _ = self.today
        return next((title for title in self._titles.values() if title.invoice == invoice), None)

    def tickets(self) -> list[Ticket]:
        """Tickets opened since the start, oldest first."""
        return list(self._tickets)

    def maintenances(self) -> list[Maintenance]:
        """Maintenances, the stale one that SGP never removes included."""
        return list(self._maintenances)

    def next_protocol(self) -> str:
        """A protocol number AAMMDDHHMMSS, never given twice."""
        self._last_protocol = max(self.now(), self._last_protocol + timedelta(seconds=1))
        return f"{self._last_protocol:%y%m%d%H%M%S}"

    def open_ticket(self, contract_id: int, *, type_id: int, content: str) -> Ticket:
        """Opens an ocorrência on an existing contract."""
        ticket = Ticket(
            ticket_id=55_001 + len(self._tickets),
            protocol=self.next_protocol(),
            contract_id=contract_id,
            type_id=type_id,
            content=content,
            opened_at=self.now(),
        )
        self._tickets.append(ticket)
        return ticket

    def grant_promise(self, contract_id: int) -> date:
        """Unblocks a contract in trust.

        Returns:
            The day until which payment is promised.

        Raises:
            PromiseRefusedError: The contract is not blocked, or its quota of the month is used.
        """
        contract = self._contracts.get(contract_id)
        if contract is None or contract.status not in _PROMISE_STATUSES:
            raise PromiseRefusedError(quota_used=False)
        if contract.promises_used >= PROMISES_A_MONTH:
            raise PromiseRefusedError(quota_used=True)
        self._contracts[contract_id] = replace(
            contract, status=ContractStatus.ACTIVE, promises_used=contract.promises_used + 1
        )
        return self.today + timedelta(days=PROMISE_DAYS)

    def pay(self, title_id: int) -> None:
        """Settles a title today, at its updated amount; paying twice changes nothing.

        Raises:
            KeyError: There is no such title.
        """
        today = self.today
        title = self._titles[title_id]
        if title.paid_on is not None:
            return
        late = charges(title.spec.amount, title.due, today)
        paid = title.spec.amount + late.fine + late.interest
        self._titles[title_id] = replace(title, paid_on=today, paid_amount=paid)

    def issue(self, contract_id: int, count: int) -> None:
        """Adds open titles to a contract, like its first one, each due a day later than the one before.

        They keep their date on a new day, and end with `reset`.

        Args:
            contract_id: An existing contract with a title.
            count: How many; the first is due tomorrow.

        Raises:
            KeyError: There is no such contract, or it has no title.
        """
        own = [title for title in self._titles.values() if title.contract_id == contract_id]
        if not own:
            raise KeyError(contract_id)
        newest = max(title.title_id for title in own)
        for number in range(1, count + 1):
            due = self.today + timedelta(days=number)
            title = Title(newest + number, own[0].spec, contract_id, due, None, None)
            self._titles[title.title_id] = title

    def set_status(self, contract_id: int, status: ContractStatus) -> None:
        """Puts a contract into a status.

        Raises:
            KeyError: There is no such contract.
        """
        self._contracts[contract_id] = replace(self._contracts[contract_id], status=status)

    def add_maintenance(
        self, *, pop_ids: tuple[int, ...], message: str, status: int, severity: int, hours: float
    ) -> Maintenance:
        """Adds an outage that began an hour ago and ends in `hours` hours."""
        maintenance = Maintenance(
            maintenance_id=303 + len(self._maintenances),
            description="Manutenção criada pelo controle do sandbox",
            message=message,
            status=status,
            severity=severity,
            starts=self.now() - timedelta(hours=1),
            ends=self.now() + timedelta(hours=hours),
            pop_ids=pop_ids,
        )
        self._maintenances.append(maintenance)
        return maintenance

    def _told_today(self) -> Iterable[Title]:
        for contract_id, contract in self._contracts.items():
            for position, spec in enumerate(contract.spec.titles):
                due = spec.due(self._today)
                paid_on, paid_amount = None, None
                if spec.paid_after is not None:
                    paid_on = due + timedelta(days=spec.paid_after)
                    late = charges(spec.amount, due, paid_on)
                    paid_amount = spec.amount + late.fine + late.interest
                title_id = 80_001 + (contract_id - 7_000) * 10 + position
                yield Title(title_id, spec, contract_id, due, paid_on, paid_amount)

    def _stale_maintenance(self) -> Maintenance:
        starts = self.now().replace(hour=8, minute=0, second=0) - timedelta(days=3)
        return Maintenance(
            maintenance_id=303,
            description="Janela já encerrada",
            message="Estamos com uma interrupção na sua região. Previsão de retorno: 12h.",
            status=4,
            severity=4,
            starts=starts,
            ends=starts + timedelta(hours=4),
            pop_ids=(CENTRE.pop_id,),
        )
