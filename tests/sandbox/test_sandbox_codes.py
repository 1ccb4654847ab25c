"""Every code the sandbox hands out, checked by arithmetic written here from FEBRABAN's and EMV's rules."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest


def read_line(text: str) -> tuple[str, date, Decimal]:
    """Barcode, due date and amount of a linha digitável, or AssertionError."""
    assert re.fullmatch(r"\d{5}\.\d{5} \d{5}\.\d{6} \d{5}\.\d{6} \d \d{14}", text)
    digits = re.sub(r"\D", "", text)
    fields = digits[:10], digits[10:21], digits[21:32]
    for field in fields:
        weights = [2, 1] * 6
        products = [int(digit) * weight for digit, weight in zip(reversed(field[:-1]), weights, strict=False)]
        total = sum(sum(map(int, str(product))) for product in products)
        assert (total + int(field[-1])) % 10 == 0, "modulo 10"
    check, factor, cents = digits[32], digits[33:37], digits[37:]
    barcode = digits[:4] + check + factor + cents + digits[4:9] + digits[10:20] + digits[21:31]
    unchecked = barcode[:4] + barcode[5:]
    weights = [2, 3, 4, 5, 6, 7, 8, 9] * 6
    total = sum(int(digit) * weight for digit, weight in zip(reversed(unchecked), weights, strict=False))
    expected = 11 - total % 11
    assert int(check) == (1 if expected in (0, 10, 11) else expected), "modulo 11"
    # Circular of the restart: factor 1000 is 2025-02-22.
    return barcode, date(2025, 2, 22) + timedelta(days=int(factor) - 1000), Decimal(int(cents)) / 100


def read_br_code(text: str) -> dict[str, str]:
    """Top-level fields of a BR Code with a right CRC16/CCITT-FALSE, or AssertionError."""
    fields, rest = {}, text
    while rest:
        tag, length = rest[:2], int(rest[2:4])
        assert tag not in fields
        assert len(rest) >= 4 + length, "length"
        fields[tag], rest = rest[4 : 4 + length], rest[4 + length :]
    register = 0xFFFF
    for byte in text[:-4].encode():
        register ^= byte << 8
        for _ in range(8):
            register = (register << 1) ^ 0x1021 if register & 0x8000 else register << 1
            register &= 0xFFFF
    assert list(fields)[-1] == "63"
    assert fields["63"] == f"{register:04X}", "crc"
    return fields


GOOD_LINE = "75691.99990 01000.000107 00815.500012 5 16560000009990"
GOOD_PIX = (
    "00020101021226970014br.gov.bcb.pix2575pix.psp-exemplo.example/qr/payload/v2/cobv/"
    "60703d6e28398d799eb1e3cc44d65a0a5204000053039865802BR5921PROVEDOR EXEMPLO LTDA"
    "6014CIDADE EXEMPLO62070503***6304D31A"
)


def test_the_checks_accept_the_reference_codes():
    barcode, due, amount = read_line(GOOD_LINE)
    assert (barcode, due, amount) == (
        "75695165600000099901999901000000100081550001",
        date(2026, 12, 10),
        Decimal("99.90"),
    )
    assert read_br_code(GOOD_PIX)["58"] == "BR"


@pytest.mark.parametrize(
    "line",
    [
        GOOD_LINE.replace("75691.99990", "75691.99991"),
        GOOD_LINE.replace("009990", "009991"),
        GOOD_LINE.replace(" 5 ", " 6 "),
        GOOD_LINE.replace(".", ""),
    ],
)
def test_the_line_check_refuses(line):
    with pytest.raises(AssertionError):
        read_line(line)


@pytest.mark.parametrize("pix", [GOOD_PIX[:-1] + "B", GOOD_PIX.replace("5921", "5922"), GOOD_PIX.upper()])
def test_the_pix_check_refuses(pix):
    with pytest.raises((AssertionError, ValueError)):
        read_br_code(pix)


async def test_listed_codes_carry_the_original_amount_and_due_date(sgp):
    rows = (await sgp.ura("titulos"))["titulos"]
    lines = [row for row in rows if row["linhaDigitavel"]]
    assert len(lines) > 20
    for row in lines:
        barcode, due, amount = read_line(row["linhaDigitavel"])
        assert barcode == row["codigoBarras"]
        assert due.isoformat() == row["dataVencimento"]
        assert amount == Decimal(str(row["valor"]))


async def test_second_copies_carry_todays_amount_and_due_date(sgp):
    customers = await sgp.control("GET", "customers")
    seen = 0
    for contract in [contract for customer in customers for contract in customer["contracts"]]:
        answer = await sgp.ura(
            "fatura2via", contrato=str(contract), nao_gerar_os="1", faturas_abertas_todas="1"
        )
        for link in answer["links"]:
            if link["linhadigitavel"]:
                _, due, amount = read_line(link["linhadigitavel"])
                assert (due.isoformat(), amount) == (link["vencimento"], Decimal(str(link["valor"])))
                seen += 1
            if link["codigopix"]:
                read_br_code(link["codigopix"])
    assert seen > 15


async def test_pix_codes_are_dynamic_without_amount(sgp):
    (row,) = (await sgp.ura("titulos", contrato="7001"))["titulos"]
    fields = read_br_code(row["codigoPix"])
    assert fields["26"].startswith("0014br.gov.bcb.pix25")
    assert (fields["53"], fields["62"]) == ("986", "0503***")
    assert "54" not in fields


async def test_one_customers_pix_carries_original_then_updated_amount(sgp):
    (row,) = (await sgp.ura("titulos", contrato="7018"))["titulos"]
    (link,) = (await sgp.ura("fatura2via", contrato="7018", nao_gerar_os="1"))["links"]
    single = await sgp.ura(f"pagamento/pix/{row['id']}", contrato="7018")
    assert read_br_code(row["codigoPix"])["54"] == f"{row['valor']:.2f}"
    assert read_br_code(link["codigopix"])["54"] == f"{link['valor']:.2f}"
    assert single["pix"] == link["codigopix"]
    assert link["valor"] > row["valor"]
