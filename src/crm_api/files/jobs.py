"""What the house does with documents by itself."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.events import publish
from crm_api.core.jobs import Jobs, Payload, Schedule, enqueue
from crm_api.files.contents import folder
from crm_api.files.events import DocumentExpiring
from crm_api.files.models import EXPIRING_WITHIN, ScanStatus
from crm_api.files.repository import FileRepository
from crm_api.files.scanning import scan
from crm_api.kit.clock import today
from crm_api.kit.errors import NotFound

AT_ONCE = 500
LOOKED_BACK = 3
"""Days whose contents are compared with the rows."""
UNDERWAY = timedelta(hours=1)
"""A younger content may belong to a transaction that still runs."""
ASKED_AGAIN = timedelta(minutes=30)


async def scan_file(ctx: Context, payload: Payload) -> None:
    """One document; one that was removed or judged meanwhile needs no scan."""
    files = FileRepository(ctx)
    try:
        row = await files.load(UUID(payload["file_id"]))
    except NotFound:
        return
    if row.scan_status is ScanStatus.ERROR:
        row.scan_status = ScanStatus.PENDING
        await files.save(row)
    if row.scan_status is ScanStatus.PENDING:
        await scan(ctx, row)


async def rescan_files(ctx: Context, _: Payload) -> None:
    """Those that got no verdict."""
    for file_id in await FileRepository(ctx).unscanned(datetime.now(UTC) - ASKED_AGAIN, AT_ONCE):
        await enqueue(ctx, "scan_file", {"file_id": file_id}, dedupe_key=str(file_id))


async def sweep_files(ctx: Context, _: Payload) -> None:
    """Working files that had their time, contents of rows that are gone, contents that never got a row."""
    files, storage = FileRepository(ctx), ctx.tools.storage
    while expired := await files.expired(AT_ONCE):
        await files.forget(expired)
    while leftovers := await files.leftovers(AT_ONCE):
        for key in leftovers:
            await storage.delete(key)
        await files.swept(leftovers)
    for back in range(LOOKED_BACK):
        await _sweep_day(ctx, files, (today() - timedelta(days=back)).isoformat())


async def _sweep_day(ctx: Context, files: FileRepository, day: str) -> None:
    storage, settled = ctx.tools.storage, datetime.now(UTC) - UNDERWAY
    found = [
        kept.key
        async for kept in storage.keys(folder(ctx.organization_id, day))
        if kept.modified_at < settled
    ]
    for at in range(0, len(found), AT_ONCE):
        keys = found[at : at + AT_ONCE]
        for key in set(keys) - await files.known_keys(keys):
            await storage.delete(key)


async def tell_expiring(ctx: Context, _: Payload) -> None:
    """`document.expiring`, once for each last day."""
    while told := await FileRepository(ctx).expiring(today() + EXPIRING_WITHIN, AT_ONCE):
        for file_id, expires_on in told:
            await publish(ctx, DocumentExpiring(file_id, expires_on))


JOBS: Jobs = {
    "scan_file": scan_file,
    "rescan_files": rescan_files,
    "sweep_files": sweep_files,
    "tell_expiring_files": tell_expiring,
}
SCHEDULES = (
    Schedule("rescan_files", "*/30 * * * *"),
    Schedule("sweep_files", "20 3 * * *"),
    Schedule("tell_expiring_files", "10 6 * * *"),
)
