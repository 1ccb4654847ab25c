"""`python -m sandbox`: runs the sandbox SGP on this machine until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import errno
import os
import signal
import sys

from aiohttp import web

from sandbox.sgp.server import create_app

HOST = "127.0.0.1"
DEFAULT_PORT = 8010
MAX_PORT = 65_535
EXIT_PORT = 2
# Hanging calls (the timeout faults) must not hold the stop up.
SHUTDOWN_SECONDS = 0.2


async def serve(port: int) -> None:
    """Serves until SIGTERM or SIGINT.

    Args:
        port: TCP port on the loopback interface; 0 takes a free one, which the printed line tells.

    Raises:
        OSError: The port cannot be had.
    """
    stop = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    runner = web.AppRunner(
        create_app(), access_log=None, handler_cancellation=True, shutdown_timeout=SHUTDOWN_SECONDS
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port).start()
        _, bound = runner.addresses[0]
        sys.stdout.write(f"sandbox SGP em http://{HOST}:{bound}\n")
        sys.stdout.flush()
        await stop.wait()
    finally:
        await runner.cleanup()


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > MAX_PORT:
        raise argparse.ArgumentTypeError(
            f"porta inválida: {text} (use --port ou SANDBOX_PORT, de 0 a {MAX_PORT})"
        )
    return int(text)


def main() -> int:
    """Reads the port and serves.

    Returns:
        0 after an orderly stop, 2 when the port cannot be had.
    """
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="SGP de demonstração")
    parser.add_argument(
        "--port",
        type=_port,
        default=os.environ.get("SANDBOX_PORT", str(DEFAULT_PORT)),
        help=f"porta em {HOST} (padrão: SANDBOX_PORT ou {DEFAULT_PORT})",
    )
    port = parser.parse_args().port
    try:
        asyncio.run(serve(port))
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        sys.stderr.write(
            f"A porta {port} não está disponível. Escolha outra com --port ou com a variável SANDBOX_PORT.\n"
        )
        return EXIT_PORT
    return 0


if __name__ == "__main__":
    sys.exit(main())
