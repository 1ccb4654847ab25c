"""What `rasa shell` shows of an answer: texts, files written under `var/`, QR codes drawn in the terminal."""

from __future__ import annotations

import io
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any

import rasa.shared.utils.cli
import segno
from rasa.core.channels import console
from rasa.shared.utils.io import bcolors

from billing.database import open_database
from billing.media import MediaStore
from billing.settings import PROJECT_ROOT, VAR_DIR, settings
from billing.vault import Vault

upstream_print = console._print_bot_output  # noqa: SLF001 - replaced by print_bot_output, which hands the rest to it

FILES = VAR_DIR / "shell"
_numbers = count(1)


def print_bot_output(
    message: dict[str, Any], is_latest_message: bool = False, color: str = bcolors.OKBLUE
) -> Any:
    """Show one message of the bot.

    Args:
        message: As the REST channel gives it.
        is_latest_message: Whether buttons may be offered for choosing.
        color: Terminal colour of the text.

    Returns:
        Upstream's question when buttons are offered, else None.
    """
    custom = message.get("custom") or {}
    if custom.get("type") == "pix_qr_code":
        _show_qr_code(custom["code"], color)
        return None
    if custom.get("type") == "slip_pdf":
        _show_slip(custom["media_id"], color)
        return None
    return upstream_print(message, is_latest_message, color)


def _show_qr_code(code: str, color: str) -> None:
    qr_code = segno.make(code, error="m", micro=False)
    drawing = io.StringIO()
    qr_code.terminal(drawing, compact=True)
    # The drawing carries its own colours: a QR code must be dark on light to be read.
    print(drawing.getvalue())  # noqa: T201 - this is the shell's screen
    FILES.mkdir(parents=True, exist_ok=True)
    picture = FILES / f"qr-{next(_numbers)}.png"
    qr_code.save(str(picture), scale=8, border=4)
    rasa.shared.utils.cli.print_color(f"Imagem: {picture.relative_to(PROJECT_ROOT)}", color=color)


def _show_slip(media_id: str, color: str) -> None:
    slip = media_store().get(media_id)
    if slip is None:
        rasa.shared.utils.cli.print_color("O boleto não está mais guardado; peça de novo.", color=color)
        return
    FILES.mkdir(parents=True, exist_ok=True)
    # Without the folders that a name may carry.
    path = FILES / Path(slip.filename).name
    path.write_bytes(slip.content)
    rasa.shared.utils.cli.print_color(f"PDF: {path.relative_to(PROJECT_ROOT)}", color=color)


@lru_cache(maxsize=1)
def media_store() -> MediaStore:
    """Where the action server puts slips; opened at the first one."""
    return MediaStore(open_database(settings().database_url), Vault.from_settings(settings()))
