from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic_core import from_json, to_json
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Select,
    Table,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    column,
    delete,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.journal import UNTOLD
from crm_api.core.money import Centimes
from crm_api.core.plain import table_of
from crm_api.core.progress import JobResult, JobRun, RunOutcome
from crm_api.core.repository import Repository
from crm_api.imports.models import KEPT_FOR, Import, ImportMapping, ImportPart, ImportStatus
from crm_api.imports.schemas import ImportRead
from crm_api.kit.errors import NotFound
from crm_api.kit.money import Money


class ImportRepository(Repository[Import, ImportRead]):
    """Everybody who may import sees the imports of the whole organization: what came in concerns all."""

    model, read = Import, ImportRead

    async def remembered(self, user_id: UUID, entity: str, header_key: str) -> Mapping[str, str]:
        """What this header meant the last time: to this user, else to whoever used it last."""
        own = (ImportMapping.user_id == user_id).desc()
        statement = (
            select(ImportMapping.mapping)
            .where(ImportMapping.entity == entity, ImportMapping.header_key == header_key)
            .order_by(own, ImportMapping.used_at.desc())
            .limit(1)
        )
        return await self.ctx.session.scalar(statement) or {}

    async def remember(self, entity: str, header_key: str, mapping: Mapping[str, str]) -> None:
        values = {"mapping": dict(mapping), "used_at": now()}
        key = {"user_id": self.ctx.principal.id, "entity": entity, "header_key": header_key}
        statement = insert(ImportMapping).values(organization_id=self.ctx.organization_id, **key, **values)
        await self.ctx.session.execute(
            statement.on_conflict_do_update(index_elements=["organization_id", *key], set_=values)
        )

    async def is_running(self, job_id: UUID) -> bool:
        """Whether a job has not ended yet."""
        table = table_of(JobRun)
        rows = await self.rows(
            "is running",
            lambda: select(table.c.finished_at.is_(None)).where(
                table.c.organization_id == bindparam("organization_id"), table.c.id == bindparam("job")
            ),
            {"job": job_id},
        )
        return bool(rows and rows[0][0])

    async def of_job(self, job_id: UUID) -> Import:
        found = await self.ctx.session.scalar(select(Import).where(Import.job_id == job_id))
        if found is None:
            raise NotFound
        return found

    async def held(self, import_id: UUID, part: int) -> Import | None:
        """The import, locked while its bookmark is there; None when it was cancelled, or another is ahead."""
        statement = select(Import).where(
            Import.id == import_id,
            Import.parts_done == part,
            Import.status.in_([ImportStatus.RUNNING, ImportStatus.VALIDATED]),
        )
        found: Import | None = await self.ctx.session.scalar(statement.with_for_update())
        return found

    async def refused_rows(self, job_id: UUID, first: int, last: int) -> Mapping[int, list[dict[str, Any]]]:
        """Number -> faults, of the refused rows between the two."""
        lines = table_of(JobResult)
        rows = await self.rows(
            "refused rows",
            lambda: select(lines.c.number, cast(lines.c.faults, Text)).where(
                lines.c.organization_id == bindparam("organization_id"),
                lines.c.job_id == bindparam("job"),
                lines.c.number.between(bindparam("first"), bindparam("last")),
                lines.c.outcome == RunOutcome.FAILED,
            ),
            {"job": job_id, "first": first, "last": last},
        )
        return {row[0]: from_json(row[1]) for row in rows}

    async def move_bookmark(
        self,
        import_id: UUID,
        from_part: int,
        counts: Mapping[str, Any],
        by_agency: Sequence[Mapping[str, Any]],
    ) -> bool:
        """To the next part, with what came of this one; False when somebody else has done it."""
        table = table_of(Import)
        statement = (
            update(table)
            .where(
                table.c.organization_id == self.ctx.organization_id,
                table.c.id == import_id,
                table.c.parts_done == from_part,
                table.c.status.in_([ImportStatus.RUNNING, ImportStatus.VALIDATED]),
            )
            .values(parts_done=from_part + 1, counts=dict(counts), by_agency=[*by_agency], **_newer(table))
            .returning(table.c.id)
        )
        return (await self.ctx.session.execute(statement)).first() is not None

    async def put_part(self, part: ImportPart) -> None:
        self.ctx.session.add(part)
        await self.ctx.session.flush()

    async def parts(self, import_id: UUID) -> list[int]:
        """Those that made something which has not been taken back."""
        statement = (
            select(ImportPart.number)
            .where(ImportPart.import_id == import_id, ImportPart.undone_at.is_(None))
            .order_by(ImportPart.number.desc())
        )
        return list(await self.ctx.session.scalars(statement))

    async def part(self, import_id: UUID, number: int) -> ImportPart | None:
        """Locked, unless it was taken back meanwhile."""
        statement = select(ImportPart).where(
            ImportPart.import_id == import_id, ImportPart.number == number, ImportPart.undone_at.is_(None)
        )
        found: ImportPart | None = await self.ctx.session.scalar(statement.with_for_update())
        return found

    async def count_undone(self, import_id: UUID, more: int) -> None:
        table = table_of(Import)
        undone = cast(table.c.counts["undone"].astext, Integer) + more
        counts = func.jsonb_set(table.c.counts, ["undone"], func.to_jsonb(undone), type_=JSONB())
        await self.ctx.session.execute(
            update(table)
            .where(table.c.organization_id == self.ctx.organization_id, table.c.id == import_id)
            .values(counts=counts, **_newer(table))
        )

    # --- what is kept no longer

    async def forget_parts(self) -> None:
        """What the imports made that can no longer be undone."""
        over = select(Import.id).where(Import.undo_until < now())
        await self.ctx.session.execute(delete(ImportPart).where(ImportPart.import_id.in_(over)))

    async def with_old_files(self) -> list[Import]:
        old = Import.created_at < now() - KEPT_FOR, Import.file_deleted_at.is_(None)
        return list(await self.ctx.session.scalars(select(Import).where(*old).limit(200)))

    async def file_deleted(self, import_id: UUID) -> None:
        (await self.load(import_id)).file_deleted_at = now()


