"""`make run` as a person uses it: in a terminal, from the first line to the prompt of the shell again."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pexpect
import pytest
import zxingcpp
from PIL import Image

from billing.settings import PROJECT_ROOT, VAR_DIR
from tests.stack import free_ports

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.xdist_group("terminal")

PROMPT = "Your input ->"
CODE = r"000201.+6304[0-9A-F]{4}"
ANSI = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


def environment(**changes: str) -> dict[str, str]:
    sandbox, actions, bot = (str(port) for port in free_ports(3))
    ports = {"SANDBOX_PORT": sandbox, "ACTIONS_PORT": actions, "BOT_PORT": bot}
    return {**os.environ, **ports, "TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1", **changes}


@contextmanager
def terminal(env: dict[str, str]) -> Iterator[pexpect.spawn]:
    child = pexpect.spawn(
        sys.executable,
        ["-m", "deploy.run"],
        cwd=str(PROJECT_ROOT),
        env=env,
        encoding="utf-8",
        timeout=90,
        dimensions=(60, 200),
    )
    try:
        yield child
    finally:
        child.close(force=True)


def say(child: pexpect.spawn, text: str, expected: str) -> str:
    child.expect_exact(PROMPT)
    child.send(text + "\r")
    child.expect(expected)
    return ANSI.sub("", child.before + child.after)


def listening(env: dict[str, str]) -> list[str]:
    busy = []
    for name in ("SANDBOX_PORT", "ACTIONS_PORT", "BOT_PORT"):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", int(env[name]))) == 0:
                busy.append(name)
    return busy


def test_a_demo_customer_gets_every_format_and_nothing_is_left_behind() -> None:
    env = environment()
    with terminal(env) as child:
        child.expect_exact("Quem você quer ser?")
        child.sendline("ana")
        child.expect_exact("ANA AMOSTRA SOUZA")
        say(child, "quero meu boleto", "CPF ou CNPJ")
        say(child, "123.456.789-09", "Qual você quer")
        say(child, "a segunda", "Como você quer pagar")
        code = re.search(CODE, say(child, "pix", CODE))
        assert code
        drawn = say(child, "agora o qr code", r"Imagem: \S+\.png")
        assert "█▀" in drawn
        picture = re.search(r"Imagem: (\S+\.png)", drawn)
        assert picture
        assert zxingcpp.read_barcodes(Image.open(PROJECT_ROOT / picture[1]))[0].text == code[0]
        slip = re.search(r"PDF: (var/shell/boleto-\S+\.pdf)", say(child, "e o pdf", r"PDF: \S+\.pdf"))
        assert slip
        assert (PROJECT_ROOT / slip[1]).read_bytes().startswith(b"%PDF-")
        say(child, "linha digitável", r"\d{5}\.\d{5} \d{5}\.\d{6}")
        child.expect_exact(PROMPT)
        child.send("/stop\r")
        child.expect(pexpect.EOF)
    assert child.exitstatus == 0
    assert listening(env) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_no_process_behind(number: signal.Signals) -> None:
    env = environment()
    with terminal(env) as child:
        child.expect_exact("Quem você quer ser?")
        assert listening(env) == ["SANDBOX_PORT", "ACTIONS_PORT"]
        os.kill(child.pid, number)
        child.expect(pexpect.EOF)
    assert listening(env) == []


def test_ctrl_c_at_the_question_leaves_no_process_behind() -> None:
    env = environment()
    with terminal(env) as child:
        child.expect_exact("Quem você quer ser?")
        child.sendintr()
        child.expect(pexpect.EOF)
    assert listening(env) == []


@pytest.mark.parametrize("name", ["SANDBOX_PORT", "ACTIONS_PORT", "BOT_PORT"])
def test_a_taken_port_is_named_with_the_way_out(name: str) -> None:
    env = environment()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(env[name])))
        taken.listen()
        ended = subprocess.run(
            [sys.executable, "-m", "deploy.run"],
            cwd=PROJECT_ROOT,
            env=env,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert ended.returncode == 2
    assert env[name] in ended.stderr
    assert f"{name}=<porta>" in ended.stderr


def test_wrong_settings_are_all_named() -> None:
    env = environment(SGP_BASE_URL="http://sgp.provedor.example", BOT_PORT="0", TZ_PROVIDER="Lua/Cratera")
    ended = subprocess.run(
        [sys.executable, "-m", "deploy.run"],
        cwd=PROJECT_ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert all(name in ended.stderr for name in ("SGP_BASE_URL", "BOT_PORT", "TZ_PROVIDER"))
    assert "Traceback" not in ended.stderr


def test_a_real_sgp_wants_the_operators_proof() -> None:
    keys = ("PII_ENCRYPTION_KEYS", "PII_INDEX_KEY", "MEDIA_SIGNING_KEY", "ACTIONS_TOKEN")
    key = "dGVzdC1rZXktMzItYnl0ZXMtbG9uZy0uLi4uLi4uLi4="
    database = f"sqlite:///{VAR_DIR / 'test-operator.db'}"
    env = environment(
        SGP_BASE_URL="https://sgp.provedor.example",
        SGP_TOKEN="t",
        SGP_APP="a",
        DATABASE_URL=database,
        **dict.fromkeys(keys, key),
    )
    with terminal(env) as child:
        child.expect_exact("exige ADMIN_TOKEN")
        child.expect(pexpect.EOF)
    with terminal({**env, "ADMIN_TOKEN": "segredo"}) as child:
        child.expect_exact("ADMIN_TOKEN: ")
        child.sendline("outro")
        child.expect_exact("não é o valor de ADMIN_TOKEN")
        child.expect(pexpect.EOF)
    assert listening(env) == []
