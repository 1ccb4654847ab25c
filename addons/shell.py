"""What `rasa shell` shows of an answer: texts, links, and QR codes drawn in the terminal."""

from __future__ import annotations

import io
from itertools import count
from typing import Any

import rasa.shared.utils.cli
import segno
from rasa.core.channels import console
from rasa.shared.utils.io import bcolors

from billing.settings import PROJECT_ROOT, VAR_DIR

upstream_print = console._print_bot_output  # noqa: SLF001 - replaced by print_bot_output, which hands the rest to it

PICTURES = VAR_DIR / "shell"
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
    if "attachment" in message:
        rasa.shared.utils.cli.print_color(f"PDF: {message['attachment']}", color=color)
        return None
    return upstream_print(message, is_latest_message, color)


def _show_qr_code(code: str, color: str) -> None:
    qr_code = segno.make(code, error="m", micro=False)
    drawing = io.StringIO()
    qr_code.terminal(drawing, compact=True)
    # The drawing carries its own colours: a QR code must be dark on light to be read.
    print(drawing.getvalue())  # noqa: T201 - this is the shell's screen
    PICTURES.mkdir(parents=True, exist_ok=True)
    picture = PICTURES / f"qr-{next(_numbers)}.png"
    qr_code.save(str(picture), scale=8, border=4)
    rasa.shared.utils.cli.print_color(f"Imagem: {picture.relative_to(PROJECT_ROOT)}", color=color)
