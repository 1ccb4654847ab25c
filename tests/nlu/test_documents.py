"""Documents are found however they are written, and nothing else is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from stdnum.br import cnpj, cpf

from billing.documents import (
    Document,
    NotADocument,
    RepeatedDigits,
    WrongCheckDigits,
    WrongLength,
    could_be_mobile,
    find_documents,
    find_malformed,
    parse,
)

SPOKEN = ("zero", "um", "dois", "três", "quatro", "cinco", "seis", "sete", "oito", "nove")
FULL_WIDTH = str.maketrans("0123456789", "".join(chr(0xFF10 + digit) for digit in range(10)))


def _with_check_digits(root: str, module) -> str:
    for last in range(100):
        number = f"{root}{last:02d}"
        if module.is_valid(number):
            return number
    raise AssertionError(root)


def _not_repeated(number: str) -> bool:
    return len(set(number)) > 1


CPFS = (
    st.from_regex(r"[0-9]{9}", fullmatch=True, alphabet="0123456789")
    .filter(lambda root: int(root) > 0)
    .map(lambda root: _with_check_digits(root, cpf))
    .filter(_not_repeated)
)
CNPJS = (
    st.from_regex(r"[0-9A-Z]{8}000[1-9]", fullmatch=True)
    .filter(lambda root: not root.startswith("00000000") and any(map(str.isdigit, root[:8])))
    .map(lambda root: _with_check_digits(root, cnpj))
)

CPF_FORMS = {
    "as printed": cpf.format,
    "bare": str,
    "spaced": lambda d: f"{d[:3]} {d[3:6]} {d[6:9]} {d[9:]}",
    "dashes": lambda d: f"{d[:3]}-{d[3:6]}-{d[6:9]}-{d[9:]}",
    "slash": lambda d: f"{d[:3]}.{d[3:6]}.{d[6:9]}/{d[9:]}",
    "one dash": lambda d: f"{d[:9]}-{d[9:]}",
    "loose": lambda d: f"{d[:3]} . {d[3:6]} . {d[6:9]} - {d[9:]}",
    "two lines": lambda d: f"{d[:3]}.{d[3:6]}.\n{d[6:9]}-{d[9:]}",
    "digit by digit": " ".join,
    "pairs": lambda d: " ".join(d[i : i + 2] for i in range(0, 11, 2)),
    "full width": lambda d: d.translate(FULL_WIDTH),
    "full width, printed": lambda d: cpf.format(d).translate(FULL_WIDTH),
    "spoken": lambda d: " ".join(SPOKEN[int(digit)] for digit in d),
    "spoken with meia": lambda d: ", ".join("meia" if digit == "6" else SPOKEN[int(digit)] for digit in d),
}
CNPJ_FORMS = {
    "as printed": cnpj.format,
    "bare": str,
    "lower case": lambda d: cnpj.format(d).lower(),
    "bare, lower case": str.lower,
    "one dash": lambda d: f"{d[:12]}-{d[12:]}",
    "dots": lambda d: f"{d[:2]}.{d[2:5]}.{d[5:8]}.{d[8:12]}-{d[12:]}",
}
SEPARATORS = st.tuples(*(st.sampled_from(("", separator)) for separator in "../-"))
SENTENCES = (
    "{}",
    "meu cpf é {}",
    "cpf:{}",
    "Oi, bom dia! Segue o documento {} obrigada",
    "({})",
    "quero o pix de agosto, cnpj/cpf {}.",
    "contrato 1234, cpf {}",
    "o titular é meu pai\n{}\nobrigado",
)


def _digits(text: str) -> list[str]:
    return [found.document.digits for found in find_documents(text)]


@pytest.mark.parametrize("form", CPF_FORMS.values(), ids=CPF_FORMS)
@given(number=CPFS, sentence=st.sampled_from(SENTENCES))
def test_every_cpf_in_every_form_is_found(form, number, sentence):
    written = form(number)
    text = sentence.format(written)
    found = find_documents(text)
    assert [each.document for each in found] == [Document("cpf", number)]
    assert text[found[0].start : found[0].end] == written


@pytest.mark.parametrize("form", CNPJ_FORMS.values(), ids=CNPJ_FORMS)
@given(number=CNPJS, sentence=st.sampled_from(SENTENCES))
@example(number="00WWW000000125", sentence="{}")  # "00.www.000/…" is no web address
def test_every_cnpj_in_every_form_is_found(form, number, sentence):
    assert _digits(sentence.format(form(number))) == [number]


@given(number=CNPJS, separators=SEPARATORS, sentence=st.sampled_from(SENTENCES))
def test_a_lettered_cnpj_is_found_with_any_part_of_its_punctuation(number, separators, sentence):
    assume(not number.isdigit())
    parts = (number[:2], number[2:5], number[5:8], number[8:12], number[12:])
    written = "".join(part + separator for part, separator in zip(parts, (*separators, ""), strict=True))
    assert _digits(sentence.format(written.lower())) == [number]


@pytest.mark.parametrize("form", CPF_FORMS.values(), ids=CPF_FORMS)
@given(number=CPFS, place=st.integers(0, 10), step=st.integers(1, 9))
def test_a_cpf_with_one_wrong_digit_is_not_found(form, number, place, step):
    wrong = number[:place] + str((int(number[place]) + step) % 10) + number[place + 1 :]
    # The check digits of a CPF do not tell 0 from 10: a few pairs that differ in one digit are both valid.
    assume(not cpf.is_valid(wrong))
    assert _digits(f"meu cpf é {form(wrong)}") == []
    assert isinstance(find_malformed(f"meu cpf é {form(wrong)}"), (WrongCheckDigits, RepeatedDigits))


@given(number=CNPJS, place=st.integers(0, 13), step=st.integers(1, 9))
def test_a_cnpj_with_one_wrong_digit_is_not_found(number, place, step):
    assume(number[place].isdigit())
    wrong = number[:place] + str((int(number[place]) + step) % 10) + number[place + 1 :]
    assume(not cnpj.is_valid(wrong))
    assert _digits(f"cnpj {cnpj.format(wrong)}") == []


@given(st.text(max_size=200))
def test_any_text_is_read(text):
    find_malformed(text)
    for found in find_documents(text):
        assert parse(text[found.start : found.end].strip("-. ")) or found.document


VALID = "52998224725"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cep 01310-100",
        "vence 10/08/2026",
        f"+55 {VALID}",
        "+55 (52) 99822-4725",
        "(52) 99822-4725",
        "(52)998224725",
        f"55 {VALID}",
        "meu fone 52 99822-4725",
        "52 99822-4725 é meu numero",
        f"meu número é {VALID}",
        f"meu telefone: {VALID}",
        f"me chama no zap {VALID}",
        f"o celular dela é {VALID}",
        f"whats {VALID}",
        f"contrato {VALID}",
        f"protocolo nº {VALID}",
        "00190.00009 01234.567890 12345.678901 2 12340000010000",
        "00190000090123456789012345678901212340000010000",
        "84670000001-7 43590024020-9 02405000243-5 84221010811-9",
        "846700000017435900240209024050002435842210108119",
        f"00020126330014br.gov.bcb.pix0111{VALID}5204000053039865802BR5913FULANO DE TAL6008BRASILIA6304AB12",
        f"123e4567-e89b-12d3-a456-{VALID}1",
        f"{VALID}@exemplo.example",
        f"https://exemplo.example/{VALID}",
        "111.111.111-11",
        "00000000000000",
        "desbloqueado 12",
        "99,90 120,00 12",
        # a lettered CNPJ's characters with nothing that joins them
        "12abc345 01de35",
        "12 abc 345 01de 35",
        "12abc 34501de 35",
        # ... and with wrong check digits, or at other places
        "12abc345/01DE-36",
        "contrato 12a-bc34501de35",
        "serial fhtt-12ab34cd-56",
    ],
)
def test_other_numbers_are_no_document(text):
    assert find_documents(text) == []


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("11.222.333/0001-81", ["11222333000181"]),
        ("cnpj 12 abc 345 01de 35", ["12ABC34501DE35"]),
        ("cnpj 12ABC345 01DE35", ["12ABC34501DE35"]),
        ("12abc345/01DE-35", ["12ABC34501DE35"]),
        ("12ABC34501DE-35", ["12ABC34501DE35"]),
        ("12.ABC345/01DE35", ["12ABC34501DE35"]),
        ("o meu é 12ABC345 / 01de - 35 ok", ["12ABC34501DE35"]),
        ("12.ABC345/01DE35 e 11.222.333/0001-81", ["12ABC34501DE35", "11222333000181"]),
        ("oi de 12abc345/01de-35", ["12ABC34501DE35"]),
        ("111.444.777-35 e 529.982.247-25", ["11144477735", VALID]),
        (f"meu zap é 11987654321 e o cpf {VALID}", [VALID]),
        (f"segue o cpf do titular do contrato: {VALID}", [VALID]),
        (f"{VALID} 10/08/2026", [VALID]),
        ("troquei de celular, 529.982.247-25", [VALID]),
        ("um um um quatro quatro quatro sete sete sete três cinco", ["11144477735"]),
        ("cinco dois nove ponto nove oito dois ponto dois quatro sete traço dois cinco", [VALID]),
        ("pix 012.345.678-90", ["01234567890"]),
    ],
)
def test_documents_in_company(text, digits):
    assert _digits(text) == digits


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", NotADocument),
        ("oi", NotADocument),
        ("529.982.247-2x", NotADocument),
        ("123", WrongLength),
        ("529982247255", WrongLength),
        ("529.982.247-26", WrongCheckDigits),
        ("12.ABC.345/01DE-36", WrongCheckDigits),
        ("333.333.333-33", RepeatedDigits),
        ("00000000000000", RepeatedDigits),
    ],
)
def test_parse_says_what_is_wrong(text, error):
    with pytest.raises(error):
        parse(text)


def test_parse_tells_how_many_digits_and_which_kind():
    with pytest.raises(WrongLength) as length:
        parse("5299822472")
    assert length.value.count == 10
    with pytest.raises(WrongCheckDigits) as digits:
        parse("11.222.333/0001-82")
    assert digits.value.kind == "cnpj"


@pytest.mark.parametrize(
    ("written", "kind", "formatted", "masked"),
    [
        ("111 444 777 35", "cpf", "111.444.777-35", "***.***.***-35"),
        ("12abc34501de35", "cnpj", "12.ABC.345/01DE-35", "**.***.***/****-35"),
    ],
)
def test_a_document_shows_itself_and_hides_in_logs(written, kind, formatted, masked):
    document = parse(written)
    assert (document.kind, document.formatted, document.masked) == (kind, formatted, masked)
    assert document.digits not in repr(document) + str(document) + f"{find_documents(written)}"
    assert document.formatted not in repr(document)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("529.982.247-26", WrongCheckDigits),
        ("meu cpf é 123", WrongLength),
        ("5299822472", WrongLength),
        ("cpf 111.111.111-11", RepeatedDigits),
        ("cnpj 12.abc.345/01de-36", WrongCheckDigits),
        ("cinco dois nove nove oito dois dois quatro sete dois seis", WrongCheckDigits),
        ("segue 52998224726", WrongCheckDigits),
    ],
)
def test_attempts_are_recognised(text, reason):
    assert isinstance(find_malformed(text), reason)


@pytest.mark.parametrize(
    "text",
    [
        "oi",
        "2",
        "a de 99,90",
        "529.982.247-25",
        "(11) 98765-4321",
        "meu telefone é 11987654321",
        "10/08/2026",
    ],
)
def test_other_messages_are_no_attempt(text):
    assert find_malformed(text) is None


def test_errors_repeat_nothing_of_what_was_written():
    error = find_malformed("cpf 529.982.247-26")
    assert "529" not in f"{error!r} {error}"


MOBILE_CPF = "11970000031"
AMBIGUOUS_CPFS = (
    st.tuples(st.sampled_from(("11", "21", "47", "85", "91")), st.integers(0, 999999))
    .map(lambda parts: _with_check_digits(f"{parts[0]}9{parts[1]:06d}", cpf))
    .filter(_not_repeated)
)
OPENINGS = st.sampled_from(("", "oi ", "bom dia! ", "segue ", "o dela é "))
CLOSINGS = st.sampled_from(("", " obrigada", ", pode ligar", "\nAna"))


@pytest.mark.parametrize(
    ("text", "ambiguous"),
    [
        (MOBILE_CPF, True),
        (f"oi, {MOBILE_CPF} obrigado", True),
        (f"{MOBILE_CPF} é meu zap", True),
        (f"{MOBILE_CPF} e {MOBILE_CPF}", True),
        (f"{MOBILE_CPF} e o cpf 529.982.247-25", True),  # the word belongs to the other number
        (f"MEU CPF É {MOBILE_CPF}", False),
        (f"{MOBILE_CPF} é meu cpf", False),
        (f"{MOBILE_CPF} (CPF do titular)", False),
        (f"{MOBILE_CPF} é meu cpf, contrato 1234", False),
        ("cpf 11 97000-0031", False),
        ("119.700.000-31", False),
        ("119700000-31", False),
        ("1 1 9 7 0 0 0 0 0 3 1", False),
        (f"{MOBILE_CPF}, repetindo: 119.700.000-31", False),
        ("não tem documento aqui", False),
    ],
)
def test_a_bare_cpf_may_be_a_mobile(text, ambiguous):
    assert could_be_mobile(text, parse(MOBILE_CPF)) is ambiguous


@pytest.mark.parametrize(
    "digits",
    [
        "52998224725",  # no area code 52
        "11144477735",  # no ninth digit
        "11222333000181",
    ],
)
def test_other_documents_are_no_mobile(digits):
    assert not could_be_mobile(digits, parse(digits))


@given(number=AMBIGUOUS_CPFS, opening=OPENINGS, closing=CLOSINGS)
def test_a_cpf_punctuated_as_printed_is_never_ambiguous(number, opening, closing):
    document = parse(number)
    assert could_be_mobile(f"{opening}{number}{closing}", document)
    assert not could_be_mobile(f"{opening}{document.formatted}{closing}", document)


@given(
    number=AMBIGUOUS_CPFS,
    named=st.sampled_from(
        ("cpf {}", "meu CPF é {}", "{} é meu cpf", "{} cpf do titular", "{}\nCPF da minha mãe")
    ),
    opening=OPENINGS,
    closing=CLOSINGS,
)
def test_a_cpf_named_before_or_after_is_never_ambiguous(number, named, opening, closing):
    assert not could_be_mobile(opening + named.format(number) + closing, parse(number))


def test_about_one_mobile_in_a_hundred_could_be_a_cpf():
    mobiles = [f"119{number:08d}" for number in range(0, 10**8, 49_999)]
    found = [each.document for mobile in mobiles for each in find_documents(mobile)]
    assert 0.005 < len(found) / len(mobiles) < 0.02
    assert all(could_be_mobile(document.digits, document) for document in found)