def _newer(table: Table) -> dict[str, Any]:
    return {"version": table.c.version + 1, "updated_at": func.clock_timestamp()}


async def ids_by(
    repository: Repository[Any, Any], column: str, values: Sequence[str]
) -> dict[str, list[UUID]]:
    """Value of a column -> the living, visible rows that have it."""
    if not values:
        return {}

    def build() -> Select[Any]:
        found = table_of(repository.model).c[column]
        wanted: ColumnElement[bool] = found == any_(bindparam("values", type_=ARRAY(Text())))
        return repository.select(found, table_of(repository.model).c.id).where(*repository._alive(), wanted)

    ids: dict[str, list[UUID]] = {}
    for value, id in await repository.rows(("ids by", column), build, {"values": list(values)}):
        ids.setdefault(value, []).append(id)
    return ids


async def untouched_of(repository: Repository[Any, Any], ids: Sequence[UUID]) -> set[UUID]:
    """Those of `ids` that nobody has changed since they were made."""
    table = table_of(repository.model)

    def build() -> Select[Any]:
        asked = table.c.id == any_(bindparam("ids", type_=ARRAY(Uuid())))
        return repository.select(table.c.id).where(*repository._alive(), asked, table.c.version == 1)

    return {row[0] for row in await repository.rows("untouched", build, {"ids": list(ids)})}


async def rows_as_json(
    ctx: Context, repository: Repository[Any, Any], ids: Sequence[UUID]
) -> dict[UUID, dict[str, Any]]:
    """The rows as they are, column by column."""
    if not ids:
        return {}
    table = table_of(repository.model)

    def build() -> Select[Any]:
        whole: ColumnElement[Any] = cast(func.to_jsonb(table.table_valued()), Text)
        return select(table.c.id, whole).where(
            table.c.organization_id == bindparam("organization_id"),
            table.c.id == any_(bindparam("ids", type_=ARRAY(Uuid()))),
        )

    rows = await repository.rows("as json", build, {"ids": list(ids)})
    return {row[0]: from_json(row[1]) for row in rows}


async def columns_before(
    ctx: Context, repository: Repository[Any, Any], id: UUID, before: Mapping[str, Any]
) -> dict[str, Any]:
    """The columns that differ from what they were, with the values of before."""
    table = table_of(repository.model)
    present = (await rows_as_json(ctx, repository, [id]))[id]
    names = [
        column.name
        for column in table.c
        if column.computed is None
        and column.name not in UNTOLD
        and present.get(column.name) != before.get(column.name)
    ]
    if not names:
        return {}
    rows = await repository.rows(
        ("as before", *names), lambda: _populated(table, names), {"before": to_json(dict(before)).decode()}
    )
    values = dict(zip(names, rows[0], strict=True))
    return {name: _in_python(table.c[name].type, value) for name, value in values.items()}


def _in_python(kind: Any, value: Any) -> Any:
    """What the driver gave, as a change of the column takes it."""
    if isinstance(kind, JSONB) and isinstance(value, str):
        return from_json(value)
    return Money.of(value) if isinstance(kind, Centimes) and isinstance(value, int) else value


def _populated(table: Table, names: Sequence[str]) -> Select[Any]:
    record = func.jsonb_populate_record(
        literal_column(f"NULL::{table.name}"), cast(bindparam("before", type_=Text()), JSONB)
    ).table_valued(*(column(name, table.c[name].type) for name in names), name="was")
    return select(*record.c)
