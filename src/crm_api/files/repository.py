from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Exists,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    delete,
    exists,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.plain import table_of
from crm_api.core.principal import DataScope
from crm_api.core.repository import Repository
from crm_api.core.statements import LOCAL_TODAY
from crm_api.files.errors import DatesOutOfOrder
from crm_api.files.models import File, FileLeftover, FileLink, ScanStatus
from crm_api.files.schemas import FileRead
from crm_api.files.sight import readable_files, readers, word
from crm_api.kit.ids import new_id


class FileRepository(Repository[File, FileRead]):
    """Who sees an object sees the documents that hang on it."""

    model, read = File, FileRead
    refusals = {"ck_files_dates_in_order": DatesOutOfOrder}

    def __init__(self, ctx: Context) -> None:
        principal = ctx.principal
        self._objects: dict[str, Repository[Any, Any]] = {}
        if principal.data_scope is not DataScope.ALL:
            self._objects = {
                label: repository(ctx)
                for label, repository in ctx.tools.objects.items()
                if repository.model is not File
            }
        seen = tuple((label, objects.visibility) for label, objects in self._objects.items())
        self.visibility = principal.data_scope is DataScope.ALL, readers(principal), seen
        super().__init__(ctx)

    def visible(self) -> list[ColumnElement[bool]]:
        conditions = readable_files(self.ctx.principal)
        if self._objects and self.ctx.principal.kind != "system":
            mine = table_of(File).c.created_by_id == bindparam("actor_id", type_=table_of(File).c.id.type)
            conditions.append(or_(mine, self._on_something_seen()))
        return conditions

    def _on_something_seen(self) -> Exists:
        link = table_of_links().alias("seen_link")
        seen = [
            and_(link.c.object_type == word(label), _same(objects, link.c.object_id))
            for label, objects in self._objects.items()
        ]
        table = table_of(File)
        same = link.c.organization_id == table.c.organization_id, link.c.file_id == table.c.id
        return exists(select(_one()).select_from(link).where(*same, or_(*seen)))

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        link, table = table_of_links().alias("link"), table_of(File)
        pair = func.json_build_object(
            literal_column("'object_type'"),
            link.c.object_type,
            literal_column("'object_id'"),
            link.c.object_id,
        )
        same = link.c.organization_id == table.c.organization_id, link.c.file_id == table.c.id
        found = select(func.json_agg(pair)).select_from(link).where(*same)
        none = cast(literal_column("'[]'", Text()), JSONB)
        return {**super().columns(), "links": func.coalesce(cast(found.scalar_subquery(), JSONB), none)}

    # --- versions

    async def newest_number(self, series_id: UUID) -> int:
        """Of a series whose last version is locked; those in the bin count."""
        return int(
            await self.ctx.session.scalar(
                select(func.max(File.version_number)).where(File.series_id == series_id)
            )
            or 0
        )

    async def follow(self, file_id: UUID | None, successor_id: UUID | None) -> None:
        """Whose turn it is: an older version learns which one came after it."""
        if file_id is not None:
            older = await self.ctx.session.get(File, (self.ctx.organization_id, file_id))
            if older is not None:
                older.superseded_by_id = successor_id
                await self.save(older)

    # --- links

    async def link(self, file_id: UUID, object_type: str, object_id: UUID) -> bool:
        """Whether it is new."""
        link = await self._link(file_id, object_type, object_id)
        if link is None:
            self.ctx.session.add(
                FileLink(
                    id=new_id(),
                    file_id=file_id,
                    object_type=object_type,
                    object_id=object_id,
                    linked_at=now(),
                    linked_by_id=self.ctx.principal.id,
                )
            )
            await self.ctx.session.flush()
        return link is None

    async def unlink(self, file_id: UUID, object_type: str, object_id: UUID) -> bool:
        """Whether it was there."""
        link = await self._link(file_id, object_type, object_id)
        if link is not None:
            await self.ctx.session.delete(link)
            await self.ctx.session.flush()
        return link is not None

    async def links_of(self, file_id: UUID) -> Sequence[FileLink]:
        found = await self.ctx.session.scalars(select(FileLink).where(FileLink.file_id == file_id))
        return found.all()

    async def _link(self, file_id: UUID, object_type: str, object_id: UUID) -> FileLink | None:
        found: FileLink | None = await self.ctx.session.scalar(
            select(FileLink).where(
                FileLink.file_id == file_id,
                FileLink.object_type == object_type,
                FileLink.object_id == object_id,
            )
        )
        return found

    # --- what the house does by itself

    async def content(self, file_id: UUID) -> Mapping[str, Any] | None:
        """What a download needs, in one statement; None where this principal sees no such document."""
        names = (
            *("id", "name", "kind", "media_type", "size", "sha256", "pii_class", "scan_status"),
            *("storage_key", "content_key", "deleted_at"),
        )
        table = table_of(File)
        rows = await self.rows(
            "content",
            lambda: self.select(*(table.c[name] for name in names)).where(
                table.c.id == bindparam("id", type_=table.c.id.type)
            ),
            {"id": file_id},
        )
        return dict(zip(names, rows[0], strict=True)) if rows else None

    async def known_keys(self, keys: Sequence[str]) -> set[str]:
        wanted = any_(bindparam("keys", type_=ARRAY(Text())))
        rows = await self.rows(
            "known keys",
            lambda: self.select(table_of(File).c.storage_key).where(table_of(File).c.storage_key == wanted),
            {"keys": list(keys)},
        )
        return {row[0] for row in rows}

    async def expired(self, most: int) -> Sequence[UUID]:
        """Working files that have had their time."""
        found = await self.ctx.session.scalars(
            select(File.id).where(File.kept_until < func.now()).limit(most)
        )
        return found.all()

    async def keep_until(self, ids: Sequence[UUID], moment: datetime | None) -> None:
        table = table_of(File).c
        these = table.id == any_(bindparam("ids", type_=ARRAY(table.id.type)))
        await self.edit_all(
            "keep until", lambda: [these, ~table.legal_hold], {"ids": [*ids]}, {"kept_until": moment}
        )

    async def leftovers(self, most: int) -> Sequence[str]:
        """Keys of contents that no document names any more."""
        return (await self.ctx.session.scalars(select(FileLeftover.storage_key).limit(most))).all()

    async def swept(self, keys: Sequence[str]) -> None:
        """These contents are gone."""
        await self.ctx.session.execute(delete(FileLeftover).where(FileLeftover.storage_key.in_(keys)))

    async def forget(self, ids: Sequence[UUID]) -> None:
        """For good, with their links."""
        await self.ctx.session.execute(delete(File).where(File.id.in_(ids)))

    async def unscanned(self, before: Any, most: int) -> Sequence[UUID]:
        found = await self.ctx.session.scalars(
            select(File.id)
            .where(
                File.scan_status.in_((ScanStatus.PENDING, ScanStatus.ERROR)),
                File.deleted_at.is_(None),
                File.updated_at < before,
            )
            .limit(most)
        )
        return found.all()

    async def expiring(self, until: date, most: int) -> Sequence[tuple[UUID, date]]:
        """Last versions, not told of that day yet; from now on they are."""
        due = (
            select(File.id)
            .where(
                File.expires_on.between(LOCAL_TODAY, until),
                File.expiry_told_on.is_distinct_from(File.expires_on),
                File.superseded_by_id.is_(None),
                File.deleted_at.is_(None),
            )
            .limit(most)
        )
        rows = await self.ctx.session.execute(
            update(File)
            .where(File.organization_id == self.ctx.organization_id, File.id.in_(due))
            .values(expiry_told_on=File.expires_on)
            .returning(File.id, File.expires_on)
            .execution_options(synchronize_session=False)
        )
        return [(row[0], row[1]) for row in rows if row[1] is not None]


def table_of_links() -> Any:
    return FileLink.__table__


def _same(objects: Repository[Any, Any], object_id: ColumnElement[Any]) -> Exists:
    table = table_of(objects.model)
    return exists(select(_one()).select_from(table).where(*objects.visible(), table.c.id == object_id))


def _one() -> ColumnElement[int]:
    return literal_column("1")
