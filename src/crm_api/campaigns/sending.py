"""What campaigns have the floors below do: open sends, hold them, tell what became of them."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from html import escape
from uuid import UUID

from crm_api.campaigns.checks import Said
from crm_api.campaigns.models import Campaign, CampaignContent
from crm_api.campaigns.repository.audience import PURPOSES, AudienceRepository, Heads
from crm_api.campaigns.repository.campaigns import CampaignRepository
from crm_api.campaigns.repository.sends import SendsRepository, Sent
from crm_api.campaigns.schemas.launching import CampaignCost
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.kit.money import Money
from crm_api.mailings.models import MailingChannel, SendSource
from crm_api.mailings.ordering import Content, SendOrder
from crm_api.mailings.service import Mailings
from crm_api.organizations.service import OrganizationService
from crm_api.templates.fields import FIELDS, examples
from crm_api.templates.models import Template, TemplateStatus
from crm_api.templates.service import TemplateService
from crm_api.templates.sms import sms_parts

GIVEN = frozenset({"unsubscribe_url", "preferences_url", "reason"})
"""Fields that a message of a campaign has besides those of the customer."""
LANDING = "landing_url"
_LANDING = re.compile(r"\{\{\s*landing_url\s*(?:\|[^}]*)?\}\}")
_LINK = re.compile(r"""(?:href=["']|\b)(https?://[^\s"'<>]*)""", re.IGNORECASE)
_SOUND = re.compile(r"https?://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?(?:[/?#].*)?", re.IGNORECASE)


class Sending:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.campaigns, self.sends = CampaignRepository(ctx), SendsRepository(ctx)
        self.mailings = Mailings(ctx)

    async def begin(self, campaign: Campaign, part: str, heads: Sequence[Heads]) -> None:
        """A send for each variant and channel that somebody of `part` gets; opened twice it is one."""
        contents = await self.campaigns.contents_of(campaign.id)
        templates = await self.sends.templates([one.template_version_id for one in contents])
        audience = AudienceRepository(self.ctx)
        wanted = {(one.variant, one.channel) for one in heads if one.part == part}
        for variant, channel in sorted((v, c) for v, c in wanted if v and c):
            said = [one for one in contents if (one.code, one.channel) == (variant, channel)]
            words = {
                one.language: _content(campaign, one, templates[one.template_version_id]) for one in said
            }
            send_id = await self.mailings.open_send(_order(campaign, part, variant, channel, words))
            await self.mailings.queue(
                send_id, audience.of, audience.place(campaign.id, part, variant, channel)
            )

    async def pause(self, campaign_id: UUID) -> None:
        for send_id in await self.sends.open_ids(campaign_id):
            await self.mailings.pause(send_id)

    async def resume(self, campaign_id: UUID) -> None:
        for send_id in await self.sends.paused_ids(campaign_id):
            await self.mailings.resume(send_id)

    async def stop(self, campaign_id: UUID) -> None:
        """What has not gone out does not."""
        held = await self.sends.paused_ids(campaign_id)
        for send_id in [*await self.sends.open_ids(campaign_id), *held]:
            await self.mailings.cancel(send_id)

    async def figures(self, campaign: Campaign) -> Sequence[Sent]:
        """Of the sample, by variant; none before the launch."""
        if campaign.launched_at is None:
            return []
        return await self.sends.tested(campaign.id, campaign.launched_at)

    async def said(self, campaign: Campaign) -> list[Said]:
        """The contents as the checklist judges them."""
        contents = await self.campaigns.contents_of(campaign.id)
        templates = await self.sends.templates([one.template_version_id for one in contents])
        return [_judged(campaign, one, templates[one.template_version_id]) for one in contents]

    async def unverified(self, channels: Sequence[str]) -> list[str]:
        """Channels that neither a provider nor the house carries: its mail server, or, in development, the
        folder that stands for one."""
        carried, settings = await self.sends.carried(), self.ctx.tools.settings
        if settings.smtp_url is not None or settings.env == "development":
            carried.add("email")
        return [channel for channel in channels if channel not in carried]

    async def costs(self, campaign: Campaign, heads: Sequence[Heads]) -> list[CampaignCost]:
        """What SMS cost, by language; the longest variant counts for all, so that it is not underrated."""
        people: dict[str, int] = {}
        for one in heads:
            if one.channel == "sms" and one.part != "holdout":
                people[one.language] = people.get(one.language, 0) + one.people
        if not people:
            return []
        contents = [one for one in await self.campaigns.contents_of(campaign.id) if one.channel == "sms"]
        compiled = {one.template_version_id for one in contents}
        texts = {id: await self._filled(id) for id in compiled}
        price = (await OrganizationService(self.ctx).settings()).sms_segment_price
        costs = []
        for language, recipients in sorted(people.items()):
            said = [texts[one.template_version_id] for one in contents if one.language == language]
            if said:
                dearest = max((sms_parts(text) for text in said), key=lambda cost: cost.parts)
                amount = recipients * dearest.parts * price.centimes
                cost = CampaignCost(
                    channel="sms",
                    language=language,
                    recipients=recipients,
                    parts=max(1, dearest.parts),
                    encoding=dearest.encoding.value,
                    amount=Money.of(amount),
                )
                costs.append(cost)
        return costs

    async def _filled(self, template_id: UUID) -> str:
        """With the examples: what it comes to depends on names, and those differ."""
        service = TemplateService(self.ctx)
        compiled = await service.compiled(template_id)
        return service.render(compiled, examples(compiled.variables)).text


def _content(campaign: Campaign, one: CampaignContent, template: Template) -> Content:
    """The page of the campaign is the same for everybody: it is written in here, so that it is a link of the
    send like any other, signed and counted."""
    page = campaign.landing_url or ""
    html = template.html and _LANDING.sub(lambda _: escape(page), template.html)
    subject = one.subject or template.subject or ""
    return Content(subject, _LANDING.sub(lambda _: page, template.text), html, template.id)


def _order(
    campaign: Campaign, part: str, variant: str, channel: str, contents: Mapping[str, Content]
) -> SendOrder:
    moment, ends = now(), campaign.ends_at
    return SendOrder(
        source_type=SendSource.CAMPAIGN,
        source_id=campaign.id,
        key=f"{part}|{variant}|{channel}",
        name=f"{campaign.name[:150]} ({campaign.number}, {variant}, {channel})",
        channel=MailingChannel(channel),
        contents=contents,
        purpose=PURPOSES[channel].value,
        variant=variant,
        utm=_utm(campaign, channel, variant),
        scheduled_at=moment,
        ends_at=ends if ends and ends > moment + timedelta(minutes=1) else None,
        throttle_per_minute=campaign.throttle_per_minute,
        respects_hours=campaign.respects_hours,
    )


def _utm(campaign: Campaign, channel: str, variant: str) -> Mapping[str, str]:
    """What the campaign says; the rest is filled in."""
    given = {name: str(value) for name, value in campaign.utm.items() if value}
    filled = {"source": "assura", "medium": channel, "campaign": campaign.number.lower(), "content": variant}
    return filled | given


def _judged(campaign: Campaign, one: CampaignContent, template: Template) -> Said:
    given = GIVEN | {LANDING} if campaign.landing_url else GIVEN
    unknown = [
        name
        for name in template.variables
        if name not in given and not (name in FIELDS and FIELDS[name].of_contact)
    ]
    links = _LINK.findall(f"{template.html or ''} {template.text}")
    return Said(
        name=f"{template.code} ({one.code}, {template.language})",
        code=one.code,
        channel=one.channel,
        language=one.language,
        is_approved=template.status is TemplateStatus.APPROVED,
        unknown_variables=unknown,
        bad_links=[link for link in links if "{{" not in link and not _SOUND.fullmatch(link)],
        has_unsubscribe="unsubscribe_url" in template.variables,
    )
