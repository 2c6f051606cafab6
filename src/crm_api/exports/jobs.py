"""The making of the file. Killed at any moment, it is begun anew; only a whole file is ever published."""

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from contextlib import ExitStack, aclosing
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any
from uuid import UUID

from anyio import to_thread
from sqlalchemy import Text, cast, func, literal_column

from crm_api.core.context import Context
from crm_api.core.copying import Copying
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.jobs import Jobs
from crm_api.core.plain import table_of
from crm_api.core.progress import Run, RunCancelled, tracked
from crm_api.core.sealing import vault_of
from crm_api.core.statements import as_json
from crm_api.exports import sheets
from crm_api.exports.asking import P3, Asker, Wanted, asked, most_rows, principal_now
from crm_api.exports.columns import Column, french, plain
from crm_api.exports.entities import EXPORTABLES, Exportable
from crm_api.exports.errors import ExportNoLongerAllowed
from crm_api.exports.events import ExportReady
from crm_api.exports.repository import ExportRepository
from crm_api.files.contents import chunks_of
from crm_api.files.models import FileKind
from crm_api.files.service import FileService
from crm_api.kit.clock import ALGIERS, today
from crm_api.kit.formulas import MARK
from crm_api.kit.money import Money
from crm_api.users.access import UserAccess

KEPT = timedelta(days=7)
LARGEST = 1024 * 1024 * 1024
TOLD_EVERY = 1.0
"""Seconds between two reports."""


async def export(entity: Exportable, ctx: Context, run: Run) -> None:
    """Nothing of the job's own transaction is open while the rows are copied."""
    stored = await ExportRepository(ctx.apart()).stored(run.id)
    if stored is None:
        raise RunCancelled
    asker, request, total = asked(stored)
    principal = await principal_now(ctx.apart(), asker)
    if not entity.scopes | ({P3} if request.sealed else set()) <= principal.scopes:
        raise ExportNoLongerAllowed
    warm = ctx.apart()  # the key that seals the file is at hand before the rows begin to come
    await vault_of(warm)
    await warm.close()
    acting = Context(principal, ctx.database, ctx.tools, ctx.origin)
    making = Making(Wanted(acting, entity, request), run, total, await mark_of(ctx.apart(), asker))
    with ExitStack() as stack:
        file_id = await FileService(ctx).add(
            f"{entity.resource}-{today().isoformat()}.{request.format}",
            await making.content(stack, most_rows(principal)),
            FileKind.EXPORT,
            media_type=sheets.MEDIA_TYPES[request.format],
            kept_until=now() + KEPT,
            most=LARGEST,
            made_for=asker.id,
            title=making.mark[:160],
        )
    ctx.note(
        "export.made",
        "export",
        run.id,
        reason=request.reason,
        changes={"rows": making.rows, "file": str(file_id)},
    )
    await publish(ctx, ExportReady(run.id, file_id, making.rows))
    await run.report(making.rows, making.rows)
    await run.succeed([], href=f"/v1/files/{file_id}/content", expires_at=datetime.now(UTC) + KEPT)


async def mark_of(ctx: Context, asker: Asker) -> str:
    """Who and when: the line that every copy carries."""
    moment = datetime.now(ALGIERS).strftime("%d/%m/%Y %H:%M")
    who = f"client {asker.id}"
    if asker.kind == "user":
        known = await UserAccess(ctx).credentials(asker.id)
        who = f"{known.first_name} {known.last_name} <{known.email}>"
    return f"{MARK}{moment} par {who}"


