"""The list of addresses that nothing goes to. It keeps hashes only, and outlives who had the address."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic_core import PydanticCustomError

from crm_api.consents.errors import SuppressionLiftedAlready
from crm_api.consents.events import AddressSuppressed, SuppressionLifted
from crm_api.consents.gate import address_hash, pepper_of
from crm_api.consents.models import MarketingChannel, Suppression, SuppressionReason
from crm_api.consents.repository.suppressions import SuppressionRepository
from crm_api.consents.schemas.suppressions import (
    RefusedLine,
    SuppressionCheck,
    SuppressionCreate,
    SuppressionImport,
    SuppressionLift,
    SuppressionPage,
    SuppressionQuery,
    SuppressionRead,
    SuppressionVerdict,
    as_reached,
)
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json
from crm_api.kit.tables import read_table

MOST_LINES = 20_000
_HEADINGS = ("channel", "address", "reason")


class Suppressing:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.suppressions = SuppressionRepository(ctx)

    async def page(self, query: SuppressionQuery) -> Json[SuppressionPage]:
        return await self.suppressions.page(query, SuppressionPage)

    async def get(self, suppression_id: UUID) -> Json[SuppressionRead]:
        return await self.suppressions.get(suppression_id)

    async def check(self, data: SuppressionCheck) -> SuppressionVerdict:
        row = await self.suppressions.of(data.channel, await self._hashed(data.channel, data.address))
        if row is None:
            return SuppressionVerdict(suppressed=False, suppression=None)
        shown = (await self.suppressions.get(row.id)).value
        return SuppressionVerdict(suppressed=row.lifted_at is None, suppression=shown)

    async def add(self, data: SuppressionCreate) -> Json[SuppressionRead]:
        """What is suppressed already stays as it is."""
        self.ctx.begin()
        await self.suppress(data.channel, data.address, data.reason, data.source)
        row = await self.suppressions.of(data.channel, await self._hashed(data.channel, data.address))
        assert row is not None  # noqa: S101 - written just now
        return await self.suppressions.get(row.id)

    async def suppress(
        self,
        channel: MarketingChannel,
        address: str,
        reason: SuppressionReason,
        source: str | None = None,
    ) -> None:
        """For who hears of it: a bounce, a complaint, a STOP. Twice is once."""
        await self._put([await self._row(channel, address, reason, source)])

    async def lift(self, suppression_id: UUID, data: SuppressionLift, version: int) -> Json[SuppressionRead]:
        """Raises SuppressionLiftedAlready."""
        row = await self.suppressions.load(suppression_id)
        if version not in (row.version, ANY_VERSION):
            raise VersionConflict(current_version=row.version)
        if row.lifted_at is not None:
            raise SuppressionLiftedAlready
        await self._lift(row, data.lift_reason)
        return await self.suppressions.get(suppression_id)

    async def lift_for(self, addresses: Mapping[MarketingChannel, Sequence[str]], reason: str) -> None:
        """Somebody who left by a link comes back by themselves; what else stopped an address still does."""
        pepper = await pepper_of(self.ctx)
        hashes = {
            channel: [address_hash(pepper, one) for one in given] for channel, given in addresses.items()
        }
        for row in await self.suppressions.of_person(hashes, SuppressionReason.UNSUBSCRIBE):
            await self._lift(row, reason)

    async def take_list(self, body: bytes) -> SuppressionImport:
        """A table with channel, address and reason. Raises what `kit.tables` raises."""
        self.ctx.begin()
        table = read_table(body, _HEADINGS, _HEADINGS[:2], MOST_LINES)
        pepper = await pepper_of(self.ctx)
        rows: dict[tuple[str, str], dict[str, Any]] = {}
        refused: list[RefusedLine] = []
        for number, line in enumerate(table, start=2):
            try:
                channel = MarketingChannel(line.get("channel", "").lower())
                reason = SuppressionReason(line.get("reason", SuppressionReason.DNC).lower())
                address = as_reached(channel, line.get("address", ""))
            except PydanticCustomError as unreadable:  # itself a ValueError
                refused.append(RefusedLine(line=number, code=unreadable.type))
                continue
            except ValueError:
                refused.append(RefusedLine(line=number, code="suppression_line"))
                continue
            hashed = address_hash(pepper, address)
            rows.setdefault((channel, hashed), _as_row(channel, hashed, reason, "import"))
        added = await self._put([*rows.values()])
        known = len(table) - len(refused) - added
        return SuppressionImport(read=len(table), added=added, known=known, refused=refused[:100])

    # --- inside

    async def _hashed(self, channel: MarketingChannel, address: str) -> str:
        return address_hash(await pepper_of(self.ctx), as_reached(channel, address))

    async def _row(
        self, channel: MarketingChannel, address: str, reason: SuppressionReason, source: str | None
    ) -> dict[str, Any]:
        return _as_row(channel, address_hash(await pepper_of(self.ctx), address), reason, source)

    async def _put(self, rows: Sequence[dict[str, Any]]) -> int:
        new = set(await self.suppressions.put(rows))
        if not new:
            return 0
        if len(rows) == 1:
            row, (id,) = rows[0], new
            self.ctx.note("suppression.added", "suppression", id, reason=str(row["reason"]))
            await publish(self.ctx, AddressSuppressed(id, str(row["channel"]), str(row["reason"])))
        else:  # a list is one line of the log: who sends asks the list itself
            told = {"addresses": len(new)}
            self.ctx.note("suppression.imported", "organization", self.ctx.organization_id, changes=told)
        return len(new)

    async def _lift(self, row: Suppression, reason: str) -> None:
        row.lifted_at, row.lift_reason = now(), reason
        await self.suppressions.save(row)
        await publish(self.ctx, SuppressionLifted(row.id, str(row.channel)))


def _as_row(
    channel: MarketingChannel, hashed: str, reason: SuppressionReason, source: str | None
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "channel": channel,
        "address_hash": hashed,
        "reason": reason,
        "source": source,
    }
