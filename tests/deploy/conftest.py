"""Libraries whose own imports warn are imported once here, because warnings are errors in the tests."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import matplotlib.figure
    import rasa.core.agent

__all__ = ["matplotlib", "rasa"]
