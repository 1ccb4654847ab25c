"""What the bot keeps of SGP's answers.

Only what is named here enters the program: SGP's rows also carry portal, PPPoE and Wi-Fi passwords. The reprs
leave out everything personal and everything that can be paid.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal

TitleStatus = Literal["open", "paid", "cancelled"]


class ContractStatus(IntEnum):
    """`contratoStatus`; numbers that SGP may add later are UNKNOWN."""

    UNKNOWN = 0
    ACTIVE = 1
    INACTIVE = 2
    CANCELLED = 3
    SUSPENDED = 4
    INFEASIBLE = 5
    NEW = 6
    REDUCED = 7

    @classmethod
    def _missing_(cls, value: object) -> ContractStatus:  # noqa: ARG003 - the enum module's signature
        return cls.UNKNOWN


class Connection(Enum):
    """Whether the customer's equipment has a session now."""

    ONLINE = "online"
    OFFLINE = "offline"
    UNKNOWN = "unknown"


class UnblockKind(Enum):
    """How SGP answered a trust unblock."""

    GRANTED = "granted"
    QUOTA_USED = "quota_used"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True)
class Contract:
    """One contract of a customer; texts are "" when SGP has none.

    Attributes:
        contract_id: SGP's `contratoId`.
        client_id: SGP's `clienteId`; several contracts may share it.
        document: CPF or CNPJ without punctuation.
        name: Person's or company's name.
        status: From the number, never from the text.
        status_reason: `motivo_status`, for instance "Financeiro".
        plan: Internet plan.
        has_internet: False for the TV and telephony add-ons, which are contracts of their own in SGP.
        street: Street of the installation address.
        number: House number.
        district: Bairro.
        city: City.
        pop_id: Joins the contract with maintenances.
        phones: As typed in SGP.
        emails: As typed in SGP.
        promises_this_month: Trust unblocks already used this month.
        birth_date: None for companies and incomplete records.
        settlement_link: Yearly settlement statement; not a payment link.
    """

    contract_id: str
    client_id: str | None = field(repr=False)
    document: str = field(repr=False)
    name: str = field(repr=False)
    status: ContractStatus
    status_reason: str = field(repr=False)
    plan: str = field(repr=False)
    has_internet: bool = field(repr=False)
    street: str = field(repr=False)
    number: str = field(repr=False)
    district: str = field(repr=False)
    city: str = field(repr=False)
    pop_id: str | None = field(repr=False)
    phones: tuple[str, ...] = field(repr=False)
    emails: tuple[str, ...] = field(repr=False)
    promises_this_month: int = field(repr=False)
    birth_date: date | None = field(repr=False)
    settlement_link: str | None = field(repr=False)


@dataclass(frozen=True)
class Title:
    """A receivable (título) of one contract; money in reais.

    Attributes:
        title_id: Names the title; neither the number in its links nor `document_number`.
        contract_id: Whose it is.
        document_number: `numeroDocumento`, the number printed on the slip.
        status: There is no "overdue" in SGP: the due date tells.
        amount: Face value.
        corrected_amount: With fine and interest as of now, as SGP computes it.
        paid_amount: None while nothing was paid.
        issue_date: When the title was made.
        due_date: Original due date.
        payment_date: When it was paid.
        digitable_line: As SGP formats it; may still carry the face value after the due date.
        pix_code: BR Code exactly as SGP sent it, unchecked.
        link: Slip.
        charge_link: Page with every way to pay this title.
        days_late: Only some versions tell.
    """

    title_id: str
    contract_id: str
    document_number: str | None = field(repr=False)
    status: TitleStatus
    amount: Decimal = field(repr=False)
    corrected_amount: Decimal | None = field(repr=False)
    paid_amount: Decimal | None = field(repr=False)
    issue_date: date | None = field(repr=False)
    due_date: date
    payment_date: date | None = field(repr=False)
    digitable_line: str | None = field(repr=False)
    pix_code: str | None = field(repr=False)
    link: str | None = field(repr=False)
    charge_link: str | None = field(repr=False)
    days_late: int | None = field(repr=False)


@dataclass(frozen=True)
class Titles:
    """A contract's titles.

    Attributes:
        titles: In SGP's order, each once.
        total: How many SGP says there are.
        complete: False when SGP may have more than were read.
    """

    titles: tuple[Title, ...]
    total: int
    complete: bool


@dataclass(frozen=True)
class SecondCopyItem:
    """One open invoice as SGP re-issued it for payment; money in reais.

    Attributes:
        title_id: Absent in older versions.
        invoice_number: `fatura`, the number in the links and of the PIX route.
        amount: Updated amount: original plus interest and fine.
        original_amount: Face value.
        interest: Juros.
        fine: Multa.
        due_date: Of the re-issued slip, may be today; never call it overdue.
        original_due_date: The date to call overdue.
        digitable_line: Of the re-issued slip.
        pix_code: BR Code exactly as SGP sent it, unchecked.
        link: Slip.
        charge_link: Page with every way to pay.
        pix_page: Page that shows the PIX, there even for some invoices without `pix_code`.
    """

    title_id: str | None
    invoice_number: str
    amount: Decimal = field(repr=False)
    original_amount: Decimal | None = field(repr=False)
    interest: Decimal | None = field(repr=False)
    fine: Decimal | None = field(repr=False)
    due_date: date
    original_due_date: date | None = field(repr=False)
    digitable_line: str | None = field(repr=False)
    pix_code: str | None = field(repr=False)
    link: str | None = field(repr=False)
    charge_link: str | None = field(repr=False)
    pix_page: str | None = field(repr=False)


@dataclass(frozen=True)
class UnblockResult:
    """SGP's answer to a trust unblock.

    Attributes:
        kind: Granted, or which refusal.
        days: Granted days, as SGP says.
        until: Promised payment date; older versions leave it out.
        protocol: Number of the promise.
    """

    kind: UnblockKind
    days: int | None = None
    until: date | None = None
    protocol: str | None = None


@dataclass(frozen=True)
class Ticket:
    """A ticket that was opened."""

    protocol: str


@dataclass(frozen=True)
class TicketRow:
    """A ticket (ocorrência) of a contract, without its text.

    Attributes:
        protocol: Its number.
        open: False once it was closed.
        kind: Name of its type, editable by the provider.
        opened_at: Naive local time of the provider.
    """

    protocol: str
    open: bool
    kind: str
    opened_at: datetime | None


@dataclass(frozen=True)
class Maintenance:
    """An outage or planned work; SGP keeps old ones in the list.

    Attributes:
        maintenance_id: SGP's id.
        active: Switched on by the provider; says nothing about the time window.
        status: 0 unknown, 1 investigating, 2 identified, 3 watching, 4 solved.
        severity: 1 operational to 4 total outage.
        start: Naive local time of the provider.
        end: Naive local time of the provider.
        message: What the provider wrote for its customers.
        pops: Ids of the POPs concerned; empty means unknown, not everyone.
    """

    maintenance_id: str
    active: bool
    status: int | None
    severity: int | None
    start: datetime | None
    end: datetime | None
    message: str = field(repr=False)
    pops: tuple[str, ...]
