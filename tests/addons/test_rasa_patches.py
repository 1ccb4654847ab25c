"""The patches fit the Rasa that is installed.

When a fingerprint differs, upstream changed code that a patch replaces or relies on. Read the new code beside
the patch, see whether the reason for the patch still stands, adapt it, and only then commit the fingerprint.
"""

from __future__ import annotations

import logging

import pytest
import rasa
from jsonschema import ValidationError
from rasa.core import agent
from rasa.core.actions import action
from rasa.core.actions.action import RemoteAction
from rasa.core.channels import console

from addons import rasa_patches, shell
from addons.processor import BillingProcessor
from billing.logs import RedactingFilter
from tests.addons.upstream import fingerprint, source_of

READ = [
    # BillingProcessor stands on these: where exceptions go, where the tracker is saved, what a breaker does.
    ("rasa.core.processor", "MessageProcessor.__init__", "f2e2ee9d97d798af"),
    ("rasa.core.processor", "MessageProcessor.handle_message", "a96904e7796d7bf9"),
    ("rasa.core.processor", "MessageProcessor._run_action", "787be209d2dd5571"),
    ("rasa.core.processor", "MessageProcessor._run_prediction_loop", "008710b6abefaadf"),
    ("rasa.core.processor", "MessageProcessor.save_tracker", "e095ffbca650b72e"),
    # replaced: the store without the wrapper that falls back to memory
    ("rasa.core.agent", "Agent._create_tracker_store", "44b81a5829031ff2"),
    ("rasa.core.agent", "Agent.load_model", "dc0e0244f8546a6d"),
    # replaced: the checker made once; our limit in place of the constant
    ("rasa.core.actions.action", "RemoteAction._validate_action_result", "24da0f6bdeb2d44f"),
    ("rasa.core.actions.action", "RemoteAction.run", "b530fc5a6789c82f"),
    # replaced: what the shell shows
    ("rasa.core.channels.console", "_print_bot_output", "9cfbce7c68cc9bd2"),
    # left out by SettingsTrackerStore
    ("rasa.core.tracker_store", "SQLTrackerStore.__init__", "7c89f1231aac70a1"),
    # written anew by SettingsTrackerStore, off the event loop and in the turn's transaction
    ("rasa.core.tracker_store", "SQLTrackerStore._retrieve", "78c7e08ac30924b6"),
    ("rasa.core.tracker_store", "SQLTrackerStore._event_query", "6484d8ac7d14284b"),
    ("rasa.core.tracker_store", "SQLTrackerStore.save", "ded301e08f4c708e"),
    ("rasa.core.tracker_store", "SQLTrackerStore._additional_events", "5ad906f458419020"),
    ("rasa.core.tracker_store", "TrackerStore.create_tracker", "d15c2bacc4587a46"),
    ("rasa.core.tracker_store", "TrackerStore.stream_events", "194965b85c7f0198"),
    ("rasa.core.tracker_store", "TrackerStore._stream_new_events", "46d6c2db2d0966a1"),
    # the root logger's handlers stand when the patches are applied
    ("rasa.utils.io", "configure_colored_logging", "c597cdbbb7015507"),
    ("rasa.utils.log_utils", "configure_structlog", "adbf22a14c77a21e"),
]


@pytest.mark.parametrize(("module", "name", "expected"), READ, ids=[name for _, name, _ in READ])
def test_upstream_is_what_the_patches_were_read_against(module, name, expected):
    assert fingerprint(source_of(module, name)) == expected


def test_a_changed_line_changes_the_fingerprint():
    source = source_of("rasa.core.agent", "Agent._create_tracker_store")

    assert source.startswith("def _create_tracker_store")
    assert fingerprint(source) != fingerprint(source.replace("store", "shop", 1))


def patched():
    return (
        agent.MessageProcessor,
        vars(agent.Agent)["_create_tracker_store"].__func__,
        RemoteAction._validate_action_result,
        action.DEFAULT_REQUEST_TIMEOUT,
        console._print_bot_output,
        [type(each) for handler in logging.getLogger().handlers for each in handler.filters],
    )


def test_applying_twice_does_no_more_than_once():
    rasa_patches.apply()
    once = patched()
    rasa_patches.apply()

    assert patched() == once
    assert once[0] is BillingProcessor
    assert once[4] is shell.print_bot_output
    assert shell.upstream_print is not shell.print_bot_output
    assert all(handler_filters.count(RedactingFilter) == 1 for handler_filters in filters_of_handlers())


def filters_of_handlers():
    return [[type(each) for each in handler.filters] for handler in logging.getLogger().handlers]


def test_another_rasa_is_refused(monkeypatch):
    monkeypatch.setattr(rasa, "__version__", "3.6.22")

    with pytest.raises(RuntimeError, match=r"written for rasa 3\.6\.21, not 3\.6\.22"):
        rasa_patches.apply()


def test_answers_of_the_action_server_are_still_checked():
    remote = RemoteAction("action_x", None)

    assert remote._validate_action_result({"events": [], "responses": []})
    with pytest.raises(ValidationError):
        remote._validate_action_result({"events": "x"})
