"""Entities: exact spans and values, nothing refused, nothing twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.nlu.training_data.message import Message

from addons.nlu.extractor import BillingEntityExtractor, extract

# text, then what is expected as "entity=value@written"
CASES = [
    (
        "quero o pix de agosto, cpf 529.982.247-25",
        "payment_format=pix@pix month=8@agosto document=52998224725@529.982.247-25",
    ),
    ("12abc34501de35", "document=12ABC34501DE35@12abc34501de35"),
    ("012.345.678-90", "document=01234567890@012.345.678-90"),
    ("meu cpf não é 52998224725, é 11144477735", "document=11144477735@11144477735"),
    ("não é 52998224725", "document=52998224725@52998224725"),
    # ordinals
    ("2", "ordinal=2@2"),
    (" 2. ", "ordinal=2@2"),
    ("2️⃣", "ordinal=2@2"),
    ("02", "ordinal=2@02"),
    ("0", ""),
    ("dois", "ordinal=2@dois"),
    ("a 2", "ordinal=2@2"),
    ("opção 2", "ordinal=2@2"),
    ("número 2", "ordinal=2@2"),
    ("1 e 3", "ordinal=1@1 ordinal=3@3"),
    ("a 2 e a 3", "ordinal=2@2 ordinal=3@3"),
    ("1ª", "ordinal=1@1ª"),
    ("a segunda", "ordinal=2@segunda"),
    ("a primeira fatura", "ordinal=1@primeira"),
    ("quinta parcela", "ordinal=5@quinta"),
    ("o boleto 2 no pix", "ordinal=2@2 payment_format=pix@pix"),
    ("a mais antiga", "ordinal=oldest@mais antiga"),
    ("a última", "ordinal=newest@a última"),
    ("da última fatura", "ordinal=newest@da última fatura"),
    ("mais recente", "ordinal=newest@mais recente"),
    ("todas", "ordinal=all@todas"),
    ("os dois", "ordinal=all@os dois"),
    ("manda tudo no pix", "ordinal=all@tudo payment_format=pix@pix"),
    ("a segunda via", ""),
    ("quero a 2ª via do boleto", ""),
    ("2 via", ""),
    ("primeiro quero saber meu saldo", ""),
    ("caiu 3 vezes", ""),
    ("são 2 boletos atrasados", ""),
    ("às 2 da tarde", ""),
    ("tudo bem?", ""),
    ("e um boleto", ""),
    # months
    ("a de agosto", "month=8@agosto"),
    ("MARÇO", "month=3@MARÇO"),
    ("fatura de feverero", "month=2@feverero"),
    ("conta de jul", "month=7@jul"),
    ("boleto set/26", "month=9@set"),
    ("mes 8", "month=8@mes 8"),
    ("08/2026", "month=8@08/2026"),
    ("boleto do mês", "month=current@mês"),
    ("boleto deste mês", "month=current@deste mês"),
    ("boleto do mês passado", "month=previous@mês passado"),
    ("mes que vem", "month=next@mes que vem"),
    ("mês retrasado", "month=two_back@mês retrasado"),
    ("moro no Rio de Janeiro", ""),
    # dates
    ("10/08", "date=08-10@10/08"),
    ("vence 10/08/2026", "date=2026-08-10@10/08/2026"),
    ("venceu 5/8/26", "date=2026-08-05@5/8/26"),
    ("31/02/2026", ""),
    ("29/02", "date=02-29@29/02"),
    ("10 de agosto", "date=08-10@10 de agosto"),
    ("dia 5 de agosto de 2026", "date=2026-08-05@dia 5 de agosto de 2026"),
    ("dia 10", "date=day:10@dia 10"),
    ("muda pro dia vinte e cinco", "date=day:25@dia vinte e cinco"),
    ("hj", "date=today@hj"),
    ("paguei ontem", "date=yesterday@ontem"),
    ("pago amanhã", "date=tomorrow@amanhã"),
    ("depois de amanhã", ""),
    ("semana que vem", "date=next_week@semana que vem"),
    ("segunda eu pago", "date=weekday:1@segunda"),
    ("na sexta-feira", "date=weekday:5@sexta-feira"),
    ("pago sábado", "date=weekday:6@sábado"),
    ("até domingo", "date=weekday:7@domingo"),
    ("funciona 24/7", ""),
    # amounts
    ("R$ 99,90", "amount=99.90@R$ 99,90"),
    ("a de 99,90", "amount=99.90@99,90"),
    ("1.234,56", "amount=1234.56@1.234,56"),
    ("99 reais", "amount=99.00@99 reais"),
    ("99 reais e 50 centavos", "amount=99.50@99 reais e 50 centavos"),
    ("a de 120", "amount=120.00@120"),
    ("a de 2026", ""),
    # payment formats
    ("boleto", ""),
    ("manda o boleto", ""),
    ("boleto em pdf", "payment_format=pdf@pdf"),
    ("pics", "payment_format=pix@pics"),
    ("piks", "payment_format=pix@piks"),
    ("copia e cola", "payment_format=pix@copia e cola"),
    ("qrcod", "payment_format=qr_code@qrcod"),
    ("QR Code do pix", "payment_format=qr_code@QR Code do pix"),
    ("linha digitável", "payment_format=barcode@linha digitável"),
    ("código de barras", "payment_format=barcode@código de barras"),
    ("codigo de bara", "payment_format=barcode@codigo de bara"),
    ("pix ou pdf", "payment_format=pix@pix payment_format=pdf@pdf"),
    # refusals
    ("não quero pix, quero boleto em pdf", "payment_format=pdf@pdf"),
    ("pix não, manda em pdf", "payment_format=pdf@pdf"),
    ("o pix não funciona", ""),
    ("não quero pix nem qr code, quero o código de barras", "payment_format=barcode@código de barras"),
    ("não é a de agosto, é a de setembro", "month=9@setembro"),
    ("em vez de pix manda o pdf", "payment_format=pdf@pdf"),
    ("não, quero pix", "payment_format=pix@pix"),
    ("não tem pix?", "payment_format=pix@pix"),
    ("não paguei a de maio", "month=5@maio"),
    ("não chegou o boleto de agosto", "month=8@agosto"),
    ("bom dia", ""),
    ("", ""),
]


def _shown(text: str) -> list[str]:
    return [f"{m.entity}={m.value}@{text[m.start : m.end]}" for m in extract(text)]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_entities_of_a_message(text, expected):
    assert " ".join(_shown(text)) == expected


@given(st.text(max_size=150) | st.lists(st.sampled_from([text for text, _ in CASES])).map(" ".join))
def test_mentions_never_overlap_and_lie_inside_the_text(text):
    end = 0
    for mention in extract(text):
        assert end <= mention.start < mention.end <= len(text)
        assert isinstance(mention.value, str)
        end = mention.end


def test_the_component_appends_and_signs_its_entities():
    others = {"entity": "name", "value": "Ana", "start": 0, "end": 3}
    message = Message({"text": "Ana quer pix", "entities": [others]})
    BillingEntityExtractor().process([message])
    assert message.get("entities") == [
        others,
        {
            "entity": "payment_format",
            "start": 9,
            "end": 12,
            "value": "pix",
            "extractor": "BillingEntityExtractor",
        },
    ]


def test_a_mention_keeps_its_value_out_of_logs():
    assert "52998224725" not in repr(extract("52998224725"))
