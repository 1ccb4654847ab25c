"""What a customer with several invoices takes to the bank: right, verified, and ready to be copied."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pypdf
import pytest
import segno
import zxingcpp

from tests.conversation.codes import check_digits_are_right, crc_is_right

if TYPE_CHECKING:
    from tests.conversation.conftest import Customers
    from tests.stack import Conversation

pytestmark = pytest.mark.xdist_group("stack")

CHOICES = (("ana", 7010, 0), ("ana", 7010, 1), ("ana", 7010, 2), ("empresa", 7012, 1), ("empresa", 7012, 2))
"""Customer, contract, and position of the invoice in the list: overdue ones and ones still to come."""

chosen = pytest.mark.parametrize(("key", "contract_id", "position"), CHOICES)


def _differ_in_one_place(code: str) -> list[str]:
    return [
        code[:place] + ("1" if code[place] != "1" else "2") + code[place + 1 :]
        for place in range(len(code))
        if code[place].isdigit()
    ]


GOOD_CODE = (
    "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR"
    "5913Fulano de Tal6008BRASILIA62070503***63041D3D"
)
"""The example of Banco Central's manual."""

GOOD_LINE = "75691.99990 01000.000107 00815.500012 5 16560000009990"


def test_checks_accept_good_codes_and_notice_one_wrong_digit() -> None:
    assert crc_is_right(GOOD_CODE)
    assert check_digits_are_right(GOOD_LINE)
    assert not any(map(crc_is_right, _differ_in_one_place(GOOD_CODE)))
    assert not any(map(check_digits_are_right, _differ_in_one_place(GOOD_LINE)))


def _choose(customer: Customers, key: str, position: int) -> Conversation:
    conversation = customer(key)
    conversation.hear("quero meu boleto")
    assert "Qual você quer?" in conversation.identify()
    assert "Como você quer pagar?" in conversation.hear(str(position + 1))
    return conversation


def _issue(conversation: Conversation, contract_id: int, position: int) -> dict[str, Any]:
    """What the ERP itself gives for the invoice: re-issued today when overdue, else as it stands."""
    sandbox = conversation.stack.sandbox
    title = sandbox.titles(contract_id)[position]
    copy = sandbox.second_copies(contract_id)[str(title["id"])]
    overdue = "diasAtraso" in title
    return {
        "pix": copy["codigopix"] if overdue else title["codigoPix"],
        "line": copy["linhadigitavel"] if overdue else title["linhaDigitavel"],
        "amount": f"{copy['valor']:,.2f}".translate(str.maketrans(",.", ".,")),
    }


@chosen
def test_pix_is_the_erp_s_code_alone_in_its_message(
    key: str, contract_id: int, position: int, customer: Customers
) -> None:
    conversation = _choose(customer, key, position)
    messages = conversation.say("pix")
    issue = _issue(conversation, contract_id, position)
    assert issue["amount"] in messages[0]["text"]
    assert messages[1] == {"recipient_id": conversation.sender_id, "text": issue["pix"]}
    assert crc_is_right(messages[1]["text"])
    assert len(messages) <= 3


@chosen
def test_qr_code_is_read_as_the_pix_code(
    key: str, contract_id: int, position: int, customer: Customers
) -> None:
    conversation = _choose(customer, key, position)
    (custom,) = [message["custom"] for message in conversation.say("qr code") if "custom" in message]
    assert custom == {"type": "pix_qr_code", "code": _issue(conversation, contract_id, position)["pix"]}
    drawn = segno.make(custom["code"], error="m", micro=False).matrix_iter(scale=4, border=4)
    picture = np.array([[0 if dark else 255 for dark in row] for row in drawn], dtype=np.uint8)
    (read,) = zxingcpp.read_barcodes(picture)
    assert read.text == custom["code"]


@chosen
def test_pdf_holds_line_and_amount(key: str, contract_id: int, position: int, customer: Customers) -> None:
    conversation = _choose(customer, key, position)
    (custom,) = [message["custom"] for message in conversation.say("pdf") if "custom" in message]
    assert set(custom) == {"type", "media_id", "filename", "instead"}
    assert re.fullmatch(r"boleto-\d{8}\.pdf", custom["filename"])
    document = conversation.stack.media.get(custom["media_id"])
    assert document.content_type == "application/pdf"
    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(document.content)).pages)
    issue = _issue(conversation, contract_id, position)
    assert re.sub(r"\D", "", issue["line"]) in re.sub(r"[ .\n]", "", text)
    # Sent where the document cannot be shown.
    assert re.sub(r"\D", "", custom["instead"]) == re.sub(r"\D", "", issue["line"])
    assert issue["amount"] in text


@chosen
def test_linha_digitavel_stands_alone_and_verifies(
    key: str, contract_id: int, position: int, customer: Customers
) -> None:
    conversation = _choose(customer, key, position)
    messages = conversation.say("linha digitável")
    issue = _issue(conversation, contract_id, position)
    assert set(messages[1]) == {"recipient_id", "text"}
    assert re.sub(r"\D", "", messages[1]["text"]) == re.sub(r"\D", "", issue["line"])
    assert check_digits_are_right(messages[1]["text"])
    cents = int(re.sub(r"\D", "", messages[1]["text"])[-10:])
    assert f"{cents / 100:,.2f}".translate(str.maketrans(",.", ".,")) == issue["amount"]


@pytest.mark.parametrize("kind", ["html", "500", "dropped"])
def test_a_slip_that_the_erp_does_not_give_is_told_and_the_rest_offered(
    kind: str, customer: Customers
) -> None:
    conversation = customer("maria")
    conversation.hear("quero meu boleto")
    conversation.identify()
    conversation.stack.sandbox.fault("boleto", kind)
    heard = conversation.hear("pdf")
    assert "Essa fatura não tem boleto em PDF." in heard
    assert "PIX copia e cola" in heard
    assert "slip_pdf" not in heard
    assert "br.gov.bcb.pix" in conversation.hear("pix")


def test_all_invoices_are_listed_then_each_code_alone(customer: Customers) -> None:
    conversation = customer("ana")
    conversation.hear("quero meu boleto")
    conversation.identify()
    assert "São 3 faturas" in conversation.hear("todas")
    messages = conversation.say("pix")
    expected = [_issue(conversation, 7010, position)["pix"] for position in range(3)]
    assert "Total: R$ " in messages[0]["text"]
    assert [message["text"] for message in messages[1:4]] == expected


def test_amount_inside_the_code_that_differs_is_told(customer: Customers) -> None:
    conversation = customer("lucia")
    conversation.hear("quero o pix")
    messages = conversation.say(conversation.customer["document"])
    (copy,) = conversation.stack.sandbox.second_copies(7018).values()
    code = next(message["text"] for message in messages if message["text"].startswith("0002"))
    assert code == copy["codigopix"]
    assert f"5406{copy['valor']:.2f}" in code
    assert "Atenção" not in conversation.story(), "the re-issued code carries the updated amount"
