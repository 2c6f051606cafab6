"""A walk through the pages of a list, while others add, remove and rename rows."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from account_steps import EVERYTHING, agency, match, opened
from actors import Headers, actor

pytestmark = pytest.mark.anyio
NAMES = st.text(alphabet="abéم", min_size=2, max_size=3)
"""Few letters, so that many rows share a sort key."""
DISTURBANCES = st.lists(
    st.one_of(
        st.tuples(st.just("add"), NAMES),
        st.tuples(st.just("remove"), st.integers(0, 50)),
        st.tuples(st.just("touch"), st.integers(0, 50)),
    ),
    max_size=10,
)
SORTS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "name": lambda row: row["name"],
    "created_at": lambda row: row["created_at"],
    "revenue_band": lambda row: row["revenue_band"],
}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(NAMES, min_size=1, max_size=12),
    disturbances=DISTURBANCES,
    limit=st.integers(1, 5),
    key=st.sampled_from(sorted(SORTS)),
    descending=st.booleans(),
)
async def test_what_stays_is_met_once_whatever_happens_around_it(
    client: httpx.AsyncClient,
    owner: asyncpg.Connection,
    names: list[str],
    disturbances: list[tuple[str, Any]],
    limit: int,
    key: str,
    descending: bool,
) -> None:
    organization_id = uuid4()
    who = actor(organization_id, *EVERYTHING)
    place = await agency(owner, organization_id)
    rows = [await opened(client, who, place, name=f"x{name}") for name in names]
    gone: set[str] = set()
    params: dict[str, Any] = {"limit": limit, "sort": f"-{key}" if descending else key}
    met: list[dict[str, Any]] = []
    waiting = iter(disturbances)
    while True:
        page = (await client.get("/v1/accounts", params=params, headers=who)).json()
        met += page["data"]
        if not page["has_more"]:
            break
        params["cursor"] = page["next_cursor"]
        what, which = next(waiting, ("rest", None))
        if what == "add":
            await opened(client, who, place, name=f"x{which}")
        elif what in ("remove", "touch"):
            await _disturb(client, who, rows[which % len(rows)], gone, what)
    ids = [row["id"] for row in met]
    assert len(ids) == len(set(ids)), "a row was met twice"
    assert {row["id"] for row in rows} - gone <= set(ids), "a row was missed"
    keys = [SORTS[key](row) for row in met]
    if key != "name":  # names are compared folded, by PostgreSQL
        assert keys == sorted(keys, reverse=descending)


async def _disturb(
    client: httpx.AsyncClient, who: Headers, row: dict[str, Any], gone: set[str], what: str
) -> None:
    """A change that leaves every sort key as it was, or the bin."""
    if row["id"] in gone:
        return
    path = f"/v1/accounts/{row['id']}"
    version = (await client.get(path, headers=who)).json()["version"]
    if what == "touch":
        await client.patch(path, json={"activity": "Transport"}, headers=who | match(version))
        return
    assert (await client.delete(path, headers=who | match(version))).status_code == 204
    gone.add(row["id"])
