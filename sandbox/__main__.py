"""`python -m sandbox`: runs the sandbox SGP on this machine until it is told to stop."""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from typing import TYPE_CHECKING

from sandbox import serving
from sandbox.sgp.server import create_app

if TYPE_CHECKING:
    from aiohttp import web

DEFAULT_PORT = 8010


async def _build() -> web.Application:
    return create_app()


def main() -> int:
    """Reads the port and serves.

    Returns:
        0 after an orderly stop, 2 when the port cannot be had.
    """
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="SGP de demonstração")
    parser.add_argument(
        "--port",
        type=partial(serving.port, ways="--port ou SANDBOX_PORT"),
        default=os.environ.get("SANDBOX_PORT", str(DEFAULT_PORT)),
        help=f"porta em {serving.HOST} (padrão: SANDBOX_PORT ou {DEFAULT_PORT})",
    )
    number = parser.parse_args().port
    return serving.run(_build, number, "sandbox SGP", "--port ou com a variável SANDBOX_PORT")


if __name__ == "__main__":
    sys.exit(main())
