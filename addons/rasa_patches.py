"""Every place where Rasa 3.6.21 is changed from outside, because it offers no other way.

Each patch names what it replaces and why. `tests/addons/test_rasa_patches.py` fails when upstream's
code differs from what these were written against. Imported by `addons.stores`, which endpoints.yml
names, so that every command that serves conversations has them.
"""

from __future__ import annotations

from typing import Any

import rasa
from jsonschema import Draft7Validator
from rasa.core import agent
from rasa.core.actions import action
from rasa.core.actions.action import RemoteAction
from rasa.core.channels import console
from rasa.core.tracker_store import InMemoryTrackerStore

from addons import shell
from addons.processor import BillingProcessor
from billing import logs
from billing.settings import settings

WRITTEN_FOR = "3.6.21"
ANSWER_SECONDS = 8

_answer_checker = Draft7Validator(RemoteAction.action_response_format_spec())


def _check_action_answer(_self: RemoteAction, result: dict[str, Any]) -> bool:
    _answer_checker.validate(result)
    return True


def _keep_tracker_store_bare(store: Any, domain: Any) -> Any:
    if store is None:
        return InMemoryTrackerStore(domain)
    store.domain = domain
    return store


def apply() -> None:
    """Put the patches in place; twice does no more than once.

    Raises:
        RuntimeError: When another Rasa is installed than the one these patches were read against.
    """
    if rasa.__version__ != WRITTEN_FOR:
        raise RuntimeError(
            f"addons/rasa_patches.py was written for rasa {WRITTEN_FOR}, not {rasa.__version__}"
        )
    # Upstream goes on with the story when an action failed, as if it had worked.
    agent.MessageProcessor = BillingProcessor
    # Upstream wraps every store in one that swallows failures and saves to memory: a lost conversation.
    agent.Agent._create_tracker_store = staticmethod(_keep_tracker_store_bare)  # noqa: SLF001 - that is the patch
    # Upstream compiles the JSON schema anew for each answer of the action server: 20 ms a call.
    RemoteAction._validate_action_result = _check_action_answer  # noqa: SLF001 - that is the patch
    # Upstream waits 300 s for an action; ours end with the turn's ERP budget, and some time to say so.
    action.DEFAULT_REQUEST_TIMEOUT = settings().erp_budget_seconds + ANSWER_SECONDS
    # Upstream's shell prints a QR code as raw JSON.
    console._print_bot_output = shell.print_bot_output  # noqa: SLF001 - that is the patch
    # Upstream logs messages, slots and whole trackers at DEBUG; its handlers stand on the root logger by now.
    logs.configure(settings().log_format)
