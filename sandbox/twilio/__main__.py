"""`python -m sandbox.twilio`: runs the sandbox Twilio on this machine until it is told to stop."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from urllib.parse import urlsplit

from sandbox import serving
from sandbox.twilio.server import create_app
from sandbox.twilio.webhooks import Tunnel

DEFAULT_PORT = 8020
DEFAULT_BOT = "http://127.0.0.1:5005"


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise argparse.ArgumentTypeError(f"endereço inválido: {text} (use http:// ou https://)")
    return text.rstrip("/")


def main() -> int:
    """Reads the port and the bot's addresses, and serves.

    Returns:
        0 after an orderly stop, 2 when the port cannot be had.
    """
    parser = argparse.ArgumentParser(prog="python -m sandbox.twilio", description="Twilio de demonstração")
    parser.add_argument(
        "--port",
        type=partial(serving.port, ways="--port"),
        default=str(DEFAULT_PORT),
        help=f"porta em {serving.HOST} (padrão: {DEFAULT_PORT})",
    )
    parser.add_argument(
        "--bot-url", type=_address, default=DEFAULT_BOT, help=f"onde o robô escuta (padrão: {DEFAULT_BOT})"
    )
    parser.add_argument(
        "--public-base-url",
        type=_address,
        help="PUBLIC_BASE_URL do robô, usado nas assinaturas (padrão: o mesmo de --bot-url)",
    )
    given = parser.parse_args()
    tunnel = Tunnel(given.public_base_url or given.bot_url, given.bot_url)
    return serving.run(partial(create_app, tunnel), given.port, "sandbox Twilio", "--port")


if __name__ == "__main__":
    sys.exit(main())
