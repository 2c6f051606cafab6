"""The audit log made tamper-evident: each line's hash holds the hash of the line before it.

A scheduled job seals the lines of one organization in the order of (xid, id), below the oldest transaction
that still runs, so that no line can ever come before a sealed one. Once a day the newest hash is signed and
also written to a folder outside the database: whoever rewrites the whole chain cannot rewrite that.

(Transaction numbers must go on: move the database with pg_basebackup or pg_upgrade, not with a dump.)
"""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from pydantic_core import from_json, to_json
from rich.console import Console
from sqlalchemy import URL, BigInteger, Index, LargeBinary, func
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.context import Context
from crm_api.core.db import Ledger
from crm_api.core.jobs import Payload
from crm_api.core.keys import SigningKeys
from crm_api.kit.clock import today

GENESIS = b"\0" * 32
AT_ONCE = 1_000
HEADS = "audit-heads"
"""The folder, below `data_dir`, of the signed heads: a file for each organization, a line for each day."""
SAFE = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
"""Every transaction with a lower number has ended."""
CANONICAL = """jsonb_build_array(l.id, l.xid, to_char(l.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS'),
    l.actor_type, l.actor_id, l.ip, l.action, l.object_type, l.object_id, l.outcome, l.changes, l.reason,
    l.request_id)::text"""
LAST = """SELECT seq, hash, xid, audit_id FROM audit_seals
    WHERE organization_id = $1 ORDER BY seq DESC LIMIT 1"""
UNSEALED = f"""SELECT l.id, l.xid, {CANONICAL} FROM audit_log l
    WHERE l.organization_id = $1 AND (l.xid, l.id) > ($2, $3) AND l.xid < {SAFE}
    ORDER BY l.xid, l.id LIMIT {AT_ONCE}"""  # noqa: S608 - constants
CHAIN = f"""SELECT s.seq, s.audit_id, s.xid, s.prev_hash, s.hash,
    CASE WHEN l.id IS NOT NULL THEN {CANONICAL} END
    FROM audit_seals s LEFT JOIN audit_log l ON l.organization_id = s.organization_id AND l.id = s.audit_id
    WHERE s.organization_id = $1 AND s.seq > $2 ORDER BY s.seq LIMIT {AT_ONCE}"""  # noqa: S608 - constants
STRANGERS = """SELECT l.id FROM audit_log l WHERE l.organization_id = $1 AND (l.xid, l.id) > ($2, $3)
    AND (l.xid, l.id) <= ($4, $5) AND NOT EXISTS (SELECT FROM audit_seals s
        WHERE s.organization_id = l.organization_id AND s.audit_id = l.id) ORDER BY l.id LIMIT 100"""

Fetch = Callable[..., Awaitable[Sequence[Sequence[Any]]]]
"""SQL with $1, $2 and its arguments -> rows."""


class AuditSeal(Ledger):
    """One link: the line it seals, and the hash of everything up to it."""

    __tablename__ = "audit_seals"
    __table_args__ = (
        Index("uq_audit_seals_line", "organization_id", "audit_id", unique=True),
        {"info": {"append_only": True}},
    )

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    audit_id: Mapped[int] = mapped_column(BigInteger)
    xid: Mapped[int] = mapped_column(BigInteger)
    prev_hash: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class AuditHead(Ledger):
    """The newest hash of a day, signed."""

    __tablename__ = "audit_heads"
    __table_args__ = ({"info": {"append_only": True}},)

    day: Mapped[date] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    kid: Mapped[str]
    signature: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was sealed; `audit_id` where a line is concerned."""

    organization_id: UUID
    kind: str
    """line_changed, line_removed, line_inserted, seal_removed, seal_changed, head_broken or
    head_contradicted."""
    seq: int | None = None
    audit_id: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification saw."""

    checked: int
    last_seq: int
    last_hash: bytes
    findings: Sequence[Finding]


def link(prev_hash: bytes, canonical: str) -> bytes:
    return hashlib.sha256(prev_hash + canonical.encode()).digest()


async def seal_audit(ctx: Context, _: Payload) -> None:
    """The scheduled job: every line that is safe to seal, then, once a day, the signed head."""
    fetch = reading(ctx)
    lock = f"seal {ctx.organization_id}"
    if not (await fetch("SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))", lock))[0][0]:
        return
    last = await fetch(LAST, ctx.organization_id)
    seq, prev_hash, xid, audit_id = last[0] if last else (0, GENESIS, 0, 0)
    while lines := await fetch(UNSEALED, ctx.organization_id, xid, audit_id):
        for audit_id, xid, canonical in lines:
            seq, hash = seq + 1, link(prev_hash, canonical)
            ctx.session.add(AuditSeal(seq=seq, audit_id=audit_id, xid=xid, prev_hash=prev_hash, hash=hash))
            prev_hash = hash
        await ctx.session.flush()
        ctx.session.expunge_all()
    if seq:
        await _sign_head(ctx, seq, prev_hash)


async def _sign_head(ctx: Context, seq: int, hash: bytes) -> None:
    day = today()
    if await ctx.session.get(AuditHead, (ctx.organization_id, day)) is not None:
        return
    kid, signature = ctx.tools.keys.sign(_head(ctx.organization_id, day, seq, hash))
    ctx.session.add(AuditHead(day=day, seq=seq, hash=hash, kid=kid, signature=signature))
    folder = ctx.tools.settings.data_dir / HEADS
    folder.mkdir(parents=True, exist_ok=True)
    line = to_json({"day": day, "seq": seq, "hash": hash.hex(), "kid": kid, "signature": signature.hex()})
    with (folder / f"{ctx.organization_id}.jsonl").open("ab") as file:
        file.write(line + b"\n")


