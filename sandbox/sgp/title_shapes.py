"""Titles as `titulos` lists them and as `fatura2via` links them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sandbox.sgp.bill import current_bill, link_token, original_bill
from sandbox.sgp.charges import FINE_PERCENT, INTEREST_PERCENT_PER_DAY, charges
from sandbox.sgp.writing import Json, Writing

if TYPE_CHECKING:
    from sandbox.sgp.ledger import Contract, Title


def slip_url(title: Title, base_url: str) -> str:
    """Public address of the slip."""
    return f"{base_url}/boleto/{title.invoice}-{link_token(title.invoice)}/"


def payment_page_url(title: Title, base_url: str) -> str:
    """Public page with all ways to pay."""
    return f"{base_url}/public/cobranca/{title.invoice}-{link_token(title.invoice)}/"


def title_row(title: Title, contract: Contract, *, today: date, base_url: str) -> Json:
    """Writes one item of `titulos`, whose codes carry the original amount and due date."""
    customer = contract.customer
    write = Writing(as_text=customer.numbers_as_text)
    bill = original_bill(title)
    paid = title.paid_on is not None
    late = charges(title.spec.amount, title.due, title.paid_on or today)
    row = {
        "id": write.number(title.title_id),
        "clienteNome": customer.name,
        "clienteCpfcnpj": customer.document,
        "clienteContrato": write.number(title.contract_id),
        "portador": "BANCO EXEMPLO",
        "numeroDocumento": write.number(title.document_number),
        "nossoNumero": f"{title.title_id:08d}",
        "link": slip_url(title, base_url),
        "link_cobranca": payment_page_url(title, base_url),
        "status": "pago" if paid else "aberto",
        "valor": write.money(title.spec.amount),
        "valorDesconto": write.money(title.spec.amount * 0),
        "valorCorrigido": write.money(title.spec.amount + (late.fine + late.interest if not paid else 0)),
        "valorPago": write.money(title.paid_amount) if title.paid_amount is not None else "",
        "valorPagoParcial": 0,
        "codigoBarras": bill.codes.barcode if bill.codes else "",
        "linhaDigitavel": bill.codes.line if bill.codes else "",
        "codigoPix": bill.pix,
        "dataEmissao": (title.due - timedelta(days=20)).isoformat(),
        "dataVencimento": title.due.isoformat(),
        "dataPagamento": title.paid_on.isoformat() if title.paid_on else "",
        "dataCancelamento": "",
        "demonstrativo": f"Mensalidade - {contract.spec.plan}",
        "acordoPagamento": {"acordados": [], "cobrados": []},
        "formaPagamento": "PIX" if paid else None,
        "usuario_baixa": "retorno" if paid else None,
    }
    if late.days_late and not paid:
        row |= {
            "diasAtraso": late.days_late,
            "valorJuros": write.money(late.interest),
            "valorMulta": write.money(late.fine),
            "jurosDia": float(round(INTEREST_PERCENT_PER_DAY, 4)),
            "multaDia": write.money(FINE_PERCENT),
        }
    return row


def invoice_link(title: Title, contract: Contract, *, today: date, base_url: str) -> Json:
    """Writes one item of `links`, whose codes carry today's amount and due date."""
    write = Writing(as_text=contract.customer.numbers_as_text)
    bill = current_bill(title, today)
    late = charges(title.spec.amount, title.due, today)
    pix_page = f"{base_url}/pix/{title.invoice}-{link_token(title.invoice)}/html/"
    return {
        "id": write.number(title.title_id),
        "fatura": write.number(title.invoice),
        "valor": write.money(bill.amount),
        "valor_original": write.money(title.spec.amount),
        "juros": write.money(late.interest),
        "multa": write.money(late.fine),
        "desconto_vencimento": 0,
        "vencimento": bill.due.isoformat(),
        "vencimento_original": title.due.isoformat(),
        "linhadigitavel": bill.codes.line if bill.codes else "",
        "codigopix": bill.pix,
        "link": slip_url(title, base_url),
        "link_cobranca": payment_page_url(title, base_url),
        "link_pix_html": pix_page if bill.pix else "",
    }


def title_truth(title: Title, contract: Contract, *, today: date) -> Json:
    """Writes a title for tests, which tell by it whose codes a bot delivers; no ERP has this.

    Returns:
        Whose it is, whether it is open, today's amount as text, and the codes of both issues: first the
        current one, then the original one.
    """
    bills = (current_bill(title, today), original_bill(title))
    return {
        "title_id": title.title_id,
        "contract_id": title.contract_id,
        "customer": contract.customer.key,
        "due": title.due.isoformat(),
        "open": title.paid_on is None,
        "amount": f"{bills[0].amount:.2f}",
        "invoice": title.invoice,
        "document_number": title.document_number,
        "pix": [bill.pix for bill in bills],
        "line": [bill.codes.line if bill.codes else "" for bill in bills],
    }
