"""One line for a person, one object for a collector; both say which turn they belong to."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from billing.correlation import NO_TURN, TURN_HEADER, begin_turn, current_turn_id, turn, turn_id_of
from billing.settings import PROJECT_ROOT

PROGRAM = """
import logging, sys
from billing import correlation, logs
logging.basicConfig(level=logging.INFO, stream={stream})
logs.configure({style!r})
logs.configure({style!r})
logger = logging.getLogger("billing.x")
with correlation.turn("0123456789ab"):
    logger.info("SGP called", extra={{"endpoint": "/api/ura/titulos/", "outcome": 200, "ms": 12, "cpf": "x"}})
logging.getLogger("urllib3").warning("to %s", "maria")
cut_off = logging.getLogger("sanic.error")
cut_off.propagate = False
cut_off.error("while handling uri: %r", "/media/52998224725?n=maria")
raise ValueError("52998224725 maria")
"""


def lines(style, stream="sys.stderr"):
    program = PROGRAM.format(style=style, stream=stream)
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr.splitlines()


def test_json_lines():
    first, second, cut_off, last = map(json.loads, lines("json"))

    assert first.pop("time").endswith("+00:00")
    assert first == {
        "level": "INFO",
        "logger": "billing.x",
        "turn": "0123456789ab",
        "message": "SGP called",
        "endpoint": "/api/ura/titulos/",
        "outcome": 200,
        "ms": 12,
    }
    assert second["turn"] == NO_TURN
    assert (cut_off["logger"], cut_off["message"]) == ("sanic.error", "…")
    assert (last["message"], last["level"]) == ("the process ends", "CRITICAL")
    assert last["exception"].endswith("ValueError: …")


@pytest.mark.parametrize("stream", ["sys.stderr", "sys.stdout"])
def test_text_lines_replace_what_was_written_to_the_console(stream):
    written = lines("text", stream)

    assert written[0].endswith(
        "INFO billing.x [0123456789ab] SGP called endpoint=/api/ura/titulos/ outcome=200 ms=12"
    )
    assert sum("SGP called" in line for line in written) == 1
    assert written[-1] == "ValueError: …"


def test_a_turn_is_named_after_its_message_and_does_not_show_it():
    name = turn_id_of("SM0123456789")

    assert name == turn_id_of("SM0123456789") != turn_id_of("SM0123456780")
    assert len(name) == 12
    assert turn_id_of("\ud800")


def test_a_turn_ends_where_it_was_begun():
    with turn("0123456789ab"):
        assert current_turn_id() == "0123456789ab"
    assert current_turn_id() == NO_TURN


@pytest.mark.parametrize("header", [None, "", "x", "0123456789AB", "0123456789ab\n", "0123456789abc", "joão"])
def test_what_is_no_turn_in_the_header_is_none(header):
    with turn("0123456789ab"):
        begin_turn(header)

        assert current_turn_id() == NO_TURN


def test_another_process_goes_on_with_the_turn():
    with turn(NO_TURN):
        begin_turn("0123456789ab")

        assert current_turn_id() == "0123456789ab"
    assert TURN_HEADER == "X-Turn-Id"
