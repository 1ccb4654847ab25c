"""Where the project stands."""

from __future__ import annotations

from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent.parent
VAR_DIR = PROJECT_ROOT / "var"
