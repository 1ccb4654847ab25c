"""The search of the dump test finds what it must find, in every form, and nothing else."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest

from tests.security.leaks import KINDS, Known, found_in, known_of_customers, payment_codes

NAME = Known("name", "JOÃO FICTÍCIO DOS SANTOS")
CPF = Known("document", "529.982.247-25")
PHONE = Known("phone", "+5511977770002")
LINE = Known("line", "23793.38128 60007.827136 95000.063305 9 75520000010000")
PIX = Known("pix", "00020101021226520014br.gov.bcb.pix 6304ACA8")
KNOWN = {NAME, CPF, PHONE, LINE, PIX}


@pytest.mark.parametrize("known", sorted(KNOWN, key=lambda each: each.kind), ids=lambda each: each.kind)
@pytest.mark.parametrize(
    "write",
    [
        str,
        str.lower,
        lambda text: json.dumps({"text": text}),
        quote,
        lambda text: quote(text, safe=""),
        *[
            lambda text, before=before: base64.b64encode(b"x" * before + text.encode() + b"more").decode()
            for before in range(6)
        ],
        lambda text: base64.urlsafe_b64encode(f"?>{text}".encode()).decode(),
        lambda text: text.encode().hex(),
    ],
)
def test_each_value_is_found_in_each_form(known, write):
    assert known in found_in(f"before {write(known.value)} after".encode(), KNOWN)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("João Fictício dos Santos", NAME),
        ("52998224725", CPF),
        ("529 982 247 25", CPF),
        ("CPF:529.982.247/25", CPF),
        ("(11) 97777-0002", PHONE),
        ("5511977770002@s.whatsapp.net", PHONE),
        ("23793381286000782713695000063305975520000010000", LINE),
    ],
)
def test_numbers_are_found_however_they_are_separated(text, known):
    assert found_in(text.encode(), KNOWN) == {known}


@pytest.mark.parametrize(
    "text", ["", "529.982.247-26", "João", "[documento] [telefone]", "0123456789ab " * 50]
)
def test_nothing_else_is_found(text):
    assert found_in(text.encode(), KNOWN) == set()


def test_the_sandbox_is_known():
    known = known_of_customers()

    assert Known("name", "MARIA EXEMPLO DA SILVA") in known
    assert {each.kind for each in known} == {"document", "phone", "name", "email"}
    assert {each.kind for code in (PIX, LINE) for each in payment_codes(code.value)} == {"pix", "line"}
    assert payment_codes("Fatura de dezembro, R$ 99,90") == set()
    assert set(KINDS) == {each.kind for each in known} | {"pix", "line"}
