"""Rasa is imported once here, because its own imports warn and warnings are errors in the tests."""

from __future__ import annotations

import time
import warnings

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import rasa.core.agent
    import rasa.core.run
    import rasa.nlu.classifiers.regex_message_handler  # noqa: F401 - imported for the warnings alone


@pytest.fixture
def timed():
    """Processor time of a call in seconds, the best of three."""

    def measure(function, *arguments):
        best = float("inf")
        for _ in range(3):
            started = time.thread_time()
            function(*arguments)
            best = min(best, time.thread_time() - started)
        return best

    return measure
