"""`python -m actions`: serve the custom actions on loopback, as the settings say."""

from __future__ import annotations

import logging
import socket
import sys

from actions.context import context
from actions.server import build_app
from billing import logs
from billing.settings import SettingsError, settings

HOST = "127.0.0.1"


def main() -> int:
    """Serve until stopped; returns the exit status."""
    try:
        port = settings().actions_port
        logging.basicConfig(level=settings().log_level)
        logs.configure(settings().log_format)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError:
        sys.stderr.write(f"A porta {port} já está em uso; escolha outra com ACTIONS_PORT.\n")
        return 2
    context()
    build_app().run(sock=listener, access_log=False, motd=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
