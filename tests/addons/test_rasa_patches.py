"""The patches fit the Rasa that is installed.

When a fingerprint differs, upstream changed code that a patch replaces or relies on. Read the new code beside the
patch, see whether the reason for the patch still stands, adapt it, and only then commit the new fingerprint.
"""

from __future__ import annotations

import logging

import pytest
import rasa
from rasa.core import agent
from rasa.core.actions import action
from rasa.core.actions.action import RemoteAction
from rasa.core.channels import console

from addons import rasa_patches, shell
from addons.processor import BillingProcessor
from billing.redaction import RedactingFilter
from tests.addons.upstream import fingerprint, source_of

READ = [
    # BillingProcessor stands on these: where exceptions go, where the tracker is saved, what a breaker does.
    ("rasa.core.processor", "MessageProcessor.__init__", "?"),
    ("rasa.core.processor", "MessageProcessor.handle_message", "?"),
    ("rasa.core.processor", "MessageProcessor._run_action", "?"),
    ("rasa.core.processor", "MessageProcessor._run_prediction_loop", "?"),
    ("rasa.core.processor", "MessageProcessor.save_tracker", "?"),
    # replaced: the store without the wrapper that falls back to memory
    ("rasa.core.agent", "Agent._create_tracker_store", "?"),
    ("rasa.core.agent", "Agent.load_model", "?"),
    # replaced: the checker made once; our limit in place of the constant
    ("rasa.core.actions.action", "RemoteAction._validate_action_result", "?"),
    ("rasa.core.actions.action", "RemoteAction.run", "?"),
    # replaced: what the shell shows
    ("rasa.core.channels.console", "_print_bot_output", "?"),
    # left out by SettingsTrackerStore
    ("rasa.core.tracker_store", "SQLTrackerStore.__init__", "?"),
    # the root logger's handlers stand when the patches are applied
    ("rasa.utils.io", "configure_colored_logging", "?"),
    ("rasa.utils.log_utils", "configure_structlog", "?"),
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

    with pytest.raises(RuntimeError, match="written for rasa 3.6.21, not 3.6.22"):
        rasa_patches.apply()


@pytest.mark.parametrize(
    ("answer", "valid"), [({"events": [], "responses": []}, True), ({"events": "x"}, False)]
)
def test_answers_of_the_action_server_are_still_checked(answer, valid):
    remote = RemoteAction("action_x", None)
    if valid:
        assert remote._validate_action_result(answer)
    else:
        with pytest.raises(Exception, match="is not of type 'array'"):
            remote._validate_action_result(answer)
