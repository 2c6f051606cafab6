"""The file on its way in: cut into parts by a process of its own, and the parts kept by the store."""

import asyncio
import json
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Any
from uuid import UUID

from anyio import to_thread

from crm_api.core.context import Context
from crm_api.imports import errors
from crm_api.imports.errors import FileRefused, FileUnpacksTooLarge, ImportFileGone
from crm_api.imports.sheets import MOST_BYTES_UNPACKED, PART, part_of
from crm_api.kit.errors import NotFound, Unavailable

LARGEST = 50 * 1024 * 1024
PATIENCE = 25.0
"""Seconds that a file may take to be read."""
MEDIA_TYPE = "application/octet-stream"
_REFUSALS = {
    "empty_file": errors.EmptyFile,
    "unreadable_encoding": errors.UnreadableEncoding,
    "nul_in_file": errors.NulInFile,
    "unreadable_table": errors.UnreadableSheet,
    "old_spreadsheet": errors.OldSpreadsheet,
    "no_such_sheet": errors.NoSuchSheet,
    "duplicate_headers": errors.DuplicateHeaders,
    "too_many_rows": errors.TooManyRows,
    "too_many_columns": errors.TooManyColumns,
    "file_unpacks_too_large": FileUnpacksTooLarge,
}


async def take_in(
    ctx: Context, import_id: UUID, data: bytes, sheet: str | None, vocabulary: Collection[str]
) -> dict[str, Any]:
    """What the file is: format, encoding, delimiter, sheets, header, rows. Raises FileRefused."""
    with tempfile.TemporaryDirectory(prefix="crm-import-") as name:
        folder = Path(name)
        (folder / "parts").mkdir()
        await to_thread.run_sync((folder / "file").write_bytes, data)
        order = {"path": str(folder / "file"), "folder": str(folder / "parts")}
        about = await _converted(order | {"sheet": sheet, "vocabulary": [*vocabulary]})
        for part in sorted((folder / "parts").iterdir()):
            content = await to_thread.run_sync(part.read_bytes)
            await ctx.tools.storage.put(_key(ctx, import_id, int(part.name)), content, MEDIA_TYPE)
    return about


async def part(ctx: Context, import_id: UUID, number: int) -> list[tuple[int, list[str]]]:
    """The rows of one part with their numbers. Raises ImportFileGone."""
    try:
        stored = await ctx.tools.storage.get(_key(ctx, import_id, number))
    except NotFound as error:
        raise ImportFileGone from error
    rows = await to_thread.run_sync(part_of, stored.data)
    return [*enumerate(rows, number * PART + 1)]


async def forget(ctx: Context, import_id: UUID, row_count: int) -> None:
    for number in range(parts_in(row_count)):
        await ctx.tools.storage.delete(_key(ctx, import_id, number))


def parts_in(row_count: int) -> int:
    return -(-row_count // PART)


def _key(ctx: Context, import_id: UUID, number: int) -> str:
    return f"{ctx.organization_id}/imports/{import_id}/{number:06d}"


async def _converted(order: dict[str, Any]) -> dict[str, Any]:
    """Whatever a file makes the reader do, it does it in a process with bounded memory and time."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "crm_api.imports.sheets",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            answer, _ = await process.communicate(json.dumps(order).encode())
    except TimeoutError as error:
        raise Unavailable(retry_after=5) from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:  # it ran into its bounds
        raise FileUnpacksTooLarge(limit=MOST_BYTES_UNPACKED)
    about: dict[str, Any] = json.loads(answer)
    if "code" in about:
        raise _REFUSALS.get(about["code"], FileRefused)(**about["about"])
    return about
