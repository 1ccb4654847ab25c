"""Actions called as rasa-sdk calls them: a real tracker, the project's domain, `billing` on a fake SGP."""

from __future__ import annotations

import sys
import time
import warnings
from dataclasses import dataclass
from datetime import datetime

import pytest
import yaml

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from rasa_sdk import Tracker
    from rasa_sdk.executor import CollectingDispatcher

    import actions
    import actions.server

from billing.audit import Audit
from billing.claims import WriteClaims
from billing.contacts import ContactBook, Proof
from billing.database import open_database
from billing.deadline import Deadline
from billing.desk import Desk
from billing.documents import parse
from billing.identity import IdentityService
from billing.media import MediaStore
from billing.payable import PayableService
from billing.settings import PROJECT_ROOT, load_settings
from billing.vault import Vault
from tests.billing.fake_sgp import FakeSgp, FakeSlips, contract
from tests.stack import KEYS

DOCUMENT = "52998224725"
PLAIN_MESSAGE = {"text", "buttons", "elements", "custom", "template", "response", "image", "attachment"}


NOW = datetime(2026, 11, 23, 10, 30)  # noqa: DTZ001 - SGP's times are naive
"""A Monday, the day the expected texts were written for."""


@dataclass(frozen=True)
class FixedContext(actions.context.Context):
    def now(self):
        return NOW


@dataclass
class Bench:
    """One sender at one bot.

    Attributes:
        sgp: What SGP answers.
        slips: What its links give.
        here: The context that the actions get.
        contacts: Who writes from where.
        sender_id: Maria's WhatsApp.
        domain: The project's.
    """

    sgp: FakeSgp
    slips: FakeSlips
    here: FixedContext
    contacts: ContactBook
    sender_id: str
    domain: dict

    def identify(self):
        self.here.identities.identify(self.sender_id, parse(DOCUMENT), Deadline.after(10))
        self.sgp.calls.clear()

    def tracker(self, text="oi", intent="greet", entities=(), *, before=(), just_set=(), **slots):
        """A conversation that ends in this message; `just_set` slots were filled by it."""
        message = {
            "text": text,
            "intent": {"name": intent, "confidence": 1.0},
            "entities": [{"entity": name, "value": value} for name, value in entities],
            "message_id": "mensagem-1",
        }
        values = {name: slot.get("initial_value") for name, slot in self.domain["slots"].items()} | slots
        events = [*before, user(message)]
        events += [{"event": "slot", "name": name, "value": values[name]} for name in just_set]
        return Tracker(self.sender_id, values, message, events, False, None, {}, None)

    async def run(self, action, tracker):
        """Events, and messages with nothing but what was given."""
        dispatcher = CollectingDispatcher()
        events = await action.run(dispatcher, tracker, self.domain)
        return events, [_plain(message) for message in dispatcher.messages]


def user(message):
    return {"event": "user", "timestamp": time.time(), "text": message["text"], "parse_data": message}


def acted(name):
    return {"event": "action", "name": name}


def slot(name, value):
    return {"event": "slot", "timestamp": None, "name": name, "value": value}


ERP_DOWN = slot("handoff_reason", "erp_down")
"""Comes with every outcome "unavailable"."""


def said(response, **given):
    return {"response": response, **given}


def _plain(message):
    known = {name: value for name, value in message.items() if value and name != "template"}
    return known | {name: value for name, value in message.items() if name not in PLAIN_MESSAGE}


@pytest.fixture
def settings_changes():
    """Override in a test module or class to change settings."""
    return {}


@pytest.fixture
def webhook():
    """Override in a test module or class to connect a desk."""
    return


@pytest.fixture
def bench(tmp_path, monkeypatch, settings_changes, webhook):
    keys = {name.lower(): value for name, value in KEYS.items()}
    settings = load_settings(
        _env_file=None, database_url=f"sqlite:///{tmp_path / 'bot.db'}", **keys | settings_changes
    )
    engine = open_database(settings.database_url)
    vault = Vault.from_settings(settings)
    contacts = ContactBook(engine, vault, demo_allowed=True)
    sgp = FakeSgp(customers={DOCUMENT: (contract(),)})
    slips = FakeSlips()
    here = FixedContext(
        settings=settings,
        sgp=sgp,
        identities=IdentityService(engine, vault, contacts, sgp, birth_date_proof=settings.birth_date_proof),
        payables=PayableService(sgp, slips),
        slips=slips,
        claims=WriteClaims(engine, vault),
        desk=Desk(
            engine,
            vault,
            contacts,
            webhook,
            hours=settings.opening_hours,
            zone=settings.timezone,
            hold_seconds=settings.handoff_timeout,
            clock=NOW.replace(tzinfo=settings.timezone).timestamp,
            in_background=lambda work: work(),
        ),
        vault=vault,
        media=MediaStore(engine, vault),
        audit=Audit(engine, vault, zone=settings.timezone),
    )
    upstream = actions.context.context
    for module in [module for name, module in sys.modules.items() if name.startswith("actions.")]:
        if getattr(module, "context", None) is upstream:
            monkeypatch.setattr(module, "context", lambda: here)
    domain = yaml.safe_load((PROJECT_ROOT / "domain.yml").read_text("utf-8"))
    sender_id = contacts.remember("whatsapp:+5511987654321", Proof.CHANNEL)
    yield Bench(sgp, slips, here, contacts, sender_id, domain)
    engine.dispose()


@pytest.fixture
def known(bench):
    """The bench after Maria was identified."""
    bench.identify()
    return bench
