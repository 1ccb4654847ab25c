"""Serving a sandbox on this machine until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import errno
import signal
import sys
from collections.abc import Awaitable, Callable

from aiohttp import web

HOST = "127.0.0.1"
MAX_PORT = 65_535
EXIT_PORT = 2
# Hanging calls (the timeout faults) must not hold the stop up.
SHUTDOWN_SECONDS = 0.2

Build = Callable[[], Awaitable[web.Application]]


def port(text: str, ways: str) -> int:
    """Reads a port.

    Args:
        text: As given.
        ways: How it can be given, for the message.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    if not text.isdecimal() or int(text) > MAX_PORT:
        raise argparse.ArgumentTypeError(f"porta inválida: {text} (use {ways}, de 0 a {MAX_PORT})")
    return int(text)


def run(build: Build, number: int, title: str, ways: str) -> int:
    """Serves until SIGTERM or SIGINT.

    Args:
        build: Makes the application, inside the loop that serves it.
        number: TCP port on the loopback interface; 0 takes a free one, which the printed line tells.
        title: What it is, for that line.
        ways: How another port can be given, for the message when this one is taken.

    Returns:
        0 after an orderly stop, 2 when the port cannot be had.
    """
    try:
        asyncio.run(_serve(build, number, title))
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        sys.stderr.write(f"A porta {number} não está disponível. Escolha outra com {ways}.\n")
        return EXIT_PORT
    return 0


async def _serve(build: Build, number: int, title: str) -> None:
    stop = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    runner = web.AppRunner(
        await build(), access_log=None, handler_cancellation=True, shutdown_timeout=SHUTDOWN_SECONDS
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, number).start()
        _, bound = runner.addresses[0]
        sys.stdout.write(f"{title} em http://{HOST}:{bound}\n")
        sys.stdout.flush()
        await stop.wait()
    finally:
        await runner.cleanup()
