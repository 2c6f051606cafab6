"""Who acts in a test: `actor(organization, "leads:read")` is the headers of somebody who may do just that."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from crm_api.core.db import now
from crm_api.core.principal import DataScope, Principal
from crm_api.kit.errors import Unauthenticated

Headers = dict[str, str]
_known: dict[str, Principal] = {}


def actor(organization_id: UUID, *scopes: str, data_scope: str = "all", **about: Any) -> Headers:
    """Headers of a signed-in person of that organization, confirmed a moment ago."""
    about = {"id": uuid4(), "confirmed_at": now(), "session_id": uuid4()} | about
    principal = Principal(
        organization_id=organization_id, scopes=frozenset(scopes), data_scope=DataScope(data_scope), **about
    )
    token = f"test-{uuid4()}"
    _known[token] = principal
    return {"Authorization": f"Bearer {token}"}


def principal_of(headers: Headers) -> Principal:
    return _known[headers["Authorization"].removeprefix("Bearer ")]


def again(headers: Headers) -> Headers:
    """The same person, signed in anew a moment ago."""
    principal = replace(principal_of(headers), confirmed_at=now(), session_id=uuid4())
    token = f"test-{uuid4()}"
    _known[token] = principal
    return {"Authorization": f"Bearer {token}"}


async def lookup(credential: str) -> tuple[Principal, float]:
    """Stands where the domain `auth` stands in production; its own tests use the real one."""
    if credential not in _known:
        raise Unauthenticated
    return _known[credential], 600
