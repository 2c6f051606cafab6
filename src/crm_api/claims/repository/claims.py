"""The file of a claim, and what the records below say of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Uuid,
    bindparam,
    delete,
    func,
    literal_column,
    select,
    type_coerce,
)

from crm_api.claims.errors import (
    ClaimAlreadyDeclared,
    UnknownClaimAgency,
    UnknownClaimant,
    UnknownClaimHandler,
    UnknownClaimObject,
    UnknownClaimPolicy,
)
from crm_api.claims.models.claim import Claim, ClaimFraud, ClaimHealth, ClaimParticipant
from crm_api.claims.models.handling import ClaimDocument
from crm_api.claims.models.words import FINISHED, ClaimStatus
from crm_api.claims.schemas.claim import ClaimRead, is_late
from crm_api.core.money import Centimes
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.roles.models import Group, GroupMember

OVER = (ClaimStatus.DRAFT, *sorted(FINISHED))
"""Nobody waits for their settlement."""
DRAFTS_LAST = timedelta(days=30)
MOST_DUPLICATES = 20
AT_ONCE = 5000
"""Claims that one run of the nightly job speaks of."""


class DueClaim(NamedTuple):
    """A claim whose clock is about to run out, or has."""

    id: UUID
    number: str
    handler_id: UUID | None
    rule: str | None
    due_at: datetime


class ClaimRepository(Repository[Claim, ClaimRead]):
    model, read = Claim, ClaimRead
    rows_by_owner = True
    refusals = {
        "pk_claims": ClaimAlreadyDeclared,
        "fk_claims_policy": UnknownClaimPolicy,
        "fk_claims_account": UnknownClaimant,
        "fk_claims_declarant": UnknownClaimant,
        "fk_claims_object": UnknownClaimObject,
        "fk_claims_agency": UnknownClaimAgency,
        "fk_claims_handler": UnknownClaimHandler,
    }

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        t = table_of(Claim)
        incurred = _centimes(t.c.paid_amount) + _centimes(t.c.reserve_amount) - _centimes(t.c.recovery_amount)
        return {
            **super().columns(),
            "handler_user_id": t.c.owner_user_id,
            "is_late": func.coalesce(is_late(t), literal_column("false"), type_=Boolean()),
            "incurred_amount": type_coerce(incurred, Centimes()),
            "masked": func.jsonb_build_object(
                literal_column("'constat'"), t.c.masked["constat"], type_=t.c.masked.type
            ),
        }

    async def around(self, policy_id: UUID, occurred_at: datetime, but: UUID) -> Sequence[Sequence[Any]]:
        """Claims of that contract within a day, whoever sees them: id, number, status, cause, occurred_at."""
        t = table_of(Claim)
        day = timedelta(days=1)
        return await self.rows(
            "around",
            lambda: (
                select(t.c.id, t.c.number, t.c.status, t.c.cause, t.c.occurred_at)
                .where(
                    t.c.organization_id == bindparam("organization_id"),
                    t.c.policy_id == bindparam("policy_id", type_=Uuid()),
                    t.c.occurred_at >= bindparam("first", type_=t.c.occurred_at.type),
                    t.c.occurred_at <= bindparam("last", type_=t.c.occurred_at.type),
                    t.c.id != bindparam("but", type_=Uuid()),
                )
                .order_by(t.c.occurred_at, t.c.id)
                .limit(literal_column(str(MOST_DUPLICATES)))
            ),
            {
                "policy_id": policy_id,
                "first": occurred_at - day,
                "last": occurred_at + day,
                "but": but,
            },
        )

    async def within_a_year(
        self, policy_id: UUID | None, account_id: UUID | None, occurred_at: datetime
    ) -> int:
        """Claims of the contract or the customer in the twelve months before, this one included."""
        claim = Claim
        of_whom = claim.policy_id == policy_id
        if account_id is not None:
            of_whom = of_whom | (claim.account_id == account_id)
        counted = select(func.count()).where(
            claim.organization_id == self.ctx.organization_id,
            of_whom,
            claim.occurred_at > occurred_at - timedelta(days=365),
            claim.occurred_at <= occurred_at,
            claim.status != ClaimStatus.DRAFT,
        )
        return int(await self.ctx.session.scalar(counted) or 0)

    async def decide_limit(self, user_id: UUID) -> int | None:
        """Centimes: the largest amount that a group of theirs lets them decide; None where none says."""
        groups, members = table_of(Group), GroupMember.__table__
        rows = await self.rows(
            "decide limit",
            lambda: (
                select(groups.c.max_amounts["claims_decide"].astext)
                .select_from(groups)
                .join(
                    members,
                    (members.c.organization_id == groups.c.organization_id)
                    & (members.c.group_id == groups.c.id),
                )
                .where(
                    groups.c.organization_id == bindparam("organization_id"),
                    members.c.user_id == bindparam("user_id", type_=Uuid()),
                )
            ),
            {"user_id": user_id},
        )
        return max((int(row[0]) * 100 for row in rows if row[0]), default=None)

    async def has_claims(self, account_id: UUID) -> bool:
        """Whether the account has any, in or out of sight."""
        held = select(Claim.id).where(
            Claim.organization_id == self.ctx.organization_id, Claim.account_id == account_id
        )
        return await self.ctx.session.scalar(held.limit(1)) is not None

    # --- at night

    async def tell(self, kind: str, before: datetime) -> list[DueClaim]:
        """Those due before that moment of which this (`risk` or `breach`) was not told; now it was.

        One statement, however many they are.
        """
        t = table_of(Claim)
        told = t.c[f"{kind}_told_at"]
        own = t.c.organization_id == self.ctx.organization_id
        due = (
            select(t.c.id)
            .where(own, told.is_(None), t.c.target_settlement_at < before, t.c.status.not_in(OVER))
            .order_by(t.c.target_settlement_at)
            .limit(AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        change = (
            t.update()
            .where(own, t.c.id.in_(due))
            .values({told.name: func.clock_timestamp()})
            .returning(t.c.id, t.c.number, t.c.owner_user_id, t.c.settle_rule, t.c.target_settlement_at)
        )
        rows = [DueClaim(*row) for row in await self.ctx.session.execute(change)]
        return sorted(rows, key=lambda each: (each.due_at, each.id))

    async def drop_drafts(self, moment: datetime) -> int:
        """Drafts that nobody touched for 30 days, with all that hangs on them; how many."""
        own = Claim.organization_id == self.ctx.organization_id
        old = own, Claim.status == ClaimStatus.DRAFT, Claim.updated_at < moment - DRAFTS_LAST
        ids = list(await self.ctx.session.scalars(select(Claim.id).where(*old).limit(AT_ONCE)))
        for part, key in (
            (ClaimDocument, ClaimDocument.claim_id),
            (ClaimParticipant, ClaimParticipant.claim_id),
            (ClaimHealth, ClaimHealth.id),
            (ClaimFraud, ClaimFraud.id),
            (Claim, Claim.id),
        ):
            mine = part.organization_id == self.ctx.organization_id
            await self.ctx.session.execute(delete(part).where(mine, key.in_(ids)))
        return len(ids)

    # --- what follows from facts below, with its lines in the journal, in or out of sight

    async def move_open(self, from_agency_id: UUID, to_agency_id: UUID) -> None:
        t = table_of(Claim)
        await self.edit_all(
            "open of agency",
            lambda: [t.c.agency_id == bindparam("closing"), t.c.status != ClaimStatus.CLOSED],
            {"closing": from_agency_id},
            {"agency_id": to_agency_id},
        )

    async def hand_over(self, user_id: UUID, to_user_id: UUID) -> None:
        t = table_of(Claim)
        await self.edit_all(
            "open of handler",
            lambda: [t.c.owner_user_id == bindparam("leaving"), t.c.status != ClaimStatus.CLOSED],
            {"leaving": user_id},
            {"owner_user_id": to_user_id},
        )


def _centimes(column: ColumnElement[Any]) -> ColumnElement[int]:
    return type_coerce(column, BigInteger)
