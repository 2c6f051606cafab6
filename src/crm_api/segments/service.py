from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from pydantic import MISSING
from pydantic_core import to_json

from crm_api.contacts.service import ContactService
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.repository import ANY_VERSION
from crm_api.jobs.schemas import JobRead
from crm_api.jobs.service import JobService
from crm_api.kit.clock import today
from crm_api.kit.errors import ValidationFailed, VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.listing import Chosen, equals
from crm_api.kit.schemas import Json
from crm_api.reference.models import LabelLanguage
from crm_api.reference.service import enums
from crm_api.segments.errors import (
    SegmentInUse,
    SegmentMatchesEverybody,
    SegmentNeedsApproval,
    SegmentNotDynamic,
    SegmentNotReady,
    SegmentNotStatic,
    SegmentUsesItself,
)
from crm_api.segments.keeping import catalogue, plan_of
from crm_api.segments.models import (
    DEEPEST,
    MOST_RULES,
    SEGMENT,
    Segment,
    SegmentMember,
    SegmentStatus,
    SegmentType,
)
from crm_api.segments.planning import Plan
from crm_api.segments.repository.counting import Counting
from crm_api.segments.repository.segments import MemberRepository, SegmentRepository
from crm_api.segments.schemas.segments import (
    SegmentCreate,
    SegmentDraft,
    SegmentFieldList,
    SegmentFieldShown,
    SegmentFieldValue,
    SegmentFreeze,
    SegmentGroupShown,
    SegmentMemberPage,
    SegmentMemberQuery,
    SegmentMoved,
    SegmentPage,
    SegmentPatch,
    SegmentPreview,
    SegmentQuery,
    SegmentRead,
    SegmentSample,
)

BUILD = "build_segment"
APPROVES = "privacy:manage"
"""Who may look at official data in bulk: the data protection officer (domain.md B-36, C-4)."""
_OF_SEGMENT = equals(SegmentMember.segment_id)


