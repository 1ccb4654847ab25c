"""From SGP's JSON objects to the models, by allow-list.

Every function raises `InvalidField` when a row lacks what makes it usable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from billing.sgp import fields
from billing.sgp.fields import InvalidField, Row, as_row, required, tolerant
from billing.sgp.models import (
    Contract,
    ContractStatus,
    Maintenance,
    SecondCopyItem,
    TicketRow,
    Title,
    UnblockKind,
    UnblockResult,
)

if TYPE_CHECKING:
    from billing.sgp.models import TitleStatus

_TITLE_STATUS: dict[str, TitleStatus] = {"aberto": "open", "pago": "paid", "cancelado": "cancelled"}
_TICKET_CLOSED = 1
_PIX_KEYS = ("pix", "codigoPix", "codigopix")
_UNBLOCK_REFUSALS = {0: UnblockKind.NOT_APPLICABLE, 2: UnblockKind.QUOTA_USED}
_UNBLOCK_GRANTED = 1
_MOST_DAYS = 90
"""More than any provider gives in trust; beyond it the number is a fault and is not repeated."""


def contract(value: Any, base_url: str) -> Contract:
    """An item of `consultacliente.contratos`."""
    row = as_row(value, "contratos")
    plan = fields.text(row, "planointernet") or fields.text(row, "servico_plano")
    return Contract(
        contract_id=required(fields.identifier, row, "contratoId"),
        client_id=tolerant(fields.identifier, row, "clienteId"),
        document=required(fields.document, row, "cpfCnpj"),
        name=fields.text(row, "razaoSocial") or "",
        status=ContractStatus(tolerant(fields.integer, row, "contratoStatus") or 0),
        status_reason=fields.text(row, "motivo_status") or "",
        plan=plan or "",
        has_internet=plan is not None or any(key.startswith("servico_") for key in row),
        street=fields.text(row, "endereco_logradouro") or "",
        number=fields.text(row, "endereco_numero") or "",
        district=fields.text(row, "endereco_bairro") or "",
        city=fields.text(row, "endereco_cidade") or "",
        pop_id=tolerant(fields.identifier, row, "popId"),
        phones=fields.contacts(row, "telefones"),
        emails=fields.contacts(row, "emails"),
        promises_this_month=fields.integer(row, "promessasPagamentoMes") or 0,
        birth_date=fields.day(row, "dataNascimento"),
        settlement_link=fields.link(row, "link_quitacao", base_url),
    )


def title(value: Any, base_url: str) -> Title:
    """An item of `titulos.titulos`."""
    row = as_row(value, "titulos")
    status = _TITLE_STATUS.get(required(fields.text, row, "status").lower())
    if status is None:
        raise InvalidField("status")
    return Title(
        title_id=required(fields.identifier, row, "id"),
        contract_id=required(fields.identifier, row, "clienteContrato"),
        document_number=fields.text(row, "numeroDocumento"),
        status=status,
        amount=required(fields.money, row, "valor"),
        corrected_amount=fields.money(row, "valorCorrigido"),
        paid_amount=fields.money(row, "valorPago"),
        issue_date=fields.day(row, "dataEmissao"),
        due_date=required(fields.day, row, "dataVencimento"),
        payment_date=fields.day(row, "dataPagamento"),
        digitable_line=fields.text(row, "linhaDigitavel"),
        pix_code=fields.verbatim(row, "codigoPix"),
        link=fields.link(row, "link", base_url),
        charge_link=fields.link(row, "link_cobranca", base_url),
        days_late=tolerant(fields.integer, row, "diasAtraso"),
    )


def second_copy_item(value: Any, base_url: str) -> SecondCopyItem:
    """An item of `fatura2via.links`; older versions send only the required keys and the link."""
    row = as_row(value, "links")
    return SecondCopyItem(
        title_id=fields.identifier(row, "id"),
        invoice_number=required(fields.identifier, row, "fatura"),
        amount=required(fields.money, row, "valor"),
        original_amount=fields.money(row, "valor_original"),
        interest=fields.money(row, "juros"),
        fine=fields.money(row, "multa"),
        due_date=required(fields.day, row, "vencimento"),
        original_due_date=fields.day(row, "vencimento_original"),
        digitable_line=fields.text(row, "linhadigitavel"),
        pix_code=fields.verbatim(row, "codigopix"),
        link=fields.link(row, "link", base_url),
        charge_link=fields.link(row, "link_cobranca", base_url),
        pix_page=fields.link(row, "link_pix_html", base_url),
    )


def pix_code(row: Row) -> str | None:
    """The BR Code in an answer of `pagamento/pix`, under any of the spellings in use."""
    return next((code for key in _PIX_KEYS if (code := fields.verbatim(row, key))), None)


def unblock_result(row: Row) -> UnblockResult:
    """The answer of `liberacaopromessa`; its `msg` holds the PPPoE login and is never read."""
    status = required(fields.integer, row, "status")
    released = bool(fields.boolean(row, "liberado"))
    if released and status == _UNBLOCK_GRANTED:
        return UnblockResult(
            UnblockKind.GRANTED,
            days=_plausible_days(fields.integer(row, "liberado_dias")),
            until=fields.day(row, "data_promessa"),
            protocol=fields.protocol(row, "protocolo"),
        )
    if released or status not in _UNBLOCK_REFUSALS:
        raise InvalidField("liberado")
    return UnblockResult(_UNBLOCK_REFUSALS[status])


def _plausible_days(days: int | None) -> int | None:
    return days if days is not None and 0 < days <= _MOST_DAYS else None


def ticket_row(value: Any) -> TicketRow:
    """An item of `ocorrencia/list.ocorrencias`."""
    row = as_row(value, "ocorrencias")
    return TicketRow(
        protocol=required(fields.protocol, row, "numero"),
        open=required(fields.integer, row, "status_id") != _TICKET_CLOSED,
        kind=fields.text(row, "tipo") or "",
        opened_at=fields.local_datetime(row, "data_cadastro"),
    )


def maintenance(value: Any) -> Maintenance:
    """An item of `manutencao/list`."""
    row = as_row(value, "manutencoes")
    pops = row.get("pops")
    return Maintenance(
        maintenance_id=required(fields.identifier, row, "id"),
        active=bool(fields.boolean(row, "ativa")),
        status=tolerant(fields.integer, row, "status"),
        severity=tolerant(fields.integer, row, "severidade"),
        start=fields.local_datetime(row, "data_inicial"),
        end=fields.local_datetime(row, "data_final"),
        message=fields.text(row, "mensagem_central") or fields.text(row, "mensagem_ura") or "",
        pops=tuple(
            required(fields.identifier, as_row(pop, "pops"), "id")
            for pop in (pops if isinstance(pops, list) else ())
        ),
    )
