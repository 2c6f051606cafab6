"""The permissions that exist, the roles and groups every organization starts with (domain.md C-3, C-4).

Both are data: `data/permissions.csv` names the base roles that hold each scope by their initials
(Administrator, Supervisor, Editor, User).
"""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from crm_api.core.principal import DataScope

Kind = Literal["staff", "segregated", "machine"]
ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Permission:
    """A scope. `segregated`: an administrator does not hold it, gives it to others and never to himself;
    `machine`: only API clients hold it."""

    code: str
    label_fr: str
    kind: Kind
    roles: str


@dataclass(frozen=True, slots=True)
class BaseRole:
    """One of the four roles that cannot be changed. They are not a ladder."""

    code: str
    label_fr: str
    data_scope_default: DataScope

    @property
    def permissions(self) -> list[str]:
        initial = self.code[0].upper()
        return [p.code for p in permissions().values() if initial in p.roles]


BASE_ROLES = (
    BaseRole(ADMINISTRATOR, "Administrateur", DataScope.ALL),
    BaseRole("supervisor", "Superviseur", DataScope.ALL),
    BaseRole("editor", "Éditeur", DataScope.ALL),
    BaseRole("user", "Utilisateur", DataScope.AGENCY),
)


@dataclass(frozen=True, slots=True)
class SeedGroup:
    """A finer job than the four roles."""

    code: str
    name: str
    description: str
    permissions: list[str]
    data_scope_override: DataScope | None
    max_amounts: dict[str, Any]


@cache
def permissions() -> Mapping[str, Permission]:
    """By code, in the order of the catalogue."""
    return {
        row["code"]: Permission(row["code"], row["label_fr"], row["kind"], row["roles"])  # type: ignore[arg-type]
        for row in _rows("permissions.csv")
    }


@cache
def seed_groups() -> tuple[SeedGroup, ...]:
    return tuple(
        SeedGroup(
            code=row["code"],
            name=row["name"],
            description=row["description"],
            permissions=row["permissions"].split(),
            data_scope_override=DataScope(row["data_scope_override"]) if row["data_scope_override"] else None,
            max_amounts=json.loads(row["max_amounts"]),
        )
        for row in _rows("groups.csv")
    )


def of_kind(kind: Kind) -> frozenset[str]:
    return frozenset(p.code for p in permissions().values() if p.kind == kind)


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = resources.files(__package__).joinpath("data", name).read_text("utf-8")
    return csv.DictReader(text.splitlines())


OF_EVERY_SESSION = {
    "session:self": "Everybody signed in: their own profile, password and sessions.",
    "mfa:enrol": "Whoever must enrol a second factor before anything else.",
}
"""Scopes that no role grants: they come with the session."""


def scope_sentences() -> dict[str, str]:
    """Scope -> an English sentence, for the published contract (people read the French labels)."""
    return OF_EVERY_SESSION | {code: _sentence(code) for code in sorted(permissions())}


def _sentence(code: str) -> str:
    resource, _, action = code.partition(":")
    return f"{action.replace('_', ' ').capitalize()}: {resource.replace('_', ' ')}."
