"""What stands in the terminal can be scanned and read."""

from __future__ import annotations

import re

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from addons import shell
from billing.database import open_database
from billing.media import MediaStore
from billing.vault import Vault
from tests.billing.fake_sgp import br_code
from tests.stack import KEYS

CODE = br_code("149.90")
PIXELS = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}


@pytest.fixture(autouse=True)
def pictures(tmp_path, monkeypatch):
    monkeypatch.setattr(shell, "PROJECT_ROOT", tmp_path)
    monkeypatch.setattr(shell, "FILES", tmp_path / "var" / "shell")
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


@pytest.fixture
def store(tmp_path, monkeypatch):
    engine = open_database(f"sqlite:///{tmp_path / 'bot.db'}")
    made = MediaStore(engine, Vault([KEYS["PII_ENCRYPTION_KEYS"]], KEYS["PII_INDEX_KEY"]))
    monkeypatch.setattr(shell, "media_store", lambda: made)
    yield made
    engine.dispose()


@pytest.mark.parametrize("filename", ["boleto-2026-12-05.pdf", "../../boleto-2026-12-05.pdf"])
def test_a_slip_is_written_beside_the_pictures_and_named(pictures, store, capsys, filename):
    media_id = store.put(b"%PDF-1.7 %%EOF", "application/pdf", filename)
    shell.print_bot_output({"custom": {"type": "slip_pdf", "media_id": media_id, "filename": filename}})

    assert "PDF: var/shell/boleto-2026-12-05.pdf" in capsys.readouterr().out
    assert (pictures / "var/shell/boleto-2026-12-05.pdf").read_bytes() == b"%PDF-1.7 %%EOF"


@pytest.mark.usefixtures("store")
def test_a_slip_whose_time_is_over_is_asked_for_again(capsys):
    shell.print_bot_output({"custom": {"type": "slip_pdf", "media_id": "0" * 32, "filename": "a.pdf"}})

    assert "não está mais guardado" in capsys.readouterr().out


def test_a_text_is_left_to_rasa(capsys):
    shell.print_bot_output({"text": "Olá!"})

    assert "Olá!" in capsys.readouterr().out
