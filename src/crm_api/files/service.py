from collections.abc import AsyncIterable, AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any, BinaryIO
from uuid import UUID

from anyio import to_thread

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.jobs import enqueue
from crm_api.core.objects import require_object
from crm_api.core.ranges import Span
from crm_api.core.repository import ANY_VERSION
from crm_api.core.signed_links import SignedLink, expiring
from crm_api.files.contents import Contents, Taken, chunks_of
from crm_api.files.errors import (
    DatesOutOfOrder,
    FileNotClean,
    FileNotYoursToDelete,
    FileSuperseded,
    FileTypeRefused,
    FileUnderLegalHold,
    HealthDataClosed,
)
from crm_api.files.events import DocumentLinked, DocumentUnlinked, DocumentUploaded
from crm_api.files.models import (
    DOCUMENT,
    HEALTH,
    KINDS,
    LARGEST,
    OWN_DELETE_WITHIN,
    SENSITIVE,
    WORKING,
    File,
    FileKind,
    FilePiiClass,
    ScanStatus,
)
from crm_api.files.repository import FileRepository
from crm_api.files.scanning import judged, sent_to_scanner
from crm_api.files.schemas import (
    FileFilter,
    FilePage,
    FilePatch,
    FileQuery,
    FileRead,
    FileSheet,
    ObjectName,
    SignedFileLink,
)
from crm_api.files.sniffing import ENDINGS, media_type_of
from crm_api.kit.errors import Deleted, NotDeleted, NotFound, ValidationFailed, VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.listing import Count
from crm_api.kit.schemas import Json
from crm_api.kit.searching import Search

DOWNLOAD = "download of a document"
LINK_LASTS = timedelta(seconds=60)
DELETES_ANY = "documents:delete"


@dataclass(frozen=True, slots=True)
class Content:
    """What is given out: the headers' facts, and the bytes of the part that was asked for."""

    name: str
    media_type: str
    size: int
    sha256: str
    sensitive: bool
    chunks: AsyncIterator[bytes]


