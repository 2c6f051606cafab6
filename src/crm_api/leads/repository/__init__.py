from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    LargeBinary,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    func,
    literal_column,
    select,
    true,
    union_all,
)

from crm_api.core.external_ids import REFUSALS, ExternallyKnownRepository
from crm_api.core.plain import table_of
from crm_api.core.statements import Question, unnested
from crm_api.core.visibility import visible_rows
from crm_api.kit.errors import NotFound
from crm_api.kit.schemas import Json
from crm_api.leads.errors import (
    PartnerReferenceTaken,
    SubmissionKnown,
    UnknownAgency,
    UnknownCampaign,
    UnknownLead,
    UnknownOwner,
)
from crm_api.leads.models import Lead, LeadStatus
from crm_api.leads.repository.conditions import is_open
from crm_api.leads.schemas.lead import LeadRead

MOST_CANDIDATES = 20
"""Of one key: a phone that more leads share says nothing."""


class LeadRepository(ExternallyKnownRepository[Lead, LeadRead]):
    model, read = Lead, LeadRead
    refusals = REFUSALS | {
        "fk_leads_organization_id_agency_id": UnknownAgency,
        "fk_leads_campaign": UnknownCampaign,
        "fk_leads_organization_id_owner_user_id": UnknownOwner,
        "fk_leads_organization_id_duplicate_of_id": UnknownLead,
        "uq_leads_submission": SubmissionKnown,
        "uq_leads_partner_reference": PartnerReferenceTaken,
    }

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        return {**super().columns(), "quick_data": table_of(Lead).c.masked}

    async def recorded(self, lead_id: UUID) -> dict[str, Any]:
        """Every column of the lead as it is now, in the bin or not; what a change is judged by.

        It takes no lock: whoever changes the lead afterwards names the version found here.
        """
        names = [column.name for column in table_of(Lead).c]
        rows = await self.rows(
            "recorded",
            lambda: self.select(*table_of(Lead).c).where(table_of(Lead).c.id == bindparam("id")),
            {"id": lead_id},
        )
        if not rows:
            raise NotFound(id=str(lead_id))
        return dict(zip(names, rows[0], strict=True))

    async def claim_submission(self, submission_id: UUID) -> bool:
        """Whether it was received before; an equal one waits for the end of this use case."""
        await self._wait_for(f"submission|{submission_id}")
        same = Lead.submission_id == submission_id
        found = await self.ctx.session.scalar(select(Lead.id).where(*self._own(), same))
        return found is not None

    async def claim_references(self, partner_id: UUID, external_ids: Collection[str]) -> dict[str, UUID]:
        """Which leads the partner calls so; equal requests wait for the end of this use case."""
        await self._wait_for(*(f"reference|{partner_id}|{each}" for each in external_ids))
        named = Lead.partner_id == partner_id, Lead.external_id.in_(external_ids)
        found = await self.ctx.session.execute(select(Lead.external_id, Lead.id).where(*self._own(), *named))
        return {str(external_id): lead_id for external_id, lead_id in found}

    async def _wait_for(self, *names: str) -> None:
        """In one order, so that two who want the same ones never wait for each other."""
        keys = [f"{self.ctx.organization_id}|lead|{name}" for name in sorted(names)]
        key = func.unnest(bindparam("keys", keys, ARRAY(Text()))).column_valued("key")
        await self.ctx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))

    def _own(self) -> list[ColumnElement[bool]]:
        return [Lead.organization_id == self.ctx.organization_id]

    async def move_open(self, from_agency_id: UUID, to_agency_id: UUID) -> None:
        """Every open lead of an agency, in or out of sight, with its lines in the journal."""
        leads = table_of(Lead).c
        await self.edit_all(
            "open of agency",
            lambda: [leads.agency_id == bindparam("closing"), is_open()],
            {"closing": from_agency_id},
            {"agency_id": to_agency_id},
        )

    async def hand_over(self, user_id: UUID, to_user_id: UUID) -> None:
        """Every open lead of a colleague, with its lines in the journal."""
        leads = table_of(Lead).c
        await self.edit_all(
            "open of owner",
            lambda: [leads.owner_user_id == bindparam("leaving"), is_open()],
            {"leaving": user_id},
            {"owner_user_id": to_user_id},
        )

    async def edit_unconverted(
        self, lead_id: UUID, changes: Mapping[str, Any], version: int
    ) -> Json[LeadRead] | None:
        """In one statement what `recorded` and `edit` do in two; None when no such row may be changed."""
        return await self.edit_if("unconverted", _unconverted, lead_id, changes, version)

    def candidates(self, keys: Mapping[str, Any]) -> Question:
        """Leads of the whole organization with one of the `keys` (column -> value), in or out of sight.

        Rows: id, then the fields of `duplicates.Described` in order, and whether it is in sight.
        One probe of an index per key: together in one OR they would be one guess of the planner.
        """
        return self.question(("candidates", *keys), lambda: _candidates(keys, self.visibility), keys)

    async def all_candidates(self, keys: Mapping[str, Sequence[Any]]) -> Sequence[Sequence[Any]]:
        """`candidates` of many leads at once: each row begins with the key (as text) that it was found by."""
        values = {f"all_{name}": [*each] for name, each in keys.items()}
        shape = "all candidates", *keys
        return await self.rows(shape, lambda: _all_candidates([*keys], self.visibility), values)

    async def compared(self, ids: Sequence[UUID]) -> Sequence[Sequence[Any]]:
        """What duplicates are judged by, of the living ones among these."""
        asked = table_of(Lead).c.id == any_(bindparam("ids", type_=ARRAY(Uuid())))
        return await self.rows(
            "compared",
            lambda: select(*_compared(self.visibility)).where(*self.visible(), *self._alive(), asked),
            {"ids": [*ids]},
        )


