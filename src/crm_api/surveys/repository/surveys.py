"""Surveys, their waves, their invitations, and whom to ask."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, and_, any_, bindparam, false, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from crm_api.accounts.models import Account, AccountLifecycle
from crm_api.contacts.models import AccountLink, Contact
from crm_api.core.context import Context
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.core.visibility import variant_of
from crm_api.surveys.errors import SurveyCodeTaken
from crm_api.surveys.models import (
    Survey,
    SurveyInvitation,
    SurveyInvitationStatus,
    SurveyStatus,
    SurveyTrigger,
    SurveyWave,
)
from crm_api.surveys.schemas.asking import SurveyInvitationRead, SurveyWaveRead
from crm_api.surveys.schemas.survey import SurveyRead

_WAITS = (SurveyInvitationStatus.PLANNED, SurveyInvitationStatus.SENT, SurveyInvitationStatus.OPENED)


class SurveyRepository(Repository[Survey, SurveyRead]):
    model, read = Survey, SurveyRead
    refusals = {"uq_surveys_code": SurveyCodeTaken}

    async def asked_after(self, trigger: SurveyTrigger) -> Sequence[Survey]:
        active = Survey.trigger == trigger, Survey.status == SurveyStatus.ACTIVE
        return (await self.ctx.session.scalars(select(Survey).where(*active).order_by(Survey.id))).all()

    async def known(self, survey_id: UUID) -> Survey:
        """Not locked."""
        return await self.ctx.session.get_one(Survey, (self.ctx.organization_id, survey_id))


class WaveRepository(Repository[SurveyWave, SurveyWaveRead]):
    model, read = SurveyWave, SurveyWaveRead


def of_my_agencies(table: Any, variant: str) -> list[ColumnElement[bool]]:
    """What is about one's agencies, or about oneself; what names no agency is for who sees everything."""
    if variant == "all":
        return []
    mine = [table.agent_id == bindparam("actor_id", type_=Uuid())]
    if variant == "agencies":
        mine.append(table.agency_id == any_(bindparam("agency_ids", type_=ARRAY(Uuid()))))
    return [or_(false(), *mine)]


class InvitationRepository(Repository[SurveyInvitation, SurveyInvitationRead]):
    model, read = SurveyInvitation, SurveyInvitationRead

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self._reach = variant_of(ctx.principal)
        self.visibility = self._reach

    def visible(self) -> list[ColumnElement[bool]]:
        return [*super().visible(), *of_my_agencies(table_of(SurveyInvitation).c, self._reach)]

    async def plan(self, rows: Sequence[Mapping[str, Any]]) -> list[UUID]:
        """Those that are new: nobody twice in a wave or for an occasion."""
        if not rows:
            return []
        own: dict[str, Any] = {"organization_id": self.ctx.organization_id, "version": 1}
        own["status"] = SurveyInvitationStatus.PLANNED
        own["created_by_id"] = self.ctx.principal.id
        table = table_of(SurveyInvitation)
        written = insert(table).values([{**own, **row} for row in rows]).on_conflict_do_nothing()
        return list(await self.ctx.session.scalars(written.returning(table.c.id)))

    async def asked_since(self, contact_ids: Sequence[UUID], moment: datetime) -> set[UUID]:
        """Those of them whom any survey has asked, or is about to."""
        found = select(SurveyInvitation.contact_id).where(
            SurveyInvitation.contact_id.in_(contact_ids), SurveyInvitation.created_at > moment
        )
        return set(await self.ctx.session.scalars(found))

    async def answered_anonymously(self, invitation_id: UUID) -> None:
        """Without a moment, and past the journal."""
        table = table_of(SurveyInvitation)
        own = table.c.organization_id == self.ctx.organization_id, table.c.id == invitation_id
        change = {"status": SurveyInvitationStatus.ANSWERED, "version": table.c.version + 1}
        await self.ctx.session.execute(update(table).where(*own).values(change))

    async def expire(self, moment: datetime) -> int:
        """Those whose time is over; how many."""
        table = table_of(SurveyInvitation)
        over = (
            table.c.organization_id == self.ctx.organization_id,
            table.c.expires_at < moment,
            table.c.status.in_(_WAITS),
        )
        change = {"status": SurveyInvitationStatus.EXPIRED, "version": table.c.version + 1}
        gone = update(table).where(*over).values(change).returning(table.c.id)
        return len((await self.ctx.session.scalars(gone)).all())


class Recipient(NamedTuple):
    """Somebody who can be asked."""

    contact_id: UUID
    name: str
    email: str
    language: str
    agency_id: UUID | None


class RecipientRepository:
    """People with an address who are alive, known, and may be written to; whoever looks."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def person(self, contact_id: UUID) -> Recipient | None:
        row = (await self.ctx.session.execute(_people().where(Contact.id == contact_id))).first()
        return Recipient(*row) if row else None

    async def head_of(self, account_id: UUID) -> Recipient | None:
        """The first of those for whom the account is the main one."""
        linked = (
            _people()
            .join(AccountLink, _linked())
            .where(AccountLink.account_id == account_id, AccountLink.to_date.is_(None))
            .order_by(AccountLink.is_primary.desc(), AccountLink.from_date, Contact.id)
            .limit(1)
        )
        row = (await self.ctx.session.execute(linked)).first()
        return Recipient(*row) if row else None

    async def customers(self, agency_id: UUID | None, after: UUID | None, most: int) -> list[Recipient]:
        """People of accounts that are customers, each once, in the order of their ids."""
        customer = (
            select(AccountLink.contact_id)
            .join(Account, _of_account())
            .where(
                AccountLink.organization_id == self.ctx.organization_id,
                AccountLink.to_date.is_(None),
                Account.lifecycle == AccountLifecycle.CUSTOMER,
                Account.deleted_at.is_(None),
            )
        )
        found = _people().where(Contact.id.in_(customer)).order_by(Contact.id).limit(most)
        if agency_id is not None:
            found = found.where(Contact.agency_id == agency_id)
        if after is not None:
            found = found.where(Contact.id > after)
        return [Recipient(*row) for row in await self.ctx.session.execute(found)]


def _people() -> Any:
    return select(
        *(Contact.id, Contact.display_name, Contact.primary_email, Contact.preferred_language),
        Contact.agency_id,
    ).where(
        Contact.primary_email.is_not(None),
        func.length(Contact.primary_email) > 0,
        ~Contact.do_not_contact,
        ~Contact.is_deceased,
        Contact.deleted_at.is_(None),
        Contact.merged_into_id.is_(None),
        Contact.anonymised_at.is_(None),
    )


def _linked() -> ColumnElement[bool]:
    return and_(AccountLink.organization_id == Contact.organization_id, AccountLink.contact_id == Contact.id)


def _of_account() -> ColumnElement[bool]:
    return and_(Account.organization_id == AccountLink.organization_id, Account.id == AccountLink.account_id)