class FileService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.files = FileRepository(ctx)
        self.contents = Contents(ctx)

    # --- for other domains

    async def add(
        self,
        name: str,
        content: bytes | BinaryIO | AsyncIterable[bytes],
        kind: FileKind,
        *,
        links: Sequence[tuple[str, UUID]] = (),
        made_for: UUID | None = None,
        media_type: str | None = None,
        kept_until: datetime | None = None,
        most: int = LARGEST,
        **sheet: Any,
    ) -> UUID:
        """A document of the use case's own transaction; `media_type` where we made the content ourselves.

        A stream needs a `media_type`: only what can be read again is sniffed. `made_for`: whose it is, when
        a job of the house makes it. `sheet`: further columns (title, issued_on, expires_on, visibility...).
        """
        file = BytesIO(content) if isinstance(content, bytes) else content
        _check_dates(sheet.get("issued_on"), sheet.get("expires_on"))
        taken = await self._taken(name, file, media_type, most)
        row = await self._recorded(taken, name, kind, kept_until=kept_until, **sheet)
        if made_for is not None:
            row.created_by_id = made_for
            await self.files.save(row)
        for object_type, object_id in links:
            await self.files.link(row.id, object_type, object_id)
        return row.id

    async def open(self, file_id: UUID) -> AsyncIterator[bytes]:
        """The content in chunks, scanned or not. Raises NotFound; FileNotClean for an infected one."""
        found = await self._found(file_id)
        if found["scan_status"] == ScanStatus.INFECTED:
            raise FileNotClean(scan_status=found["scan_status"])
        return await self.contents.give(found)

    async def read(self, file_id: UUID) -> bytes:
        """`open`, whole."""
        return b"".join([chunk async for chunk in await self.open(file_id)])

    async def remove(self, file_id: UUID) -> None:
        """For good, and its content soon after. Raises FileUnderLegalHold."""
        row = await self.files.load(file_id)
        if row.legal_hold:
            raise FileUnderLegalHold
        await self.files.remove(row)
        await enqueue(self.ctx, "sweep_files", {}, dedupe_key="sweep")

    async def keep_until(self, file_ids: Sequence[UUID], moment: datetime | None) -> None:
        """Working files, whoever sees them; None: for good. What is held for a legal reason stays."""
        if file_ids:
            await self.files.keep_until(file_ids, moment)

    # --- reading

    async def page(self, query: FileQuery) -> Json[FilePage]:
        await self._object_seen(query)
        return await self.files.page(query, FilePage)

    async def count(self, query: FileFilter) -> Count:
        await self._object_seen(query)
        return await self.files.count(query)

    async def search(self, body: Search) -> Json[FilePage]:
        return await self.files.page(body.selection(FileQuery), FilePage)

    async def get(self, file_id: UUID) -> Json[FileRead]:
        return await self.files.get(file_id)

    async def _object_seen(self, query: FileFilter) -> None:
        if (query.object_type is None) != (query.object_id is None):
            raise ValidationFailed.at(
                "object_id", "object_half_named", "Give object_type and object_id together.", "query"
            )
        if query.object_type and query.object_id:
            await require_object(self.ctx, query.object_type, query.object_id)

    # --- adding

    async def upload(self, sheet: FileSheet, name: str, file: BinaryIO) -> Json[FileRead]:
        """A new document, or a new version of one. No transaction is open while the content is stored."""
        if (sheet.object_type is None) != (sheet.object_id is None):
            raise ValidationFailed.at(
                "/object_id", "object_half_named", "Give object_type and object_id together."
            )
        if sheet.object_type and sheet.object_id:
            await require_object(self.ctx, sheet.object_type, sheet.object_id)
        facts = sheet.model_dump(exclude={"kind", "object_type", "object_id", "supersedes_id", "file"})
        if sheet.supersedes_id:
            await self.files.get(sheet.supersedes_id)
        _check_dates(sheet.issued_on, sheet.expires_on)
        taken = await self._taken(name, file, None, LARGEST)
        older = await self._replaceable(sheet.supersedes_id) if sheet.supersedes_id else None
        if older is not None:
            facts |= {
                "supersedes_id": older.id,
                "series_id": older.series_id,
                "version_number": await self.files.newest_number(older.series_id) + 1,
            }
        row = await self._recorded(taken, name, sheet.kind, **facts)
        if sheet.object_type and sheet.object_id:
            await self.files.link(row.id, sheet.object_type, sheet.object_id)
        if older is not None:
            await self._follows(row, older)
        await publish(self.ctx, DocumentUploaded(row.id, row.kind, row.version_number))
        return await self.files.get(row.id)

    async def _replaceable(self, file_id: UUID) -> File:
        older = await self.files.load(file_id)
        if older.deleted_at is not None:
            raise Deleted(id=str(file_id))
        if older.superseded_by_id is not None:
            raise FileSuperseded(superseded_by_id=str(older.superseded_by_id))
        return older

    async def _follows(self, row: File, older: File) -> None:
        older.superseded_by_id = row.id
        await self.files.save(older)
        for link in await self.files.links_of(older.id):
            await self.files.link(row.id, link.object_type, link.object_id)

    async def _taken(
        self,
        name: str,
        content: BinaryIO | AsyncIterable[bytes],
        media_type: str | None,
        most: int,
    ) -> Taken:
        """The content, sniffed unless we vouch for its media type, in the storage."""
        vouched = media_type is not None
        chunks = content if isinstance(content, AsyncIterable) else chunks_of(content)
        if media_type is None and not isinstance(content, AsyncIterable):
            media_type = await to_thread.run_sync(media_type_of, content, name)
        if media_type is None:
            raise FileTypeRefused(allowed=sorted(ENDINGS))
        return await self.contents.take(new_id(), chunks, most, media_type, vouched=vouched)

    async def _recorded(self, taken: Taken, name: str, kind: FileKind, **facts: Any) -> File:
        """Its row, judged at once where no scanner has to be asked."""
        rule = KINDS[kind]
        row = File(
            id=taken.file_id,
            name=name,
            kind=kind,
            media_type=taken.media_type,
            pii_class=rule.pii_class,
            retention_class=rule.retention_class,
            storage_key=taken.storage_key,
            content_key=taken.content_key,
            size=taken.size,
            sha256=taken.sha256,
            scan_status=ScanStatus.PENDING,
            **{"series_id": taken.file_id, **facts},
        )
        await (judged(self.ctx, row, "house", None) if taken.vouched else sent_to_scanner(self.ctx, row))
        return row

    # --- changing

    async def update(self, file_id: UUID, data: FilePatch, version: int) -> Json[FileRead]:
        changes = dict(data.model_dump(exclude_unset=True))
        if kind := changes.get("kind"):
            rule = KINDS[FileKind(kind)]
            changes |= {"pii_class": rule.pii_class, "retention_class": rule.retention_class}
        return await self.files.edit(file_id, changes, version)

    async def link(self, file_id: UUID, name: ObjectName) -> Json[FileRead]:
        await require_object(self.ctx, name.object_type, name.object_id)
        row = await self._changeable(file_id)
        if await self.files.link(file_id, name.object_type, name.object_id):
            await self._touched(row)
            await publish(self.ctx, DocumentLinked(file_id, name.object_type, name.object_id))
        return await self.files.get(file_id)

    async def unlink(self, file_id: UUID, name: ObjectName) -> Json[FileRead]:
        """Raises NotFound where it does not hang there."""
        row = await self._changeable(file_id)
        await require_object(self.ctx, name.object_type, name.object_id)
        answer = await self.files.get(file_id)  # once the link is gone it may no longer be seen
        if not await self.files.unlink(file_id, name.object_type, name.object_id):
            raise NotFound(id=str(name.object_id))
        await self._touched(row)
        await publish(self.ctx, DocumentUnlinked(file_id, name.object_type, name.object_id))
        return await self.files.find(id=file_id) or answer

    async def _touched(self, row: File) -> None:
        row.updated_at = now()
        await self.files.save(row)

    async def archive(self, file_id: UUID, version: int) -> Json[FileRead]:
        row = await self._changeable(file_id, version)
        DOCUMENT.check(row.scan_status, ScanStatus.ARCHIVED)
        row.scan_status = ScanStatus.ARCHIVED
        await self.files.save(row)
        return await self.files.get(file_id)

    async def rescan(self, file_id: UUID, version: int) -> Json[FileRead]:
        """Only where the scanner gave no verdict."""
        row = await self._changeable(file_id, version)
        DOCUMENT.check(row.scan_status, ScanStatus.PENDING)
        row.scan_status = ScanStatus.PENDING
        await sent_to_scanner(self.ctx, row)
        return await self.files.get(file_id)

    async def hold(self, file_id: UUID, reason: str | None, version: int) -> Json[FileRead]:
        """None lifts it."""
        row = await self._changeable(file_id, version)
        row.legal_hold, row.legal_hold_reason = reason is not None, reason
        await self.files.save(row)
        self.ctx.note("document.held" if reason else "document.released", "document", file_id, reason=reason)
        return await self.files.get(file_id)

    # --- the bin

    async def delete(self, file_id: UUID, version: int) -> None:
        row = await self._changeable(file_id, version)
        mine = row.created_by_id == self.ctx.principal.id
        fresh = now() - row.created_at <= OWN_DELETE_WITHIN
        if DELETES_ANY not in self.ctx.principal.scopes and not (mine and fresh):
            raise FileNotYoursToDelete
        if row.legal_hold:
            raise FileUnderLegalHold
        if row.superseded_by_id is not None:
            raise FileSuperseded(superseded_by_id=str(row.superseded_by_id))
        row.deleted_at, row.deleted_by_id = now(), self.ctx.principal.id
        await self.files.save(row)
        await self.files.follow(row.supersedes_id, None)

    async def restore(self, file_id: UUID) -> Json[FileRead]:
        row = await self.files.load(file_id)
        if row.deleted_at is None:
            raise NotDeleted(id=str(file_id))
        if row.supersedes_id is not None:
            await self._replaceable(row.supersedes_id)  # another version may have come meanwhile
        row.deleted_at = row.deleted_by_id = None
        await self.files.save(row)
        await self.files.follow(row.supersedes_id, row.id)
        return await self.files.get(file_id)

    async def _changeable(self, file_id: UUID, version: int = ANY_VERSION) -> File:
        row = await self.files.load(file_id)
        if version not in (row.version, ANY_VERSION):
            raise VersionConflict(current_version=row.version)
        if row.deleted_at is not None:
            raise Deleted(id=str(file_id))
        return row

    # --- giving out

    async def facts(self, file_id: UUID) -> dict[str, Any]:
        """What may be downloaded, and its size. Raises NotFound, HealthDataClosed, FileNotClean."""
        found = await self._found(file_id)
        if found["deleted_at"] is not None:
            raise NotFound(id=str(file_id))
        if found["pii_class"] == FilePiiClass.P4 and HEALTH not in self.ctx.principal.scopes:
            raise HealthDataClosed
        if found["scan_status"] != ScanStatus.CLEAN:
            raise FileNotClean(scan_status=found["scan_status"])
        return found

    async def content(self, found: dict[str, Any], span: Span | None) -> Content:
        """Downloads of sensitive documents and exports are in the audit log before the first byte leaves."""
        sensitive = found["pii_class"] in SENSITIVE
        if sensitive or found["kind"] in WORKING:
            changes = {"bytes": [span.start, span.length]} if span else {}
            self.ctx.note("document.downloaded", "document", found["id"], changes=changes)
        chunks = await self.contents.give(found, span)
        return Content(found["name"], found["media_type"], found["size"], found["sha256"], sensitive, chunks)

    async def sign_link(self, file_id: UUID) -> SignedFileLink:
        """The right to download is judged now; whoever has the link needs none."""
        await self.facts(file_id)
        principal, expires_at = self.ctx.principal, expiring(LINK_LASTS)
        link = SignedLink(principal.organization_id, file_id, principal.id, principal.kind, expires_at)
        token = self.ctx.tools.links.sign(link, DOWNLOAD)
        return SignedFileLink(href=f"/v1/public/files/content?link={token}", expires_at=expires_at)

    async def _found(self, file_id: UUID) -> dict[str, Any]:
        found = await self.files.content(file_id)
        if found is None:
            raise NotFound(id=str(file_id))
        return dict(found)


def _check_dates(issued_on: Any, expires_on: Any) -> None:
    if issued_on and expires_on and expires_on < issued_on:
        raise DatesOutOfOrder
