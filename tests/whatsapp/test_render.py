"""What reaches the phone: whole codes, pictures that scan, and no formatting by accident."""

from __future__ import annotations

import io

import pytest
import yaml
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from addons.whatsapp.render import MAX_BODY, Button, Part, Renderer, plain, split
from billing.settings import PROJECT_ROOT
from tests.billing.fake_sgp import br_code, digitable_line

CODE = br_code("149.90")
YES_NO = [{"title": "Sim", "payload": "sim"}, {"title": "Não", "payload": "não"}]


@pytest.fixture
def render(store):
    return lambda *messages: Renderer(store).render(messages)


def units(text):
    return len(text.encode("utf-16-le")) // 2


def test_a_text_is_a_text(render):
    assert render({"recipient_id": "x", "text": "Olá!"}) == (Part("text", "Olá!"),)


def test_a_turn_keeps_its_order(render):
    parts = render({"text": "a"}, {"custom": {"type": "pix_qr_code", "code": CODE}}, {"text": "b"})

    assert [(part.kind, part.body) for part in parts] == [("text", "a"), ("media", ""), ("text", "b")]


@pytest.mark.parametrize(
    "code", [CODE, br_code("1.00", url="a_b*c~d.example/*x*/_y_"), digitable_line("99.90")]
)
def test_a_code_leaves_alone_and_unchanged(render, code):
    assert render({"text": code}) == (Part("text", code),)


def test_the_qr_code_scans_as_the_pix_code(render, store):
    (part,) = render({"custom": {"type": "pix_qr_code", "code": CODE}})

    kept = store.get(part.media_id)
    assert (part.kind, part.body, part.fallback) == ("media", "", CODE)
    assert (kept.content_type, kept.filename) == ("image/png", "pix.png")
    with Image.open(io.BytesIO(kept.content)) as picture:
        assert picture.format == "PNG"
        assert min(picture.size) >= 300
        assert [found.text for found in zxingcpp.read_barcodes(picture.convert("L"))] == [CODE]


def test_the_longest_pix_code_fits_a_qr_code(render, store):
    longest = "0" * 512
    (part,) = render({"custom": {"type": "pix_qr_code", "code": longest}})

    with Image.open(io.BytesIO(store.get(part.media_id).content)) as picture:
        assert zxingcpp.read_barcodes(picture.convert("L"))[0].text == longest


def test_a_slip_is_the_file_that_waits(render):
    slip = {"type": "slip_pdf", "media_id": "f" * 32, "filename": "boleto-2026-12-05.pdf"}

    assert render({"custom": slip}) == (Part("media", media_id="f" * 32),)
    assert render({"custom": {**slip, "instead": "75691…"}})[0].fallback == "75691…"


@pytest.mark.parametrize(
    "message",
    [
        {"custom": {"type": "segredo_novo", "x": "TESOURO"}},
        {"custom": {"blocks": "TESOURO"}},
        {"attachment": "https://provedor.sgp.example/boleto/1-TESOURO/"},
        {"image": "https://x.example/TESOURO"},
        {"text": ""},
        {"text": "  \n"},
        {"text": None},
        {},
    ],
)
def test_what_whatsapp_cannot_show_is_left_out_and_logged(render, message, caplog):
    assert render({"text": "a"}, message, {"text": "b"}) == (Part("text", "a"), Part("text", "b"))
    assert caplog.records
    assert "TESOURO" not in caplog.text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Plano *TURBO* 500", "Plano •TURBO• 500"),
        ("*", "•"),
        ("Plano _ouro_ e ~prata~", "Plano -ouro- e -prata-"),
        ("```fixo``` e `curto`", "'''fixo''' e 'curto'"),
        ("j***@exemplo.com", "j•••@exemplo.com"),
        ("* item", "• item"),
        ("*_~negrito~_*", "•--negrito--•"),
        ("(*x*)", "(•x•)"),
        ("*várias palavras, em negrito*", "•várias palavras, em negrito•"),
        ("maria_jose@exemplo.com", "maria_jose@exemplo.com"),
        ("2*3*4", "2*3*4"),
        ("veja https://provedor.example/~ajuda/_a_", "veja https://provedor.example/~ajuda/_a_"),
        ("mande *menu* para voltar", "mande *menu* para voltar"),
        ("R$ 1.234,56 - vence em 05/12/2026", "R$ 1.234,56 - vence em 05/12/2026"),
    ],
)
def test_texts_of_the_erp_do_not_turn_into_formatting(render, text, shown):
    assert plain(text) == shown
    assert [part.body for part in render({"text": text})] == [shown]


