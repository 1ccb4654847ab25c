"""Tokens keep the customer's text; lemmas are what the classifier learns from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.nlu.training_data.message import Message

from addons.nlu.slang import EMOJI, WORDS
from addons.nlu.tokenizer import BrazilianTokenizer
from billing.folding import fold

TOKENIZER = BrazilianTokenizer(BrazilianTokenizer.get_default_config())


def _tokens(text: str):
    return TOKENIZER.tokenize(Message({"text": text}), "text")


@pytest.mark.parametrize(
    ("text", "lemmas"),
    [
        ("Não", "nao"),
        ("siiiiim", "sim"),
        ("oiii", "oi"),
        ("Opaaa", "oi"),
        ("vc pode mandar meu bolto pfv", "voce pode mandar meu boleto por favor"),
        ("pq cortaram minha net", "porque cortaram minha internet"),
        ("ñ sei", "nao sei"),
        ("blz tb obg hj dps", "beleza tambem obrigado hoje depois"),
        ("2ª via", "segundavia"),
        ("segunda via", "segundavia"),
        ("a segunda", "a segunda"),
        ("wi-fi", "wifi"),
        ("Oi, boa tarde! Tudo bem? A net caiu", "a internet caiu"),
        ("Oi, boa tarde!", "oi oi"),
        ("ainda não paguei", "ainda naopaguei"),
        ("cpf 529.982.247-25", "cpf __cpf__"),
        ("529.982.247-26", "__cpf__"),
        ("5 2 9 9 8 2 2 4 7 2 5", "__cpf__"),
        ("11.222.333/0001-81", "__cnpj__"),
        ("12abc34501de35", "__cnpj__"),
        ("R$ 99,90", "__money__"),
        ("99 reais", "__money__"),
        ("vence 10/08/2026", "vence __date__"),
        ("2", "__num1__"),
        ("1234", "__num4__"),
        ("00190000090123456789012345678901212340000010000", "__num15__"),
        ("olha https://exemplo.example/x", "olha __url__"),
        ("ana@exemplo.example", "__email__"),
        ("👍🏽", "__thumbsup__"),
        ("boleto🙏", "boleto __thanks__"),
        ("🦄", "__emoji__"),
        ("", "__empty__"),
        ("?!", "?!"),
    ],
)
def test_lemmas(text, lemmas):
    assert " ".join(token.lemma for token in _tokens(text)) == lemmas


@given(st.text(max_size=200))
def test_tokens_are_pieces_of_the_text_in_order(text):
    tokens = _tokens(text)
    assert tokens
    end = 0
    for token in tokens:
        assert token.start >= end
        assert text[token.start : token.end] == token.text
        end = token.end


def test_tables_are_written_as_they_are_looked_up():
    assert [spelling for spelling in WORDS if spelling != fold(spelling)] == []
    assert [symbol for symbol in EMOJI if len(symbol) != 1] == []


def test_a_spelling_stands_for_one_meaning():
    assert [
        spelling for spelling, meaning in WORDS.items() if meaning in WORDS and WORDS[meaning] != meaning
    ] == []
