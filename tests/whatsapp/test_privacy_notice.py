"""Who writes for the first time is told about privacy, once, without a message more."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from addons.whatsapp.leases import Leases, Scope
from addons.whatsapp.privacy_notice import PrivacyNotice
from addons.whatsapp.render import MAX_BODY, Button, Part
from addons.whatsapp.turn import Turns
from billing.tables import outbox, place, privacy_notices
from sandbox.sgp.brcode import br_code
from tests.whatsapp.conftest import ANA, LEASE, MARIA

URL = "https://provedor.example/privacidade"
SENTENCE = f"🔒 Usamos seus dados só para atender você. Saiba mais: {URL}"


@pytest.fixture
def talk(replica, clock):
    """One turn; what the answer says after it was kept."""
    leases = Leases(Scope.TURN, seconds=LEASE, clock=clock)
    notice = PrivacyNotice(URL, clock=clock)
    turns = Turns(replica.engine, replica.inbox, replica.outbox, leases, notice)

    def run(*parts, sender=MARIA):
        before = len(replica.rows("outbox"))
        turns.commit(turns.take(replica.write("oi", sender=sender)), parts, None)
        return [
            json.loads(replica.vault.open(row.content, place(outbox.c.content, row.sender_id)))
            for row in replica.rows("outbox")[before:]
        ]

    return run


def bodies(messages):
    return [message["body"] for message in messages]


def test_the_first_answer_ends_with_the_sentence_and_the_second_does_not(talk):
    assert bodies(talk(Part("text", "Olá!"), Part("text", "E mais."))) == [f"Olá!\n\n{SENTENCE}", "E mais."]
    assert bodies(talk(Part("text", "Olá!"))) == ["Olá!"]


def test_each_person_is_told(talk):
    talk(Part("text", "Olá!"))

    assert SENTENCE in bodies(talk(Part("text", "Olá!"), sender=ANA))[0]


def test_who_was_erased_is_told_again(talk, replica):
    talk(Part("text", "Olá!"))
    with replica.engine.begin() as connection:
        connection.execute(sa.delete(privacy_notices))

    assert SENTENCE in bodies(talk(Part("text", "Olá!")))[0]


def test_a_turn_that_is_not_committed_has_not_told(replica, clock):
    def fail(_connection):
        raise ZeroDivisionError

    sender_id = replica.write("oi")
    leases = Leases(Scope.TURN, seconds=LEASE, clock=clock)
    turns = Turns(replica.engine, replica.inbox, replica.outbox, leases, PrivacyNotice(URL, clock=clock))
    with pytest.raises(ZeroDivisionError):
        turns.commit(turns.take(sender_id), [Part("text", "Olá!")], fail)

    assert replica.rows("privacy_notices") == []


def test_a_silent_answer_a_file_and_a_code_have_no_place_for_it(talk, replica):
    code = br_code("psp.example/cobv/1")
    assert talk() == []
    assert bodies(talk(Part("media", media_id="0" * 32))) == [""]
    assert bodies(talk(Part("text", code))) == [code]
    assert bodies(talk(Part("text", "x" * MAX_BODY))) == ["x" * MAX_BODY]
    assert replica.rows("privacy_notices") == []
    assert SENTENCE in bodies(talk(Part("text", "Olá!")))[0]


def test_it_stands_above_a_template_s_buttons_too(talk):
    part = Part("text", "Qual?\n1. Sim", buttons=(Button("Sim", "sim"),), prompt="Qual?")

    (message,) = talk(part)

    assert message["body"] == f"Qual?\n1. Sim\n\n{SENTENCE}"
    assert message["prompt"] == f"Qual?\n\n{SENTENCE}"


def test_without_a_page_there_is_no_link():
    assert PrivacyNotice("").text == "🔒 Usamos seus dados só para atender você."
