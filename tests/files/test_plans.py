"""Every hot statement on 100,000 documents, as the restricted role: the right index, little thrown away."""

from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from account_steps import agency
from actors import Headers, actor
from files.papers import RIGHTS, lead
from plans import Plan, explained, fill

pytestmark = pytest.mark.anyio
OURS, THEIRS = uuid4(), uuid4()
ADMIN = actor(OURS, *RIGHTS)
FILL = """
WITH made AS (
    INSERT INTO files (organization_id, id, version, name, media_type, size, sha256, kind, pii_class,
        retention_class, visibility, series_id, version_number, scan_status, storage_key, content_key,
        expires_on, created_at)
    SELECT $1::uuid, id, 1,
        (ARRAY['carte grise','permis','constat','photo'])[1 + n % 4] || ' ' || to_hex(n) || '.pdf',
        'application/pdf', 1000, repeat('0', 64),
        (ARRAY['vehicle_registration','plate_photo','constat_amiable','damage_photo'])[1 + n % 4],
        'P2', 'contract', 'internal', id, 1, 'clean', 'documents/' || n, '\\x00',
        CASE WHEN n % 50 = 0 THEN current_date + n / 50 % 400 END,
        timestamptz '2026-11-01' + n * interval '5 seconds'
    FROM (SELECT n, gen_random_uuid() AS id FROM generate_series(1, $2::int) n) AS numbers
    RETURNING id, created_at
)
INSERT INTO file_links (organization_id, id, file_id, object_type, object_id, linked_at)
SELECT $1::uuid, gen_random_uuid(), id, 'lead', gen_random_uuid(), created_at FROM made"""


@pytest.fixture(scope="module")
async def archive(house: FastAPI, _owner: asyncpg.Connection) -> FastAPI:
    for organization_id, count in (OURS, 100_000), (THEIRS, 20_000):
        await fill(_owner, FILL, organization_id, count)
    await _owner.execute("VACUUM ANALYZE files, file_links, search_tokens")
    return house


async def listed(archive: FastAPI, who: Headers, generic: bool, **params: Any) -> Plan:
    plans = await explained(archive, "GET", "/v1/files", headers=who, params=params, generic=generic)
    return plans[-1].scans_nothing()


@pytest.mark.parametrize("generic", [False, True])
async def test_pages_come_from_their_index(archive: FastAPI, generic: bool) -> None:
    for sort, index in {"-created_at": "ix_files_newest", "name": "ix_files_name"}.items():
        (await listed(archive, ADMIN, generic, sort=sort)).uses(index).sorts_nothing().removes_at_most(60)
    plan = await listed(archive, ADMIN, generic, name_prefix="carte grise 1f", sort="name")
    plan.uses("ix_files_name").sorts_nothing().removes_at_most(60)


@pytest.mark.parametrize("generic", [False, True])
async def test_the_documents_of_an_object_are_looked_up(
    archive: FastAPI, owner: asyncpg.Connection, generic: bool
) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(archive), base_url="http://test") as client:
        person = await lead(client, ADMIN)
    some = await owner.fetch("SELECT id FROM files WHERE organization_id = $1 LIMIT 5", OURS)
    for row in some:
        await owner.execute(
            """INSERT INTO file_links (organization_id, id, file_id, object_type, object_id, linked_at)
            VALUES ($1, gen_random_uuid(), $2, 'lead', $3, now())""",
            OURS,
            row["id"],
            person,
        )
    plan = await listed(archive, ADMIN, generic, object_type="lead", object_id=str(person))
    plan.uses("ix_file_links_object", "pk_files").removes_at_most(10)


@pytest.mark.parametrize("generic", [False, True])
async def test_those_that_expire_soon_are_looked_up(archive: FastAPI, generic: bool) -> None:
    (await listed(archive, ADMIN, generic, expiring_within=7)).removes_at_most(6_000)


async def test_one_document_is_one_step_of_the_key(archive: FastAPI, owner: asyncpg.Connection) -> None:
    some = await owner.fetchval("SELECT id FROM files WHERE organization_id = $1 LIMIT 1", OURS)
    place = await agency(owner, OURS)
    nearby = actor(OURS, *RIGHTS, data_scope="agency", agency_id=place, agency_ids=(place,))
    (one,) = await explained(archive, "GET", f"/v1/files/{some}", headers=ADMIN)
    one.uses("pk_files", "uq_file_links_object").removes_at_most(0)
    await owner.execute("UPDATE files SET created_by_id = $2 WHERE id = $1", some, UUID(int=1))
    answer = await _asked(archive, nearby, some)
    assert answer.status_code == 404


async def _asked(archive: FastAPI, who: Headers, file_id: UUID) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(archive), base_url="http://test") as client:
        return await client.get(f"/v1/files/{file_id}", headers=who)
