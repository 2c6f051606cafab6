"""What is written in two places says the same in both: scopes, jobs, events, sentences."""

import ast
import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from fastapi import FastAPI

import crm_api
from crm_api.auth.sessions import OWN
from crm_api.core.authority import PublicDoor
from crm_api.core.events import Event
from crm_api.core.i18n import messages
from crm_api.kit.errors import DomainError
from crm_api.registry import JOBS, LISTENERS, SCHEDULES
from crm_api.roles.catalogue import permissions
from survey.operations import doors

SOURCE = Path(__file__).parents[2] / "src" / "crm_api"
WITHOUT_DOOR: Mapping[str, str] = {}
"""Routes that are not opened through `requires` or `public`, and why."""
OF_THE_MACHINE: Mapping[str, str] = {
    **dict.fromkeys(OWN, "what every session may do with itself; no role gives or takes it"),
    "leads:capture": "of write keys alone: whoever has the form may send a lead",
    "web_events:ingest": "of write keys alone: whoever visits the site is counted",
}
"""Scopes that no role can hold, and why."""

for module in pkgutil.walk_packages(crm_api.__path__, "crm_api."):
    importlib.import_module(module.name)


def children(parent: type) -> Iterator[type]:
    for child in parent.__subclasses__():
        if child.__module__.startswith("crm_api."):
            yield child
            yield from children(child)


def calls(name: str) -> Iterator[tuple[str, ast.Call]]:
    """Every call of a function of that name, with its place."""
    for file in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name:
                yield f"{file.relative_to(SOURCE)}:{node.lineno}", node


@pytest.mark.anyio
async def test_every_route_has_a_door(house: FastAPI) -> None:
    without = {f"{method} {path}" for path, method, door in doors(house) if door is None}
    assert without == set(WITHOUT_DOOR)


@pytest.mark.anyio
async def test_every_public_door_says_why(house: FastAPI) -> None:
    for path, method, door in doors(house):
        if isinstance(door, PublicDoor):
            assert len(door.reason.split()) >= 3, f"{method} {path}: {door.reason!r} is no reason"


@pytest.mark.anyio
async def test_every_scope_of_a_route_can_be_granted(house: FastAPI) -> None:
    used = {
        scope
        for _, _, door in doors(house)
        if door is not None and not isinstance(door, PublicDoor)
        for scope in door.scopes
    }
    unknown = used - set(permissions()) - set(OF_THE_MACHINE)
    assert not unknown, f"not in roles/data/permissions.csv: {sorted(unknown)}"


def test_every_job_that_is_enqueued_exists() -> None:
    names = {place: call.args[1] for place, call in calls("enqueue") if "core/jobs" not in place}
    unknown = {
        place: ast.unparse(name)
        for place, name in names.items()
        if isinstance(name, ast.Constant) and name.value not in JOBS
    }
    assert names
    assert not unknown


def test_every_schedule_fires_a_job_that_exists() -> None:
    assert {schedule.job for schedule in SCHEDULES} <= set(JOBS)


def test_every_event_has_a_kind_of_its_own() -> None:
    named = {(event.__module__, event.__qualname__, event.kind) for event in children(Event)}
    kinds = Counter(kind for _, _, kind in named)
    assert kinds
    assert not [kind for kind, times in kinds.items() if times > 1]
    for event in children(Event):
        object_type, _, fact = event.kind.partition(".")
        assert object_type, event
        assert fact, event


def test_only_events_are_listened_to() -> None:
    assert set(LISTENERS) <= set(children(Event))


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_every_refusal_speaks_the_languages_of_the_house(language: str) -> None:
    said = messages()["problems"]
    silent = {
        error.code
        for error in children(DomainError)
        if not all(said.get(error.code, {}).get(part, {}).get(language) for part in ("title", "detail"))
    }
    assert not silent, f"not said in {language}: {sorted(silent)}"
