"""What production runs refuses what is unsafe, answers, and ends as a supervisor expects."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from billing.settings import PROJECT_ROOT
from deploy.model import train_if_needed
from deploy.processes import QUIET_RASA, Service, StartFailed, answers, running, stop
from deploy.serve import CHANNEL, CREDENTIALS, refuse_other_channels
from sandbox.sgp.server import APP, TOKEN
from tests.fake_twilio import running_twilio
from tests.stack import KEYS, free_ports

START_SECONDS = 240
STOP_SECONDS = 40

whole = pytest.mark.xdist_group("whatsapp")


def test_the_committed_credentials_are_accepted():
    refuse_other_channels(CREDENTIALS)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (f"{CHANNEL}:\nrest:\n", "rest"),
        (f"{CHANNEL}:\ntwilio:\n  account_sid: x\n", "twilio"),
        ("rasa.core.channels.console.CmdlineInput:\n", "CmdlineInput"),
        ("", CHANNEL),
        ("a: [", "credentials.yml"),
        (None, "credentials.yml"),
    ],
)
def test_other_channels_and_unreadable_files_are_refused(tmp_path, text, named):
    path = tmp_path / "credentials.yml"
    if text is not None:
        path.write_text(text, encoding="utf-8")

    with pytest.raises(StartFailed, match=named):
        refuse_other_channels(path)


def serve(environment, log):
    return subprocess.Popen(
        [sys.executable, "-m", "deploy.serve"],
        cwd=PROJECT_ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
    )


def test_whatever_is_missing_is_named_at_once(tmp_path):
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("SGP_", "TWILIO_"))}
    with (tmp_path / "log").open("wb") as log:
        process = serve({**bare, **QUIET_RASA, "SGP_BASE_URL": "", "PUBLIC_BASE_URL": ""}, log)
        assert process.wait(60) == 2

    said = (tmp_path / "log").read_text(encoding="utf-8")
    for name in ("SGP_BASE_URL", "SGP_TOKEN", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "PUBLIC_BASE_URL"):
        assert name in said
    assert "Traceback" not in said


@contextmanager
def serving(tmp_path):
    """A server that answers; yields its process, its Twilio and the address whether it is ready."""
    train_if_needed()
    sandbox_port, actions_port, bot_port = free_ports(3)
    bot_url = f"http://127.0.0.1:{bot_port}"
    sgp = [sys.executable, "-m", "sandbox", "--port", str(sandbox_port)]
    service = Service("SGP", sgp, sandbox_port, "SANDBOX_PORT", "/_sandbox/customers")
    with running_twilio(bot_url) as twilio:
        environment = {
            **os.environ,
            **QUIET_RASA,
            **KEYS,
            **twilio.environment(),
            "SGP_BASE_URL": f"http://127.0.0.1:{sandbox_port}",
            "SGP_TOKEN": TOKEN,
            "SGP_APP": APP,
            "PUBLIC_BASE_URL": bot_url,
            "ACTIONS_PORT": str(actions_port),
            "BOT_PORT": str(bot_port),
            "DATABASE_URL": f"sqlite:///{tmp_path / 'bot.db'}",
        }
        with running(service, environment), (tmp_path / "log").open("wb") as log:
            process = serve(environment, log)
            try:
                give_up_at = time.monotonic() + START_SECONDS
                while not answers(f"{bot_url}/webhooks/whatsapp/ready"):
                    assert process.poll() is None, (tmp_path / "log").read_text()[-3000:]
                    assert time.monotonic() < give_up_at
                    time.sleep(0.2)
                yield process, twilio, environment
            finally:
                stop(process)


def children(process):
    """Ids of a process's children."""
    found = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=False)  # noqa: S607 - from PATH
    return [int(line) for line in found.stdout.split()]


def is_there(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@whole
def test_it_answers_and_ends_cleanly_when_told_to(tmp_path):
    with serving(tmp_path) as (process, twilio, _):
        twilio.write_as("whatsapp:+5511988880001", "oi")
        assert twilio.phone("whatsapp:+5511988880001", count=1, seconds=60)
        both = children(process)

        process.send_signal(signal.SIGTERM)

        assert process.wait(STOP_SECONDS) == 0
        assert len(both) == 2
        assert not any(map(is_there, both))


@whole
@pytest.mark.parametrize("victim", [0, pytest.param(1, marks=pytest.mark.soak)])
def test_when_one_of_the_two_dies_the_whole_ends_with_an_error(tmp_path, victim):
    with serving(tmp_path) as (process, _, _):
        both = children(process)

        os.kill(both[victim], signal.SIGKILL)

        assert process.wait(STOP_SECONDS) == 1
        assert not any(map(is_there, both))
    assert "terminou sozinho" in (tmp_path / "log").read_text(encoding="utf-8")
