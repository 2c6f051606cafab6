from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, and_, any_, bindparam, exists, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from crm_api.accounts.models import Account
from crm_api.automations.entering import TROUBLES, admitted, entrants, mine, troubled
from crm_api.automations.errors import AutomationNameTaken, EnrolmentUnderway
from crm_api.automations.graph import Facts
from crm_api.automations.models import (
    Automation,
    AutomationExit,
    AutomationReEntry,
    AutomationStatus,
    AutomationVersion,
    Enrolment,
    EnrolmentStatus,
    EnrolmentStep,
)
from crm_api.automations.schemas import AutomationRead, EnrolmentRead
from crm_api.consents.models import ConsentPurpose, ConsentState, ConsentStatus, ConsentSubject
from crm_api.contacts.models import AccountLink, Contact
from crm_api.core.context import Context
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.mailings.models import Send, SendSource
from crm_api.mailings.repository.queueing import NEW_ID

_WITHDRAWN = (ConsentPurpose.MARKETING_EMAIL, ConsentPurpose.MARKETING_SMS)


class AutomationRepository(Repository[Automation, AutomationRead]):
    model, read = Automation, AutomationRead
    refusals = {"uq_automations_name": AutomationNameTaken}

    async def active(self) -> Sequence[Automation]:
        found = select(Automation).where(Automation.status == AutomationStatus.ACTIVE)
        return (await self.ctx.session.scalars(found.order_by(Automation.id))).all()

    async def known(self, automation_id: UUID) -> Automation | None:
        return await self.ctx.session.get(Automation, (self.ctx.organization_id, automation_id))

    async def versions(self, ids: Sequence[UUID]) -> dict[UUID, AutomationVersion]:
        found = select(AutomationVersion).where(AutomationVersion.id.in_(ids))
        return {one.id: one for one in await self.ctx.session.scalars(found)}

    async def send_ids(self, automation_id: UUID) -> list[tuple[str, UUID]]:
        """(key, id) of the sends that its steps opened; a key ends with the step and the day."""
        found = select(Send.key, Send.id).where(
            Send.source_type == SendSource.AUTOMATION, Send.source_id == automation_id
        )
        return [(key, id) for key, id in await self.ctx.session.execute(found)]


