from typing import Annotated, Any
from uuid import UUID

from fastapi import File, Form, Query, Request, Response, UploadFile, status
from fastapi.responses import StreamingResponse

from crm_api.core.context import Context
from crm_api.core.http import Router, requires
from crm_api.core.openapi import refusals
from crm_api.core.uploads import uploaded
from crm_api.imports.errors import FileRefused, ImportFileTooLarge
from crm_api.imports.files import LARGEST
from crm_api.imports.models import ImportEntity
from crm_api.imports.schemas import (
    ImportableList,
    ImportCommit,
    ImportPage,
    ImportPreview,
    ImportPreviewRequest,
    ImportQuery,
    ImportRead,
)
from crm_api.imports.service import ImportService
from crm_api.jobs.schemas import JobRead
from crm_api.kit.schemas import Json

router = Router("imports")
Importer = Annotated[Context, requires("data:import")]
Starter = Annotated[Context, requires("data:import", keyed=True)]
Table = File(
    description="CSV or XLSX, 50 MB and 200,000 rows at most.", json_schema_extra={"maxLength": LARGEST}
)
Sheet = Form(
    description="Which sheet of a workbook; the first when left out.", max_length=200, examples=["Feuil1"]
)
REPAIRABLE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The refused rows, `;` between cells, the reason in the last column.",
        "content": {"text/csv": {"schema": {"type": "string"}}},
    }
}


@router.get("/entities")
async def list_importable_entities(ctx: Importer) -> ImportableList:
    """List what a file may bring, and the fields it may fill."""
    return await ImportService(ctx).importable()


@router.get("")
async def list_imports(ctx: Importer, query: Annotated[ImportQuery, Query()]) -> Json[ImportPage]:
    """List the imports of the organization."""
    return await ImportService(ctx).page(query)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=ImportRead,
    openapi_extra=refusals(FileRefused, ImportFileTooLarge),
)
async def create_import(
    ctx: Importer,
    request: Request,
    file: Annotated[UploadFile, Table],
    entity: Annotated[ImportEntity, Form(description="What its rows are.", examples=["lead"])],
    sheet: Annotated[str | None, Sheet] = None,
) -> Response:
    """Bring a file.

    Encoding, delimiter and header are found out; what the columns mean is suggested by their names, or
    remembered from the last file with the same columns. Nothing is written but the file: preview it next.
    """

    async def bring() -> Json[ImportRead]:
        content = await file.read(LARGEST + 1)
        return await ImportService(ctx).bring(entity, file.filename or "file", content, sheet)

    return await uploaded(ctx, request, file, f"{entity}|{sheet}", bring)


@router.get("/{import_id}")
async def get_import(ctx: Importer, import_id: UUID) -> Json[ImportRead]:
    """Read an import and its totals."""
    return await ImportService(ctx).get(import_id)


@router.post("/{import_id}/preview")
async def preview_import(ctx: Importer, import_id: UUID, body: ImportPreviewRequest) -> ImportPreview:
    """Judge some rows.

    A real transaction that is rolled back: each row gets the verdict that it would get, in your language,
    with those whom it may repeat in the file and on record. What the columns mean is kept for the commit.
    """
    return await ImportService(ctx).preview(import_id, body)


@router.post("/{import_id}/commit", status_code=status.HTTP_202_ACCEPTED)
async def commit_import(ctx: Starter, import_id: UUID, body: ImportCommit) -> Json[JobRead]:
    """Take the rows in, or rehearse it (`dry_run`).

    A job does it, a thousand rows at a time: a refused row leaves the others alone, a killed worker is
    followed by another that goes on. `/v1/jobs/{id}/results` lists rows that were refused or flagged.
    """
    return await ImportService(ctx).take_in(import_id, body)


@router.post("/{import_id}/cancel")
async def cancel_import(ctx: Importer, import_id: UUID) -> Json[ImportRead]:
    """Stop taking rows in.

    What was taken in stays; undo it if it should not.
    """
    return await ImportService(ctx).cancel(import_id)


@router.post("/{import_id}/undo", status_code=status.HTTP_202_ACCEPTED)
async def undo_import(ctx: Starter, import_id: UUID) -> Json[JobRead]:
    """Take an import back, for 72 hours.

    New records go to the bin, changed ones get their values back. What somebody touched since stays, and
    is listed in the results of the job.
    """
    return await ImportService(ctx).undo(import_id)


@router.get("/{import_id}/refused-rows", response_class=StreamingResponse, responses=REPAIRABLE)
async def get_refused_rows(ctx: Importer, import_id: UUID) -> StreamingResponse:
    """Download the refused rows as CSV, each with the reason.

    Repaired, the file can be brought again as it is.
    """
    rows = await ImportService(ctx).refused_rows(import_id)
    headers = {"Content-Disposition": 'attachment; filename="lignes-refusees.csv"'}
    return StreamingResponse(rows, media_type="text/csv; charset=utf-8", headers=headers)


ROUTERS = (router,)
