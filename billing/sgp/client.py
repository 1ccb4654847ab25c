"""The calls that the bot makes to SGP, each giving a model or one of the errors in errors.py."""

from __future__ import annotations

import random
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from billing.sgp import fields, rows
from billing.sgp.breaker import CircuitBreaker
from billing.sgp.errors import (
    SgpMisconfigured,
    SgpNotCalled,
    SgpOutage,
    SgpRequestRejected,
    SgpUnexpectedShape,
    SgpWriteOutcomeUnknown,
)
from billing.sgp.fields import InvalidField, Row, as_row, bare_document, required
from billing.sgp.limiter import LocalPace, RateLimiter
from billing.sgp.models import Connection, Ticket, Titles
from billing.sgp.pace import Pace
from billing.sgp.retries import Retries
from billing.sgp.shared_pace import SharedPace, connect
from billing.sgp.transport import Transport, pooled_session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import requests

    from billing.deadline import Deadline
    from billing.settings import Settings
    from billing.sgp.limiter import PaceKeeper
    from billing.sgp.models import (
        Contract,
        Maintenance,
        SecondCopyItem,
        TicketRow,
        Title,
        TitleStatus,
        UnblockResult,
    )

CONTRACTS = "/api/ura/consultacliente/"
TITLES = "/api/ura/titulos/"
SECOND_COPY = "/api/ura/fatura2via/"
PIX = "/api/ura/pagamento/pix/"
CONNECTION = "/api/ura/verificaacesso/"
TRUST_UNBLOCK = "/api/ura/liberacaopromessa/"
OPEN_TICKET = "/api/ura/chamado/"
TICKETS = "/api/ura/ocorrencia/list/"
MAINTENANCES = "/api/ura/manutencao/list/"
EMAIL_SLIP = "/api/ura/enviafatura/"

PAGE_SIZE = 250
"""The most that SGP gives at once."""

MAX_PAGES = 4

TICKET_KIND_OTHER = 5
"""`ocorrenciatipo` "Outros" of a fresh installation."""

_TITLE_FILTER = {"open": "abertos", "paid": "pagos", "cancelled": "cancelados"}
_CONNECTIONS = {1: Connection.ONLINE, 2: Connection.OFFLINE}
_REFUSED = {0, 2}
_ACCEPTED = 1

T = TypeVar("T")


