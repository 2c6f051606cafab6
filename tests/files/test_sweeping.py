"""What nobody needs any more goes: orphans, working files, contents of rows that are gone."""

import os
import time
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from actors import actor, principal_of
from chores import done
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.files.models import FileKind
from crm_api.files.service import FileService
from crm_api.kit.clock import today
from crm_api.kit.errors import NotFound
from files.papers import CSV, PDF, RIGHTS, added, content, queued

pytestmark = pytest.mark.anyio
OURS = uuid4()


@pytest.fixture
def anna() -> dict[str, str]:
    return actor(OURS, *RIGHTS, "documents:delete")


@pytest.fixture
def folder(app: FastAPI) -> Path:
    return Path(app.state.tools.settings.data_dir / "files" / str(OURS) / "documents")


def kept(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def context(app: FastAPI, who: dict[str, str]) -> Context:
    return Context(principal_of(who), app.state.database, app.state.tools)


@pytest.fixture(autouse=True)
def clean(folder: Path) -> None:
    for path in kept(folder):
        path.unlink()


async def test_a_content_whose_row_was_never_written_is_swept(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, anna: dict[str, str], folder: Path
) -> None:
    real = await added(client, anna)
    (named,) = kept(folder)
    ctx = context(app, anna)
    await FileService(ctx).add("a.pdf", PDF, FileKind.OTHER)
    await ctx.close()  # the use case fails: its row is rolled back
    assert len(kept(folder)) == 2
    await queued(owner, OURS, "sweep_files")
    await done(app, owner)
    assert len(kept(folder)) == 2, "it may belong to a transaction that still runs"
    long_ago = time.time() - 7_200
    for path in kept(folder):
        os.utime(path, (long_ago, long_ago))
    await queued(owner, OURS, "sweep_files")
    await done(app, owner)
    assert kept(folder) == {named}
    assert (await content(client, anna, real)).content == PDF


async def test_another_domain_adds_reads_and_removes(
    app: FastAPI, owner: asyncpg.Connection, anna: dict[str, str], folder: Path
) -> None:
    ctx = context(app, anna)
    files, data = FileService(ctx), os.urandom(200_000)
    made = await files.add(
        "ordre.pdf", data, FileKind.MISSION_ORDER, media_type="application/pdf", title="OM"
    )
    assert await files.read(made) == data
    await ctx.commit()
    await ctx.close()
    row = await owner.fetchrow("SELECT * FROM files WHERE id = $1", made)
    assert (row["scan_status"], row["scanner"], row["title"]) == ("clean", "house", "OM")

    ctx = context(app, anna)
    await FileService(ctx).remove(made)
    await ctx.commit()
    await ctx.close()
    await done(app, owner)
    assert kept(folder) == set()
    assert await owner.fetchval("SELECT count(*) FROM file_leftovers") == 0
    ctx = context(app, anna)
    with pytest.raises(NotFound):
        await FileService(ctx).read(made)
    await ctx.close()


async def test_a_working_file_is_seen_by_who_made_it_and_goes_in_time(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, anna: dict[str, str], folder: Path
) -> None:
    ctx = context(app, anna)
    made = await FileService(ctx).add(
        "export.csv", CSV, FileKind.EXPORT, media_type="text/csv", kept_until=now() + timedelta(days=7)
    )
    await ctx.commit()
    await ctx.close()
    colleague = actor(OURS, *RIGHTS, "documents:delete")
    assert (await content(client, anna, str(made))).content == CSV
    assert (await content(client, colleague, str(made))).status_code == 404
    listed = await client.get("/v1/files", headers=colleague, params={"kind": "export"})
    assert listed.json()["data"] == []
    await queued(owner, OURS, "sweep_files")
    await done(app, owner)
    assert len(kept(folder)) == 1
    await owner.execute("UPDATE files SET kept_until = now() - interval '1 minute'")
    await queued(owner, OURS, "sweep_files")
    await done(app, owner)
    assert kept(folder) == set()
    assert (await content(client, anna, str(made))).status_code == 404


async def test_what_expires_is_told_once(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, anna: dict[str, str]
) -> None:
    near, far = await added(client, anna), await added(client, anna)
    set_day = "UPDATE files SET expires_on = $2 WHERE id = $1"
    await owner.execute(set_day, UUID(near["id"]), today() + timedelta(days=10))
    await owner.execute(set_day, UUID(far["id"]), today() + timedelta(days=90))

    async def told() -> list[UUID]:
        await queued(owner, OURS, "tell_expiring_files")
        await done(app, owner)
        rows = await owner.fetch("SELECT object_id FROM event_log WHERE kind = 'document.expiring'")
        return [row["object_id"] for row in rows]

    assert await told() == [UUID(near["id"])]
    assert await told() == [UUID(near["id"])]
    await owner.execute(set_day, UUID(near["id"]), today() + timedelta(days=20))
    assert await told() == [UUID(near["id"])] * 2


async def test_what_lies_in_the_storage_can_be_read_by_nobody(
    client: httpx.AsyncClient, anna: dict[str, str], folder: Path
) -> None:
    secret = b"Mohamed BENALI, 0550 12 34 56"
    file = await added(client, anna, PDF + secret * 100)
    (path,) = kept(folder)
    assert secret not in path.read_bytes()
    assert b"PDF" not in path.read_bytes()[:20]
    raw = bytearray(path.read_bytes())
    raw[100] ^= 1
    path.write_bytes(raw)
    with pytest.raises(Exception, match="altered"):
        await content(client, anna, file)