def _unconverted() -> list[ColumnElement[bool]]:
    return [table_of(Lead).c.status != LeadStatus.CONVERTED]


def _compared(visibility: Any) -> list[ColumnElement[Any]]:
    """The id, the fields of `duplicates.Described` in order, and whether it is in sight."""
    leads = table_of(Lead)
    names = ["id", "full_name", "first_name", "last_name", "phone", "email"]
    names += ["wilaya_code", "birth_index", "plate_index"]
    in_sight = and_(true(), *visible_rows(leads, visibility))
    return [*(leads.c[name] for name in names), in_sight.label("in_sight")]


def _all_candidates(keys: Sequence[str], visibility: Any) -> Any:
    leads = table_of(Lead)
    own = leads.c.organization_id == bindparam("organization_id"), leads.c.deleted_at.is_(None)
    most = literal_column(str(MOST_CANDIDATES), Integer())

    def probe(asked: Any, key: ColumnElement[Any], *same: ColumnElement[bool]) -> Any:
        found = select(*_compared(visibility)).where(*own, *same).limit(most).lateral()
        return select(key, found).join_from(asked, found, true())

    probes = []
    for name in keys:
        kind = leads.c[name].type
        asked = unnested(**{f"all_{name}": kind})
        key = asked.c[f"all_{name}"]
        shown = func.encode(key, literal_column("'hex'")) if isinstance(kind, LargeBinary) else key
        probes.append(probe(asked, shown, leads.c[name] == key))
    return union_all(*probes)


def _candidates(keys: Mapping[str, Any], visibility: Any) -> Any:
    leads = table_of(Lead)
    probes = [
        select(*_compared(visibility))
        .where(
            leads.c.organization_id == bindparam("organization_id"),
            leads.c[key] == bindparam(key, type_=leads.c[key].type),
            leads.c.deleted_at.is_(None),
        )
        .limit(literal_column(str(MOST_CANDIDATES), Integer()))
        .subquery()
        for key in keys
    ]
    return union_all(*(select(probe) for probe in probes))
