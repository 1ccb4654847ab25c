"""rasa-sdk is imported once here, because its own imports warn and warnings are errors in the tests."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import rasa_sdk.endpoint  # noqa: F401 - imported for the warnings alone