class SegmentService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.segments = SegmentRepository(ctx)

    # --- reads

    async def page(self, query: SegmentQuery) -> Json[SegmentPage]:
        return await self.segments.page(query, SegmentPage)

    async def get(self, segment_id: UUID) -> Json[SegmentRead]:
        return await self.segments.get(segment_id)

    async def members(self, segment_id: UUID, query: SegmentMemberQuery) -> Json[SegmentMemberPage]:
        """Of the people whom this principal sees. Raises NotFound."""
        day = {} if query.on is not None else {"on": today()}
        asked = query.model_copy(update=day).selection()
        own = Chosen(_OF_SEGMENT, "segment_id", segment_id)
        selection = replace(asked, groups=((own,), *asked.groups))
        page = await MemberRepository(self.ctx).page(selection, SegmentMemberPage)
        if page.body.startswith(b'{"data":[],'):
            await self.segments.get(segment_id)
        return page

    def fields(self, language: LabelLanguage) -> SegmentFieldList:
        """What rules may say; the same for everybody."""
        known, labels = catalogue(self.ctx), enums(language)
        shown = [
            SegmentFieldShown(
                field=one.code,
                group=one.code.partition(".")[0],
                kind=one.kind,
                operators=[rule.operator for rule in one.rules],
                labels=_words(known.labels(one.code)),
                values=[
                    SegmentFieldValue(value=value, label=labels.get(one.labels, {}).get(value, value))
                    for value in one.values
                ],
                sensitive=one.sensitive,
            )
            for one in known.fields.values()
        ]
        groups = [SegmentGroupShown(group=code, labels=_words(known.labels(code))) for code in known.groups]
        return SegmentFieldList(groups=groups, fields=shown, deepest=DEEPEST, most_rules=MOST_RULES)

    async def preview(self, draft: SegmentDraft) -> SegmentPreview:
        """Of the people whom this principal sees.

        Raises ValidationFailed, SegmentNeedsApproval, SegmentTooSlow.
        """
        plan = plan_of(self.ctx, draft.definition, excludes_open_cases=draft.excludes_open_cases)
        if plan.sensitive and APPROVES not in self.ctx.principal.scopes:
            raise SegmentNeedsApproval
        await self._refuse_unknown(plan, None)
        counting = Counting(self.ctx, today())
        count, found = await counting.found(plan)
        whole = await counting.people()
        return SegmentPreview(
            count=count,
            people=max(whole, count),
            share=f"{count / whole:.4f}".rstrip("0").rstrip(".") if whole else None,
            sample=[SegmentSample(id=row[0], display_name=row[1], agency_id=row[2]) for row in found],
            by_the_day=plan.by_the_day,
            sensitive=plan.sensitive,
        )

    # --- writing segments

    async def create(self, data: SegmentCreate) -> Json[SegmentRead]:
        """Raises SegmentNameTaken, SegmentMatchesEverybody, SegmentNotReady, ValidationFailed."""
        if (data.definition is None) != (data.type is SegmentType.STATIC):
            raise ValidationFailed.at(
                "/definition", "segment_definition", "A dynamic segment has a rule, a static one has none."
            )
        self.ctx.begin()
        segment = Segment(
            id=new_id(),
            name=data.name,
            description=data.description,
            type=data.type,
            excludes_open_cases=data.excludes_open_cases,
            status=SegmentStatus.ACTIVE,
            definition=None,
            facts=[],
        )
        if data.definition is None:
            await self.segments.save(segment)
        else:
            await self._ruled(segment, data.definition, acknowledged=data.acknowledge_everybody)
        return await self.segments.get(segment.id)

    async def update(self, segment_id: UUID, data: SegmentPatch, version: int) -> Json[SegmentRead]:
        """Raises SegmentNameTaken, SegmentMatchesEverybody, SegmentNotDynamic, SegmentUsesItself."""
        segment = await self._loaded(segment_id, version)
        if segment.type is SegmentType.STATIC and data.definition is not MISSING:
            raise SegmentNotDynamic
        for name in ("name", "description", "excludes_open_cases"):
            value = getattr(data, name)
            if value is not MISSING:
                setattr(segment, name, value)
        ruled = data.definition is not MISSING or data.excludes_open_cases is not MISSING
        if ruled and segment.type is SegmentType.DYNAMIC:
            rule = segment.definition if data.definition is MISSING else data.definition
            acknowledged = data.acknowledge_everybody is True
            await self._ruled(segment, rule, acknowledged=acknowledged)
        await self.segments.save(segment)
        return await self.segments.get(segment_id)

    async def approve(self, segment_id: UUID, version: int) -> Json[SegmentRead]:
        """That its rule looks at official data."""
        segment = await self._loaded(segment_id, version)
        if segment.status is not SegmentStatus.AWAITING_APPROVAL:
            raise SEGMENT.refusal(segment.status, SegmentStatus.BUILDING)
        segment.approved_by_id = self.ctx.principal.id if self.ctx.principal.is_person else None
        segment.approved_at, segment.status = now(), SegmentStatus.BUILDING
        await self.segments.save(segment)
        await self._start(segment)
        return await self.segments.get(segment_id)

    async def archive(self, segment_id: UUID, version: int) -> Json[SegmentRead]:
        """It is followed no more; its history stays. Raises SegmentInUse."""
        segment = await self._loaded(segment_id, version)
        SEGMENT.check(segment.status, SegmentStatus.ARCHIVED)
        if any(segment.id in used for used in (await self.segments.uses()).values()):
            raise SegmentInUse
        await self.segments.use(segment.id, ())
        segment.status = SegmentStatus.ARCHIVED
        await self.segments.save(segment)
        return await self.segments.get(segment_id)

    async def reactivate(self, segment_id: UUID, version: int) -> Json[SegmentRead]:
        """Out of the archive; its members are found anew."""
        segment = await self._loaded(segment_id, version)
        if segment.status is not SegmentStatus.ARCHIVED:
            raise SEGMENT.refusal(segment.status, SegmentStatus.ACTIVE)
        if segment.type is SegmentType.STATIC:
            segment.status = SegmentStatus.ACTIVE
        else:
            await self._ruled(segment, segment.definition, acknowledged=True)
        await self.segments.save(segment)
        return await self.segments.get(segment_id)

    async def rebuild(self, segment_id: UUID) -> Json[JobRead]:
        """Raises SegmentNotDynamic, SegmentNotReady."""
        self.ctx.begin()
        segment = await self.segments.load(segment_id)
        if segment.type is SegmentType.STATIC:
            raise SegmentNotDynamic
        if segment.status not in (SegmentStatus.ACTIVE, SegmentStatus.BUILDING):
            raise SegmentNotReady(id=str(segment_id), status=str(segment.status))
        return await self._start(segment)

    # --- lists kept by hand

    async def freeze(self, segment_id: UUID, data: SegmentFreeze) -> Json[SegmentRead]:
        """A static segment of who is in it now. Raises SegmentNotReady, SegmentNameTaken."""
        self.ctx.begin()
        source = await self.segments.load(segment_id)
        if source.status is not SegmentStatus.ACTIVE:
            raise SegmentNotReady(id=str(segment_id), status=str(source.status))
        listed = Segment(
            id=new_id(),
            name=data.name,
            type=SegmentType.STATIC,
            status=SegmentStatus.ACTIVE,
            excludes_open_cases=source.excludes_open_cases,
            definition=None,
            facts=[],
        )
        await self.segments.save(listed)
        await self.segments.counted(listed.id, await self.segments.copy(segment_id, listed.id))
        return await self.segments.get(listed.id)

    async def put(self, segment_id: UUID, contact_ids: Sequence[UUID]) -> SegmentMoved:
        """Raises NotFound, SegmentNotStatic, ValidationFailed for people whom this principal does not see."""
        segment = await self._by_hand(segment_id)
        people = list(dict.fromkeys(contact_ids))
        seen = await ContactService(self.ctx).seen(people)
        for at, one in enumerate(contact_ids):
            if one not in seen:
                raise ValidationFailed.at(
                    f"/contact_ids/{at}", "unknown_contact", "There is no such contact."
                )
        moved = await self.segments.put(segment.id, people)
        return SegmentMoved(moved=moved, member_count=await self.segments.counted(segment.id, moved))

    async def drop(self, segment_id: UUID, contact_ids: Sequence[UUID]) -> SegmentMoved:
        """Raises NotFound, SegmentNotStatic."""
        segment = await self._by_hand(segment_id)
        moved = await self.segments.drop(segment.id, contact_ids)
        return SegmentMoved(moved=moved, member_count=await self.segments.counted(segment.id, -moved))

    # --- inside

    async def _by_hand(self, segment_id: UUID) -> Segment:
        self.ctx.begin()
        segment = await self.segments.load(segment_id)
        if segment.type is not SegmentType.STATIC:
            raise SegmentNotStatic
        return segment

    async def _ruled(self, segment: Segment, rule: Any, *, acknowledged: bool) -> None:
        """The rule is checked and kept; a job finds its members, once it may."""
        plan = plan_of(self.ctx, rule, excludes_open_cases=segment.excludes_open_cases)
        await self.segments.lock_uses()
        await self._refuse_unknown(plan, segment.id)
        if not acknowledged and await Counting(self.ctx, today()).lets_everybody_in(plan):
            raise SegmentMatchesEverybody
        stored = rule if isinstance(rule, Mapping) else rule.model_dump(mode="json", by_alias=True)
        segment.definition = dict(stored)
        segment.facts, segment.by_the_day, segment.sensitive = plan.facts, plan.by_the_day, plan.sensitive
        segment.approved_by_id = segment.approved_at = None
        waits = plan.sensitive
        segment.status = SegmentStatus.AWAITING_APPROVAL if waits else SegmentStatus.BUILDING
        await self.segments.save(segment)
        await self.segments.use(segment.id, sorted(plan.uses))
        await self.segments.begin_mark()
        if not waits:
            await self._start(segment)

    async def _start(self, segment: Segment) -> Json[JobRead]:
        return await JobService(self.ctx).start(BUILD, to_json({"segment_id": segment.id}))

    async def _refuse_unknown(self, plan: Plan, segment_id: UUID | None) -> None:
        """Segments that are not there, and circles of segments that ask each other."""
        if not plan.uses:
            return
        found = await self.segments.get_many(sorted(plan.uses))
        if any(one is None for one in found):
            raise ValidationFailed.at("/definition", "unknown_segment", "There is no such segment.")
        for one in found:
            if one is not None and one.value.status is SegmentStatus.ARCHIVED:
                raise SegmentNotReady(id=str(one.value.id), status=str(one.value.status))
        if segment_id is None:
            return
        uses, waiting, seen = await self.segments.uses(), sorted(plan.uses), set[UUID]()
        while waiting:
            one_id = waiting.pop()
            if one_id == segment_id:
                raise SegmentUsesItself
            if one_id not in seen:
                seen.add(one_id)
                waiting += uses.get(one_id, ())

    async def _loaded(self, segment_id: UUID, version: int) -> Segment:
        self.ctx.begin()
        segment = await self.segments.load(segment_id)
        if version not in (segment.version, ANY_VERSION):
            raise VersionConflict(current_version=segment.version)
        return segment


def _words(labels: Mapping[str, str]) -> dict[str, str]:
    return {language: labels[language] for language in ("fr", "en", "ar")}
