"""The data: made inside PostgreSQL, in a cluster of its own that is kept for the next run.

Three organizations hold 90, 5 and 5 of 100 leads; each has agencies, users and an administrator who asks.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from uuid import UUID

import asyncpg
from sqlalchemy import URL, Insert, insert
from sqlalchemy.dialects.postgresql import dialect
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.schema import CreateIndex, CreateTable

import crm_api.main  # noqa: F401 - all tables
from benchmarks import customers
from crm_api.agencies.models import Agency, AgencyType, Region
from crm_api.core import schema
from crm_api.core.db import Base
from crm_api.core.embedded_postgres import EmbeddedPostgres
from crm_api.organizations.models import Organization, OrganizationStatus
from crm_api.roles.catalogue import ADMINISTRATOR, BASE_ROLES
from crm_api.roles.models import Role
from crm_api.users.models import User, UserStatus

SIZES = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000}
BUILD = Path(__file__).parents[1] / "build"
ORGANIZATIONS = tuple(UUID(int=0x0B << 120 | at) for at in (1, 2, 3))
PERCENT = (90, 5, 5)
ROLE, REGION = UUID(int=0x0C << 120), UUID(int=0x0D << 120)
ASKER = UUID(int=0x0E << 120)
"""The administrator of each organization, in whose name everything is asked."""
AGENCIES, USERS = 20, 40
_SYLLABLES = [
    "ben",
    "bou",
    "ait",
    "sah",
    "hamd",
    "oul",
    "kher",
    "mans",
    "had",
    "tou",
    "zer",
    "lak",
    "meb",
    "rah",
    "gue",
    "dja",
    "sel",
    "yah",
    "nas",
    "fer",
]
_ENDS = ["i", "a", "ane", "oui", "our", "allah", "ad", "ache", "ed", "ine"]
_FIRST = [
    "Karim",
    "Amina",
    "Yacine",
    "Lina",
    "Sofiane",
    "Nadia",
    "Rachid",
    "Samia",
    "Mourad",
    "Farida",
    "Walid",
    "Meriem",
    "Hakim",
    "Leila",
    "Ilyes",
]


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server with the data in it; the superuser's address."""

    url: URL
    size: str

    @property
    def dsn(self) -> str:
        return self.url.set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def cluster(size: str) -> Iterator[Cluster]:
    """The server of that size, made when the models or the recipe changed since the last time."""
    folder = BUILD / f"bench-{size}"
    settings = {"shared_buffers": "2GB" if size == "1m" else "512MB", "max_wal_size": "8GB"}
    server = EmbeddedPostgres(folder, settings)
    try:
        yield Cluster(server.start(), size)
    finally:
        server.stop()


async def prepare(found: Cluster) -> Cluster:
    """The cluster's database with its data: kept from an earlier run, or made now."""
    name = f"bench_{recipe()}"
    admin = await asyncpg.connect(found.dsn)
    ready = Cluster(found.url.set(database=name), found.size)
    try:
        await admin.execute("DROP DATABASE IF EXISTS spoilt WITH (FORCE)")
        kept = [
            row[0] for row in await admin.fetch("SELECT datname FROM pg_database WHERE datname ~ '^bench_'")
        ]
        whole = name in kept and await _is_whole(ready)
        for other in kept:
            if other != name or not whole:
                await admin.execute(f'DROP DATABASE "{other}" WITH (FORCE)')
        if not whole:
            await admin.execute(f'CREATE DATABASE "{name}"')
            await _fill(ready)
    finally:
        await admin.close()
    return ready


def recipe() -> str:
    """Changes with the models, with what stands beside them, and with this file."""
    postgres = dialect()  # type: ignore[no-untyped-call]
    parts = [*schema.BEFORE, Path(__file__).read_text("utf-8"), *customers.FILL]
    for table in Base.metadata.sorted_tables:
        parts.append(str(CreateTable(table).compile(dialect=postgres)))
        parts += sorted(str(CreateIndex(index).compile(dialect=postgres)) for index in table.indexes)
        parts += schema.statements_for(table)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


async def _is_whole(ready: Cluster) -> bool:
    """The comment is the last thing that is written."""
    connection = await asyncpg.connect(ready.dsn)
    try:
        return await connection.fetchval("SELECT obj_description('leads'::regclass)") == "whole"
    except asyncpg.UndefinedTableError:
        return False
    finally:
        await connection.close()


