"""What stands in the terminal can be scanned and read."""

from __future__ import annotations

import re

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from addons import shell
from tests.billing.fake_sgp import br_code

CODE = br_code("149.90")
PIXELS = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}


@pytest.fixture(autouse=True)
def pictures(tmp_path, monkeypatch):
    monkeypatch.setattr(shell, "PROJECT_ROOT", tmp_path)
    monkeypatch.setattr(shell, "PICTURES", tmp_path / "var" / "shell")
    return tmp_path


def texts_in(image):
    return [found.text for found in zxingcpp.read_barcodes(image)]


def photographed(drawing, scale=6):
    """The drawing as the terminal shows it: two pixels for each character."""
    lines = [line for line in drawing.splitlines() if line and set(line) <= set(PIXELS)]
    rows = [[PIXELS[character][half] for character in line] for line in lines for half in (0, 1)]
    return np.kron(np.array(rows, dtype=np.uint8) * 255, np.ones((scale, scale), dtype=np.uint8))


def test_the_picture_holds_the_code(pictures, capsys):
    shell.print_bot_output({"custom": {"type": "pix_qr_code", "code": CODE}})

    named = re.search(r"Imagem: (\S+\.png)", capsys.readouterr().out).group(1)
    with Image.open(pictures / named) as picture:
        assert texts_in(picture.convert("L")) == [CODE]


def test_the_drawing_holds_the_code(capsys):
    shell.print_bot_output({"custom": {"type": "pix_qr_code", "code": CODE}})

    assert texts_in(photographed(capsys.readouterr().out)) == [CODE]


def test_the_reader_finds_nothing_in_half_a_drawing(capsys):
    shell.print_bot_output({"custom": {"type": "pix_qr_code", "code": CODE}})

    drawing = capsys.readouterr().out.splitlines()
    assert texts_in(photographed("\n".join(drawing[: len(drawing) // 2]))) == []


def test_a_slip_is_shown_as_its_address(capsys):
    shell.print_bot_output({"attachment": "https://provedor.sgp.example/boleto/1-EXEMPLO/"})

    assert "PDF: https://provedor.sgp.example/boleto/1-EXEMPLO/" in capsys.readouterr().out


def test_a_text_is_left_to_rasa(capsys):
    shell.print_bot_output({"text": "Olá!"})

    assert "Olá!" in capsys.readouterr().out
