"""Child processes that live exactly as long as the command that started them."""

from __future__ import annotations

import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from billing.settings import PROJECT_ROOT, VAR_DIR

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

HOST = "127.0.0.1"
STOP_SECONDS = 10

QUIET_RASA = {
    "RASA_TELEMETRY_ENABLED": "false",
    "PYTHONWARNINGS": "ignore",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    # Else structlog colours its lines in a terminal, and nobody can tell an event's name from its values.
    "FORCE_JSON_LOGGING": "true",
    # A message is too short for a second thread of linear algebra, which spins when it has nothing to do.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
"""For every process that imports Rasa: no telemetry, no start-up noise of its libraries, no idle threads."""


class StartFailed(Exception):
    """Something could not be started; the text says what and what to do, for the operator."""


@dataclass(frozen=True)
class Service:
    """A process that answers HTTP on loopback.

    Attributes:
        title: What it is, for messages.
        command: Program and arguments.
        port: Where it listens.
        port_variable: The setting that changes the port.
        health_path: Answers 200 when it is ready.
    """

    title: str
    command: Sequence[str]
    port: int
    port_variable: str
    health_path: str


def require_free_port(port: int, title: str, variable: str) -> None:
    """Refuse early and clearly when a port is taken.

    Raises:
        StartFailed: Naming the port and the setting.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise StartFailed(
                f"A porta {port} ({title}) já está em uso. Libere-a ou escolha outra: "
                f"{variable}=<porta> no ambiente ou no arquivo .env."
            ) from None


@contextmanager
def running(service: Service, environment: Mapping[str, str], *, patience: float = 60) -> Iterator[None]:
    """Start a service, wait until it is ready, and stop it at the end in any case.

    Args:
        service: What to start; its output goes to `var/log/`.
        environment: All variables of the process.
        patience: Seconds to wait for it.

    Raises:
        StartFailed: When it ended or did not become ready in time.
    """
    name = service.port_variable.removesuffix("_PORT").lower()
    log_path = VAR_DIR / "log" / f"{name}-{service.port}.log"
    log_path.parent.mkdir(parents=True, exist_ok=True)
    with log_path.open("w", encoding="utf-8") as log:
        # A session of its own: Ctrl-C in the terminal is for the shell in front, not for this one.
        process = subprocess.Popen(
            service.command,
            cwd=PROJECT_ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        url = f"http://{HOST}:{service.port}{service.health_path}"
        give_up_at = time.monotonic() + patience
        while not answers(url):
            if process.poll() is not None or time.monotonic() > give_up_at:
                last_lines = "\n".join(log_path.read_text(encoding="utf-8").splitlines()[-5:])
                raise StartFailed(
                    f"Não consegui iniciar: {service.title}. Últimas linhas de {log_path}:\n{last_lines}"
                )
            time.sleep(0.1)
        yield
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to end, and insist."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def answers(url: str) -> bool:
    """Whether the address answers 200."""
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310 - always http on loopback
            return bool(answer.status == 200)  # noqa: PLR2004 - HTTP's "OK"
    except (urllib.error.URLError, OSError):
        return False
