"""What people are told: once, in their language, the way they chose, and nobody else."""

import asyncio
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from company import Company, open_company
from crm_api.core import i18n
from crm_api.notifications.service import NotificationService
from notifications.steps import HELLO, LEAD, choose, listed, speaks, tell
from plans import explained

pytestmark = pytest.mark.anyio


async def test_each_is_told_in_their_own_language(company: Company) -> None:
    ilyes, sara, omar = await company.hire(), await company.hire(), await company.hire()
    await speaks(company, sara, "en")
    await speaks(company, omar, "ar")
    assert await tell(company, ilyes, sara, omar, object_type="lead", object_id=LEAD, priority="high") == 3
    sentences = i18n.messages()["notifications"]["rights_changed"]
    for person, language in (ilyes, "fr"), (sara, "en"), (omar, "ar"):
        (one,) = await listed(company, person)
        assert one["title"] == sentences[language]
        assert (one["kind"], one["priority"], one["read_at"]) == ("assignment", "high", None)
        assert (one["object_type"], one["object_id"]) == ("lead", str(LEAD))
        alone = await company.send("GET", f"/v1/notifications/{one['id']}", by=person.headers)
        assert alone.json() == one


async def test_the_same_thing_is_told_once(company: Company) -> None:
    ilyes, sara = await company.hire(), await company.hire()
    assert await tell(company, ilyes, dedupe_key="renewal:42") == 1
    assert await tell(company, ilyes, sara, dedupe_key="renewal:42") == 1
    assert await asyncio.gather(*(tell(company, sara, dedupe_key="renewal:43") for _ in range(4))) in (
        [1, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 1, 0],
        [0, 0, 0, 1],
    )
    assert len(await listed(company, ilyes)) == 1
    assert len(await listed(company, sara)) == 2


async def test_what_is_rolled_back_was_never_told(company: Company, owner: asyncpg.Connection) -> None:
    ilyes = await company.hire()
    ctx = company.context()
    assert await NotificationService(ctx).notify([ilyes.id], "assignment", title=HELLO) == 1
    await ctx.close()
    assert await listed(company, ilyes) == []
    assert await owner.fetchval("SELECT count(*) FROM pgqueuer WHERE entrypoint LIKE '%notif%'") == 0


async def test_nobody_is_told_of_their_own_deed_nor_who_has_left(company: Company) -> None:
    ilyes, gone = await company.hire(), await company.hire()
    stays = {"reassign_to": str(company.admin.id)}
    left = await company.send(
        "POST", f"/v1/users/{gone.id}/deactivate", stays, version=await company.version(gone.id)
    )
    assert left.status_code == 200, left.text
    assert await tell(company, gone, uuid4()) == 0
    ctx = company.context()
    ctx.principal = type(ctx.principal)(ilyes.id, company.organization_id, frozenset())
    assert await NotificationService(ctx).notify([ilyes.id], "mention", title=HELLO) == 0
    assert await NotificationService(ctx).notify([ilyes.id], "export_ready", title=HELLO) == 1
    await ctx.close()


async def test_nobody_reads_what_another_was_told(
    company: Company, app: FastAPI, client: httpx.AsyncClient
) -> None:
    ilyes, sara = await company.hire(), await company.hire()
    other = await open_company(app, client)
    await tell(company, ilyes)
    assert await tell(other, ilyes) == 0
    (one,) = await listed(company, ilyes)
    for stranger in sara, company.admin, other.admin:
        assert await listed(company, stranger) == []
        for method, path in (
            ("GET", f"/v1/notifications/{one['id']}"),
            (
                "POST",
                f"/v1/notifications/{one['id']}/read",
            ),
        ):
            assert (await company.send(method, path, by=stranger.headers)).status_code == 404
        body = {"ids": [one["id"]]}
        marked = await company.send("POST", "/v1/notifications/read", body, by=stranger.headers)
        assert marked.json() == {"count": 0}
    assert (await listed(company, ilyes))[0]["read_at"] is None


async def test_the_unread_are_counted_and_marked_one_many_or_all(company: Company) -> None:
    ilyes = await company.hire()
    for kind in "mention", "mention", "deadline", "renewal", "renewal":
        await tell(company, ilyes, kind=kind)

    async def counts() -> dict[str, Any]:
        return dict((await company.send("GET", "/v1/notifications/unread", by=ilyes.headers)).json())

    unread = await counts()
    assert unread["total"] == 5
    assert {one["kind"]: one["count"] for one in unread["kinds"]} == {
        "mention": 2,
        "deadline": 1,
        "renewal": 2,
    }
    newest, *others = await listed(company, ilyes)
    for _ in range(2):
        read = await company.send("POST", f"/v1/notifications/{newest['id']}/read", by=ilyes.headers)
        assert read.json()["read_at"] is not None
    assert (await counts())["total"] == 4
    some = {"ids": [newest["id"], others[0]["id"], str(uuid4())]}
    assert (await company.send("POST", "/v1/notifications/read", some, by=ilyes.headers)).json() == {
        "count": 1
    }
    before = {"up_to": others[2]["created_at"]}
    assert (await company.send("POST", "/v1/notifications/read", before, by=ilyes.headers)).json() == {
        "count": 2
    }
    (left,) = await listed(company, ilyes, unread=True)
    assert left["id"] == others[1]["id"]
    assert len(await listed(company, ilyes, unread=False)) == 4
    assert [one["kind"] for one in await listed(company, ilyes, kind="mention")] == ["mention", "mention"]


