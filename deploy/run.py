"""`make run`: the whole bot in a terminal, as a demo customer or, with a real SGP, for an operator."""

from __future__ import annotations

import getpass
import hmac
import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, NoReturn

import requests

from billing.contacts import ContactBook, Proof
from billing.database import open_database
from billing.phones import canonical_phone
from billing.settings import PROJECT_ROOT, VAR_DIR, SettingsError, load_settings
from billing.vault import Vault
from deploy.manifest import ModelRefused
from deploy.model import TrainingFailed, train_if_needed
from deploy.processes import HOST, QUIET_RASA, Service, StartFailed, require_free_port, running, stop

if TYPE_CHECKING:
    from billing.settings import Settings

OPERATOR_SECONDS = 3600
SHELL_LOG = VAR_DIR / "log" / "shell.log"


def main() -> int:
    """Run until the shell ends; returns the exit status."""
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGHUP, _leave)
    try:
        return _run(_settings())
    except (SettingsError, StartFailed, TrainingFailed, ModelRefused) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        return 130


def _leave(number: int, _frame: object) -> NoReturn:
    # As an exception, so that every child is stopped on the way out.
    sys.exit(128 + number)


def _settings() -> Settings:
    """The settings, with a database of its own for the sandbox: each demo begins anew."""
    given = load_settings()
    if not given.sandbox or "database_url" in given.__fields_set__:
        return given
    database = VAR_DIR / f"demo-{given.bot_port}.db"
    for suffix in ("", "-wal", "-shm"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)
    return load_settings(database_url=f"sqlite:///{database}")


def _run(settings: Settings) -> int:
    require_free_port(settings.bot_port, "servidor Rasa", "BOT_PORT")
    require_free_port(settings.actions_port, "servidor de ações", "ACTIONS_PORT")
    if settings.sandbox:
        require_free_port(settings.sandbox_port, "SGP de demonstração", "SANDBOX_PORT")
    model = train_if_needed()
    environment = {**os.environ, **QUIET_RASA, "DATABASE_URL": settings.database_url}
    with ExitStack() as services:
        if settings.sandbox:
            services.enter_context(running(_sandbox(settings), environment))
        services.enter_context(running(_actions(settings), environment))
        address, proof, lifetime = _demo_sender(settings) if settings.sandbox else _operator_sender(settings)
        vault = Vault.from_settings(settings)
        contacts = ContactBook(open_database(settings.database_url), vault, demo_allowed=settings.sandbox)
        sender_id = contacts.remember(address, proof, lifetime=lifetime)
        sys.stdout.write(
            "Abrindo a conversa (o Rasa leva uns 20 segundos para carregar; /stop encerra) ...\n"
        )
        sys.stdout.flush()
        return _shell(settings, str(model), sender_id, environment)


def _sandbox(settings: Settings) -> Service:
    command = [sys.executable, "-m", "sandbox", "--port", str(settings.sandbox_port)]
    return Service(
        "o SGP de demonstração", command, settings.sandbox_port, "SANDBOX_PORT", "/_sandbox/customers"
    )


def _actions(settings: Settings) -> Service:
    command = [sys.executable, "-m", "actions"]
    return Service("o servidor de ações", command, settings.actions_port, "ACTIONS_PORT", "/health")


def _demo_sender(settings: Settings) -> tuple[str, Proof, float | None]:
    """Let the person at the terminal pick a demo customer."""
    customers = requests.get(f"{settings.sgp_url}/_sandbox/customers", timeout=5).json()
    sys.stdout.write("\nClientes de demonstração (o CPF ou CNPJ é o que o robô vai pedir):\n\n")
    for number, customer in enumerate(customers, start=1):
        sys.stdout.write(
            f"{number:3}. {customer['name']:<32} {customer['document']:<19} {customer['phone']}\n"
            f"     {customer['story']}\n"
        )
    keys = [customer["key"] for customer in customers]
    while True:
        sys.stdout.write(f"\nQuem você quer ser? [1-{len(customers)}, Enter para 1] ")
        sys.stdout.flush()
        answer = (sys.stdin.readline() or "\n").strip().lower() or "1"
        position = keys.index(answer) if answer in keys else int(answer) - 1 if answer.isdecimal() else -1
        if 0 <= position < len(customers):
            customer = customers[position]
            sys.stdout.write(f"\nVocê é {customer['name']}, {customer['document']}.\n")
            return f"whatsapp:{customer['phone']}", Proof.DEMO, None


def _operator_sender(settings: Settings) -> tuple[str, Proof, float | None]:
    """With a real SGP nobody is believed: the operator shows the administration token."""
    expected = settings.admin_token.get_secret_value()
    if not expected:
        raise StartFailed("Com um SGP real, a conversa de teste exige ADMIN_TOKEN definida no ambiente.")
    sys.stdout.write(f"SGP real: {settings.sgp_url}. Desbloqueios e chamados feitos aqui são de verdade.\n")
    if not hmac.compare_digest(getpass.getpass("ADMIN_TOKEN: ").encode(), expected.encode()):
        raise StartFailed("Esse não é o valor de ADMIN_TOKEN.")
    sys.stdout.write("WhatsApp do cliente que você representa, com +55 e DDD: ")
    sys.stdout.flush()
    phone = sys.stdin.readline().strip()
    if not phone.startswith("+") or canonical_phone(phone) is None:
        raise StartFailed("Esse número não está completo; escreva como +5511987654321.")
    return f"whatsapp:{phone}", Proof.OPERATOR, OPERATOR_SECONDS


def _shell(settings: Settings, model: str, sender_id: str, environment: dict[str, str]) -> int:
    command = [sys.executable, "-m", "rasa", "shell", "--quiet", "--model", model]
    command += ["--conversation-id", sender_id, "--interface", HOST, "--port", str(settings.bot_port)]
    # Ctrl-C belongs to the shell, which shares the terminal; this process waits for it to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with SHELL_LOG.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            command,
            cwd=PROJECT_ROOT,
            env={**environment, "LOG_LEVEL_LIBRARIES": "ERROR"},
            # The conversation is on standard output; what Rasa and its libraries complain of goes to the log.
            stderr=log,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509 - no threads here
        )
        try:
            status = process.wait()
        finally:
            stop(process)
    if status not in {0, -signal.SIGINT}:
        last_lines = "\n".join(SHELL_LOG.read_text(encoding="utf-8").splitlines()[-5:])
        raise StartFailed(f"A conversa terminou com erro. Últimas linhas de {SHELL_LOG}:\n{last_lines}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
