"""What is masked, what stays, and in what time."""

from __future__ import annotations

import time

import pytest

from billing.codes.brcode import crc16
from billing.redaction import mask_documents, redact

_UNSIGNED = (
    "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-426655440000"
    "5204000053039865406149.905802BR5913PROVEDOR LTDA6009SAO PAULO62070503***6304"
)
BR_CODE = _UNSIGNED + crc16(_UNSIGNED)

TABLE = [
    ("cpf 529.982.247-25.", "cpf [documento]."),
    ("cpf 529 982 247 25", "cpf [documento]"),
    ("cpf 529982247-25", "cpf [documento]"),
    ("CPF52998224725", "CPF[documento]"),
    ("5 2 9 9 8 2 2 4 7 2 5", "[documento]"),
    ("\uff15\uff12\uff19\uff19\uff18\uff12\uff12\uff14\uff17\uff12\uff15", "[documento]"),
    ("oi\\n52998224725", "oi\\n[documento]"),
    ("11.222.333/0001-81 ou 11222333000181", "[documento] ou [documento]"),
    ("12.ABC.345/01DE-35 ou 12abc34501de35", "[documento] ou [documento]"),
    ("12abc345/01DE-35 e 12.ABC345/01DE35", "[documento] e [documento]"),
    ("12.345.678/0001-00", "[documento]"),
    ("whatsapp:+5511987654321", "[telefone]"),
    ("whatsapp:nome.escondido", "[telefone]"),
    ("whatsapp%3A%2B5511987654321", "whatsapp%3A%2B[telefone]"),
    ("+55 (11) 98765-4321", "[telefone]"),
    ("(11) 98765-4321, (11)3456-7890", "[telefone], [telefone]"),
    ("11 98765 4321 e 98765-4321", "[telefone] e [telefone]"),
    ("11987654321.5", "[telefone].5"),
    ("+1 202 555 0143", "[telefone]"),
    (f"pix: {BR_CODE}!", "pix: [pix]!"),
    ("00020126580014br.gov.bcb.pix0136 PROVEDOR", "[pix] PROVEDOR"),
    ("chave 123e4567-e12b-12d1-a456-426655440000", "chave [pix]"),
    ("23793.38128 60007.827136 95000.063305 9 75520000010000", "[boleto]"),
    ("2379338128600078271369500006330597552000001", "[número]"),
    ("23793381286000782713695000063305975520000010000", "[boleto]"),
    ("23799755200000100003381260007827139500006330", "[boleto]"),
    ("84670000001-7 43590024020-9 02405000243-5 84221010811-9", "[boleto]"),
    ("fulano.tal@exemplo.com.br, fulano%40exemplo.com", "[email], [email]"),
    ("https://x.sgp.example/boleto/12-EXDD/ abriu", "[link] abriu"),
    ("https://x.sgp.example/public/cobranca/12-EXDD/", "https://x.sgp.example/public[link]"),
    ("http:\\/\\/x.example\\/pix\\/12-EX\\/html\\/", "[link]"),
    ("POST /ws/?token=abc&cpfcnpj=52998224725 200", "POST /ws/?token=[segredo]&cpfcnpj=[documento] 200"),
    ('{"token": "abc", "senha": "x1"}', '{"token": "[segredo]", "senha": "[segredo]"}'),
    ('{\\"password\\": \\"x1\\"}', '{\\"password\\": \\"[segredo]\\"}'),
    ("X-Actions-Token: abc=", "X-Actions-Token: [segredo]"),
    ("Authorization: Bearer abc.def", "Authorization: Bearer [segredo]"),
    ("gAAAAABmabcdefghijklmnopqrst==", "[segredo]"),
]

HARMLESS = [
    "",
    "2026-11-23 10:15:00,123 INFO rasa 3.6.21 em http://127.0.0.1:5005/webhooks/rest/webhook",
    "fatura de novembro, R$ 1.234,56, vence em 10/12/2026, contrato 123456",
    'confidence 0.9999998807907104, "timestamp": 1795471234.123456',
    "conversa 3f2b8a1c4d5e6fa0b8192a3b4c5d6e7f em 12345 ms",
    "slot token_text de 12 letras: internationais",
]


@pytest.mark.parametrize(("text", "expected"), TABLE)
def test_masks(text, expected):
    assert redact(text) == expected


@pytest.mark.parametrize("text", HARMLESS)
def test_leaves_what_an_operator_needs(text):
    assert redact(text) == text


@pytest.mark.parametrize("text", [expected for _, expected in TABLE])
def test_masking_twice_changes_nothing(text):
    assert redact(text) == text


HOSTILE = ("0", "1 ", "a", "a@", "a%", "000201 ", "token: ", "+5", "(11", "http://", "/boleto/", "whatsapp:")
HOSTILE += ("1.", "9 ", "aA1", "55 ", "9876-", "12.", " ", "-", "\\")


@pytest.mark.parametrize("piece", HOSTILE)
def test_time_grows_with_the_length_and_no_faster(piece):
    def seconds(size):
        text = (piece * size)[:size]
        best = float("inf")
        for _ in range(3):
            begun = time.process_time()
            redact(text)
            best = min(best, time.process_time() - begun)
        return best

    assert seconds(100_000) < 12 * seconds(25_000) + 0.05  # linear would be 4 times, quadratic 16
    assert seconds(100_000) < 2


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("cpf 529.982.247-25.", "cpf [documento]."),
        ("52998224725 e 11.222.333/0001-81", "[documento] e [documento]"),
        ("987654321 00", "[documento]"),
        ("12abc345/01DE-35", "[documento]"),
        ("cinco dois nove nove oito dois dois quatro sete dois cinco", "[documento]"),
        # one digit wrong, and still somebody's number but for that
        ("cpf 529.982.247-26", "cpf [documento]"),
    ],
)
def test_documents_alone_are_masked(text, masked):
    assert mask_documents(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        BR_CODE,
        "00020126580014br.gov.bcb.pix0136 52998224725 6304ABCD",
        "23793.38128 60007.827136 95000.063305 9 75520000010000",
        "me liga no (11) 98765-4321 ou 11987654321",
        "fulano.tal@exemplo.com.br",
        "https://x.sgp.example/boleto/52998224725/",
        "protocolo 241122000001, fatura de 10/11/2026, R$ 149,90",
        "",
    ],
)
def test_what_is_no_document_stays_readable(text):
    assert mask_documents(text) == text
