"""Dynamic PIX BR Code ("copia e cola"), as Banco Central's BR Code manual and EMV's QR standard define it."""

from __future__ import annotations

from binascii import crc_hqx
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

_MERCHANT = "PROVEDOR EXEMPLO LTDA"
_CITY = "CIDADE EXEMPLO"
_PAYLOAD_HOST = "pix.psp-exemplo.example/qr/payload/v2/cobv"


def br_code(charge: str, amount: Decimal | None = None) -> str:
    """Writes a BR Code.

    Args:
        charge: 32 hexadecimal digits that name the charge at the payment provider.
        amount: Amount in reais for field 54; None leaves the field out, as SGP usually does.

    Returns:
        The code, with valid lengths and CRC16.
    """
    account = _field(0, "br.gov.bcb.pix") + _field(25, f"{_PAYLOAD_HOST}/{charge}")
    body = "".join(
        (
            _field(0, "01"),
            _field(1, "12"),
            _field(26, account),
            _field(52, "0000"),
            _field(53, "986"),
            _field(54, f"{amount:.2f}") if amount is not None else "",
            _field(58, "BR"),
            _field(59, _MERCHANT),
            _field(60, _CITY),
            _field(62, _field(5, "***")),
            "6304",
        )
    )
    return f"{body}{crc_hqx(body.encode(), 0xFFFF):04X}"


def _field(tag: int, value: str) -> str:
    return f"{tag:02d}{len(value):02d}{value}"
