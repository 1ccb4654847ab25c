"""Fingerprints of Rasa's own code, read from its files, whatever the patches did to the running modules."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
from pathlib import Path


def source_of(module: str, name: str) -> str:
    """Source text of a class, function or method.

    Args:
        module: Dotted name; the module is not imported anew.
        name: As in "Agent._create_tracker_store".
    """
    origin = importlib.util.find_spec(module).origin
    text = Path(origin).read_text("utf-8")
    node = ast.parse(text)
    for part in name.split("."):
        node = next(child for child in node.body if getattr(child, "name", None) == part)
    return ast.get_source_segment(text, node)


def fingerprint(source: str) -> str:
    """Sixteen hexadecimal digits of SHA-256."""
    return hashlib.sha256(source.encode()).hexdigest()[:16]
