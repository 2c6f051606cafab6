"""Who is reached: counted before, frozen at launch, by one statement however many they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from typing import cast as cast_type
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    LargeBinary,
    Select,
    Table,
    Text,
    Uuid,
    bindparam,
    case,
    cast,
    column,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import BIT

from crm_api.campaigns.drawing import DRAW_BYTES, Plan, below
from crm_api.campaigns.models import CampaignRecipient
from crm_api.consents.gate import Asked, pepper_of, reachable
from crm_api.consents.models import ConsentPurpose, MarketingChannel
from crm_api.core.context import Context
from crm_api.core.statements import DIALECT, Statement
from crm_api.segments.audience import SegmentAudience

PURPOSES = {"email": ConsentPurpose.MARKETING_EMAIL, "sms": ConsentPurpose.MARKETING_SMS}
"""A campaign is marketing, whatever it is about: nobody is written to without having agreed."""
WAYS = {"email": MarketingChannel.EMAIL, "sms": MarketingChannel.SMS}


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a campaign is about, and by what: `languages` are those that each channel speaks, best first."""

    campaign_id: UUID
    segment_ids: Sequence[UUID]
    exclusion_segment_ids: Sequence[UUID]
    languages: Mapping[str, Sequence[str]]
    plan: Plan


_LONG = "SET LOCAL statement_timeout = '300s'"
"""A million people take longer than a job usually may."""
_RECIPIENTS = cast_type(Table, CampaignRecipient.__table__)


class Heads(NamedTuple):
    """How many people share all of these."""

    part: str
    variant: str | None
    channel: str | None
    language: str
    reason: str | None
    people: int


class AudienceRepository:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def counted(self, reach: Reach) -> list[Heads]:
        """Of those who would be written to now; nothing is kept."""
        placed = self._placed(reach).subquery("placed")
        columns = [placed.c[name] for name in ("part", "variant", "channel", "language", "reason")]
        counted = select(*columns, func.count()).group_by(*columns)
        rows = await self.ctx.fetch(Statement(counted), await self._values())
        return [Heads(*row[:6]) for row in rows]

    async def freeze(self, reach: Reach) -> None:
        """Everybody with their part and variant, in one INSERT ... SELECT."""
        await self.ctx.session.execute(text(_LONG))
        placed = self._placed(reach).subquery("placed")
        names = ["contact_id", "part", "variant", "channel", "language", "reason"]
        own = [literal(self.ctx.organization_id), literal(reach.campaign_id)]
        rows = select(*own, *(placed.c[name] for name in names))
        table = _RECIPIENTS
        written = insert(table).from_select(["organization_id", "campaign_id", *names], rows)
        await self.ctx.fetch(Statement(written), await self._values())

    async def frozen(self, campaign_id: UUID) -> list[Heads]:
        """Of those who were frozen."""
        table = CampaignRecipient
        columns = table.part, table.variant, table.channel, table.language, table.reason
        counted = select(*columns, func.count()).where(table.campaign_id == campaign_id).group_by(*columns)
        return [Heads(*row[:6]) for row in await self.ctx.session.execute(counted)]

    async def give(self, campaign_id: UUID, plan: Plan, variant: str | None) -> None:
        """The rest of a test gets its variant: the winner, or (None) each one their own by the weights."""
        table = _RECIPIENTS
        given = (
            literal(variant, Text()) if variant else _chosen(_draw(campaign_id, table.c.contact_id, 2), plan)
        )
        changed = (
            update(table)
            .where(
                table.c.organization_id == self.ctx.organization_id,
                table.c.campaign_id == campaign_id,
                table.c.part == "rest",
                table.c.variant.is_(None),
            )
            .values(variant=given)
        )
        await self.ctx.session.execute(changed)

    def of(self) -> Select[Any]:
        """Contact ids of one place in the campaign, as a SELECT to insert messages from; see `place`."""
        table = _RECIPIENTS.c
        return select(table.contact_id).where(
            table.organization_id == bindparam("organization_id", type_=Uuid()),
            table.campaign_id == bindparam("campaign_id", type_=Uuid()),
            table.part == bindparam("campaign_part", type_=Text()),
            table.variant == bindparam("campaign_variant", type_=Text()),
            table.channel == bindparam("campaign_channel", type_=Text()),
        )

    def place(self, campaign_id: UUID, part: str, variant: str, channel: str) -> dict[str, Any]:
        """The values of `of`."""
        names = "campaign_id", "campaign_part", "campaign_variant", "campaign_channel"
        return dict(zip(names, (campaign_id, part, variant, channel), strict=True))

    async def _values(self) -> dict[str, Any]:
        return {"organization_id": self.ctx.organization_id, "pepper": await pepper_of(self.ctx)}

    def _chosen_people(self, reach: Reach) -> Any:
        """Contact ids of the segments. Written out: its lists of keys have no fixed number of parameters."""
        people = SegmentAudience(self.ctx).select(reach.segment_ids, reach.exclusion_segment_ids)
        sql = str(people.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True}))
        written = text(sql).columns(column("contact_id", Uuid()))
        return written.cte("chosen").prefix_with(text("MATERIALIZED"), dialect="postgresql")

    def _placed(self, reach: Reach) -> Select[Any]:
        """contact_id, part, variant, channel, language, reason of everybody in the segments."""
        chosen = self._chosen_people(reach)
        joined: Any = chosen
        ways: list[tuple[str, Any]] = []
        for name in reach.languages:
            asked = Asked(PURPOSES[name], WAYS[name])
            way = reachable(asked, select(chosen.c.contact_id)).subquery(name)
            joined = joined.outerjoin(way, way.c.contact_id == chosen.c.contact_id)
            ways.append((name, way.c))
        goes = [(way.contact_id.is_not(None) & way.refusal.is_(None), name) for name, way in ways]
        channel = case(*((rule, literal(name, Text())) for rule, name in goes), else_=null().cast(Text()))
        language = case(
            *(
                (rule, _spoken(way.language, reach.languages[name]))
                for (rule, name), (_, way) in zip(goes, ways, strict=True)
            ),
            else_=func.coalesce(ways[0][1].language, literal("fr", Text())),
        )
        reason = case(
            *((rule, null().cast(Text())) for rule, _ in goes),
            else_=func.coalesce(ways[0][1].refusal, literal("gone", Text())),
        )
        found = (
            select(
                chosen.c.contact_id,
                channel.label("channel"),
                language.label("language"),
                reason.label("reason"),
                *(_draw(reach.campaign_id, chosen.c.contact_id, at).label(f"draw_{at}") for at in range(3)),
            )
            .select_from(joined)
            .subquery("found")
        )
        return select(
            found.c.contact_id,
            *_place(found.c, reach.plan),
            found.c.channel,
            found.c.language,
            found.c.reason,
        )


