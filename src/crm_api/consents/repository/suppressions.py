"""Addresses that nothing goes to."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from crm_api.consents.models import MarketingChannel, Suppression, SuppressionReason
from crm_api.consents.schemas.suppressions import SuppressionRead
from crm_api.core.db import now
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository


class SuppressionRepository(Repository[Suppression, SuppressionRead]):
    model, read = Suppression, SuppressionRead

    async def of(self, channel: MarketingChannel, address_hash: str) -> Suppression | None:
        found = select(Suppression).where(
            Suppression.channel == channel, Suppression.address_hash == address_hash
        )
        return await self.ctx.session.scalar(found)

    async def put(self, rows: Sequence[Mapping[str, Any]]) -> list[UUID]:
        """Those that were not suppressed yet, or not any more. Of one that is, the first reason stays."""
        if not rows:
            return []
        table = table_of(Suppression)
        own: dict[str, Any] = {
            "organization_id": self.ctx.organization_id,
            "version": 1,
            "created_by_id": self.ctx.principal.id,
            "updated_by_id": self.ctx.principal.id,
        }
        written = insert(table).values([{**own, **row} for row in rows])
        again = written.on_conflict_do_update(
            index_elements=["organization_id", "channel", "address_hash"],
            set_={
                "reason": written.excluded.reason,
                "source": written.excluded.source,
                "lifted_at": None,
                "lift_reason": None,
                "version": table.c.version + 1,
                "updated_at": now(),
                "updated_by_id": self.ctx.principal.id,
            },
            where=table.c.lifted_at.is_not(None),
        )
        return list(await self.ctx.session.scalars(again.returning(table.c.id)))

    async def of_person(
        self, hashes: Mapping[MarketingChannel, Sequence[str]], reason: SuppressionReason
    ) -> Sequence[Suppression]:
        """Those of these addresses that are suppressed for this reason, locked."""
        wanted = [hashed for each in hashes.values() for hashed in each]
        found = (
            select(Suppression)
            .where(
                Suppression.channel.in_(list(hashes)),
                Suppression.address_hash.in_(wanted),
                Suppression.reason == reason,
                Suppression.lifted_at.is_(None),
            )
            .order_by(Suppression.id)
            .with_for_update()
        )
        return (await self.ctx.session.scalars(found)).all()
