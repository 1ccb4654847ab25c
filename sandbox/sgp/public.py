"""Pages without authentication (slip, payment and PIX page, statement), guarded by the token in the link."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from aiohttp import web

from sandbox.sgp.bill import Bill, current_bill, link_token
from sandbox.sgp.ledger import Ledger, Title
from sandbox.sgp.params import Params
from sandbox.sgp.pdf import SlipPage, StatementPage, slip_pdf, statement_pdf

PROVIDER = "PROVEDOR EXEMPLO LTDA"

PublicPage = Callable[[Ledger, Params], web.Response]


def slip(ledger: Ledger, params: Params) -> web.Response:
    """The current issue of a title as a PDF."""
    title, bill = _open_link(ledger, params)
    contract = ledger.contract(title.contract_id)
    payable = title.paid_on is None
    notice = "" if payable else "Título pago."
    if payable and bill.codes is None:
        notice = "Boleto em registro no banco: a linha digitável ainda não está disponível."
    page = SlipPage(
        provider=PROVIDER,
        payer=contract.customer.name if contract else "",
        description=f"Mensalidade - documento {title.document_number}",
        due=bill.due if payable else title.due,
        amount=bill.amount if payable else title.spec.amount,
        line=bill.codes.line if bill.codes and payable else "",
        barcode=bill.codes.barcode if bill.codes and payable else "",
        pix=bill.pix,
        notice=notice,
    )
    return web.Response(body=slip_pdf(page), content_type="application/pdf")


def payment_page(ledger: Ledger, params: Params) -> web.Response:
    """All ways to pay a title."""
    title, bill = _open_link(ledger, params)
    line = bill.codes.line if bill.codes and title.paid_on is None else ""
    return _html(f"<h1>Fatura {title.invoice}</h1><p>{escape(line)}</p><p>{escape(bill.pix)}</p>")


def pix_page(ledger: Ledger, params: Params) -> web.Response:
    """The PIX of a title."""
    title, bill = _open_link(ledger, params)
    if not bill.pix:
        raise web.HTTPNotFound
    return _html(f"<h1>PIX da fatura {title.invoice}</h1><p>{escape(bill.pix)}</p>")


def settlement_statement(ledger: Ledger, params: Params) -> web.Response:
    """The yearly settlement statement of a contract as a PDF."""
    contract = ledger.contract(params.number("contract"))
    year = params.number("year") or 0
    if contract is None or year >= ledger.today.year:
        raise web.HTTPNotFound
    page = StatementPage(PROVIDER, contract.customer.name, contract.spec.contract_id, year)
    return web.Response(body=statement_pdf(page), content_type="application/pdf")


PAGES: dict[str, tuple[str, PublicPage]] = {
    "boleto": (r"/boleto/{number:\d+}-{key:\w+}/", slip),
    "cobranca": (r"/public/cobranca/{number:\d+}-{key:\w+}/", payment_page),
    "quitacao": (r"/api/declaracao/quitacao/EXEMPLO{contract:\d+}/{year:\d+}/", settlement_statement),
    "pix_html": (r"/pix/{number:\d+}-{key:\w+}/html/", pix_page),
}
"""Name for faults and log -> path and page."""


def _open_link(ledger: Ledger, params: Params) -> tuple[Title, Bill]:
    invoice = params.number("number") or 0
    title = ledger.title_of_invoice(invoice)
    if title is None or params.text("key") != link_token(invoice):
        raise web.HTTPNotFound
    return title, current_bill(title, ledger.today)


def _html(body: str) -> web.Response:
    head = f'<html lang="pt-BR"><head><title>{PROVIDER}</title></head>'
    return web.Response(text=f"<!DOCTYPE html>\n{head}<body>{body}</body></html>", content_type="text/html")