async def verify(
    fetch: Fetch,
    organization_id: UUID,
    keys: SigningKeys,
    folder: Path | None = None,
    newest: int | None = None,
) -> Verdict:
    """Every link, the lines beside the chain, the signed heads; only the `newest` links when given."""
    last = await fetch(LAST, organization_id)
    end = last[0] if last else (0, GENESIS, 0, 0)
    findings: list[Finding] = []
    hashes: dict[int, bytes] = {}
    seq = max(0, end[0] - newest) if newest else 0
    mark = (0, 0)
    prev_hash: bytes | None = None if seq else GENESIS
    while links := await fetch(CHAIN, organization_id, seq):
        for number, audit_id, xid, prev, hash, canonical in links:
            if prev_hash is None:
                prev_hash, mark = prev, (xid, audit_id)
            if number != seq + 1:
                findings.append(Finding(organization_id, "seal_removed", seq + 1))
            elif prev != prev_hash:
                findings.append(Finding(organization_id, "seal_changed", number, audit_id))
            if canonical is None:
                findings.append(Finding(organization_id, "line_removed", number, audit_id))
            elif link(prev, canonical) != hash:
                findings.append(Finding(organization_id, "line_changed", number, audit_id))
            seq, prev_hash, hashes[number] = number, hash, hash
    strangers = await fetch(STRANGERS, organization_id, *mark, end[2], end[3])
    findings += [Finding(organization_id, "line_inserted", None, row[0]) for row in strangers]
    heads = await _heads(fetch, organization_id, folder)
    findings += _contradictions(organization_id, heads, hashes, keys, partial=bool(newest))
    return Verdict(len(hashes), end[0], end[1], findings)


def _contradictions(
    organization_id: UUID,
    heads: Sequence[tuple[date, int, bytes, str, bytes]],
    hashes: dict[int, bytes],
    keys: SigningKeys,
    *,
    partial: bool,
) -> list[Finding]:
    findings = []
    first = min(hashes, default=0)
    for day, seq, hash, kid, signature in heads:
        if not keys.signed(kid, _head(organization_id, day, seq, hash), signature):
            findings.append(Finding(organization_id, "head_broken", seq))
        elif hashes.get(seq) != hash and not (partial and seq < first):
            findings.append(Finding(organization_id, "head_contradicted", seq))
    return findings


async def _heads(
    fetch: Fetch, organization_id: UUID, folder: Path | None
) -> list[tuple[date, int, bytes, str, bytes]]:
    sql = "SELECT day, seq, hash, kid, signature FROM audit_heads WHERE organization_id = $1 ORDER BY day"
    heads = {tuple(row) for row in await fetch(sql, organization_id)}
    file = folder / f"{organization_id}.jsonl" if folder else None
    if file is not None and file.is_file():
        for line in map(from_json, file.read_bytes().splitlines()):
            day, hash, signature = date.fromisoformat(line["day"]), line["hash"], line["signature"]
            heads.add((day, line["seq"], bytes.fromhex(hash), line["kid"], bytes.fromhex(signature)))
    return sorted(heads)


class BlindRole(PermissionError):
    """The role is bound by row-level security: it would see no line, and so find no fault."""


async def refuse_blind(connection: asyncpg.Connection) -> None:
    """Raises BlindRole unless the role sees the rows of every organization."""
    sees_all = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    if not await connection.fetchval(sees_all):
        raise BlindRole


async def verify_all(owner_url: URL, keys: SigningKeys, data_dir: Path, console: Console) -> list[Finding]:
    """`crm audit verify`: every organization, as a role that sees them all (the owner's superuser)."""
    findings: list[Finding] = []
    dsn = owner_url.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(dsn)
    try:
        await refuse_blind(connection)
        known = await connection.fetch(
            "SELECT organization_id FROM audit_seals UNION SELECT organization_id FROM audit_heads ORDER BY 1"
        )
        for (organization_id,) in known:
            verdict = await verify(connection.fetch, organization_id, keys, data_dir / HEADS)
            _print(console, organization_id, verdict)
            findings += verdict.findings
    finally:
        await connection.close()
    return findings


def _print(console: Console, organization_id: UUID, verdict: Verdict) -> None:
    mark = "[red]✗[/]" if verdict.findings else "[green]✓[/]"
    console.print(f"{mark} {organization_id}: {verdict.checked} lines, head {verdict.last_hash.hex()[:16]}…")
    for finding in verdict.findings[:50]:
        console.print(f"   [red]{finding.kind}[/] seq={finding.seq} line={finding.audit_id}")


def reading(ctx: Context) -> Fetch:
    """A `Fetch` on the use case's own connection."""

    async def fetch(sql: str, *arguments: Any) -> Sequence[Sequence[Any]]:
        connection = await ctx.session.connection()
        result = await connection.exec_driver_sql(sql, arguments)
        return [tuple(row) for row in result.all()]

    return fetch


def _head(organization_id: UUID, day: date, seq: int, hash: bytes) -> bytes:
    return f"{organization_id}|{day}|{seq}|{hash.hex()}".encode()