async def _fill(ready: Cluster) -> None:
    engine = create_async_engine(ready.url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        for organization in ORGANIZATIONS:
            for statement in _found(organization):
                await connection.execute(statement)
    await engine.dispose()
    connection = await asyncpg.connect(ready.dsn)
    try:
        await connection.execute("CREATE TEMP TABLE people (at int PRIMARY KEY, first text, last text)")
        await connection.copy_records_to_table("people", records=people())
        for organization, percent in zip(ORGANIZATIONS, PERCENT, strict=True):
            count = SIZES[ready.size] * percent // 100
            await connection.execute(_LEADS, organization, count, ASKER)
        await customers.fill(connection, ORGANIZATIONS[0], SIZES[ready.size] * PERCENT[0] // 100)
        await connection.execute("VACUUM ANALYZE")
        await connection.execute("COMMENT ON TABLE leads IS 'whole'")
    finally:
        await connection.close()


def people() -> list[tuple[int, str, str]]:
    """45,000 names: number, first name, family name."""
    random = Random(1)  # noqa: S311 - the same names every time
    names: dict[str, None] = {}
    while len(names) < 3000:
        syllables = random.choices(_SYLLABLES, k=random.randint(1, 2))
        names["".join(syllables) + random.choice(_ENDS)] = None
    pairs = [(first, last.upper()) for last in names for first in _FIRST]
    random.shuffle(pairs)
    return [(n, first, last) for n, (first, last) in enumerate(pairs)]


def _found(organization: UUID) -> list[Insert]:
    """The organization, its administrator's role, its agencies and people."""
    role = next(role for role in BASE_ROLES if role.code == ADMINISTRATOR)
    own = {"organization_id": organization}
    agencies = [
        own
        | {"id": UUID(int=0x0A << 120 | at), "code": str(16000 + at), "name": f"Agence {at}"}
        | {"type": AgencyType.DIRECT_AGENCY, "region_id": REGION, "wilaya_code": f"{at + 1:02d}"}
        for at in range(1, AGENCIES + 1)
    ]
    users = [
        own
        | {"id": UUID(int=0x0E << 120 | at), "email": f"user{at}@example.com", "status": UserStatus.ACTIVE}
        | {"first_name": "Lina", "last_name": f"HADDAD {at}", "role_id": ROLE}
        for at in range(USERS + 1)
    ]
    permissions = {"permissions": role.permissions, "data_scope_default": role.data_scope_default}
    names = {"code": ADMINISTRATOR, "base_code": ADMINISTRATOR, "label_fr": role.label_fr}
    return [
        insert(Organization).values(
            own | {"id": organization, "name": "Alliance", "status": OrganizationStatus.ACTIVE}
        ),
        insert(Role).values(own | {"id": ROLE} | names | permissions),
        insert(Region).values(own | {"id": REGION, "code": "CO", "name": "Centre-Ouest"}),
        insert(Agency).values(agencies),
        insert(User).values(users),
    ]


# Ids are a kind's first byte and a number: agency 0A.., user 0E.., lead 01.. (in order of creation).
_LEADS = """INSERT INTO leads (organization_id, id, version, created_at, updated_at, created_by_id,
    updated_by_id, number, full_name, first_name, last_name, phone, email, email_key, type, source,
    product_interest, need, wilaya_code, status, score, score_band, score_explanation, consent_snapshot,
    quote_completed, contact_attempts, answered_calls, contact_invalid, disqualify_reason, disqualified_at,
    owner_user_id, agency_id, assigned_at, first_contact_due_at, last_activity_at, last_inbound_at, tags)
SELECT $1, ('01' || lpad(to_hex(n), 30, '0'))::uuid, 1, made, made, $3, $3,
    'P-2025-' || lpad(n::text, 6, '0'), p.first || ' ' || p.last, p.first, p.last,
    '+2135' || lpad(((n::bigint * 7919) % 100000000)::text, 8, '0'), 'lead' || n || '@example.com',
    'lead' || n || '@example.com', 'individual',
    (ARRAY['web_form', 'phone', 'comparator', 'walk_in', 'partner_api'])[n % 5 + 1],
    ARRAY[(ARRAY['AUTO', 'HOME', 'TRAVEL'])[n % 3 + 1]],
    'Souhaite un devis pour un véhicule de ' || 2005 + n % 20, lpad((n % 58 + 1)::text, 2, '0'), status,
    n % 101, CASE WHEN n % 101 < 30 THEN 'cold' WHEN n % 101 < 60 THEN 'warm' ELSE 'hot' END,
    '[{"code": "product_interest", "points": 10, "label": "Produit demandé"}]',
    '{"text": null, "ip": null, "channels": [], "marketing": false, "accepted_at": null, "text_version": null,
      "only_for_request": true}',
    false, n % 4, n % 3, false, CASE WHEN status = 'disqualified' THEN 'no_need' END,
    CASE WHEN status = 'disqualified' THEN made END,
    CASE WHEN status <> 'new' THEN ('0e' || lpad(to_hex(n % 40), 30, '0'))::uuid END,
    ('0a' || lpad(to_hex(n % 20 + 1), 30, '0'))::uuid, CASE WHEN status <> 'new' THEN made END,
    made + interval '4 hours', made, made, CASE WHEN n % 10 = 0 THEN ARRAY['salon'] ELSE '{}' END
FROM generate_series(1, $2::int) AS series (n)
JOIN people p ON p.at = (series.n::bigint * 104729) % 45000
CROSS JOIN LATERAL (SELECT
    CASE WHEN n % 2000 = 0 THEN 'nurturing'
        ELSE (ARRAY['new', 'new', 'new', 'assigned', 'assigned', 'contacted', 'contacted', 'qualified',
                    'disqualified', 'disqualified'])[(n::bigint * 31) % 10 + 1] END AS status,
    timestamptz '2026-11-22 00:00+00' - ($2::int - n) * interval '45 seconds' AS made
) AS kind"""