class SgpClient:
    """SGP over HTTP, shared by all threads of a process.

    Reads are tried up to three times within their deadline. Writes (`trust_unblock`, `open_ticket`,
    `email_slip`) are sent once: SGP has no idempotency key.

    Args:
        base_url: `https://host`, without a trailing slash.
        token: API token.
        app: Name registered with the token, case-sensitive.
        session: Tests give one with their own adapter; else a pooled one is made.
        limiter: Shared with other processes; else this client has one of its own.
        sleep: Waits between tries, in seconds.
        clock: Monotonic clock in seconds, the one the deadlines use.
        rand: Uniform number in [0, 1), spreads the waits.
        connect_timeout: Seconds.
        read_timeout: Seconds for one whole answer.
        pool_size: Connections kept open.
    """

    def __init__(
        self,
        base_url: str,
        token: str,
        app: str,
        *,
        session: requests.Session | None = None,
        limiter: RateLimiter | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        rand: Callable[[], float] = random.random,
        connect_timeout: float = 3.05,
        read_timeout: float = 8.0,
        pool_size: int = 64,
    ) -> None:
        self._base_url = base_url
        self._retries = Retries(sleep, rand)
        self._transport = Transport(
            base_url,
            token,
            app,
            session=session or pooled_session(pool_size),
            limiter=limiter or RateLimiter(LocalPace(Pace(), clock), sleep),
            breaker=CircuitBreaker(clock),
            clock=clock,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
        )

    @classmethod
    def from_settings(cls, settings: Settings, *, pool_size: int = 64) -> SgpClient:
        """A client that is polite together with all other processes of the deployment.

        Args:
            settings: The process's settings.
            pool_size: Connections kept open.
        """
        return cls(
            settings.sgp_url,
            settings.sgp_token.get_secret_value(),
            settings.sgp_app,
            limiter=RateLimiter(_pace_keeper(settings)),
            pool_size=pool_size,
        )

    def find_contracts(self, document: str, deadline: Deadline) -> tuple[Contract, ...]:
        """Every contract of a CPF or CNPJ, add-ons and cancelled ones included; empty when SGP knows none.

        Raises:
            SgpError: See errors.py.
        """
        asked = bare_document(document)
        found = self._contracts({"cpfcnpj": asked}, deadline)
        if any(contract.document != asked for contract in found):
            raise SgpUnexpectedShape(CONTRACTS, "a contract of another document")
        return found

    def contract(self, contract_id: str, deadline: Deadline) -> Contract:
        """One contract that SGP named before.

        Raises:
            SgpUnexpectedShape: SGP does not know it any more.
            SgpError: See errors.py.
        """
        found = self._contracts({"contrato": contract_id}, deadline)
        if not found or any(contract.contract_id != contract_id for contract in found):
            raise SgpUnexpectedShape(CONTRACTS, "not the contract that was asked for")
        return found[0]

    def titles(self, contract_id: str, deadline: Deadline, status: TitleStatus | None = None) -> Titles:
        """The titles of a contract, at most a thousand.

        Args:
            contract_id: SGP's contract id.
            deadline: End of the turn's time; it covers all pages.
            status: Only these; None for all.

        Raises:
            SgpError: See errors.py.
        """
        titles: dict[str, Title] = {}
        for _ in range(MAX_PAGES):
            page, total = self._titles_page(contract_id, status, len(titles), deadline)
            fresh = {title.title_id: title for title in page if title.title_id not in titles}
            titles.update(fresh)
            if not fresh or len(titles) >= total:
                break
        wanted = tuple(title for title in titles.values() if status in {None, title.status})
        return Titles(wanted, total=total, complete=len(titles) >= total)

    def second_copy(self, contract_id: str, deadline: Deadline) -> tuple[SecondCopyItem, ...]:
        """Every open invoice with payment codes for today; empty when nothing is open.

        SGP may re-issue overdue slips on this call: only for a customer who asked to pay. Opens no ticket.

        Raises:
            SgpError: See errors.py.
        """
        form = {"contrato": contract_id, "faturas_abertas_todas": "1", "nao_gerar_os": "1"}
        answer = self._read(lambda: self._transport.post(SECOND_COPY, form, deadline), deadline)
        with _shape_of(SECOND_COPY):
            row = as_row(answer, "answer")
            _require_contract(row, contract_id)
            if "links" not in row and fields.integer(row, "status") in _REFUSED:
                raise SgpRequestRejected(SECOND_COPY, "SGP refused this contract")
            return tuple(rows.second_copy_item(item, self._base_url) for item in _list(row, "links"))

    def pix(self, contract_id: str, invoice_number: str, deadline: Deadline) -> str | None:
        """The BR Code of one invoice, unchecked; None when SGP has no PIX for it.

        Args:
            contract_id: SGP's contract id.
            invoice_number: `SecondCopyItem.invoice_number`.
            deadline: End of the turn's time.

        Raises:
            SgpError: See errors.py.
        """
        if not (invoice_number.isascii() and invoice_number.isdigit()):
            raise SgpRequestRejected(PIX, "the invoice number is not a number, not called")
        form = {"contrato": contract_id}
        answer = self._read(
            lambda: self._transport.post(PIX, form, deadline, suffix=invoice_number), deadline
        )
        with _shape_of(PIX):
            row = as_row(answer, "answer")
            code = rows.pix_code(row)
            if code is None and fields.integer(row, "status") not in _REFUSED:
                raise InvalidField("pix")
            return code

    def connection(self, contract_id: str, deadline: Deadline) -> Connection:
        """Whether the contract's equipment is connected now; says nothing about debt.

        Raises:
            SgpError: See errors.py.
        """
        form = {"contrato": contract_id}
        answer = self._read(lambda: self._transport.post(CONNECTION, form, deadline), deadline)
        with _shape_of(CONNECTION):
            row = as_row(answer, "answer")
            _require_contract(row, contract_id)
            return _CONNECTIONS.get(required(fields.integer, row, "status"), Connection.UNKNOWN)

    def trust_unblock(self, contract_id: str, deadline: Deadline) -> UnblockResult:
        """Asks SGP to unblock a contract in trust, as long as the provider's rule says. A WRITE, sent once.

        Raises:
            SgpWriteOutcomeUnknown: It may have happened.
            SgpError: It did not happen; see errors.py.
        """

        def result(answer: Any) -> UnblockResult:
            row = as_row(answer, "answer")
            _require_contract(row, contract_id)
            return rows.unblock_result(row)

        return self._write(TRUST_UNBLOCK, {"contrato": contract_id}, deadline, result)

    def open_ticket(
        self, contract_id: str, text: str, deadline: Deadline, kind: int = TICKET_KIND_OTHER
    ) -> Ticket:
        """Opens a ticket for the provider's staff. A WRITE, sent once.

        Args:
            contract_id: SGP's contract id.
            text: What the staff reads.
            deadline: End of the turn's time.
            kind: `ocorrenciatipo`, editable per provider.

        Raises:
            SgpWriteOutcomeUnknown: It may have been opened.
            SgpError: It was not opened; see errors.py.
        """

        def result(answer: Any) -> Ticket:
            row = as_row(answer, "answer")
            _require_contract(row, contract_id)
            protocol = fields.protocol(row, "protocolo")
            if protocol is None and fields.integer(row, "status") in _REFUSED:
                raise SgpRequestRejected(OPEN_TICKET, "SGP refused the ticket")
            return Ticket(required(fields.protocol, row, "protocolo"))

        form = {"contrato": contract_id, "conteudo": text, "conteudolimpo": "1", "ocorrenciatipo": str(kind)}
        return self._write(OPEN_TICKET, form, deadline, result)

    def email_slip(self, contract_id: str, document_number: str, deadline: Deadline) -> None:
        """Has SGP send a slip to the address that it has for the customer. A WRITE, sent once.

        Args:
            contract_id: SGP's contract id.
            document_number: `Title.document_number`.
            deadline: End of the turn's time.

        Raises:
            SgpWriteOutcomeUnknown: It may have been sent.
            SgpError: It was not sent; see errors.py.
        """

        def result(answer: Any) -> None:
            row = as_row(answer, "answer")
            _require_contract(row, contract_id)
            status = required(fields.integer, row, "status")
            if status in _REFUSED:
                raise SgpRequestRejected(EMAIL_SLIP, "SGP refused to send the slip")
            if status != _ACCEPTED:
                raise InvalidField("status")

        # Without `email` SGP takes the registered address: the chat must not be able to name another.
        form = {"contrato": contract_id, "tipo": "email", "numero_documento": document_number}
        self._write(EMAIL_SLIP, form, deadline, result)

    def tickets(self, contract_id: str, deadline: Deadline) -> tuple[TicketRow, ...]:
        """The contract's tickets, open and closed.

        Raises:
            SgpError: See errors.py.
        """
        form = {"contrato": contract_id}
        answer = self._read(lambda: self._transport.post(TICKETS, form, deadline), deadline)
        with _shape_of(TICKETS):
            items = _list(as_row(answer, "answer"), "ocorrencias")
            for item in items:
                if fields.identifier(as_row(item, "ocorrencias"), "contrato") != contract_id:
                    raise InvalidField("contrato")
            return tuple(rows.ticket_row(item) for item in items)

    def maintenances(self, deadline: Deadline) -> tuple[Maintenance, ...]:
        """Every outage and planned work that SGP lists, old ones included.

        Raises:
            SgpError: See errors.py.
        """
        answer = self._read(lambda: self._transport.get(MAINTENANCES, deadline), deadline)
        with _shape_of(MAINTENANCES):
            items = answer if isinstance(answer, list) else _list(as_row(answer, "answer"), "manutencoes")
            return tuple(rows.maintenance(item) for item in items)

    def _contracts(self, key: dict[str, str], deadline: Deadline) -> tuple[Contract, ...]:
        answer = self._read(lambda: self._transport.post(CONTRACTS, key, deadline), deadline)
        with _shape_of(CONTRACTS):
            return tuple(
                rows.contract(item, self._base_url) for item in _list(as_row(answer, "answer"), "contratos")
            )

    def _titles_page(
        self, contract_id: str, status: TitleStatus | None, offset: int, deadline: Deadline
    ) -> tuple[tuple[Title, ...], int]:
        form = {"contrato": contract_id, "offset": str(offset), "limit": str(PAGE_SIZE)}
        if status:
            form["status"] = _TITLE_FILTER[status]
        answer = self._read(lambda: self._transport.post(TITLES, form, deadline), deadline)
        with _shape_of(TITLES):
            row = as_row(answer, "answer")
            titles = tuple(rows.title(item, self._base_url) for item in _list(row, "titulos"))
            if any(title.contract_id != contract_id for title in titles):
                raise SgpUnexpectedShape(TITLES, "a title of another contract")
            return titles, required(fields.integer, as_row(row.get("paginacao"), "paginacao"), "total")

    def _read(self, call: Callable[[], T], deadline: Deadline) -> T:
        return self._retries.run(call, deadline)

    def _write(
        self, endpoint: str, form: dict[str, str], deadline: Deadline, result: Callable[[Any], T]
    ) -> T:
        try:
            answer = self._transport.post(endpoint, form, deadline)
            with _shape_of(endpoint):
                return result(answer)
        except SgpNotCalled:
            raise
        # An answer that can't be read is no refusal: SGP may have done what it was asked.
        except (SgpOutage, SgpMisconfigured, SgpUnexpectedShape) as cause:
            raise SgpWriteOutcomeUnknown(cause) from cause


def _pace_keeper(settings: Settings) -> PaceKeeper:
    pace = Pace(max_rate=settings.sgp_max_rate)
    redis_url = settings.redis_url.get_secret_value()
    if not redis_url:
        return LocalPace(pace)
    return SharedPace(connect(redis_url), urlsplit(settings.sgp_url).netloc, pace)


@contextmanager
def _shape_of(endpoint: str) -> Iterator[None]:
    try:
        yield
    except InvalidField as error:
        unexpected = SgpUnexpectedShape(endpoint, f"missing, nonsense or another customer's: {error.key}")
    else:
        return
    raise unexpected


def _list(row: Row, key: str) -> list[Any]:
    value = row.get(key)
    if not isinstance(value, list):
        raise InvalidField(key)
    return value


def _require_contract(row: Row, contract_id: str) -> None:
    # Older versions leave the contract out of single answers; there it can't be checked.
    if fields.identifier(row, "contratoId") not in {None, contract_id}:
        raise InvalidField("contratoId")
