"""Rules, and how the colleagues stand that they may choose."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, bindparam, func, literal_column, or_, select

from crm_api.agencies.models import Agency
from crm_api.core.context import Context
from crm_api.core.repository import Repository
from crm_api.roles.models import GroupMember
from crm_api.tickets.choice import Agent, Staff
from crm_api.tickets.errors import TicketRuleNameTaken, UnknownTicketAssignee, UnknownTicketPart
from crm_api.tickets.models.setup import TicketAgent, TicketCategory, TicketRule
from crm_api.tickets.models.ticket import Ticket
from crm_api.tickets.models.words import IS_UNFINISHED
from crm_api.tickets.schemas.rules import TicketAgentRead, TicketRuleRead
from crm_api.users.models import Availability, User, UserStatus

MOST_PLAYED = 10_000
_RECENT = timedelta(days=7)
_GONE = (Availability.AWAY, Availability.OFFLINE)


class TicketRuleRepository(Repository[TicketRule, TicketRuleRead]):
    model, read = TicketRule, TicketRuleRead
    refusals = {
        "uq_ticket_rules_name": TicketRuleNameTaken,
        "fk_ticket_rules_user": UnknownTicketAssignee,
        "fk_ticket_rules_group": UnknownTicketPart,
    }

    async def categories(self, ids: Sequence[UUID]) -> set[UUID]:
        """Those of these that are there."""
        return await self._there(TicketCategory, ids)

    async def agencies(self, ids: Sequence[UUID]) -> set[UUID]:
        return await self._there(Agency, ids)

    async def _there(self, model: Any, ids: Sequence[UUID]) -> set[UUID]:
        wanted: Any = any_(bindparam("ids", type_=ARRAY(Uuid())))
        rows = await self.rows(
            ("there", model),
            lambda: select(model.id).where(
                model.organization_id == bindparam("organization_id"), model.id == wanted
            ),
            {"ids": [*ids]},
        )
        return {row[0] for row in rows}

    async def in_force(self) -> Sequence[TicketRule]:
        found = select(TicketRule).where(
            TicketRule.organization_id == self.ctx.organization_id, TicketRule.is_active.is_(True)
        )
        return (await self.ctx.session.scalars(found.order_by(TicketRule.position, TicketRule.id))).all()


class TicketAgentRepository(Repository[TicketAgent, TicketAgentRead]):
    model, read = TicketAgent, TicketAgentRead
    refusals = {"fk_ticket_agents_user": UnknownTicketAssignee}

    async def of(self, user_id: UUID) -> TicketAgent | None:
        found = select(TicketAgent).where(
            TicketAgent.organization_id == self.ctx.organization_id, TicketAgent.user_id == user_id
        )
        return await self.ctx.session.scalar(found.with_for_update())


class StaffRepository:
    """How colleagues stand: whoever routes sees all of them."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def of(self, group_ids: Sequence[UUID], user_ids: Sequence[UUID], moment: datetime) -> Staff:
        """The members of these groups, these colleagues, and whoever stands in for any of them."""
        session, own = self.ctx.session, self.ctx.organization_id
        members = select(GroupMember.group_id, GroupMember.user_id).where(
            GroupMember.organization_id == own,
            GroupMember.group_id == any_(bindparam("groups", [*group_ids], ARRAY(Uuid()))),
        )
        groups: dict[UUID, list[UUID]] = {}
        for group_id, user_id in (await session.execute(members.order_by(GroupMember.user_id))).all():
            groups.setdefault(group_id, []).append(user_id)
        wanted = {*user_ids, *(id for ids in groups.values() for id in ids)}
        first = await self._agents(wanted, moment)
        others = {row.substitute_id for row in first.values() if row.substitute_id} - first.keys()
        return Staff({**first, **await self._agents(others, moment)}, groups)

    async def _agents(self, user_ids: set[UUID], moment: datetime) -> dict[UUID, Agent]:
        if not user_ids:
            return {}
        ids: Any = any_(bindparam("ids", sorted(user_ids), ARRAY(Uuid())))
        waits: ColumnElement[bool] = literal_column(IS_UNFINISHED)
        own = self.ctx.organization_id
        busy = (
            select(Ticket.owner_user_id, func.count().filter(waits), func.max(Ticket.first_assigned_at))
            .where(
                Ticket.organization_id == own,
                Ticket.owner_user_id == ids,
                or_(waits, Ticket.created_at > moment - _RECENT),
                Ticket.deleted_at.is_(None),
            )
            .group_by(Ticket.owner_user_id)
        )
        load = {row[0]: (row[1], row[2]) for row in (await self.ctx.session.execute(busy)).all()}
        found = (
            select(User, TicketAgent.languages, TicketAgent.skills)
            .outerjoin(
                TicketAgent,
                (TicketAgent.organization_id == User.organization_id) & (TicketAgent.user_id == User.id),
            )
            .where(User.organization_id == own, User.id == ids)
        )
        return {
            user.id: _agent(user, languages, skills, load.get(user.id, (0, None)), moment)
            for user, languages, skills in (await self.ctx.session.execute(found)).all()
        }

    async def opened_since(self, since: datetime) -> Sequence[Ticket]:
        """The newest, to be played again."""
        found = select(Ticket).where(
            Ticket.organization_id == self.ctx.organization_id,
            Ticket.created_at >= since,
            Ticket.deleted_at.is_(None),
        )
        newest = found.order_by(Ticket.created_at.desc(), Ticket.id.desc()).limit(MOST_PLAYED + 1)
        return (await self.ctx.session.scalars(newest)).all()


def _agent(
    user: User,
    languages: list[str] | None,
    skills: list[str] | None,
    load: tuple[int, datetime | None],
    moment: datetime,
) -> Agent:
    out = user.out_of_office_until is not None and user.out_of_office_until > moment
    return Agent(
        id=user.id,
        agency_id=user.agency_id,
        active=user.status is UserStatus.ACTIVE,
        there=not out and user.availability not in _GONE,
        substitute_id=user.substitute_user_id,
        most_open=user.max_open_tickets,
        open_count=load[0],
        last_given_at=load[1],
        languages=frozenset(languages if languages is not None else ["fr"]),
        skills=frozenset(skills or ()),
    )
