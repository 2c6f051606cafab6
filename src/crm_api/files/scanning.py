"""From `pending` to a verdict: by a job that asks the scanner, or at once where there is none."""

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.jobs import enqueue
from crm_api.core.scanner import ScannerSilent
from crm_api.files.contents import Contents
from crm_api.files.events import DocumentAvailable, DocumentQuarantined
from crm_api.files.models import DOCUMENT, File, ScanStatus
from crm_api.files.repository import FileRepository
from crm_api.kit.errors import NotFound


async def sent_to_scanner(ctx: Context, row: File) -> None:
    if ctx.tools.scanner is None:
        await judged(ctx, row, "none", None)
    else:
        await FileRepository(ctx).save(row)
        await enqueue(ctx, "scan_file", {"file_id": row.id}, dedupe_key=str(row.id))


async def scan(ctx: Context, row: File) -> None:
    """The job's half. Silence is an `error`; a schedule asks again."""
    scanner, found = ctx.tools.scanner, await FileRepository(ctx).content(row.id)
    if found is None:
        raise NotFound(id=str(row.id))
    try:
        if scanner is None:  # it was there when the document came
            raise ScannerSilent
        verdict = await scanner.scan(await Contents(ctx).give(found))
    except ScannerSilent:
        DOCUMENT.check(row.scan_status, ScanStatus.ERROR)
        row.scan_status, row.scanned_at = ScanStatus.ERROR, now()
        await FileRepository(ctx).save(row)
        return
    await judged(ctx, row, verdict.scanner, verdict.threat)


async def judged(ctx: Context, row: File, scanner: str, threat: str | None) -> None:
    """An infected document stays where it is, sealed: nobody can download it."""
    status = ScanStatus.INFECTED if threat else ScanStatus.CLEAN
    DOCUMENT.check(row.scan_status, status)
    row.scan_status, row.scanner, row.threat, row.scanned_at = status, scanner, threat, now()
    await FileRepository(ctx).save(row)
    await publish(ctx, DocumentQuarantined(row.id) if threat else DocumentAvailable(row.id))
