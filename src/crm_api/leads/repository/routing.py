from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.leads.errors import RoutingRuleNameTaken, RoutingTargetMissing, UnknownAgency
from crm_api.leads.models import Lead, LeadRoutingRule, LeadRoutingTurn
from crm_api.leads.repository.conditions import is_open
from crm_api.leads.schemas.routing import RoutingRuleRead
from crm_api.users.models import User, UserStatus


class RoutingRuleRepository(Repository[LeadRoutingRule, RoutingRuleRead]):
    model, read = LeadRoutingRule, RoutingRuleRead
    refusals = {
        "uq_lead_routing_rules_name": RoutingRuleNameTaken,
        "fk_lead_routing_rules_agency": UnknownAgency,
        "ck_lead_routing_rules_leads_somewhere": RoutingTargetMissing,
    }

    async def active(self) -> Sequence[Sequence[Any]]:
        """In their order: id, name, five conditions, strategy, target_agency_id, user_ids, max_open_leads."""
        rule = table_of(LeadRoutingRule).c
        conditions = rule.sources, rule.wilaya_codes, rule.product_codes, rule.types, rule.agency_ids
        target = rule.strategy, rule.target_agency_id, rule.user_ids, rule.max_open_leads
        return await self.rows(
            "active",
            lambda: (
                self.select(rule.id, rule.name, *conditions, *target)
                .where(rule.is_active)
                .order_by(rule.position, rule.id)
            ),
        )

    async def take_turn(self, rule_id: UUID) -> UUID | None:
        """Whose turn was last. Nobody else can ask for this rule before the end of this use case."""
        turn = LeadRoutingTurn
        statement = insert(turn).values(organization_id=self.ctx.organization_id, rule_id=rule_id)
        locked = statement.on_conflict_do_update(
            index_elements=["organization_id", "rule_id"], set_={"last_user_id": turn.last_user_id}
        )
        last: UUID | None = await self.ctx.session.scalar(locked.returning(turn.last_user_id))
        return last

    async def last_turn(self, rule_id: UUID) -> UUID | None:
        turn = LeadRoutingTurn
        rows = await self.rows(
            "last turn",
            lambda: select(turn.last_user_id).where(
                turn.organization_id == bindparam("organization_id"), turn.rule_id == bindparam("rule")
            ),
            {"rule": rule_id},
        )
        return rows[0][0] if rows else None

    async def end_turn(self, rule_id: UUID, user_id: UUID) -> None:
        turn = LeadRoutingTurn
        await self.ctx.session.execute(
            update(turn)
            .where(turn.organization_id == self.ctx.organization_id, turn.rule_id == rule_id)
            .values(last_user_id=user_id)
        )

    async def staff(self, user_ids: Sequence[UUID], agency_id: UUID | None) -> Sequence[Sequence[Any]]:
        """Those users, or everybody active in the agency, and who stands in for them; with their open leads.

        Rows: id, agency_id, active, out_of_office_until, substitute_user_id, in the pool, open leads.
        """
        return await self.rows(
            "staff", _staff, {"user_ids": list(user_ids), "everybody": not user_ids, "agency": agency_id}
        )


def _staff() -> Any:
    users, leads = table_of(User), table_of(Lead)
    own = users.c.organization_id == bindparam("organization_id")
    active = users.c.status == UserStatus.ACTIVE
    given = bindparam("user_ids", type_=ARRAY(Uuid()))
    of_the_agency = bindparam("everybody") & (users.c.agency_id == bindparam("agency", type_=Uuid())) & active
    pool = (
        select(users.c.id, users.c.substitute_user_id)
        .where(own, or_(users.c.id == any_(given), of_the_agency))
        .cte("pool")
    )
    load = (
        select(func.count())
        .where(
            leads.c.organization_id == bindparam("organization_id"),
            leads.c.owner_user_id == users.c.id,
            is_open(),
            leads.c.deleted_at.is_(None),
        )
        .correlate(users)
        .scalar_subquery()
    )
    in_pool = users.c.id.in_(select(pool.c.id))
    columns = users.c.id, users.c.agency_id, active, users.c.out_of_office_until, users.c.substitute_user_id
    return (
        select(*columns, in_pool, load)
        .where(own, or_(in_pool, users.c.id.in_(select(pool.c.substitute_user_id))))
        .order_by(users.c.id)
    )
