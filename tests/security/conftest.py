"""Rasa is imported once here, because its own imports warn and warnings are errors in the tests."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import rasa.core.agent
    import rasa.core.run
    import rasa.nlu.classifiers.regex_message_handler  # noqa: F401 - imported for the warnings alone
