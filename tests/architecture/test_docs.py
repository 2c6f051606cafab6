"""The documents say what the code says: settings, commands, pages."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import typer.main
from pydantic_core import PydanticUndefined

from crm_api.cli import app
from crm_api.core.settings import Settings

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
ROW = re.compile(r"^\| `(CRM_[A-Z0-9_]+)` \| (?:`([^`]*)`)? ?\| (.+) \|$", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
COMMAND = re.compile(r"(?:^|[`/ ])crm ([a-z]+)((?: [a-z][a-z-]+)?)(?=[`\s.,:;)]|$)", re.MULTILINE)
TARGET = re.compile(r"\bmake ([a-z]+)(?=[`\s]|$)")
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
OF_MACHINES = re.compile(r"/work/|/home/|/root/|/tmp/docs|pypi|simple/|\.internal\b")


def documented() -> dict[str, str]:
    """Variable -> default, as the table of the operators says."""
    text = (ROOT / "docs" / "operations.md").read_text("utf-8")
    return {name: default for name, default, _ in ROW.findall(text)}


def shown(default: object) -> str:
    if default in (None, [], PydanticUndefined):
        return ""
    return str(default).lower() if isinstance(default, bool) else str(default)


def below(command: Any) -> Mapping[str, Any]:
    """The commands of a group; none of a command."""
    return getattr(command, "commands", {})


def code_of(page: Path) -> Iterator[str]:
    yield from (found.strip("`") for found in CODE.findall(page.read_text("utf-8")))


def test_every_setting_is_documented_with_its_default() -> None:
    settings = {f"CRM_{name.upper()}": shown(field.default) for name, field in Settings.model_fields.items()}
    assert documented() == settings


def test_the_settings_stand_in_the_order_of_the_code() -> None:
    assert list(documented()) == [f"CRM_{name.upper()}" for name in Settings.model_fields]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    missing = [link for link in LINK.findall(page.read_text("utf-8")) if not (page.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_that_are_printed_exist(page: Path) -> None:
    commands, targets = below(typer.main.get_command(app)), (ROOT / "Makefile").read_text("utf-8")
    for code in code_of(page):
        for name, second in COMMAND.findall(code):
            assert name in commands, f"crm {name}"
            group = below(commands[name])
            assert not group or second.strip() in group, f"crm {name}{second}"
        for target in TARGET.findall(code):
            assert re.search(rf"^{target}:", targets, re.MULTILINE), f"make {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_names_a_machine_or_a_registry(page: Path) -> None:
    assert OF_MACHINES.findall(page.read_text("utf-8")) == []


def test_the_index_names_every_page() -> None:
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    pages = [page.name for page in (ROOT / "docs").glob("*.md") if page.name != "README.md"]
    assert [name for name in pages if f"({name})" not in index] == []