def _spoken(language: ColumnElement[Any], spoken: Sequence[str]) -> ColumnElement[Any]:
    """Theirs where the campaign speaks it, else its first."""
    known = or_(*(language == literal(one, Text()) for one in spoken))
    return case((known, language), else_=literal(spoken[0], Text()))


def _draw(campaign_id: UUID, contact_id: ColumnElement[Any], at: int) -> ColumnElement[Any]:
    """`drawing.draws`, by PostgreSQL."""
    joined = literal(campaign_id.bytes, LargeBinary()).concat(func.uuid_send(contact_id))
    part = func.substring(func.sha256(joined), at * DRAW_BYTES + 1, DRAW_BYTES)
    written = literal("x", Text()).concat(func.encode(part, literal("hex", Text()), type_=Text()))
    return cast(cast(written, BIT(8 * DRAW_BYTES)), BigInteger)


def _place(found: Any, plan: Plan) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """(part, variant): `drawing.place`, by PostgreSQL."""
    none = null().cast(Text())
    outside = [(found.channel.is_(None), literal("left_out", Text()))]
    held = [(found.draw_0 < below(plan.holdout), literal("holdout", Text()))]
    sampled = found.draw_1 < below(plan.sample or 0)
    part = case(*outside, *held, (sampled, literal("sample", Text())), else_=literal("rest", Text()))
    chosen = _chosen(found.draw_2, plan)
    nobody = [(rule, none) for rule, _ in [*outside, *held]]
    variant = case(*nobody, (sampled, chosen), else_=none if plan.sample is not None else chosen)
    return part.label("part"), variant.label("variant")


def _chosen(draw: ColumnElement[Any], plan: Plan) -> ColumnElement[Any]:
    rules, reached = [], 0
    for code, weight in plan.weights[:-1]:
        reached += weight
        rules.append((draw < below(reached), literal(code, Text())))
    last = literal(plan.weights[-1][0], Text()) if plan.weights else null().cast(Text())
    return case(*rules, else_=last) if rules else last
