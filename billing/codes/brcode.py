"""BR Code: the text behind a PIX QR code ("PIX copia e cola").

Sources: Banco Central do Brasil, "Manual de Padrões para Iniciação do Pix" (fields, GUI, templates 26 to 51)
and EMV QRCPS Merchant-Presented Mode (two-digit ids and lengths, CRC in field 63).
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field
from decimal import Decimal

PIX_GUI = "br.gov.bcb.pix"
MAX_LENGTH = 512

_ACCOUNT_TEMPLATES = tuple(str(number) for number in range(26, 52))
_ADDITIONAL_DATA = "62"
_CRC_TAG = "6304"
_AMOUNT = re.compile(r"\d{1,10}(\.\d{1,2})?", re.ASCII)


class InvalidBrCode(ValueError):
    """The text is not a whole and intact PIX BR Code; the message never holds the code."""


@dataclass(frozen=True)
class BrCode:
    """A checked BR Code.

    Attributes:
        code: The text exactly as it was given; the only form that may be handed to a payer.
        amount: Reais of field 54, or None when the payer's bank gets it from the PSP or the payer chooses.
        txid: Receiver's transaction id (field 62-05); `***` when it has none, None when absent.
        key: PIX key of a static code.
        url: Address of a dynamic code's payload, without scheme.
        merchant_name: Receiver's name (field 59).
    """

    code: str = field(repr=False)
    amount: Decimal | None
    txid: str | None = field(repr=False)
    key: str | None = field(repr=False)
    url: str | None = field(repr=False)
    merchant_name: str | None = field(repr=False)


def parse(code: str) -> BrCode:
    """Checks a BR Code and reads what a customer should be told about it.

    Args:
        code: At most 512 characters, with nothing around them: banks refuse a code with stray spaces.

    Returns:
        The code, unaltered, with its fields.

    Raises:
        InvalidBrCode: Wrong structure, wrong CRC, or not a PIX.
    """
    if not code or len(code) > MAX_LENGTH:
        raise InvalidBrCode("empty or longer than a BR Code may be")
    if code != code.strip() or not code.isprintable():
        raise InvalidBrCode("whitespace around or control characters inside")
    _check_crc(code)
    fields = _fields(code)
    if fields.get("00") != "01":
        raise InvalidBrCode("payload format indicator is missing")
    account = _pix_account(fields)
    additional = _fields(fields[_ADDITIONAL_DATA]) if _ADDITIONAL_DATA in fields else {}
    return BrCode(
        code=code,
        amount=_amount(fields.get("54")),
        txid=additional.get("05"),
        key=account.get("01"),
        url=account.get("25"),
        merchant_name=fields.get("59"),
    )


def crc16(text: str) -> str:
    """CRC-16/CCITT-FALSE (polynomial 0x1021, start 0xFFFF) of the UTF-8 text, as upper-case hex digits."""
    return f"{binascii.crc_hqx(text.encode(), 0xFFFF):04X}"


def _check_crc(code: str) -> None:
    covered, crc = code[:-4], code[-4:]
    if not covered.endswith(_CRC_TAG):
        raise InvalidBrCode("the CRC is not the last field")
    if crc16(covered) != crc.upper():
        raise InvalidBrCode("the CRC does not match")


def _fields(text: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    position = 0
    while position < len(text):
        tag, length = text[position : position + 2], text[position + 2 : position + 4]
        if not re.fullmatch(r"\d{4}", tag + length, re.ASCII):
            raise InvalidBrCode("an id or a length is not two digits")
        start, position = position + 4, position + 4 + int(length)
        if start == position or position > len(text):
            raise InvalidBrCode("a length does not fit the text")
        if tag in fields:
            raise InvalidBrCode("an id is there twice")
        fields[tag] = text[start:position]
    return fields


def _pix_account(fields: dict[str, str]) -> dict[str, str]:
    for tag in _ACCOUNT_TEMPLATES:
        if tag not in fields:
            continue
        account = _fields(fields[tag])
        if account.get("00", "").lower() == PIX_GUI:
            if ("01" in account) == ("25" in account):
                raise InvalidBrCode("a PIX has either a key or an address")
            return account
    raise InvalidBrCode("no PIX account information")


def _amount(text: str | None) -> Decimal | None:
    if text is None:
        return None
    if not _AMOUNT.fullmatch(text):
        raise InvalidBrCode("the amount is not a number of reais")
    # A zero amount means "the payer types it", the same as no amount at all.
    return Decimal(text) or None
