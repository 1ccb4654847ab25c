"""An unknown document and somebody else's: no clock and no trace tells one from the other."""

from __future__ import annotations

import random
import statistics
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
import requests
import sqlalchemy as sa
from rasa_sdk.executor import CollectingDispatcher
from scipy.stats import ks_2samp

from actions.identity import ActionIdentify
from billing import identity
from billing.audit import Audit
from billing.contacts import ContactBook, Proof
from billing.database import open_database
from billing.documents import parse
from billing.identity import IdentityService
from billing.sgp.client import SgpClient
from tests.actions.conftest import bench, settings_changes, webhook
from tests.sgp.conftest import FakeSgp, Reply

if TYPE_CHECKING:
    from actions.context import Context
    from billing.documents import Document
    from tests.actions.conftest import Bench

__all__ = ["bench", "settings_changes", "webhook"]

SEED = 20_261_125
STEP = 0.05
"""Seconds; shorter than the service's own, to make more tries in the time."""
NO_LIMIT = 10**9
LEAST_P = 0.01
STRANGER = "whatsapp:+5521999990000"
UNKNOWN = parse("935.411.347-80")


@dataclass
class Tries:
    """Identifications of a stranger by an ERP without latency, as the action does them, audit and all.

    Attributes:
        extra: Seconds by which a registered document takes longer.
    """

    bench: Bench
    here: Context
    sgp: FakeSgp
    registered: Document
    extra: float = 0.0
    statements: list[str] = field(default_factory=list)

    def once(self, document):
        """What the action tells the dialogue and the customer, and the seconds that it took."""
        tracker, dispatcher = self.bench.tracker(cpf=document.digits), CollectingDispatcher()
        begun = time.perf_counter()
        events = ActionIdentify().work(self.here, dispatcher, tracker)
        if document is self.registered and self.extra:
            time.sleep(self.extra)
        spent = time.perf_counter() - begun
        return (events, dispatcher.messages), spent

    def trace(self, document):
        """What is told, and all statements and calls without their values."""
        self.statements.clear()
        self.sgp.sent.clear()
        told, _ = self.once(document)
        calls = [(each.method, each.path, sorted(each.form), each.query) for each in self.sgp.sent]
        return told, list(self.statements), calls

    def sample(self, count, seed):
        """Times of `count` tries with each document, in a shuffled order."""
        documents = [UNKNOWN] * count + [self.registered] * count
        random.Random(seed).shuffle(documents)  # noqa: S311 - a test's chance
        times = [(document, self.once(document)[1]) for document in documents]
        return tuple(
            [spent for document, spent in times if document is which] for which in (UNKNOWN, self.registered)
        )


def p_value(tries, count):
    """The better of two samples: one in a hundred is below the limit by chance alone."""
    p = 0.0
    for seed in (SEED, SEED + 1):
        unknown, registered = tries.sample(count, seed)
        p = max(p, float(ks_2samp(unknown, registered).pvalue))
        print(  # noqa: T201 - the figures of the note
            f"\n{count} tries each: unknown {1000 * statistics.median(unknown):.2f} ms,"
            f" registered {1000 * statistics.median(registered):.2f} ms (medians), p = {p:.3f}"
        )
        if p > LEAST_P:
            break
    return p


@pytest.fixture(params=["happy", "multiple_contracts", "no_phones"])
def tries(request, bench, monkeypatch):
    monkeypatch.setattr(identity, "DOCUMENT_FAILURES", NO_LIMIT)
    monkeypatch.setattr(identity, "REFUSAL_STEP_SECONDS", STEP)
    sample, none = (Reply.sample(f"consultacliente__{name}") for name in (request.param, "not_found"))
    registered = parse(sample.body["contratos"][0]["cpfCnpj"])
    sgp = FakeSgp().will(lambda sent: sample if sent.form["cpfcnpj"] == registered.digits else none)
    engine = open_database(bench.here.settings.database_url)
    with requests.Session() as session:
        session.trust_env = False
        session.mount("https://", sgp)
        client = SgpClient("https://sgp.example", "token", "app", session=session)
        contacts = ContactBook(engine, bench.here.vault, demo_allowed=True)
        limits = {"lockout_failures": NO_LIMIT, "flood_failures": NO_LIMIT}
        here = replace(
            bench.here,
            identities=IdentityService(engine, bench.here.vault, contacts, client, **limits),
            audit=Audit(engine, bench.here.vault, zone=bench.here.settings.timezone),
        )
        bench.sender_id = contacts.remember(STRANGER, Proof.CHANNEL)
        made = Tries(bench, here, sgp, registered)

        def note(_connection, _cursor, statement, *_rest):
            made.statements.append(statement)

        sa.event.listen(engine, "before_cursor_execute", note)
        # The first try ever begins the audit's chain, and the sender's pseudonym.
        made.once(parse("168.995.350-09"))
        yield made
    engine.dispose()


def test_the_same_is_told_written_and_asked_in_the_same_order(tries):
    for _ in range(2):
        unknown, registered = tries.trace(UNKNOWN), tries.trace(tries.registered)

        assert unknown == registered
        told, statements, calls = unknown
        assert told[0][-1]["value"] == "not_matched"
        assert any(each.startswith("INSERT INTO identification_failures") for each in statements)
        assert len(calls) == 1


@pytest.mark.parametrize("tries", ["happy"], indirect=True)
def test_a_statement_more_is_noticed(tries):
    unknown = tries.trace(UNKNOWN)
    upstream = tries.here.identities._record_failure

    def twice(*arguments):
        upstream(*arguments)
        upstream(*arguments)

    tries.here.identities._record_failure = twice

    assert tries.trace(tries.registered) != unknown


@pytest.mark.parametrize("count", [60, pytest.param(500, marks=pytest.mark.soak)])
def test_the_times_cannot_be_told_apart(tries, count):
    assert p_value(tries, count) > LEAST_P


@pytest.mark.parametrize("tries", ["happy"], indirect=True)
def test_five_milliseconds_more_are_noticed(tries):
    quiet, _ = tries.sample(30, SEED)
    # On a busy machine more than five are needed to stand out.
    tries.extra = max(0.005, 2 * statistics.stdev(quiet))

    assert p_value(tries, 60) < LEAST_P
