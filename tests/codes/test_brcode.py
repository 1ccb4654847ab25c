from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.codes import brcode
from billing.codes.brcode import InvalidBrCode, crc16

DYNAMIC = (
    "00020101021226970014br.gov.bcb.pix2575pix.psp-exemplo.example/qr/payload/v2/cobv/"
    "e5df06e43f68e51398cc4e09d1a903995204000053039865802BR5921PROVEDOR EXEMPLO LTDA6014CIDADE EXEMPLO"
    "62070503***6304C850"
)
DYNAMIC_ANA = (
    "00020101021226970014br.gov.bcb.pix2575pix.psp-exemplo.example/qr/payload/v2/cobv/"
    "d6131528b16a82168e19698bd97e9a405204000053039865802BR5921PROVEDOR EXEMPLO LTDA6014CIDADE EXEMPLO"
    "62070503***6304897D"
)
KEY = "123e4567-e12b-12d1-a456-426655440000"


def tlv(tag, value):
    return f"{tag}{len(value):02}{value}"


def seal(body):
    return f"{body}6304{crc16(body + '6304')}"


def static(amount="10.00", name="FULANO DE TAL", txid="PEDIDO1", gui="br.gov.bcb.pix", account=None):
    account = account if account is not None else tlv("00", gui) + tlv("01", KEY)
    fields = [
        ("00", "01"),
        ("26", account),
        ("52", "0000"),
        ("53", "986"),
        ("54", amount),
        ("58", "BR"),
        ("59", name),
        ("60", "BRASILIA"),
        ("62", tlv("05", txid)),
    ]
    return seal("".join(tlv(tag, value) for tag, value in fields if value is not None))


def test_the_crc_is_ccitt_false():
    # The check value of this CRC in the catalogue of parametrised CRC algorithms.
    assert crc16("123456789") == "29B1"


def test_a_dynamic_code():
    parsed = brcode.parse(DYNAMIC)
    assert parsed.code == DYNAMIC
    assert parsed.url == "pix.psp-exemplo.example/qr/payload/v2/cobv/e5df06e43f68e51398cc4e09d1a90399"
    assert (parsed.amount, parsed.key, parsed.txid) == (None, None, "***")
    assert parsed.merchant_name == "PROVEDOR EXEMPLO LTDA"


@pytest.mark.parametrize(
    ("amount", "expected"),
    [("10.00", Decimal(10)), ("1", Decimal(1)), ("99.9", Decimal("99.9")), ("0.00", None), (None, None)],
)
def test_a_static_code_with_its_amount(amount, expected):
    parsed = brcode.parse(static(amount))
    assert (parsed.amount, parsed.key, parsed.url, parsed.txid) == (expected, KEY, None, "PEDIDO1")


@pytest.mark.parametrize(
    "code",
    [
        DYNAMIC_ANA,
        DYNAMIC[:-4] + DYNAMIC[-4:].lower(),
        static(gui="BR.GOV.BCB.PIX"),
        static(name="PROVEDOR SÃO JOÃO"),
        static(),
        seal(
            "000201"
            + tlv("26", tlv("00", "com.other"))
            + tlv("51", tlv("00", "br.gov.bcb.pix") + tlv("25", "u"))
        ),
    ],
    ids=["psp", "lower_crc", "upper_gui", "accents", "static", "last_template"],
)
def test_intact_codes_come_back_unaltered(code):
    assert brcode.parse(code).code == code


@pytest.mark.parametrize(
    "code",
    [
        "",
        " " + DYNAMIC,
        DYNAMIC + "\n",
        DYNAMIC + " ",
        DYNAMIC[:40] + "\n" + DYNAMIC[40:],
        DYNAMIC.upper(),
        DYNAMIC[:-1],
        DYNAMIC[:-8],
        DYNAMIC + "6304",
        "6304" + crc16("6304"),
        seal("000201" + "9" * 500),
        seal("000202" + tlv("26", tlv("00", "br.gov.bcb.pix") + tlv("25", "u"))),
        seal("000201" + tlv("59", "SEM CONTA")),
        seal("000201" + tlv("25", tlv("00", "br.gov.bcb.pix") + tlv("25", "u"))),
        seal("000201" + tlv("52", tlv("00", "br.gov.bcb.pix") + tlv("25", "u"))),
        static(gui="br.gov.bcb.outra"),
        static(account="0014br.gov.bcb.pix"),
        static(account="not tlv"),
        static(account=tlv("00", "br.gov.bcb.pix") + tlv("01", "k") + tlv("25", "u")),
        static(amount="10,00"),
        static(amount="-1.00"),
        static(amount="1e3"),
        static(amount="1.001"),
        static(amount="NaN"),
        static(amount="٣"),
        static()[:-4] + "0000",
        seal(static()[:-8] + tlv("59", "TWICE")),
        seal(static()[:-8] + "9900"),
        seal(static()[:-8] + "A102XX"),
        seal(static()[:-8] + "8050short"),
    ],
)
def test_broken_codes(code):
    with pytest.raises(InvalidBrCode) as caught:
        brcode.parse(code)
    assert not code or code not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("code", [DYNAMIC, DYNAMIC_ANA, static()])
def test_each_single_character_change_is_caught(code):
    for place, character in enumerate(code):
        for other in "0123456789aZ*./ ":
            if other.lower() == character.lower() and place >= len(code) - 4:
                continue
            if other != character:
                with pytest.raises(InvalidBrCode):
                    brcode.parse(code[:place] + other + code[place + 1 :])


@given(
    cents=st.integers(1, 10**9),
    name=st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=25),
    txid=st.text("ABCXYZabcxyz0123456789", min_size=1, max_size=25),
)
def test_round_trip(cents, name, txid):
    amount = Decimal(cents).scaleb(-2)
    code = static(str(amount), name, txid)
    parsed = brcode.parse(code)
    assert (parsed.code, parsed.amount, parsed.merchant_name, parsed.txid) == (code, amount, name, txid)


@given(st.text(max_size=600))
def test_any_text_is_parsed_or_refused(text):
    with pytest.raises(InvalidBrCode):
        brcode.parse(text)


def test_the_repr_shows_no_code():
    assert repr(brcode.parse(static())) == "BrCode(amount=Decimal('10.00'))"
