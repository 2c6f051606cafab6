"""What campaigns and mailings need of segments: whom they are about, as a SELECT to insert from."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Select,
    Uuid,
    any_,
    bindparam,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP

from crm_api.contacts.models import Contact
from crm_api.core.context import Context
from crm_api.core.statements import compiled
from crm_api.kit.clock import ALGIERS
from crm_api.kit.errors import NotFound
from crm_api.segments.errors import SegmentNotReady
from crm_api.segments.models import Segment, SegmentMember, SegmentStatus, SegmentType
from crm_api.segments.planning import PEOPLE, alive
from crm_api.segments.subjects import in_an_open_case

_IDS = ARRAY(Uuid())


class SegmentAudience:
    """Of one organization. Who sees which customer is not asked here: that is for the screens."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def check(self, segment_ids: Sequence[UUID]) -> None:
        """Raises NotFound, SegmentNotReady (being built, not approved yet, or put away)."""
        rows = await self.ctx.fetch(
            compiled(
                "states of segments",
                lambda: select(Segment.id, Segment.status).where(
                    Segment.organization_id == bindparam("organization_id", type_=Uuid()),
                    Segment.id == any_(bindparam("ids", type_=_IDS)),
                ),
            ),
            {"ids": list(segment_ids)},
        )
        states = {row[0]: row[1] for row in rows}
        for one in segment_ids:
            if one not in states:
                raise NotFound(id=str(one))
            if states[one] != SegmentStatus.ACTIVE:
                raise SegmentNotReady(id=str(one), status=str(states[one]))

    def select(self, include_ids: Sequence[UUID], exclude_ids: Sequence[UUID] = ()) -> Select[Any]:
        """One column, `contact_id`, each person once: the members of any included segment and of no excluded
        one, alive and not in the bin. For `INSERT ... SELECT` in this organization's session.

        Rules have left customers with an open claim or complaint out already; of lists kept by hand they
        are left out here, unless the segment says otherwise.
        """
        organization_id = self.ctx.organization_id
        member, segment, outside = SegmentMember, Segment, SegmentMember.__table__.alias("excluded")
        statement = (
            select(member.contact_id.label("contact_id"))
            .distinct()
            .join(
                segment,
                (segment.organization_id == member.organization_id) & (segment.id == member.segment_id),
            )
            .join(
                Contact,
                (Contact.organization_id == member.organization_id) & (Contact.id == member.contact_id),
            )
            .where(
                member.organization_id == organization_id,
                member.segment_id.in_(include_ids),
                member.left_at.is_(None),
                Contact.deleted_at.is_(None),
                Contact.merged_into_id.is_(None),
                Contact.is_deceased.is_(False),
                or_(
                    segment.type == SegmentType.DYNAMIC,
                    segment.excludes_open_cases.is_(False),
                    ~in_an_open_case(member.contact_id, organization_id),
                ),
            )
        )
        if exclude_ids:
            statement = statement.where(
                ~exists(
                    select(outside.c.id).where(
                        outside.c.organization_id == organization_id,
                        outside.c.segment_id.in_(exclude_ids),
                        outside.c.contact_id == member.contact_id,
                        outside.c.left_at.is_(None),
                    )
                )
            )
        return statement

    async def count(self, include_ids: Sequence[UUID], exclude_ids: Sequence[UUID] = ()) -> int:
        chosen = self.select(include_ids, exclude_ids).subquery()
        return await self.ctx.session.scalar(select(func.count()).select_from(chosen)) or 0

    async def people(self) -> int:
        """How many live people there are."""
        statement = compiled(
            "people for segments", lambda: select(func.count()).select_from(PEOPLE).where(*alive())
        )
        return int((await self.ctx.fetch(statement, {}))[0][0])

    async def members_on(self, segment_id: UUID, day: date) -> list[UUID]:
        """Who was in it at the end of that day (of Algiers); on the day of today, who is in it now."""
        statement = compiled("members on a day", lambda: members_at().order_by(SegmentMember.contact_id))
        rows = await self.ctx.fetch(statement, {"segment_id": segment_id, "moment": end_of(day)})
        return [row[0] for row in rows]


def members_at() -> Select[Any]:
    """Who was in the segment `segment_id` at `moment`: one look into the index of its history."""
    moment = bindparam("moment", type_=TIMESTAMP(timezone=True))
    return select(SegmentMember.contact_id).where(
        SegmentMember.organization_id == bindparam("organization_id", type_=Uuid()),
        SegmentMember.segment_id == bindparam("segment_id", type_=Uuid()),
        SegmentMember.entered_at < moment,
        or_(SegmentMember.left_at.is_(None), SegmentMember.left_at >= moment),
    )


def end_of(day: date) -> datetime:
    """The midnight with which that day ends in Algiers."""
    return datetime.combine(day + timedelta(days=1), time(), ALGIERS).astimezone(UTC)
