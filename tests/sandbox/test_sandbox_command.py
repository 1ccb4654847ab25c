"""`python -m sandbox` as a person or a Makefile runs it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def command(*arguments):
    return [sys.executable, "-W", "error", "-m", "sandbox", *arguments]


@contextmanager
def running():
    process = subprocess.Popen(
        command("--port", "0"), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process, process.stdout.readline()
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_it_tells_its_address_and_stops_at_once_even_with_a_hanging_call(signum):
    with running() as (process, line):
        address = re.fullmatch(r"sandbox SGP em (http://127\.0\.0\.1:\d+)\n", line).group(1)
        fault = urllib.request.Request(  # noqa: S310 - loopback
            f"{address}/_sandbox/faults", data=b'{"endpoint": "boleto", "kind": "timeout"}'
        )
        urllib.request.urlopen(fault).close()  # noqa: S310 - loopback
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as hanging:
            hanging.sendall(b"GET /boleto/30011-X/ HTTP/1.1\r\nHost: x\r\n\r\n")
            with urllib.request.urlopen(f"{address}/_sandbox/log") as log:  # noqa: S310 - loopback
                assert b"calls" in log.read()
            began = time.monotonic()
            process.send_signal(signum)
            assert process.wait(timeout=5) == 0
            assert time.monotonic() - began < 1
        assert process.stderr.read() == ""


@pytest.mark.parametrize("by_variable", [False, True])
def test_a_taken_port_is_told_in_portuguese(by_variable):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        arguments = () if by_variable else ("--port", port)
        environment = os.environ | ({"SANDBOX_PORT": port} if by_variable else {})
        done = subprocess.run(
            command(*arguments), cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
    assert done.returncode == 2
    assert done.stdout == ""
    assert f"A porta {port} não está disponível" in done.stderr
    assert "--port" in done.stderr
    assert "SANDBOX_PORT" in done.stderr


@pytest.mark.parametrize("port", ["70000", "oito"])
def test_an_impossible_port_is_refused(port):
    done = subprocess.run(command("--port", port), cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, f"porta inválida: {port}" in done.stderr) == (2, True)
