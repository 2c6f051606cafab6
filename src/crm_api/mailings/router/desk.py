"""Sends, messages and providers as the staff see them."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.core.http import IfMatch, MergePatch
from crm_api.core.openapi import refusals
from crm_api.kit.errors import InvalidTransition
from crm_api.kit.schemas import Json
from crm_api.mailings.errors import ProviderNameTaken
from crm_api.mailings.leading import History
from crm_api.mailings.models import SendStatus
from crm_api.mailings.providing import Providers
from crm_api.mailings.router.doors import Holder, Manager, Reader, contacts, messages, providers, sends
from crm_api.mailings.schemas.providers import (
    MessageProviderCreate,
    MessageProviderPage,
    MessageProviderPatch,
    MessageProviderQuery,
    MessageProviderRead,
    ProviderSecret,
)
from crm_api.mailings.schemas.sends import (
    MessageEvents,
    MessagePage,
    MessageQuery,
    SendPage,
    SendQuery,
    SendRead,
    SendResults,
)
from crm_api.mailings.service import Mailings


@sends.get("")
async def list_sends(ctx: Reader, query: Annotated[SendQuery, Query()]) -> Json[SendPage]:
    """List sends."""
    return await Mailings(ctx).page(query)


@sends.get("/{send_id}")
async def get_send(ctx: Reader, send_id: UUID) -> Json[SendRead]:
    """Read a send."""
    return await Mailings(ctx).get(send_id)


@sends.get("/{send_id}/results")
async def get_send_results(ctx: Reader, send_id: UUID) -> SendResults:
    """Read what a send has come to: delivery, opens, clicks, bounces (D-38 to D-43).

    What machines open and click counts for nothing; `open_rate_inflated` shows it beside.
    """
    return await Mailings(ctx).results(send_id)


@sends.get("/{send_id}/messages")
async def list_send_messages(
    ctx: Reader, send_id: UUID, query: Annotated[MessageQuery, Query()]
) -> Json[MessagePage]:
    """List the messages of a send, those that were left out too."""
    return await History(ctx).of_send(send_id, query)


@sends.post("/{send_id}/pause", openapi_extra=refusals(InvalidTransition))
async def pause_send(ctx: Holder, send_id: UUID, version: IfMatch) -> Json[SendRead]:
    """Hold a send: no further message leaves."""
    return await Mailings(ctx).step(send_id, SendStatus.PAUSED, version)


@sends.post("/{send_id}/resume", openapi_extra=refusals(InvalidTransition))
async def resume_send(ctx: Holder, send_id: UUID, version: IfMatch) -> Json[SendRead]:
    """Go on with a send where it was held."""
    return await Mailings(ctx).step(send_id, SendStatus.SENDING, version)


@sends.post("/{send_id}/cancel", openapi_extra=refusals(InvalidTransition))
async def cancel_send(ctx: Holder, send_id: UUID, version: IfMatch) -> Json[SendRead]:
    """Call a send off: what has not left never will."""
    return await Mailings(ctx).step(send_id, SendStatus.CANCELLED, version)


@messages.get("/{message_id}/events")
async def list_message_events(ctx: Reader, message_id: UUID) -> MessageEvents:
    """Read what happened to a message, the oldest first."""
    return await History(ctx).events(message_id)


@contacts.get("/{contact_id}/messages")
async def list_contact_messages(
    ctx: Reader, contact_id: UUID, query: Annotated[MessageQuery, Query()]
) -> Json[MessagePage]:
    """List the messages that somebody got, or was not to get and why."""
    return await History(ctx).of_contact(contact_id, query)


@providers.get("")
async def list_message_providers(
    ctx: Manager, query: Annotated[MessageProviderQuery, Query()]
) -> Json[MessageProviderPage]:
    """List the servers that carry messages."""
    return await Providers(ctx).page(query)


@providers.post("", status_code=status.HTTP_201_CREATED, openapi_extra=refusals(ProviderNameTaken))
async def create_message_provider(ctx: Manager, body: MessageProviderCreate) -> Json[MessageProviderRead]:
    """Set up a server that carries messages; without any, mails go by the server of the installation."""
    return await Providers(ctx).create(body)


@providers.get("/{message_provider_id}")
async def get_message_provider(ctx: Manager, message_provider_id: UUID) -> Json[MessageProviderRead]:
    """Read a provider."""
    return await Providers(ctx).get(message_provider_id)


@providers.patch("/{message_provider_id}", openapi_extra=refusals(ProviderNameTaken))
async def update_message_provider(
    ctx: Manager,
    message_provider_id: UUID,
    body: Annotated[MessageProviderPatch, MergePatch],
    version: IfMatch,
) -> Json[MessageProviderRead]:
    """Change a provider."""
    return await Providers(ctx).update(message_provider_id, body, version)


@providers.post("/{message_provider_id}/secret")
async def renew_message_provider_secret(
    ctx: Manager, message_provider_id: UUID, version: IfMatch
) -> ProviderSecret:
    """Get a new secret for what a provider tells, and the address where it tells it. Shown once."""
    return await Providers(ctx).renew_secret(message_provider_id, version)
