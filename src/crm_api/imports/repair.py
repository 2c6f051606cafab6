"""The refused rows of a file, as a file: repaired, it can be brought again."""

import csv
import io
from collections.abc import AsyncIterator, Iterable

from crm_api.core import i18n
from crm_api.core.context import Context
from crm_api.imports import files
from crm_api.imports.repository import ImportRepository
from crm_api.imports.schemas import ImportRead
from crm_api.imports.sheets import PART

BOM = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


async def repairable(ctx: Context, brought: ImportRead) -> AsyncIterator[bytes]:
    """Part after part, `;` between cells, as French spreadsheets like it; the reason stands last."""
    reason = i18n.fault("import_reason", ctx.origin.locale, "Reason", {})
    yield BOM.encode() + _line([*brought.header, reason])
    if brought.job_id is None:
        return
    imports = ImportRepository(ctx)
    for number in range(files.parts_in(brought.row_count)):
        first = number * PART + 1
        refused = await imports.refused_rows(brought.job_id, first, first + PART - 1)
        if not refused:
            continue
        lines = [
            _line([*_filled(cells, len(brought.header)), " ".join(one["detail"] for one in refused[at])])
            for at, cells in await files.part(ctx, brought.id, number)
            if at in refused
        ]
        yield b"".join(lines)


def _filled(cells: list[str], width: int) -> list[str]:
    return cells + [""] * (width - len(cells))


def _line(cells: Iterable[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerow(
        f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells
    )
    return out.getvalue().encode()
