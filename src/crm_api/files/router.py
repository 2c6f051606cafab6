from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import File, Header, Query, Request, Response, UploadFile, status
from fastapi.responses import StreamingResponse

from crm_api.core.context import Context
from crm_api.core.http import IfMatch, MergePatch, Router, Visitor, public, requires
from crm_api.core.openapi import refusals
from crm_api.core.principal import Principal
from crm_api.core.ranges import RangeNotSatisfiable, span_of
from crm_api.core.signed_links import LinkExpired
from crm_api.core.uploads import uploaded
from crm_api.files.errors import (
    DatesOutOfOrder,
    FileEmpty,
    FileNotClean,
    FileNotYoursToDelete,
    FileSuperseded,
    FileTooLarge,
    FileTypeRefused,
    FileUnderLegalHold,
    HealthDataClosed,
)
from crm_api.files.models import HEALTH, LARGEST
from crm_api.files.schemas import (
    FileFilter,
    FileHold,
    FilePage,
    FilePatch,
    FileQuery,
    FileRead,
    FileSheet,
    LinkToken,
    ObjectName,
    SignedFileLink,
    file_name,
)
from crm_api.files.service import DOWNLOAD, Content, FileService
from crm_api.kit.listing import Count
from crm_api.kit.schemas import Json
from crm_api.kit.searching import Search

router = Router("files")
outside = Router("files", prefix="/v1/public/files")
Reader = Annotated[Context, requires("documents:read")]
Writer = Annotated[Context, requires("documents:write")]
Keeper = Annotated[Context, requires("documents:delete")]
Bearer = Annotated[Visitor, public("the signed link itself is the proof, for a minute")]
BYTES = {"schema": {"type": "string", "format": "binary"}}
DOWNLOADS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The whole content.", "content": {"*/*": BYTES}},
    206: {"description": "The part asked for.", "content": {"*/*": BYTES}},
    304: {"description": "You have this content already."},
}
CLOSED = refusals(FileNotClean, HealthDataClosed, RangeNotSatisfiable)
Range = Annotated[
    str | None,
    Header(alias="Range", description="One range of bytes.", max_length=100, examples=["bytes=0-1023"]),
]
IfNoneMatch = Annotated[
    str | None,
    Header(description="An ETag that you have: 304 when it is still the content's.", max_length=200),
]
IfRange = Annotated[
    str | None,
    Header(
        alias="If-Range", description="The range counts only if the content has this ETag.", max_length=200
    ),
]


class FileForm(FileSheet):
    """A document to add: the file, and what it is."""

    file: Annotated[
        UploadFile,
        File(description="The file, 20 MiB at most.", json_schema_extra={"maxLength": LARGEST}),
    ]


@router.get("")
async def list_files(ctx: Reader, query: Annotated[FileQuery, Query()]) -> Json[FilePage]:
    """List documents.

    `object_type` and `object_id` give those that hang on one object.
    """
    return await FileService(ctx).page(query)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=FileRead,
    openapi_extra=refusals(FileTypeRefused, FileTooLarge, FileEmpty, FileSuperseded, DatesOutOfOrder),
)
async def upload_file(
    ctx: Writer, request: Request, form: Annotated[FileForm, File(media_type="multipart/form-data")]
) -> Response:
    """Add a document, and hang it on an object.

    PDF, JPEG, PNG, HEIC, DOCX, XLSX, CSV, EML, MP3 or MP4, 20 MiB at most; the ending of the name and the
    bytes must agree. With `supersedes_id` it is a new version, hanging on the same objects. It can be
    downloaded once `scan_status` is `clean`.
    """
    name = file_name(form.file.filename)
    return await uploaded(
        ctx, request, form.file, form, lambda: FileService(ctx).upload(form, name, form.file.file)
    )


@router.get("/count")
async def count_files(ctx: Reader, query: Annotated[FileFilter, Query()]) -> Count:
    """Count documents."""
    return await FileService(ctx).count(query)


@router.post("/search")
async def search_files(ctx: Reader, body: Search) -> Json[FilePage]:
    """Search documents by conditions on their fields."""
    return await FileService(ctx).search(body)


@router.get("/{file_id}")
async def get_file(ctx: Reader, file_id: UUID) -> Json[FileRead]:
    """Read a document's sheet, in the bin or not."""
    return await FileService(ctx).get(file_id)


@router.patch("/{file_id}", openapi_extra=refusals(DatesOutOfOrder))
async def update_file(
    ctx: Writer, file_id: UUID, body: Annotated[FilePatch, MergePatch], version: IfMatch
) -> Json[FileRead]:
    """Change a document's sheet; the content never changes."""
    return await FileService(ctx).update(file_id, body, version)