class Making:
    """One file: straight from COPY, or by way of a scratch file where Python has to look at each row."""

    def __init__(self, wanted: Wanted, run: Run, total: int, mark: str) -> None:
        """`total`: how many rows there were when it was asked for."""
        self.wanted, self.run, self.mark = wanted, run, mark
        self.request = wanted.request
        self.columns = wanted.columns()
        self._copying: Copying | None = None
        self._total = total

    @property
    def rows(self) -> int:
        return self._copying.rows if self._copying else 0

    async def content(self, stack: ExitStack, most: int) -> AsyncIterable[bytes]:
        if self.request.format == "xlsx" or self.request.sealed:
            return await self._rewritten(stack, most)
        if self.request.format == "jsonl":
            rows = await self._copied([self._json()], ["json", *self._names()], most, sheets.JSON_OPTIONS)
            return sheets.jsonl_of(rows, self.mark)
        cells = [french(column) for column in self.columns]
        rows = await self._copied(cells, ["french", *self._names()], most, sheets.CSV_OPTIONS)
        return sheets.csv_of(self._names(), rows, self.mark)

    # --- rows

    async def _copied(
        self, cells: list[Any], shape: list[str], most: int, options: dict[str, Any]
    ) -> AsyncIterator[bytes]:
        sql, arguments = await self.wanted.statement(cells, shape, most)
        ctx = self.wanted.ctx
        self._copying = Copying(ctx.database, ctx.organization_id, sql, arguments, **options)
        return self._told(self._copying.chunks())

    async def _told(self, chunks: AsyncGenerator[bytes]) -> AsyncIterator[bytes]:
        """Lines, as an estimate of rows: a cell may hold several."""
        lines, told = 0, monotonic()
        async with aclosing(chunks):
            async for chunk in chunks:
                lines += chunk.count(b"\n")
                if monotonic() - told >= TOLD_EVERY:
                    await self.run.report(self._total, min(lines, self._total))
                    told = monotonic()
                yield chunk

    def _names(self) -> list[str]:
        return [column.name for column in self.columns]

    def _json(self) -> Any:
        """The row as the API shows it: with all its fields when none are named."""
        if self.request.fields:
            return as_json({column.name: column.source for column in self.columns}, self._names())
        repository = self.wanted.repository
        return as_json(repository.columns(), repository.read.model_fields)

    # --- by way of a scratch file

    async def _rewritten(self, stack: ExitStack, most: int) -> AsyncIterable[bytes]:
        folder = self.wanted.ctx.tools.settings.data_dir / "scratch"
        source, target = (stack.enter_context(sheets.scratch(folder)) for _ in range(2))
        jsonl = self.request.format == "jsonl"
        cells = [self._json()] if jsonl else [plain(column) for column in self.columns]
        shape = ["json" if jsonl else "plain", *self._names()]
        columns, opened = self.columns, _as_it_is
        if self.request.sealed:
            table = table_of(self.wanted.repository.model)
            cells += [table.c.id, func.encode(table.c.sealed, literal_column("'hex'", Text()))]
            shape, columns = (
                [*shape, "sealed"],
                [*columns, Column("sealed", "json", cast(table.c.masked, Text))],
            )
            vault = await vault_of(self.wanted.ctx)
            opened = partial(_opened, vault, table.name)
            await self.wanted.ctx.close()
        await sheets.spilled(await self._copied(cells, shape, most, sheets.RAW_OPTIONS), source)
        write = {
            "xlsx": partial(sheets.write_xlsx, source, target, columns),
            "csv": partial(sheets.rewritten_csv, source, target, columns),
            "jsonl": partial(sheets.rewritten_jsonl, source, target),
        }[self.request.format]
        await to_thread.run_sync(write, opened, self.mark)
        return chunks_of(target)


def _as_it_is(row: list[str]) -> list[str]:
    return row


def _opened(vault: Any, table: str, row: list[str]) -> list[str]:
    """The last two cells are the row's id and what is sealed in it."""
    *cells, row_id, sealed = row
    clear = vault.open(bytes.fromhex(sealed), table=table, row_id=UUID(row_id)) if sealed else {}
    shown = {name: _shown(name, value) for name, value in clear.items()}
    return [*cells, sheets.json_of(shown) if shown else ""]


def _shown(name: str, value: Any) -> Any:
    """Sealed amounts are kept in centimes, and shown as the API shows money."""
    return Money.of(value) if name.endswith("_amount") and isinstance(value, int) else value


JOBS: Jobs = {one.kind: tracked(partial(export, one)) for one in EXPORTABLES.values()}