@given(st.text(alphabet="ab *_~`.\n"))
def test_no_marker_is_left_at_the_edge_of_a_word(text):
    shown = f" {plain(text)} "

    assert len(shown) == len(text) + 2
    for place, sign in enumerate(shown):
        if sign in "*_~`":
            assert shown[place - 1] in "ab*_~`"
            assert shown[place + 1] in "ab*_~`"


def test_the_bots_own_responses_need_no_formatting():
    domain = yaml.safe_load((PROJECT_ROOT / "domain.yml").read_text("utf-8"))
    texts = [each["text"] for variants in domain["responses"].values() for each in variants if "text" in each]

    assert [text for text in texts if plain(text) != text] == []


def test_a_long_text_is_split_at_its_sentences(render):
    sentence = "Esta é uma frase de tamanho médio, com vírgula. "
    parts = render({"text": sentence * 100})

    assert len(parts) == 4
    assert all(part.body.endswith("vírgula.") and units(part.body) <= MAX_BODY for part in parts)
    assert " ".join(part.body for part in parts) == (sentence * 100).strip()


def test_a_long_list_is_split_between_its_lines():
    lines = [f"{number}. Novembro: R$ 99,90, vence em 25/11/2026" for number in range(1, 80)]

    pieces = split("\n".join(lines))

    assert len(pieces) > 1
    assert "\n".join(pieces).splitlines() == lines


@pytest.mark.parametrize("code", [CODE.replace(" ", ""), digitable_line("99.90")])
def test_a_code_inside_a_long_text_stays_whole(code):
    for before in range(MAX_BODY - len(code) - 20, MAX_BODY + 20):
        text = "x" * before + " " + code + " " + "y" * 100
        assert sum(code in piece for piece in split(text)) == 1, before


@given(st.text(alphabet="aé😀 .\n1", min_size=1, max_size=6000))
def test_pieces_fit_and_nothing_but_spaces_is_lost(text):
    pieces = split(text)

    assert all(piece and units(piece) <= MAX_BODY for piece in pieces if text.strip())
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_emoji_count_twice():
    assert [len(piece) for piece in split("😀" * 1600)] == [800, 800]


def test_buttons_are_numbered_lines_too(render):
    (part,) = render({"text": "Quer o desbloqueio?", "buttons": YES_NO})

    assert part == Part(
        "text",
        "Quer o desbloqueio?\n1. Sim\n2. Não",
        buttons=(Button("Sim", "sim"), Button("Não", "não")),
        prompt="Quer o desbloqueio?",
        fallback="Quer o desbloqueio?\n1. Sim\n2. Não",
    )
    assert part.template == "quick_reply"


def test_a_list_that_the_text_has_already_is_not_repeated(render):
    (part,) = render({"text": "Qual?\n1. Sim\n2. Não", "buttons": YES_NO})

    assert part.body == "Qual?\n1. Sim\n2. Não"


def test_titles_of_the_erp_do_not_turn_into_formatting(render):
    (part,) = render({"text": "Qual?", "buttons": [{"title": "*RUA A*", "payload": "*RUA A*"}]})

    assert part.body == "Qual?\n1. •RUA A•"
    assert part.buttons == (Button("•RUA A•", "*RUA A*"),)


def test_buttons_of_a_long_text_come_with_its_end(render):
    *first, last = render({"text": "Uma frase. " * 200, "buttons": YES_NO})

    assert all(part.buttons == () for part in first)
    assert last.body.endswith("1. Sim\n2. Não")
    assert len(last.buttons) == 2
    assert last.template is None


@pytest.mark.parametrize(
    ("titles", "template"),
    [
        ([], None),
        (["a" * 20], "quick_reply"),
        (["a", "b", "c"], "quick_reply"),
        (["a" * 21], "list_picker"),
        (["a", "b", "c", "d"], "list_picker"),
        (["a" * 24, "b"], "list_picker"),
        ([str(number) for number in range(10)], "list_picker"),
        ([str(number) for number in range(11)], None),
        (["a" * 25], None),
        (["a", "a"], None),
        (["😀" * 11], "list_picker"),
    ],
)
def test_which_template_can_show_the_buttons(render, titles, template):
    (part,) = render({"text": "Qual?", "buttons": [{"title": each, "payload": each} for each in titles]})

    assert part.template == template


def test_nothing_of_the_customer_is_in_the_repr(render):
    parts = render(
        {"text": "MARIA", "buttons": [{"title": "RUA A", "payload": "RUA B"}]},
        {"custom": {"type": "pix_qr_code", "code": CODE}},
    )

    assert not [word for word in ("MARIA", "RUA", CODE) if word in repr(parts)]