@router.delete(
    "/{file_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    openapi_extra=refusals(FileNotYoursToDelete, FileUnderLegalHold, FileSuperseded),
)
async def delete_file(ctx: Writer, file_id: UUID, version: IfMatch) -> None:
    """Put a document in the bin.

    Your own within 24 hours; with documents:delete any. The last version goes first.
    """
    await FileService(ctx).delete(file_id, version)


@router.post("/{file_id}/restore", openapi_extra=refusals(FileSuperseded))
async def restore_file(ctx: Keeper, file_id: UUID) -> Json[FileRead]:
    """Take a document out of the bin."""
    return await FileService(ctx).restore(file_id)


@router.post("/{file_id}/link")
async def link_file(ctx: Writer, file_id: UUID, body: ObjectName) -> Json[FileRead]:
    """Hang a document on one more object."""
    return await FileService(ctx).link(file_id, body)


@router.post("/{file_id}/unlink")
async def unlink_file(ctx: Writer, file_id: UUID, body: ObjectName) -> Json[FileRead]:
    """Take a document off an object; the document stays."""
    return await FileService(ctx).unlink(file_id, body)


@router.post("/{file_id}/archive")
async def archive_file(ctx: Keeper, file_id: UUID, version: IfMatch) -> Json[FileRead]:
    """Archive a document: it is kept, and no longer given out."""
    return await FileService(ctx).archive(file_id, version)


@router.post("/{file_id}/rescan")
async def rescan_file(ctx: Writer, file_id: UUID, version: IfMatch) -> Json[FileRead]:
    """Ask the scanner again, where it gave no verdict."""
    return await FileService(ctx).rescan(file_id, version)


@router.post("/{file_id}/hold")
async def hold_file(ctx: Keeper, file_id: UUID, body: FileHold, version: IfMatch) -> Json[FileRead]:
    """Keep a document for a legal reason: it cannot be deleted."""
    return await FileService(ctx).hold(file_id, body.reason, version)


@router.post("/{file_id}/release")
async def release_file(ctx: Keeper, file_id: UUID, version: IfMatch) -> Json[FileRead]:
    """End a legal hold."""
    return await FileService(ctx).hold(file_id, None, version)


@router.post("/{file_id}/signed-link", openapi_extra=refusals(FileNotClean, HealthDataClosed))
async def sign_file_link(ctx: Reader, file_id: UUID) -> SignedFileLink:
    """Make an address that gives the content without signing in, for 60 seconds.

    For a browser's own download or viewer. Whoever has the address can read the document.
    """
    return await FileService(ctx).sign_link(file_id)


@router.get("/{file_id}/content", response_class=Response, responses=DOWNLOADS, openapi_extra=CLOSED)
async def get_file_content(
    ctx: Reader,
    file_id: UUID,
    range: Range = None,
    if_none_match: IfNoneMatch = None,
    if_range: IfRange = None,
) -> Response:
    """Download a document, or a part of it.

    Downloads of classes P3 and P4 are kept in the audit log.
    """
    return await _given(FileService(ctx), file_id, range, if_none_match, if_range)


@outside.get(
    "/content",
    response_class=Response,
    responses=DOWNLOADS,
    openapi_extra=refusals(FileNotClean, RangeNotSatisfiable, LinkExpired),
)
async def get_linked_file_content(
    visitor: Bearer,
    query: Annotated[LinkToken, Query()],
    range: Range = None,
    if_none_match: IfNoneMatch = None,
    if_range: IfRange = None,
) -> Response:
    """Download by a signed link."""
    link = visitor.tools.links.verify(query.link, DOWNLOAD)
    giver = Principal(link.actor_id, link.organization_id, frozenset({HEALTH}), kind=link.actor_kind)
    return await _given(FileService(visitor.enter(giver)), link.object_id, range, if_none_match, if_range)


async def _given(
    files: FileService,
    file_id: UUID,
    range_header: str | None,
    if_none_match: str | None,
    if_range: str | None,
) -> Response:
    found = await files.facts(file_id)
    etag = f'"{found["sha256"]}"'
    if if_none_match and (if_none_match.strip() == "*" or etag in if_none_match):
        return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers={"ETag": etag})
    span = span_of(range_header, found["size"]) if if_range in (None, etag) else None
    content = await files.content(found, span)
    headers = _headers(content) | {"ETag": etag}
    if span is None:
        return StreamingResponse(
            content.chunks,
            headers=headers | {"Content-Length": str(content.size)},
            media_type=content.media_type,
        )
    last = span.start + span.length - 1
    headers |= {
        "Content-Range": f"bytes {span.start}-{last}/{content.size}",
        "Content-Length": str(span.length),
    }
    return StreamingResponse(content.chunks, status.HTTP_206_PARTIAL_CONTENT, headers, content.media_type)


def _headers(content: Content) -> dict[str, str]:
    """Saved, never shown: whatever the content is, a browser runs nothing of it here."""
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(content.name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return headers | ({"Cache-Control": "private, no-store"} if content.sensitive else {})


ROUTERS = (router, outside)
