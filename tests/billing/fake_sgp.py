"""Stand-ins for `SgpClient` and `SlipFetcher` that answer from memory; and the rows they give."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from stdnum import luhn

from billing.codes.brcode import crc16
from billing.sgp.models import (
    Connection,
    Contract,
    ContractStatus,
    SecondCopyItem,
    Ticket,
    TicketRow,
    Title,
    Titles,
    UnblockKind,
    UnblockResult,
)
from billing.slips import SlipFetcher

ORIGIN = "https://provedor.sgp.example"


@dataclass
class FakeSgp:
    """Set the attributes to what SGP shall answer; `failing` maps a method's name to what it raises."""

    customers: dict[str, tuple[Contract, ...]] = field(default_factory=dict)
    titles_of: dict[str, tuple[Title, ...]] = field(default_factory=lambda: defaultdict(tuple))
    complete: bool = True
    copies: tuple[SecondCopyItem, ...] = ()
    pix_code: str | None = None
    connected: Connection = Connection.UNKNOWN
    outages: tuple[Any, ...] = ()
    unblock: UnblockResult = field(default_factory=lambda: UnblockResult(UnblockKind.NOT_APPLICABLE))
    opened: list[TicketRow] = field(default_factory=list)
    opening_time: datetime = datetime(2026, 11, 23, 10, 30)  # noqa: DTZ001 - SGP's times are naive
    failing: dict[str, Exception] = field(default_factory=dict)
    calls: list[tuple[str, ...]] = field(default_factory=list)

    def find_contracts(self, document, deadline):
        self._called("find_contracts", document, deadline)
        return self.customers.get(document, ())

    def contract(self, contract_id, deadline):
        self._called("contract", contract_id, deadline)
        return next(c for own in self.customers.values() for c in own if c.contract_id == contract_id)

    def titles(self, contract_id, deadline, status=None):
        self._called("titles", contract_id, deadline)
        rows = tuple(row for row in self.titles_of[contract_id] if status in {None, row.status})
        return Titles(rows, len(rows), self.complete)

    def second_copy(self, contract_id, deadline):
        self._called("second_copy", contract_id, deadline)
        return self.copies

    def pix(self, contract_id, invoice_number, deadline):
        self._called("pix", contract_id, deadline, invoice_number)
        return self.pix_code

    def connection(self, contract_id, deadline):
        self._called("connection", contract_id, deadline)
        return self.connected

    def maintenances(self, deadline):
        self._called("maintenances", "", deadline)
        return self.outages

    def trust_unblock(self, contract_id, deadline):
        self._called("trust_unblock", contract_id, deadline)
        return self.unblock

    def open_ticket(self, contract_id, text, deadline, kind):
        self._called("open_ticket", contract_id, deadline, text, str(kind))
        protocol = f"24112200000{1 + len(self.opened)}"
        self.opened.append(TicketRow(protocol, open=True, kind="Outros", opened_at=self.opening_time))
        return Ticket(protocol)

    def email_slip(self, contract_id, document_number, deadline):
        self._called("email_slip", contract_id, deadline, document_number)

    def tickets(self, contract_id, deadline):
        self._called("tickets", contract_id, deadline)
        return tuple(self.opened)

    def names(self):
        """Methods called so far, in order."""
        return [call[0] for call in self.calls]

    def _called(self, name, subject, deadline, *more):
        assert deadline.remaining() >= 0
        self.calls.append((name, subject, *more))
        if name in self.failing:
            raise self.failing[name]


@dataclass
class FakeSlips:
    """A stand-in for `SlipFetcher`: each link gives a file of its own, or what `failing` says."""

    hosts: tuple[str, ...] = ()
    failing: dict[str, Exception] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)

    def allows(self, link):
        return SlipFetcher(ORIGIN, self.hosts).allows(link)

    def fetch(self, link, deadline):
        assert deadline.remaining() >= 0
        self.fetched.append(link)
        if link in self.failing:
            raise self.failing[link]
        return slip_of(link)


