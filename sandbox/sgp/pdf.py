"""Papers as PDFs: the slip with selectable linha digitável, barcode and PIX QR code, and the statement."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.common import I2of5
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

_LEFT = 20 * mm
_QR_SIZE = 45 * mm
# Makes the 44 digits 103 mm wide, as FEBRABAN wants them.
_NARROW_BAR = 0.29 * mm


@dataclass(frozen=True)
class SlipPage:
    """What the slip shows.

    Attributes:
        provider: Name of the beneficiary.
        payer: Name of the customer.
        description: What is charged.
        due: Due date of this issue.
        amount: Amount of this issue in reais.
        line: Linha digitável; empty while not registered or already paid.
        barcode: 44 digits, empty likewise.
        pix: BR Code; empty when the title has no PIX.
        notice: A line above the codes; empty for none.
    """

    provider: str
    payer: str
    description: str
    due: date
    amount: Decimal
    line: str
    barcode: str
    pix: str
    notice: str


@lru_cache(maxsize=256)
def slip_pdf(page: SlipPage) -> bytes:
    """Draws the slip; the same slip gives the same bytes."""
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1)
    canvas.setTitle("Boleto")
    _text(canvas, 270, 16, page.provider)
    _text(canvas, 260, 10, "Documento de demonstração: não pague.")
    _text(canvas, 245, 11, f"Pagador: {page.payer}")
    _text(canvas, 238, 11, page.description)
    _text(canvas, 231, 11, f"Vencimento: {page.due:%d/%m/%Y}")
    _text(canvas, 224, 11, f"Valor: {_reais(page.amount)}")
    if page.notice:
        _text(canvas, 214, 11, page.notice)
    if page.line:
        _text(canvas, 200, 13, page.line)
    if page.barcode:
        bars = I2of5(page.barcode, checksum=0, bearers=0, barWidth=_NARROW_BAR, barHeight=13 * mm, ratio=2.5)
        # The symbol keeps its own quiet zone, so it starts left of the text to line up with it.
        bars.drawOn(canvas, _LEFT - bars.lquiet, 182 * mm)
    if page.pix:
        _text(canvas, 168, 11, "Pague com PIX:")
        _draw_qr(canvas, page.pix)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


@dataclass(frozen=True)
class StatementPage:
    """What the yearly settlement statement shows.

    Attributes:
        provider: Name of the creditor.
        customer: Name of the debtor.
        contract_id: Number of the contract.
        year: The year that was settled.
    """

    provider: str
    customer: str
    contract_id: int
    year: int


def statement_pdf(page: StatementPage) -> bytes:
    """Draws the settlement statement of Lei 12.007/2009."""
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1)
    canvas.setTitle("Declaração de quitação anual")
    _text(canvas, 270, 16, page.provider)
    _text(canvas, 260, 10, "Documento de demonstração.")
    _text(canvas, 245, 13, f"Declaração de quitação anual de débitos de {page.year}")
    _text(canvas, 236, 11, f"Cliente: {page.customer}")
    _text(canvas, 229, 11, f"Contrato: {page.contract_id}")
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _text(canvas: Canvas, height_mm: float, size: float, text: str) -> None:
    canvas.setFont("Helvetica", size)
    canvas.drawString(_LEFT, height_mm * mm, text)


def _draw_qr(canvas: Canvas, pix: str) -> None:
    widget = QrCodeWidget(pix, barLevel="M", barWidth=_QR_SIZE, barHeight=_QR_SIZE)
    drawing = Drawing(_QR_SIZE, _QR_SIZE)
    drawing.add(widget)
    renderPDF.draw(drawing, canvas, _LEFT, 118 * mm)


def _reais(amount: Decimal) -> str:
    return "R$ " + f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))
