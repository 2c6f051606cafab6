from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    null,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB

from crm_api.contacts.models import ContactKey
from crm_api.core.context import Context
from crm_api.core.inheritance import in_sight
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.core.statements import as_json
from crm_api.core.visibility import visible_rows
from crm_api.core.words import SearchToken
from crm_api.interactions.errors import UnknownAgent
from crm_api.kit.schemas import Json
from crm_api.leads.repository.conditions import is_open
from crm_api.telephony.errors import CallKnown
from crm_api.telephony.models import Call
from crm_api.telephony.schemas import CallLine, CallMatch, CallPage, CallQuery, CallRead

MOST_MATCHES = 20
"""Of one kind: a number that more people share is a switchboard of theirs."""
READ_SCOPES = {"contact": "contacts:read", "account": "accounts:read", "lead": "leads:read"}


class Found(NamedTuple):
    """Somebody who has the number."""

    object_type: str
    object_id: UUID


class CallRepository(Repository[Call, CallRead]):
    model, read = Call, CallRead
    rows_by_owner = True
    refusals = {
        "uq_telephony_calls_reference": CallKnown,
        "fk_telephony_calls_organization_id_owner_user_id": UnknownAgent,
    }

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        scopes = ctx.principal.scopes
        self._kinds = tuple(kind for kind, scope in READ_SCOPES.items() if scope in scopes)
        self._reach = self.visibility
        self.visibility = self._reach, self._kinds

    def visible(self) -> list[ColumnElement[bool]]:
        table = table_of(Call)
        return [table.c.organization_id == bindparam("organization_id"), *visible_rows(table, self._reach)]

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        columns = super().columns()
        cards = self._cards(columns["phone"])
        return {**columns, "agent_user_id": columns["owner_user_id"], "matches": cards}

    async def page_of_lines(self, query: CallQuery) -> Json[CallPage]:
        chosen = replace(query.selection(), fields=tuple(CallLine.model_fields))
        return await self.page(chosen, CallPage)

    async def claim(self, reference: str) -> UUID | None:
        """Which call it is, if it was told before; an equal one waits for the end of this use case."""
        name = f"{self.ctx.organization_id}|call|{reference}"
        await self.ctx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
        known: UUID | None = await self.ctx.session.scalar(select(Call.id).where(Call.reference == reference))
        return known

    async def having(self, phone: str) -> list[Found]:
        """Who has this number, of those in sight: people, accounts, open leads. One statement."""
        kinds = tuple(READ_SCOPES)
        rows = await self.rows(
            ("having", kinds),
            lambda: union_all(
                *(select(each) for each in self._probes(bindparam("phone", type_=Text()), kinds))
            ),
            {"phone": phone},
        )
        return [Found(row[0], row[1]) for row in rows]

    def _cards(self, phone: ColumnElement[Any]) -> ColumnElement[Any]:
        """The matches of a call as JSON, of the kinds that this principal may read."""
        none = cast(literal_column("'[]'"), JSONB())
        if not self._kinds:
            return none
        found = union_all(*(select(each) for each in self._probes(phone, self._kinds))).subquery("found")
        body = cast(as_json(dict(found.c), CallMatch.model_fields), JSONB())
        listed = select(func.jsonb_agg(body)).correlate(table_of(Call)).scalar_subquery()
        return func.coalesce(cast(listed, JSONB()), none)

    def _probes(self, phone: ColumnElement[Any], kinds: Sequence[str]) -> list[Any]:
        """One probe of an index for each kind: object_type, object_id, title, number, agency, owner."""
        make = {"contact": self._people, "account": self._accounts, "lead": self._leads}
        limit = literal_column(str(MOST_MATCHES), Integer())
        return [make[kind](phone).limit(limit).subquery(f"{kind}s_found") for kind in kinds]

    def _people(self, phone: ColumnElement[Any]) -> Select[Any]:
        person, seen = in_sight(self.ctx, "contact")
        keyed = select(ContactKey.contact_id).where(
            ContactKey.organization_id == bindparam("organization_id"), ContactKey.value == phone
        )
        return _card("contact", person, person.c.display_name, null()).where(
            *seen, person.c.merged_into_id.is_(None), person.c.id.in_(keyed)
        )

    def _accounts(self, phone: ColumnElement[Any]) -> Select[Any]:
        account, seen = in_sight(self.ctx, "account")
        word = literal_column("'account/'", Text()).concat(func.ltrim(phone, literal_column("'+'")))
        worded = select(SearchToken.object_id).where(
            SearchToken.organization_id == bindparam("organization_id"), SearchToken.token == word
        )
        entry = func.jsonb_build_array(func.jsonb_build_object(literal_column("'value'"), phone))
        return _card("account", account, account.c.name, account.c.number).where(
            *seen,
            account.c.merged_into_id.is_(None),
            account.c.id.in_(worded),
            account.c.phones.contains(entry),  # the word may also begin a number of another kind
        )

    def _leads(self, phone: ColumnElement[Any]) -> Select[Any]:
        lead, seen = in_sight(self.ctx, "lead")
        return _card("lead", lead, lead.c.full_name, lead.c.number).where(
            *seen, is_open(), lead.c.phone == phone
        )


def _card(kind: str, table: Table, title: ColumnElement[Any], number: ColumnElement[Any]) -> Select[Any]:
    columns: list[ColumnElement[Any]] = [
        literal_column(f"'{kind}'", Text()).label("object_type"),
        table.c.id.label("object_id"),
        title.label("title"),
        cast(number, Text()).label("number"),
        table.c.agency_id,
        table.c.owner_user_id,
    ]
    return select(*columns)
