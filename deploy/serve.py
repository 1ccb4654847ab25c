"""`make serve`: what production runs, in the foreground, configured by the environment alone."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, NoReturn

from rasa.shared.exceptions import RasaException
from rasa.shared.utils.io import read_yaml_file

from billing.settings import PROJECT_ROOT, ServingSettings, SettingsError, load_settings
from deploy.manifest import Manifest, ModelRefused
from deploy.model import MODELS, TrainingFailed, model_path, train_if_needed
from deploy.processes import HOST, QUIET_RASA, StartFailed, answers, require_free_port, stop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from billing.settings import Settings

CREDENTIALS = PROJECT_ROOT / "credentials.yml"
CHANNEL = "addons.whatsapp.channel.WhatsAppChannel"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - the load balancer comes from elsewhere; each route checks who asks
START_SECONDS = 180
LOOK_SECONDS = 0.2
PR_SET_PDEATHSIG = 1


class ChildDied(Exception):
    """One of the processes ended by itself."""


class Stopped(Exception):
    """Somebody asked for the end."""


def main() -> int:
    """Serve until told to stop; returns the exit status."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _leave)
    try:
        settings = load_settings(ServingSettings)
        refuse_other_channels(CREDENTIALS)
        _serve(settings)
    except Stopped:
        return 0
    except (SettingsError, StartFailed, TrainingFailed, ModelRefused) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except ChildDied as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def refuse_other_channels(credentials: Path) -> None:
    """Refuse to serve a channel that checks nobody, like Rasa's own `rest` and `twilio`.

    Args:
        credentials: The file of Rasa's channels.

    Raises:
        StartFailed: When another channel than ours stands in it, or ours does not.
    """
    try:
        channels = set(read_yaml_file(str(credentials)) or {})
    except (RasaException, OSError) as error:
        raise StartFailed(f"Não consegui ler {credentials.name}: {error}") from None
    others = sorted(channels - {CHANNEL})
    if others:
        raise StartFailed(
            f"{credentials.name} também abre: {', '.join(others)}. Só o WhatsApp confere quem escreve; "
            "tire os outros canais do arquivo."
        )
    if not channels:
        raise StartFailed(f"{credentials.name} não abre nenhum canal; acrescente a linha `{CHANNEL}:`.")


def model_to_serve() -> Path:
    """The model of the present data, else the newest that was trained here, else a new one.

    Raises:
        TrainingFailed: When there was none and Rasa could not train.
        ModelRefused: When the chosen file is not the one that was trained.
    """
    present = model_path()
    manifest = Manifest(MODELS)
    kept = manifest.kept()
    for unknown in sorted(set(MODELS.glob("*.tar.gz")) - set(kept)):
        _say(f"O modelo {unknown.name} não está na lista do que foi treinado aqui e não será aberto.\n")
    if present in kept or not kept:
        return train_if_needed()
    manifest.require(kept[0])
    _say(f"Os dados mudaram depois do modelo {kept[0].name}, que fica em uso; `make train` faz outro.\n")
    return kept[0]


def _serve(settings: Settings) -> None:
    require_free_port(settings.bot_port, "servidor Rasa", "BOT_PORT")
    require_free_port(settings.actions_port, "servidor de ações", "ACTIONS_PORT")
    model = model_to_serve()
    written = {"LOG_LEVEL": settings.log_level, "LOG_FORMAT": settings.log_format}
    environment = {**os.environ, **QUIET_RASA, **written}
    rasa = ["rasa", "run", "--model", str(model), "--credentials", str(CREDENTIALS)]
    rasa += ["--endpoints", str(PROJECT_ROOT / "endpoints.yml")]
    rasa += ["--interface", EVERYWHERE, "--port", str(settings.bot_port)]
    with ExitStack() as services:
        children: dict[str, subprocess.Popen[bytes]] = {}
        # Stopped in the opposite order: the turns under way still need the action server.
        children["servidor de ações"] = services.enter_context(_child(["actions"], environment))
        _wait(children, f"http://{HOST}:{settings.actions_port}/health")
        children["servidor Rasa"] = services.enter_context(_child(rasa, environment))
        _wait(children, f"http://{HOST}:{settings.bot_port}/webhooks/whatsapp/ready")
        _say(f"No ar na porta {settings.bot_port}. A Twilio chega por {settings.public_base_url}.\n")
        while True:
            _require_alive(children)
            time.sleep(LOOK_SECONDS)


@contextmanager
def _child(module: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    # A session of its own: Ctrl-C in the terminal is for us, who stop the two in order.
    process = subprocess.Popen(
        [sys.executable, "-m", *module],
        cwd=PROJECT_ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_end_with_parent,  # noqa: PLW1509 - no threads here
    )
    try:
        yield process
    finally:
        stop(process)


def _end_with_parent() -> None:
    """On Linux a child ends with us also when we are killed, and leaves the ports to our successor."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _wait(children: dict[str, subprocess.Popen[bytes]], url: str) -> None:
    give_up_at = time.monotonic() + START_SECONDS
    while not answers(url):
        _require_alive(children)
        if time.monotonic() > give_up_at:
            raise StartFailed(f"{url} não respondeu em {START_SECONDS} s; veja as linhas acima.")
        time.sleep(LOOK_SECONDS)


def _require_alive(children: dict[str, subprocess.Popen[bytes]]) -> None:
    for title, process in children.items():
        if (status := process.poll()) is not None:
            raise ChildDied(f"O {title} terminou sozinho (status {status}); encerrando tudo.")


def _leave(_number: int, _frame: object) -> NoReturn:
    # Once is enough: a second signal must not disturb the way out.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise Stopped


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
