"""Libraries that a process loads only when it needs them (kit.later)."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import crm_api

SOURCE = Path(crm_api.__file__).parent
LATER = re.compile(r'later\("([a-z_0-9.]+)"\)')
WAITING = "loaded by kit.later"


def loaded_later() -> set[str]:
    return {name for path in SOURCE.rglob("*.py") for name in LATER.findall(path.read_text("utf-8"))}


def test_an_application_that_only_started_has_loaded_none_of_them() -> None:
    names = sorted(loaded_later())
    program = f"import sys, crm_api.main; print([name for name in {names!r} if name in sys.modules])"
    started = subprocess.run(  # noqa: S603 - our own interpreter and our own words
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert started.stdout.strip() == "[]", "an import at the top of a module loads it with the process"


def test_dependencies_said_to_be_loaded_later_are() -> None:
    project = Path(__file__).parents[2] / "pyproject.toml"
    told = project.read_text("utf-8").partition(WAITING)[2].partition('"python-dateutil"')[0]
    excused = set(re.findall(r'^    "([a-z0-9-]+)",$', told, re.MULTILINE))
    assert excused, "the list has moved"
    assert excused <= set(
        tomllib.loads(project.read_text("utf-8"))["tool"]["deptry"]["per_rule_ignores"]["DEP002"]
    )
    roots = {name.partition(".")[0] for name in loaded_later()}
    assert {name.replace("-", "_") for name in excused} <= roots
