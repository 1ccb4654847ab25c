"""Planted values are looked for in what handlers wrote; without the filter the same search finds them."""

from __future__ import annotations

import io
import json
import logging

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from billing import correlation
from billing.database import open_database
from billing.logs import RedactingFilter, mask
from billing.tables import write_claims
from tests.billing.test_redaction import BR_CODE

NAME = "Maria das Dores Planted"
PLANTED = ("529.982.247-25", "11987654321", "fulano@exemplo.com", BR_CODE, "segredo-plantado", NAME)
LIBRARY, OURS = "rasa.core.processor", "billing.payable"


def fail_with_planted_values():
    raise ValueError(f"row {PLANTED[0]} of {NAME}")


def log_everywhere(logger):
    """As libraries do: every way of putting a value into a line."""
    logger.warning("documento %s", PLANTED[0])
    logger.warning("%(phone)s escreveu", {"phone": PLANTED[1]})
    logger.warning(f"Said '{NAME}' to {PLANTED[2]}.")  # noqa: G004 - as libraries do
    logger.warning("chamada {}".format({"token": PLANTED[4]}), stack_info=True)  # noqa: G001 - as above
    logger.warning("de " + NAME)  # noqa: G003 - as above
    logger.warning(BR_CODE)
    logger.warning(json.dumps({"event": "processor.parse", "level": "debug", "user_text": NAME}))
    try:
        fail_with_planted_values()
    except ValueError:
        logger.exception("falhou com %s", NAME)


def leaks(text):
    return [value for value in PLANTED if value in text]


@pytest.fixture
def capture():
    """A handler of its own on a logger of its own; returns what was written."""

    def run(*filters, use=log_everywhere, name=LIBRARY):
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
        if filters:
            mask(handler)
            mask(handler)
            assert len(handler.filters) == 1
        logger = logging.Logger(name)  # noqa: LOG001 - in no hierarchy, so that nothing else hears it
        logger.addHandler(handler)
        use(logger)
        return stream.getvalue()

    return run


def test_the_search_finds_planted_values_when_the_filter_is_off(capture):
    assert leaks(capture()) == list(PLANTED)


def test_of_a_librarys_lines_the_fixed_words_are_left(capture):
    written = capture(RedactingFilter)

    assert leaks(written) == []
    for line in (
        "WARNING documento …",
        "WARNING … escreveu",
        "WARNING Said '…' to ….",
        "WARNING chamada …",
        "WARNING de …",
        "WARNING …",
        "WARNING processor.parse user_text=…",
        "ERROR falhou com …",
        "ValueError: …",
    ):
        assert line in written.splitlines()
    assert "in fail_with_planted_values" in written, "the traceback itself has to stay"


def test_our_own_lines_are_shown_with_their_values_masked(capture):
    def use(logger):
        logger.warning("%s: %s vence em %s", "bill_form", PLANTED[0], "10/12/2026")
        logger.warning("pix %s", BR_CODE)

    assert capture(RedactingFilter, use=use, name=OURS) == (
        "WARNING bill_form: [documento] vence em 10/12/2026\nWARNING pix [pix]\n"
    )


def test_of_errors_only_those_speak_whose_texts_hold_no_values(capture, engine):
    def use(logger):
        try:
            try:
                fail_with_planted_values()
            except ValueError as error:
                raise ConnectionRefusedError(f"127.0.0.1:6379 refused {PLANTED[1]}") from error
        except OSError:
            logger.exception("x")
        with engine.begin() as connection:
            row = {"claim": NAME, "operation": PLANTED[0], "claimed_at": 1}
            connection.execute(sa.insert(write_claims).values(row))
            try:
                connection.execute(sa.insert(write_claims).values(row))
            except IntegrityError:
                logger.exception("x")

    written = capture(RedactingFilter, use=use, name=OURS)

    assert leaks(written) == []
    assert "ValueError: …" in written
    assert "ConnectionRefusedError: 127.0.0.1:6379 refused [telefone]" in written
    assert "UNIQUE constraint failed: write_claims.claim" in written


def test_the_engines_hide_what_statements_are_given(sqlite):
    engine = open_database(sqlite)

    assert engine.hide_parameters
    engine.dispose()


def test_errors_that_cause_each_other_end(capture):
    def use(logger):
        first, second = ValueError(NAME), KeyError(NAME)
        first.__cause__, second.__cause__ = second, first
        logger.error("x", exc_info=first)

    assert capture(RedactingFilter, use=use, name=OURS).count("Error: …") == 2


def test_a_record_that_logging_cannot_format_shows_nothing(capture, capsys):
    def use(logger):
        logger.warning("%d faturas", PLANTED[0])

    assert (
        capture(RedactingFilter, use=use, name=OURS) == "WARNING unreadable log record of billing.payable\n"
    )
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "message", ['{"event": "a name", "x": 1}', "{broken", '{"x": 1}', "[1]", '{"event": 3}']
)
def test_json_that_is_no_event_is_not_shown(capture, message):
    assert capture(RedactingFilter, use=lambda logger: logger.warning(message)) == "WARNING …\n"


def test_an_events_exception_is_named(capture):
    event = {"event": "processor.failed", "exception": [{"exc_type": "ValueError", "exc_value": NAME}]}

    assert capture(RedactingFilter, use=lambda logger: logger.warning(json.dumps(event))) == (
        "WARNING processor.failed exception=ValueError\n"
    )


def test_a_statement_without_source_is_not_shown(capture):
    def use(logger):
        exec(compile("logger.warning('of ' + name)", "<nowhere>", "exec"), {"logger": logger, "name": NAME})  # noqa: S102 - how code without a file is made

    assert capture(RedactingFilter, use=use) == "WARNING …\n"


def test_two_handlers_write_the_same_masked_record(capture):
    stream = io.StringIO()
    second = logging.StreamHandler(stream)
    mask(second)

    def use(logger):
        logger.addHandler(second)
        with correlation.turn("0123456789ab"):
            log_everywhere(logger)

    written = capture(RedactingFilter, use=use)

    assert leaks(written + stream.getvalue()) == []
    assert stream.getvalue().count("Traceback") == written.count("Traceback") == 1
    assert stream.getvalue().count("documento …") == 1