class EnrolmentRepository(Repository[Enrolment, EnrolmentRead]):
    model, read = Enrolment, EnrolmentRead
    refusals = {"uq_enrolments_active": EnrolmentUnderway}

    async def enter(self, automation: Automation, values: Mapping[str, Any], moment: datetime) -> int:
        """Whoever its trigger names in these days, in one statement; an occasion enrols once. How many."""
        found = entrants(automation.trigger)
        if found is None or automation.version_id is None:
            return 0
        found = admitted(automation, found)
        chosen = found.subquery("chosen")
        contact, occasion, at = tuple(chosen.c)
        parameters = dict(values)
        wanted = select(
            bindparam("own_organization", type_=Uuid()),
            NEW_ID,
            literal(automation.id, Uuid()),
            literal(automation.version_id, Uuid()),
            contact,
            occasion,
            literal(EnrolmentStatus.ACTIVE.value, Text()),
            literal(automation.first_step, Text()),
            literal(moment, Enrolment.next_at.type),
            literal(1),
        ).where(at >= literal(automation.activated_at, Enrolment.next_at.type))
        before = exists().where(
            mine(Enrolment), Enrolment.automation_id == automation.id, Enrolment.contact_id == contact
        )
        if automation.re_entry is AutomationReEntry.NEVER:
            wanted = wanted.where(~before)
        if automation.re_entry is AutomationReEntry.ALWAYS:
            await self._make_room(automation, found, parameters, moment)
        table = table_of(Enrolment)
        names = (
            *("organization_id", "id", "automation_id", "automation_version_id", "contact_id", "occasion"),
            *("status", "step", "next_at", "version"),
        )
        placed = insert(table).from_select(names, wanted, include_defaults=False).on_conflict_do_nothing()
        rows = await self.ctx.session.execute(
            placed.returning(table.c.id), {**parameters, "own_organization": self.ctx.organization_id}
        )
        return len(rows.all())

    async def _make_room(
        self, automation: Automation, found: Any, values: Mapping[str, Any], moment: datetime
    ) -> None:
        """Who enters again leaves where they are, for a new occasion."""
        table, chosen = table_of(Enrolment), found.subquery("again")
        contact, occasion, _ = tuple(chosen.c)
        known = table_of(Enrolment).alias("known")
        seen = exists().where(
            known.c.organization_id == bindparam("own_organization", type_=Uuid()),
            known.c.automation_id == automation.id,
            known.c.occasion == occasion,
        )
        ours = and_(table.c.automation_id == automation.id, table.c.status == EnrolmentStatus.ACTIVE)
        again = select(contact).where(~seen)
        change = {"status": EnrolmentStatus.EXITED, "exit_reason": "re_entered", "ended_at": moment}
        left = update(table).where(ours, mine(table.c), table.c.contact_id.in_(again)).values(change)
        await self.ctx.session.execute(left, {**values, "own_organization": self.ctx.organization_id})

    async def take_out(self, moment: datetime, today: Any) -> None:
        """Whoever has a claim, a complaint or a debt now, or has withdrawn their consent since they entered;
        one statement for each reason."""
        table = table_of(Enrolment)
        for reason in AutomationExit:
            minding = select(Automation.id).where(
                mine(Automation), literal(reason.value, Text()) == any_(Automation.exits)
            )
            state = ConsentState
            withdrawn = exists().where(
                mine(state),
                state.subject_type == ConsentSubject.CONTACT,
                state.subject_id == table.c.contact_id,
                state.purpose.in_(_WITHDRAWN),
                state.status == ConsentStatus.WITHDRAWN,
                state.captured_at >= table.c.created_at,
            )
            so = troubled(reason, table.c.contact_id) if reason in TROUBLES else withdrawn
            gone = (
                update(table)
                .where(
                    mine(table.c),
                    table.c.status == EnrolmentStatus.ACTIVE,
                    table.c.automation_id.in_(minding),
                    so,
                )
                .values(
                    status=EnrolmentStatus.EXITED,
                    exit_reason=reason.value,
                    ended_at=moment,
                    version=table.c.version + 1,
                )
            )
            values = {"today": today} if reason is AutomationExit.UNPAID else {}
            await self.ctx.session.execute(gone, {**values, "own_organization": self.ctx.organization_id})

    async def due(self, moment: datetime, most: int) -> Sequence[Enrolment]:
        """Those whose time has come, locked; others may take the next ones."""
        running = select(Automation.id).where(Automation.status == AutomationStatus.ACTIVE)
        found = (
            select(Enrolment)
            .where(
                Enrolment.status == EnrolmentStatus.ACTIVE,
                Enrolment.next_at <= moment,
                Enrolment.automation_id.in_(running),
            )
            .order_by(Enrolment.next_at, Enrolment.id)
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        return (await self.ctx.session.scalars(found)).all()

    async def passed(self, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            await self.ctx.session.execute(insert(EnrolmentStep).on_conflict_do_nothing(), list(rows))

    async def steps_counted(self, automation_id: UUID) -> list[tuple[str, str | None, int]]:
        """(step, outcome, people)."""
        found = (
            select(EnrolmentStep.step, EnrolmentStep.outcome, func.count())
            .where(EnrolmentStep.automation_id == automation_id)
            .group_by(EnrolmentStep.step, EnrolmentStep.outcome)
        )
        return [(step, way, people) for step, way, people in await self.ctx.session.execute(found)]

    async def standing(self, automation_id: UUID) -> list[tuple[str, str, str | None, int]]:
        """(status, step, exit reason, people)."""
        key = Enrolment.status, Enrolment.step, Enrolment.exit_reason
        found = select(*key, func.count()).where(Enrolment.automation_id == automation_id).group_by(*key)
        rows = await self.ctx.session.execute(found)
        return [(status, step, reason, people) for status, step, reason, people in rows]

    async def cards(self, automation_id: UUID, contacts: Any, most: int) -> Sequence[Any]:
        """Of each step the first `most` people whom `contacts` lets be seen, the next to move first."""
        code = (
            select(Account.number)
            .join(
                AccountLink,
                and_(
                    AccountLink.organization_id == Account.organization_id,
                    AccountLink.account_id == Account.id,
                ),
            )
            .where(
                AccountLink.organization_id == Enrolment.organization_id,
                AccountLink.contact_id == Enrolment.contact_id,
                AccountLink.to_date.is_(None),
            )
            .order_by(AccountLink.is_primary.desc(), Account.number)
            .limit(1)
            .scalar_subquery()
        )
        place = func.row_number().over(
            partition_by=Enrolment.step, order_by=(Enrolment.next_at, Enrolment.id)
        )
        found = (
            select(
                *(Enrolment.id, Enrolment.step, Enrolment.contact_id, Contact.display_name),
                *(Enrolment.next_at, code.label("code"), place.label("place")),
            )
            .join(
                Contact,
                and_(
                    Contact.organization_id == Enrolment.organization_id, Contact.id == Enrolment.contact_id
                ),
            )
            .where(
                Enrolment.automation_id == automation_id,
                Enrolment.status == EnrolmentStatus.ACTIVE,
                *contacts,
            )
            .subquery()
        )
        chosen = select(found).where(found.c.place <= most).order_by(found.c.step, found.c.place)
        return (await self.ctx.session.execute(chosen, self.ctx.bound)).all()


class FactRepository:
    """What conditions ask of customers: one statement for a batch, whoever looks."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def of(self, contact_ids: Sequence[UUID], today: Any) -> dict[UUID, tuple[Facts, Any, Any]]:
        """Facts, owner, agency."""
        found = select(
            *(Contact.id, Contact.preferred_language, Contact.tags, Contact.primary_email.is_not(None)),
            *(Contact.primary_phone.is_not(None), Contact.valid_until, Contact.owner_user_id),
            Contact.agency_id,
            *(troubled(one, Contact.id) for one in TROUBLES),
        ).where(mine(Contact), Contact.id.in_(contact_ids))
        rows = await self.ctx.session.execute(
            found, {"today": today, "own_organization": self.ctx.organization_id}
        )
        return {row[0]: (_facts(row, today), row[6], row[7]) for row in rows}


def _facts(row: Any, today: Any) -> Facts:
    return Facts(
        language=str(row[1]),
        tags=frozenset(row[2] or ()),
        has_email=bool(row[3]),
        has_phone=bool(row[4]),
        has_policy=row[5] is not None and row[5] >= today,
        has_claim=bool(row[8]),
        has_complaint=bool(row[9]),
        is_unpaid=bool(row[10]),
    )
