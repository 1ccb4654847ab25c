"""Which of a customer's contracts a billing question can be about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from billing.plain_text import unlinked
from billing.redaction import redact
from billing.sgp.models import ContractStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from billing.deadline import Deadline
    from billing.sgp.client import SgpClient
    from billing.sgp.models import Contract

NEVER_SERVED = {ContractStatus.INFEASIBLE, ContractStatus.NEW}
MAX_CANCELLED_READS = 3
MAX_LABEL_PART = 60
"""Characters of a plan, a street or a house number: one line on a phone, or two."""
SMALL_WORDS = {"da", "das", "de", "do", "dos", "e"}


@dataclass(frozen=True)
class ContractChoice:
    """A contract as the customer recognises it.

    Attributes:
        contract_id: SGP's number.
        label: Plan and street, as in "FIBRA 500 MEGA, Rua das Amostras, 100".
    """

    contract_id: str
    label: str

    def __repr__(self) -> str:
        return f"ContractChoice({self.contract_id!r})"


def answerable_contracts(
    contracts: Iterable[Contract], sgp: SgpClient, deadline: Deadline
) -> tuple[ContractChoice, ...]:
    """Contracts that can carry a debt: no add-ons, none that was never served.

    A cancelled one counts while it still owes, which only its titles tell.

    Args:
        contracts: All of one customer, in the ERP's order.
        sgp: The ERP, asked once for each cancelled contract (at most three).
        deadline: End of the turn's ERP budget.
    """
    chosen = []
    cancelled_reads = 0
    for contract in contracts:
        if not contract.has_internet or contract.status in NEVER_SERVED:
            continue
        if contract.status == ContractStatus.CANCELLED:
            cancelled_reads += 1
            if (
                cancelled_reads > MAX_CANCELLED_READS
                or not sgp.titles(contract.contract_id, deadline, status="open").titles
            ):
                continue
        chosen.append(ContractChoice(contract.contract_id, _label(contract)))
    return tuple(chosen)


def _label(contract: Contract) -> str:
    parts = (contract.plan, _title_case(contract.street), contract.number)
    shown = [part for part in (redact(unlinked(part, MAX_LABEL_PART)) for part in parts) if part]
    return ", ".join(shown) or f"contrato {contract.contract_id}"


def _title_case(text: str) -> str:
    """SGP writes in capitals; "RUA DAS FLORES" reads better as "Rua das Flores"."""
    words = text.lower().split()
    return " ".join(word if word in SMALL_WORDS else word.capitalize() for word in words)