@pytest.mark.parametrize("body", [{}, {"ids": ["x"]}, {"ids": [str(LEAD)], "up_to": "2026-11-23T08:30:00Z"}])
async def test_what_to_mark_is_said_in_one_way(company: Company, body: dict[str, Any]) -> None:
    answer = await company.send("POST", "/v1/notifications/read", body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


# --- preferences


async def test_kinds_follow_the_sheet_until_they_are_chosen(company: Company) -> None:
    ilyes = await company.hire()
    me = (await company.send("GET", "/v1/users/me", by=ilyes.headers)).json()
    sheet = {"mentions": {"in_app": True, "email": False}, "digests": {"email": True}}
    changed = {"notification_preferences": sheet}
    await company.send("PATCH", "/v1/users/me", changed, by=ilyes.headers, version=me["version"])

    async def shown() -> tuple[dict[str, Any], dict[str, Any]]:
        whole = (await company.send("GET", "/v1/notifications/preferences", by=ilyes.headers)).json()
        return whole, {one["kind"]: one for one in whole["kinds"]}

    whole, kinds = await shown()
    assert whole["version"] == 0
    assert whole["quiet_hours"] == {"start": "20:00:00", "end": "07:00:00"}
    assert (kinds["mention"]["email"], kinds["assignment"]["email"]) == ("daily", "now")
    assert (kinds["export_ready"]["email"], kinds["security"]["locked"]) == ("daily", True)
    await choose(company, ilyes, {"kind": "mention", "in_app": False, "email": "never"})
    whole, kinds = await shown()
    assert (whole["version"], whole["quiet_hours"]) == (1, None)
    assert kinds["mention"] == {
        "kind": "mention",
        "in_app": False,
        "email": "never",
        "locked": False,
        "chosen": True,
    }
    assert kinds["assignment"]["chosen"] is False
    assert await tell(company, ilyes, kind="mention") == 0
    assert await tell(company, ilyes, kind="security") == 1


@pytest.mark.parametrize(
    ("kinds", "code"),
    [
        ([{"kind": "security", "in_app": True, "email": "never"}], "kind_locked"),
        ([{"kind": "mention", "in_app": True, "email": "never"}] * 2, "kind_twice"),
        ([{"kind": "gossip", "in_app": True, "email": "never"}], "enum"),
        ([{"kind": "mention", "in_app": True, "email": "hourly"}], "enum"),
    ],
)
async def test_impossible_choices_are_refused(company: Company, kinds: Any, code: str) -> None:
    body = {"kinds": kinds, "quiet_hours": None}
    answer = await company.send("PUT", "/v1/notifications/preferences", body, version=0)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == code


async def test_choices_name_the_version_they_change(company: Company) -> None:
    body = {"kinds": [], "quiet_hours": {"start": "22:00:00", "end": "06:00:00"}}
    path = "/v1/notifications/preferences"
    assert (await company.send("PUT", path, body)).status_code == 428
    assert (await company.send("PUT", path, body, version=0)).headers["etag"] == '"1"'
    stale = await company.send("PUT", path, body, version=0)
    assert (stale.status_code, stale.json()["current_version"]) == (412, 1)
    assert (await company.send("PUT", path, body, version=1)).json()["quiet_hours"] == body["quiet_hours"]


# --- mails


async def test_new_rights_are_told_to_whom_they_were_given(company: Company) -> None:
    ilyes = await company.hire()
    body = {"role": "editor"}
    changed = await company.send(
        "PATCH", f"/v1/users/{ilyes.id}", body, version=await company.version(ilyes.id)
    )
    assert changed.status_code == 200, changed.text
    (one,) = await listed(company, ilyes)
    assert (one["kind"], one["title"], one["mail"]) == ("security", "Vos droits ont changé", "waiting")


# --- plans


async def test_a_hundred_thousand_notifications_slow_nobody_down(
    company: Company, app: FastAPI, owner: asyncpg.Connection
) -> None:
    ilyes = await company.hire()
    await owner.execute(
        """INSERT INTO notifications (organization_id, id, version, recipient_type, recipient_id, kind,
               priority, title, in_app, mail, read_at, expires_at, created_at)
           SELECT $1, gen_random_uuid(), 1, 'user',
               CASE WHEN n % 100 = 0 THEN $2::uuid ELSE md5((n % 99)::text)::uuid END,
               (ARRAY['mention', 'assignment', 'deadline'])[n % 3 + 1], 'normal', 'Titre', true, 'none',
               CASE WHEN n % 7 > 0 THEN now() END, now() + interval '1 year', now() - n * interval '1 minute'
           FROM generate_series(1, 100000) n""",
        company.organization_id,
        ilyes.id,
    )
    await owner.execute("VACUUM ANALYZE notifications")
    for generic in False, True:
        (page,) = await explained(app, "GET", "/v1/notifications", headers=ilyes.headers, generic=generic)
        page.uses("ix_notifications_mine").sorts_nothing().removes_at_most(0)
        counts = await explained(
            app, "GET", "/v1/notifications/unread", headers=ilyes.headers, generic=generic
        )
        counts[0].uses("ix_notifications_unread").removes_at_most(0)
