"""A batch taken in by a job: part after part, each in a transaction that also moves the bookmark.

A worker that is killed leaves whole parts and a bookmark behind them; the next one goes on from there, and a
message that was taken before changes nothing.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence

import asyncpg
from anyio import to_thread
from sqlalchemy.exc import IntegrityError

from crm_api.core.apart import committed
from crm_api.core.bulk import plan_afresh
from crm_api.core.context import Context
from crm_api.core.principal import restored
from crm_api.core.problems import told as in_words
from crm_api.core.progress import Line, Run, RunOutcome
from crm_api.integrations.models import IntegrationBatch
from crm_api.integrations.reading import PART, read
from crm_api.integrations.repository import IntegrationBatchRepository
from crm_api.kit.errors import DomainError
from crm_api.policies.bulk import PolicyBulk, PolicyMessage, Told

Part = tuple[list[tuple[int, PolicyMessage]], list[Line]]
_VIOLATED = (DomainError, IntegrityError, asyncpg.IntegrityConstraintViolationError)


class BatchRun:
    def __init__(self, ctx: Context, run: Run) -> None:
        self.house, self.run = ctx, run

    async def work(self) -> None:
        batch = await self._asked()
        lines = (await self.run.input()).splitlines()
        parts = range(batch.parts_done, -(-len(lines) // PART))
        coming = self._coming(lines, batch.parts_done)
        await self._report(batch.row_count, batch.counts)
        for number in parts:
            part = await coming
            coming = self._coming(lines, number + 1)
            counts = await self._part(batch, number, part)
            await self._report(batch.row_count, counts)
        await coming
        await self.run.close(href=f"/v1/jobs/{self.run.id}/results")

    def _coming(self, lines: Sequence[bytes], number: int) -> "asyncio.Task[Part]":
        """The next part is read and judged by its schema while this one is written."""
        first = number * PART
        args = lines[first : first + PART], first + 1, self.house.origin.locale
        return asyncio.create_task(to_thread.run_sync(read, *args))

    async def _part(self, batch: IntegrationBatch, number: int, part: Part) -> dict[str, int]:
        try:
            return await self._written(batch, number, part, as_set=True)
        except _VIOLATED:  # one of them, or somebody else meanwhile: each by itself says which, and why
            return await self._written(batch, number, part, as_set=False)

    async def _written(
        self, batch: IntegrationBatch, number: int, part: Part, *, as_set: bool
    ) -> dict[str, int]:
        messages, refused = part
        async with committed(self._acting(batch)) as ctx:
            held = await IntegrationBatchRepository(ctx).held(batch.id, number)
            if held is None:
                return dict(batch.counts)
            await plan_afresh(ctx)
            bulk = PolicyBulk(ctx, batch.system)
            if as_set:
                verdicts = await bulk.take([message for _, message in messages])
            else:
                verdicts = await _one_by_one(bulk, messages)
            lines = [*refused, *(self._line(*one) for one in zip(messages, verdicts, strict=True))]
            await IntegrationBatchRepository(ctx).keep(self.run.id, sorted(lines, key=lambda one: one.number))
            held.counts = dict(Counter(held.counts) + Counter(str(line.outcome) for line in lines))
            held.parts_done = number + 1
            counts: dict[str, int] = held.counts
        return counts

    def _line(self, message: tuple[int, PolicyMessage], told: Told) -> Line:
        number, (external_id, _) = message
        faults: tuple[Mapping[str, str], ...] = ()
        if told.refusal is not None:
            faults = ({"pointer": "", **in_words(told.refusal, self.house.origin.locale)},)
        return Line(number, told.outcome, external_id, told.policy_id, faults)

    async def _report(self, total: int, counts: dict[str, int]) -> None:
        failed = counts.get(RunOutcome.FAILED, 0)
        await self.run.report(total, sum(counts.values()) - failed, failed)

    async def _asked(self) -> IntegrationBatch:
        async with committed(self.house.apart()) as ctx:
            batch = await IntegrationBatchRepository(ctx).of_job(self.run.id)
            ctx.session.expunge(batch)
            return batch

    def _acting(self, batch: IntegrationBatch) -> Context:
        principal = restored(self.house.organization_id, batch.actor)
        return Context(principal, self.house.database, self.house.tools, self.house.origin)


async def _one_by_one(bulk: PolicyBulk, messages: Sequence[tuple[int, PolicyMessage]]) -> list[Told]:
    bulk.ctx.begin()
    return [await bulk.one(message) for _, message in messages]
