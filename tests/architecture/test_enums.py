"""The closed lists of values: what they say is published, in the contract and in every client made of it."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import crm_api

HOUSE = Path(crm_api.__file__).parent


def enums() -> Iterator[ast.ClassDef]:
    for file in sorted(HOUSE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "StrEnum" for base in node.bases):
                yield node


def test_every_enum_says_what_it_tells() -> None:
    every = list(enums())
    assert every
    silent = [enum.name for enum in every if not (ast.get_docstring(enum) or "").strip()]
    assert not silent, f"these need a docstring of one line: {silent}"


def test_no_two_enums_share_a_name() -> None:
    shared = [name for name, times in Counter(enum.name for enum in enums()).items() if times > 1]
    assert not shared, f"pydantic would publish these under the names of their files: {shared}"
