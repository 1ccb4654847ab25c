"""What the threat model claims is shown by tests that exist."""

from __future__ import annotations

import ast
import re

import pytest

from billing.settings import PROJECT_ROOT

PAGE = (PROJECT_ROOT / "docs" / "security.md").read_text(encoding="utf-8")
_NAMED = re.compile(r"`(test_\w+)`")


def existing() -> set[str]:
    """Names of all test functions."""
    return {
        node.name
        for path in (PROJECT_ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test_")
    }


def claims(page: str) -> list[list[str]]:
    """Cells of each row of "What is done"."""
    section = page.partition("## What is done")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("|")]
    return rows[2:]


def unproven(page: str, tests: set[str]) -> list[str]:
    """Claims without a test, and tests that are not there."""
    absent = [name for name in _NAMED.findall(page) if name not in tests]
    return absent + [row[1] for row in claims(page) if len(row) != 4 or not _NAMED.search(row[3])]


def test_every_claim_is_shown_by_a_test_that_exists() -> None:
    assert unproven(PAGE, existing()) == []
    assert len(claims(PAGE)) > 20


@pytest.mark.parametrize(
    "row", ["| A | forged | signed | `test_gone` |", "| A | forged | signed | believe us |"]
)
def test_a_claim_without_its_test_is_noticed(row: str) -> None:
    page = f"## What is done\n\n| border | threat | what | shown by |\n|---|---|---|---|\n{row}\n"

    assert unproven(page, {"test_there"}) != []
    assert unproven(page.replace("test_gone", "test_there"), {"test_there"}) == (
        [] if "`" in row else ["forged"]
    )


def test_every_border_of_the_picture_has_a_claim() -> None:
    picture = PAGE.partition("```text")[2].partition("```")[0]
    drawn = set(re.findall(r"(?:=== ?|== |\| )([A-H])(?= |\b)", picture))
    claimed = {letter for row in claims(PAGE) for letter in row[0].split(", ")}

    assert drawn == claimed == set("ABCDEFGH")