def slip_of(link):
    """The file behind a link."""
    return f"%PDF-1.7 {link} %%EOF".encode()


def contract(contract_id="101", **changes):
    """An active fibre contract of Maria, whose registered phone is (11) 98765-4321."""
    row = {
        "contract_id": contract_id,
        "client_id": "7",
        "document": "52998224725",
        "name": "MARIA DA SILVA",
        "status": ContractStatus.ACTIVE,
        "status_reason": "",
        "plan": "FIBRA 500",
        "has_internet": True,
        "street": "RUA DAS FLORES",
        "number": "10",
        "district": "CENTRO",
        "city": "SÃO PAULO",
        "pop_id": "3",
        "phones": ("(11) 98765-4321",),
        "emails": (),
        "promises_this_month": 0,
        "birth_date": None,
        "settlement_link": None,
    }
    return Contract(**row | changes)


def title(title_id="9001", due="2026-11-25", amount="99.90", **changes):
    """An open title without any code."""
    row = {
        "title_id": title_id,
        "contract_id": "101",
        "document_number": None,
        "status": "open",
        "amount": Decimal(amount),
        "corrected_amount": None,
        "paid_amount": None,
        "issue_date": None,
        "due_date": date.fromisoformat(due),
        "payment_date": None,
        "digitable_line": None,
        "pix_code": None,
        "link": None,
        "charge_link": None,
        "days_late": None,
    }
    return Title(**row | changes)


def complete_title(title_id="9001", due="2026-11-25", amount="99.90", **changes):
    """An open title with every code, all with the title's amount."""
    codes = {
        "digitable_line": digitable_line(amount),
        "pix_code": br_code(amount),
        "link": f"{ORIGIN}/boleto/{title_id}-EXEMPLO/",
    }
    return title(title_id, due, amount, **codes | changes)


def second_copy(title_id="9001", original_due="2026-11-10", amount="102.33", original="99.90", **changes):
    """A re-issued slip with every code, all with the updated amount."""
    row = {
        "title_id": title_id,
        "invoice_number": "77",
        "amount": Decimal(amount),
        "original_amount": Decimal(original),
        "interest": None,
        "fine": None,
        "due_date": date(2026, 11, 23),
        "original_due_date": date.fromisoformat(original_due),
        "digitable_line": digitable_line(amount),
        "pix_code": br_code(amount),
        "link": f"{ORIGIN}/boleto/77-EXEMPLO/",
        "charge_link": None,
        "pix_page": None,
    }
    return SecondCopyItem(**row | changes)


def br_code(amount=None, url="pix.exemplo.com.br/qr/v2/123"):
    """A dynamic PIX code; an amount goes into field 54."""
    account = _field("00", "br.gov.bcb.pix") + _field("25", url)
    fields = [
        ("00", "01"),
        ("26", account),
        ("52", "0000"),
        ("53", "986"),
        ("54", amount and str(amount)),
        ("58", "BR"),
    ]
    fields += [("59", "PROVEDOR"), ("60", "SAO PAULO"), ("62", _field("05", "***"))]
    text = "".join(_field(tag, value) for tag, value in fields if value) + "6304"
    return text + crc16(text)


def _field(tag, value):
    return f"{tag}{len(value):02}{value}"


def digitable_line(amount, factor="1656", bank="7569", free="1999901000000100081550001"):
    """A bank slip's line with the amount, by FEBRABAN's description."""
    tail = f"{factor}{int(Decimal(amount) * 100):010}"
    weights = [2, 3, 4, 5, 6, 7, 8, 9] * 6
    total = sum(int(d) * w for d, w in zip(reversed(bank + tail + free), weights, strict=False))
    check = 11 - total % 11
    check = 1 if check in {0, 10, 11} else check
    first, second, third = (
        part + luhn.calc_check_digit(part) for part in (bank + free[:5], free[5:15], free[15:])
    )
    return f"{first[:5]}.{first[5:]} {second[:5]}.{second[5:]} {third[:5]}.{third[5:]} {check} {tail}"
