from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query, status

from crm_api.channels.signing import SIGNATURE, TIMESTAMP
from crm_api.core.context import Context
from crm_api.core.http import IfMatch, Router, Visitor, public, requires
from crm_api.core.objects import UnknownObject
from crm_api.core.openapi import refusals
from crm_api.core.principal import system
from crm_api.kit.schemas import Json
from crm_api.mentions.errors import MentionDoorUnknown, MentionUnsigned, SocialAccountTaken
from crm_api.mentions.schemas import (
    MentionAnswer,
    MentionAssignment,
    MentionMatch,
    MentionTaken,
    MentionTold,
    SocialAccountCreate,
    SocialAccountPage,
    SocialAccountQuery,
    SocialAccountRead,
    SocialAccountSecret,
    SocialMentionPage,
    SocialMentionQuery,
    SocialMentionRead,
)
from crm_api.mentions.service import MentionService, opened

accounts = Router("social-accounts", tag="mentions")
router = Router("social-mentions", tag="mentions")
gateways = Router("public/mentions", tag="mentions")
Reader = Annotated[Context, requires("social:read")]
Writer = Annotated[Context, requires("social:respond")]
Gateway = Annotated[Visitor, public("the signature of the body is the proof")]
Link = Annotated[
    str,
    Path(
        description="What `post_to` of the account says after the last slash.",
        pattern=r"^[A-Za-z0-9_=-]{20,200}$",
        max_length=200,
        examples=[
            "AZOg3p18fMOdPh8aK3xZ9wGToN6dfHzDnT4fGit8WfdKx1mP0bYt4sQZAZOg3p18fMOdPh8aK3xZ9wAAAAAAZvKq4A"
        ],
    ),
]
_SIGNED: dict[str, Any] = {
    "parameters": [
        {
            "name": TIMESTAMP,
            "in": "header",
            "required": True,
            "description": "When it was signed: seconds since 1970, within five minutes of now.",
            "schema": {"type": "string", "pattern": "^[0-9]{1,12}$", "maxLength": 12},
            "example": "1795618800",
        },
        {
            "name": SIGNATURE,
            "in": "header",
            "required": True,
            "description": "`v1=` and the HMAC-SHA256 of timestamp, dot and body, in hexadecimal.",
            "schema": {"type": "string", "pattern": "^v1=[0-9a-f]{64}$", "maxLength": 67},
            "example": "v1=" + "0" * 64,
        },
    ],
    **refusals(MentionUnsigned, MentionDoorUnknown),
}


@accounts.get("")
async def list_social_accounts(
    ctx: Reader, query: Annotated[SocialAccountQuery, Query()]
) -> Json[SocialAccountPage]:
    """List our pages on social networks."""
    return await MentionService(ctx).page_accounts(query)


@accounts.post("", status_code=status.HTTP_201_CREATED, openapi_extra=refusals(SocialAccountTaken))
async def create_social_account(ctx: Writer, body: SocialAccountCreate) -> Json[SocialAccountRead]:
    """Write down a page of ours."""
    return await MentionService(ctx).add_account(body)


@accounts.get("/{social_account_id}")
async def get_social_account(ctx: Reader, social_account_id: UUID) -> Json[SocialAccountRead]:
    """Read a page of ours."""
    return await MentionService(ctx).account(social_account_id)


@accounts.post("/{social_account_id}/secret")
async def create_social_account_secret(
    ctx: Writer, social_account_id: UUID, version: IfMatch
) -> SocialAccountSecret:
    """Make the address and the secret of the tool that listens; those before end."""
    return await MentionService(ctx).new_secret(social_account_id, version)


@gateways.post("/{link}", openapi_extra=_SIGNED)
async def receive_mention(visitor: Gateway, link: Link, body: MentionTold) -> MentionTaken:
    """Take in what was said; told again with the same `external_id` it is the same mention."""
    door = opened(visitor.tools.links, link)
    headers, content = visitor.request.headers, await visitor.request.body()
    proof = headers.get(TIMESTAMP), headers.get(SIGNATURE), content
    service = MentionService(visitor.enter(system(door.organization_id)))
    return await service.take(door.object_id, body, *proof)


@router.get("")
async def list_social_mentions(
    ctx: Reader, query: Annotated[SocialMentionQuery, Query()]
) -> Json[SocialMentionPage]:
    """List what is said of us."""
    return await MentionService(ctx).page(query)


@router.get("/{mention_id}")
async def get_social_mention(ctx: Reader, mention_id: UUID) -> Json[SocialMentionRead]:
    """Read a mention."""
    return await MentionService(ctx).get(mention_id)


@router.post("/{mention_id}/assign")
async def assign_social_mention(
    ctx: Writer, mention_id: UUID, body: MentionAssignment, version: IfMatch
) -> Json[SocialMentionRead]:
    """Say whose it is."""
    return await MentionService(ctx).assign(mention_id, body, version)


@router.post("/{mention_id}/answer")
async def answer_social_mention(
    ctx: Writer, mention_id: UUID, body: MentionAnswer, version: IfMatch
) -> Json[SocialMentionRead]:
    """Keep what we answered on the network."""
    return await MentionService(ctx).answer(mention_id, body, version)


@router.post("/{mention_id}/ignore")
async def ignore_social_mention(ctx: Writer, mention_id: UUID, version: IfMatch) -> Json[SocialMentionRead]:
    """Leave it unanswered."""
    return await MentionService(ctx).ignore(mention_id, version)


@router.post("/{mention_id}/escalate")
async def escalate_social_mention(ctx: Writer, mention_id: UUID, version: IfMatch) -> Json[SocialMentionRead]:
    """Make it a ticket, once; the mention then names it."""
    return await MentionService(ctx).escalate(mention_id, version)


@router.put("/{mention_id}/contact", openapi_extra=refusals(UnknownObject))
async def match_social_mention(
    ctx: Writer, mention_id: UUID, body: MentionMatch, version: IfMatch
) -> Json[SocialMentionRead]:
    """Say who it is, or that it is not known after all; nothing is guessed."""
    return await MentionService(ctx).match(mention_id, body, version)


ROUTERS = (accounts, router, gateways)
