"""Only Twilio's own requests are believed."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from addons.whatsapp.signature import SignatureCheck

TOKEN = "12345678901234567890123456789012"
OTHER = "abcdefabcdefabcdefabcdefabcdefab"
BASE = "https://bot.provedor.example"
PATH = "/webhooks/whatsapp/webhook?origem=1"
FORM = {
    "Body": [""],
    "From": ["whatsapp:+5511987654321"],
    "MessageSid": ["SM0123456789abcdef0123456789abcdef"],
    "NumMedia": ["0"],
    "CampoNovo": ["ção"],
}


def sign(url=BASE + PATH, form=FORM, token=TOKEN):
    """By Twilio's description: address, then each name and value in the order of names."""
    text = url + "".join(name + value for name in sorted(form) for value in sorted(set(form[name])))
    digest = hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


@pytest.fixture
def check():
    return SignatureCheck((TOKEN, OTHER), BASE)


def test_twilios_documented_example():
    """From "Validating signatures from Twilio"."""
    form = {
        "CallSid": ["CA1234567890ABCDE"],
        "Caller": ["+12349013030"],
        "Digits": ["1234"],
        "From": ["+12349013030"],
        "To": ["+18005551212"],
    }
    check = SignatureCheck(("12345",), "https://mycompany.com")

    assert check.accepts("/myapp.php?foo=1&bar=2", form, "0/KCTR6DLpKmkAf8muzZqo1nDgQ=")


@pytest.mark.parametrize("token", [TOKEN, OTHER])
def test_both_tokens_sign_during_a_rotation(check, token):
    assert check.accepts(PATH, FORM, sign(token=token))


def test_a_third_token_does_not(check):
    assert not check.accepts(PATH, FORM, sign(token="x" * 32))


def test_without_its_blank_fields_a_form_is_another(check):
    assert not check.accepts(PATH, {name: values for name, values in FORM.items() if values != [""]}, sign())


@pytest.mark.parametrize(
    "change", [{"Body": ["oi"]}, {"From": ["whatsapp:+5511900000000"]}, {"Mais": ["1"]}, {"Body": ["", "oi"]}]
)
def test_a_changed_form_is_not_accepted(check, change):
    assert not check.accepts(PATH, FORM | change, sign())


def test_a_field_that_comes_twice(check):
    form = FORM | {"Body": ["b", "a", "b"]}

    assert check.accepts(PATH, form, sign(form=form))


@pytest.mark.parametrize(
    "url",
    [
        "https://outro.example" + PATH,
        "http://bot.provedor.example" + PATH,
        f"{BASE}/webhooks/whatsapp/status",
        f"{BASE}/webhooks/whatsapp/webhook",
    ],
)
def test_a_signature_for_another_address_is_not_accepted(check, url):
    assert not check.accepts(PATH, FORM, sign(url))


def test_twilio_may_sign_with_the_port(check):
    assert check.accepts(PATH, FORM, sign(f"{BASE}:443{PATH}"))


def test_the_address_may_have_a_path_of_its_own():
    check = SignatureCheck((TOKEN,), "https://provedor.example/bot")

    assert check.accepts(PATH, FORM, sign("https://provedor.example/bot" + PATH))


@pytest.mark.parametrize("header", [None, "", "x", "é" * 28, "A" * 28, "A" * 10_000, "\0"])
def test_no_signature_or_nonsense_is_not_accepted(check, header):
    assert not check.accepts(PATH, FORM, header)


@pytest.mark.parametrize("tokens", [(), ("",), ("", "")])
def test_without_a_token_nothing_is_accepted(tokens):
    assert not SignatureCheck(tokens, BASE).accepts(PATH, FORM, sign(token=""))


def test_a_form_without_fields(check):
    assert check.accepts(PATH, {}, sign(form={}))
    assert not check.accepts(PATH, {}, sign())


@given(
    st.dictionaries(st.text(max_size=5), st.text(max_size=5)),
    st.sampled_from([BASE, f"{BASE}:443", f"{BASE}:8443", "http://127.0.0.1:5005"]),
    st.sampled_from([BASE, f"{BASE}:443", f"{BASE}:8443", "http://127.0.0.1:5005", "http://127.0.0.1"]),
    st.sampled_from([TOKEN, OTHER]),
)
def test_as_twilios_own_library_does(form, base, signed_for, token):
    header = RequestValidator(token).compute_signature(signed_for + PATH, form)
    fields = {name: [value] for name, value in form.items()}

    expected = RequestValidator(TOKEN).validate(base + PATH, form, header)
    assert SignatureCheck((TOKEN,), base).accepts(PATH, fields, header) == expected
