"""The yearly settlement statement (declaração anual de quitação de débitos), as SGP issues it.

Brazilian law (Lei 12.007/2009) has providers give it to their customers; SGP keeps one link to it in each
contract.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from billing.slips import NotASlip, SlipError, SlipForbidden

if TYPE_CHECKING:
    from billing.deadline import Deadline
    from billing.sgp.client import SgpClient
    from billing.slips import SlipFetcher

logger = logging.getLogger(__name__)

_YEAR_AT_END = re.compile(r"/(20\d\d)/?$", re.ASCII)


class StatementState(str, Enum):
    """The values are what the dialogue branches on."""

    AVAILABLE = "available"
    NOT_AVAILABLE = "not_available"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class Statement:
    """The statement, or why there is none.

    Attributes:
        state: AVAILABLE with a file; NOT_AVAILABLE when SGP has none that can be sent; UNAVAILABLE when it
            could not be fetched now.
        year: The year it is about, if the link tells.
        content: The PDF.
    """

    state: StatementState
    year: int | None = None
    content: bytes | None = field(default=None, repr=False)

    @property
    def filename(self) -> str:
        """Name under which the file is sent."""
        return f"quitacao-{self.year}.pdf" if self.year else "quitacao.pdf"


def settlement_statement(
    sgp: SgpClient, files: SlipFetcher, contract_id: str, deadline: Deadline
) -> Statement:
    """Fetch the statement of a contract.

    Args:
        sgp: The ERP.
        files: Fetches what stands behind the ERP's links.
        contract_id: A contract of the verified customer.
        deadline: End of the turn's ERP budget.

    Raises:
        billing.sgp.errors.SgpError: When the ERP could not be asked.
    """
    link = sgp.contract(contract_id, deadline).settlement_link
    if link is None:
        return Statement(StatementState.NOT_AVAILABLE)
    year = _YEAR_AT_END.search(link)
    try:
        content = files.fetch(link, deadline)
    except SlipError as error:
        logger.warning("settlement statement: %s", error)
        final = isinstance(error, (SlipForbidden, NotASlip))
        return Statement(StatementState.NOT_AVAILABLE if final else StatementState.UNAVAILABLE)
    return Statement(StatementState.AVAILABLE, int(year[1]) if year else None, content)
