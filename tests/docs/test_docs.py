"""The pages say what is so: names in them exist, and what exists stands in them."""

from __future__ import annotations

import re

import yaml

from billing.settings import PROJECT_ROOT, Settings
from sandbox.sgp.customers import CUSTOMERS

README, OPERATOR, VOCABULARY, DEPENDENCIES, MAKEFILE, PYPROJECT, DOMAIN = (
    (PROJECT_ROOT / name).read_text(encoding="utf-8")
    for name in (
        "README.md",
        "docs/operador.md",
        "docs/vocabulario.md",
        "docs/dependencies.md",
        "Makefile",
        "pyproject.toml",
        "domain.yml",
    )
)


def undocumented(names: set[str], page: str) -> set[str]:
    """Names that the page does not show as code or in its first table column."""
    shown = set(re.findall(r"`([^`]+)`", page)) | set(re.findall(r"[\w-]+", page))
    return names - shown


def test_the_search_finds_what_is_missing() -> None:
    assert undocumented({"there", "absent"}, "| `there` | a name |") == {"absent"}


def test_every_demo_customer_has_a_row_in_the_readme() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", README, re.MULTILINE))
    assert {key: document.strip() for key, document in rows.items()} == {
        customer.key: customer.document for customer in CUSTOMERS
    }


def test_every_make_target_is_in_help_and_the_readme() -> None:
    targets = set(re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)[1].split())
    helped = set(re.findall(r"^(\w+):.*## ", MAKEFILE, re.MULTILINE))
    assert helped == targets
    assert undocumented({f"make {target}" for target in targets}, README) == set()


def test_every_folder_of_the_map_exists() -> None:
    folders = re.findall(r"^\| `(\w+)/` \|", README, re.MULTILINE)
    assert folders
    assert all((PROJECT_ROOT / folder).is_dir() for folder in folders)


def test_every_linked_page_exists() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert links
    assert all((PROJECT_ROOT / link).exists() for link in links)


def test_every_setting_is_documented() -> None:
    assert undocumented({name.upper() for name in Settings.__fields__}, OPERATOR) == set()


def test_every_intent_and_entity_is_documented() -> None:
    domain = yaml.safe_load(DOMAIN)
    entities = {name for entity in domain["entities"] for name in entity}
    assert undocumented(set(domain["intents"]) | entities, VOCABULARY) == set()


def test_every_dependency_has_its_reason() -> None:
    block = re.search(
        r"^dependencies = \[(.*?)^\]$.*?^sandbox = (\[.*?\])$.*?^dev = \[(.*?)^\]$",
        PYPROJECT,
        re.MULTILINE | re.DOTALL,
    )
    names = {re.match(r"[\w-]+", item)[0] for item in re.findall(r'"([^"]+)"', " ".join(block.groups()))}
    assert undocumented(names, DEPENDENCIES) == set()
