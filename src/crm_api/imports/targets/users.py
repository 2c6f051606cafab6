"""Colleagues, by invitation: nobody gets an account that they did not accept."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from crm_api.core.batch import alone
from crm_api.core.context import Context
from crm_api.core.progress import RunOutcome
from crm_api.imports.columns import Column, Columns
from crm_api.imports.rows import Made, Options, Row, Verdict, refusals_of, validated
from crm_api.imports.setwise import Prepared
from crm_api.invitations.schemas import InvitationCreate
from crm_api.invitations.service import InvitationService
from crm_api.kit.errors import DomainError

C = Column
USER_COLUMNS = Columns(
    (
        C("email", "E-mail", ("email",), "email", ("courriel", "mail", "adresse e-mail")),
        C("agency_code", "Numéro d'agence", ("agency_code",), also=("agence", "code agence")),
        C("role", "Rôle", ("role",), "choice", ("profil",), enum="role"),
        C("message", "Message", ("message",)),
    ),
    required=(frozenset({"email"}), frozenset({"agency_code"})),
)


class InvitationTaker:
    """One by one: each is a letter, and rights are judged for each."""

    def __init__(self, ctx: Context, options: Options) -> None:
        self.ctx, self.options = ctx, options

    async def prepare(self, rows: Sequence[Row]) -> Prepared:
        return Prepared([*rows], [], {})

    async def take(self, prepared: Prepared) -> tuple[list[Verdict], Made]:
        return [await self._invited(row) for row in prepared.rows], Made()

    async def take_back(self, made: Made) -> list[UUID]:
        """A letter that was sent cannot be; invitations are revoked one by one."""
        return [*made.created]

    async def _invited(self, row: Row) -> Verdict:
        locale = self.options.locale
        body = row.body(USER_COLUMNS, self.options.external_system)
        data = None if row.faults else validated(InvitationCreate, row, body, USER_COLUMNS, locale)
        if not isinstance(data, InvitationCreate):
            return row.refused()
        done = await alone(self.ctx, partial(InvitationService(self.ctx).invite, data))
        if isinstance(done, DomainError):
            row.faults += refusals_of(done, USER_COLUMNS, locale)
            return row.refused()
        return Verdict(row.number, RunOutcome.CREATED, row.key(), UUID(str(done.id)))
