"""The public pages: the slip as a real PDF, and the pages that a wrong token does not open."""

from __future__ import annotations

import io
import re
from itertools import pairwise

import numpy as np
import pytest
import zxingcpp
from pypdf import PdfReader


async def second_copy(sgp, contract):
    return (await sgp.ura("fatura2via", contrato=contract, nao_gerar_os="1"))["links"][0]


async def slip_page(sgp, url):
    async with sgp.request("GET", url) as answer:
        assert (answer.status, answer.content_type) == (200, "application/pdf")
        (page,) = PdfReader(io.BytesIO(await answer.read())).pages
        return page


async def test_the_slip_says_what_the_second_copy_says(sgp):
    link = await second_copy(sgp, "7012")
    text = (await slip_page(sgp, link["link"])).extract_text()
    for expected in (
        "PROVEDOR EXEMPLO LTDA",
        "Pagador: EMPRESA MODELO LTDA",
        "Vencimento: 23/11/2026",
        "Valor: R$ 1.435,37",
        link["linhadigitavel"],
        "Pague com PIX",
    ):
        assert expected in text
    assert link["valor"] == 1435.37


def codes_drawn(page):
    """What a scanner reads from the black rectangles of the page."""
    dots_per_point = 4
    image = np.full((842 * dots_per_point, 596 * dots_per_point), 255, np.uint8)
    operations = page.get_contents().operations
    origins = [(0.0, 0.0)]
    for (operands, operator), (_, then) in pairwise(operations):
        if operator == b"q":
            origins.append(origins[-1])
        elif operator == b"Q":
            origins.pop()
        elif operator == b"cm":
            origins[-1] = (origins[-1][0] + float(operands[4]), origins[-1][1] + float(operands[5]))
        elif operator == b"re" and then in (b"f", b"f*"):
            left, bottom, width, height = (float(operand) for operand in operands)
            left, bottom = left + origins[-1][0], bottom + origins[-1][1]
            x = [round(edge * dots_per_point) for edge in (left, left + width)]
            y = [round((842 - edge) * dots_per_point) for edge in (bottom + height, bottom)]
            image[y[0] : y[1], x[0] : x[1]] = 0
    return {str(found.format): found.text for found in zxingcpp.read_barcodes(image)}


@pytest.mark.parametrize("contract", ["7001", "7010", "7015", "7018", "7019"])
async def test_a_scanner_reads_the_codes_of_the_second_copy(sgp, contract):
    link = await second_copy(sgp, contract)
    page = await slip_page(sgp, link["link"])
    line = re.sub(r"\D", "", link["linhadigitavel"])
    expected = {}
    if line:
        expected["ITF"] = line[:4] + line[32:] + line[4:9] + line[10:20] + line[21:31]
    if link["codigopix"]:
        expected["QR Code"] = link["codigopix"]
    assert codes_drawn(page) == expected
    assert ("Pague com PIX" in page.extract_text()) is bool(link["codigopix"])


async def test_a_paid_title_has_no_codes_to_pay_again(sgp):
    link = await second_copy(sgp, "7001")
    await sgp.control("POST", "pay", {"title_id": link["id"]})
    text = (await slip_page(sgp, link["link"])).extract_text()
    assert "Título pago." in text
    assert link["linhadigitavel"] not in text


@pytest.mark.parametrize("name", ["link_cobranca", "link_pix_html"])
async def test_payment_pages_show_the_pix(sgp, name):
    link = await second_copy(sgp, "7001")
    async with sgp.request("GET", link[name]) as answer:
        assert (answer.status, answer.content_type) == (200, "text/html")
        assert link["codigopix"] in await answer.text()


@pytest.mark.parametrize("name", ["link", "link_cobranca", "link_pix_html"])
async def test_a_wrong_token_opens_nothing(sgp, name):
    link = await second_copy(sgp, "7001")
    other = (await second_copy(sgp, "7011"))["fatura"]
    for wrong in (
        link[name].replace("-EX", "-EY"),
        link[name].replace(str(link["fatura"]), str(other)),
        link[name].replace(str(link["fatura"]), "99999"),
    ):
        async with sgp.request("GET", wrong) as answer:
            assert (answer.status, answer.content_type) == (404, "text/html")


async def test_no_pix_no_pix_page(sgp):
    url = (await second_copy(sgp, "7015"))["link"].replace("/boleto/", "/pix/") + "html/"
    async with sgp.request("GET", url) as answer:
        assert answer.status == 404


async def test_the_settlement_statement_names_customer_and_year(sgp):
    (contract,) = (await sgp.ura("consultacliente", contrato="7001"))["contratos"]
    text = (await slip_page(sgp, contract["link_quitacao"])).extract_text()
    assert "quitação anual de débitos de 2025" in text
    assert contract["razaoSocial"] in text


@pytest.mark.parametrize("path", ["EXEMPLO1/2025", "EXEMPLO7001/2026", "OUTRO7001/2025"])
async def test_there_is_no_statement_of_others_or_of_this_year(sgp, path):
    async with sgp.request("GET", f"/api/declaracao/quitacao/{path}") as answer:
        assert answer.status == 404
