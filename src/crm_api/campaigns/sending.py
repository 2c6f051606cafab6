"""What campaigns have the floors below do: open sends, hold them, tell what became of them."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from crm_api.campaigns.checks import Said
from crm_api.campaigns.models import Campaign, CampaignContent
from crm_api.campaigns.repository.audience import PURPOSES, AudienceRepository, Heads
from crm_api.campaigns.repository.campaigns import CampaignRepository
from crm_api.campaigns.repository.sends import SendsRepository, Sent
from crm_api.campaigns.schemas.launching import CampaignCost
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.mailings.models import MailingChannel, SendSource
from crm_api.mailings.service import Mailings, Opening


class Sending:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.campaigns, self.sends = CampaignRepository(ctx), SendsRepository(ctx)
        self.mailings = Mailings(ctx)

    async def begin(self, campaign: Campaign, part: str, heads: Sequence[Heads]) -> None:
        """A send for each variant and channel that somebody of `part` gets; opened twice it is one."""
        contents = await self.campaigns.contents_of(campaign.id)
        audience = AudienceRepository(self.ctx)
        wanted = {(one.variant, one.channel) for one in heads if one.part == part}
        for variant, channel in sorted((v, c) for v, c in wanted if v and c):
            said = [one for one in contents if (one.code, one.channel) == (variant, channel)]
            send_id = await self.mailings.open_send(self._opening(campaign, part, variant, channel, said))
            await self.mailings.queue(send_id, audience.of(campaign.id, part, variant, channel))

    def _opening(
        self, campaign: Campaign, part: str, variant: str, channel: str, said: Sequence[CampaignContent]
    ) -> Opening:
        moment = now()
        ends = campaign.ends_at
        return Opening(
            source_type=SendSource.CAMPAIGN,
            source_id=campaign.id,
            key=f"{part}|{variant}|{channel}",
            name=f"{campaign.number} {variant} {channel}",
            channel=MailingChannel(channel),
            variant=variant,
            purpose=PURPOSES[channel].value,
            contents={one.language: (one.template_version_id, one.subject) for one in said},
            utm=_utm(campaign, channel, variant),
            scheduled_at=moment,
            ends_at=ends if ends and ends > moment + timedelta(minutes=1) else None,
            throttle_per_minute=campaign.throttle_per_minute,
        )

    async def pause(self, campaign_id: UUID) -> None:
        for send_id in await self.sends.ids(campaign_id):
            await self.mailings.pause(send_id)

    async def resume(self, campaign_id: UUID) -> None:
        for send_id in await self.sends.ids(campaign_id):
            await self.mailings.resume(send_id)

    async def stop(self, campaign_id: UUID) -> None:
        """What has not gone out does not."""
        for send_id in await self.sends.ids(campaign_id):
            await self.mailings.cancel(send_id)

    async def figures(self, campaign: Campaign) -> Sequence[Sent]:
        """Of the sample, by variant; none before the launch."""
        if campaign.launched_at is None:
            return []
        return await self.sends.tested(campaign.id, campaign.launched_at)

    async def said(self, campaign_id: UUID) -> list[Said]:
        """The contents as the checklist judges them."""
        contents = await self.campaigns.contents_of(campaign_id)
        return [Said(_name(one), one.code, one.channel, one.language) for one in contents]

    async def unverified(self, channels: Sequence[str]) -> list[str]:
        """Channels by which nothing can leave: no provider carries them."""
        return []

    async def costs(self, campaign: Campaign, heads: Sequence[Heads]) -> list[CampaignCost]:
        """What SMS cost, by language."""
        return []


def _name(one: CampaignContent) -> str:
    return f"{one.code} {one.channel} {one.language}"


def _utm(campaign: Campaign, channel: str, variant: str) -> Mapping[str, Any]:
    """What the campaign says; the rest is filled in."""
    given = {name: value for name, value in campaign.utm.items() if value}
    filled = {"source": "assura", "medium": channel, "campaign": campaign.number.lower(), "content": variant}
    return filled | given
