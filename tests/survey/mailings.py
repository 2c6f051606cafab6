"""Sends and messages, which campaigns make; and the links that stand in them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from crm_api.mailings.links import Addresses, link_of
from crm_api.mailings.models import MailingChannel, SendSource
from crm_api.mailings.ordering import Content, SendOrder
from crm_api.mailings.repository.carrying import CarryingRepository
from crm_api.mailings.service import Mailings

if TYPE_CHECKING:
    from survey.estate import Estate, Values

BODIES: Mapping[str, Mapping[str, Any]] = {
    "/v1/message-providers": {
        "channel": "email",
        "host": "smtp.example.dz",
        "url": None,
        "security": "starttls",
    },
}


async def _queued(estate: "Estate") -> tuple[UUID, UUID]:
    """A send with one person in it, whom nothing reaches before tomorrow."""
    person = await estate.another(
        "/v1/contacts/{contact_id}", emails=[{"value": f"{uuid4().hex}@example.test"}]
    )
    ctx = estate.company.context()
    order = SendOrder(
        SendSource.MANUAL,
        uuid4(),
        "A",
        "Avis",
        MailingChannel.EMAIL,
        {"fr": Content("Avis", "Bonjour")},
        None,
    )
    mailings = Mailings(ctx)
    send_id = await mailings.open_send(order)
    placed = await mailings.queue_one(send_id, UUID(str(person["contact_id"])))
    assert placed.message_id is not None
    await CarryingRepository(ctx).keep_links(send_id, [link_of(send_id, "https://offres.example/auto")])
    await ctx.commit()
    await ctx.close()
    return send_id, placed.message_id


async def send(estate: "Estate") -> "Values":
    return {"send_id": str((await _queued(estate))[0])}


async def message(estate: "Estate") -> "Values":
    return {"message_id": str((await _queued(estate))[1])}


async def pixel(estate: "Estate") -> "Values":
    return {"link": _addresses(estate).open((await _queued(estate))[1]).rpartition("/")[2]}


async def provider_key(estate: "Estate") -> "Values":
    provider = await estate.another("/v1/message-providers/{message_provider_id}", name="Qui parle")
    renew = estate.called("renewMessageProviderSecret")
    answer = await estate.send(renew, provider, None)
    assert answer.status_code == 200, answer.text
    return {"provider_key": answer.json()["post_to"].split("/")[-2]}


def _addresses(estate: "Estate") -> Addresses:
    links = estate.company.app.state.tools.links
    return Addresses(links, "http://test", estate.company.organization_id)


WAYS: Mapping[str, Any] = {
    "/v1/sends/{send_id}": send,
    "/v1/messages/{message_id}": message,
    "/v1/integrations/messages/{provider_key}": provider_key,
    "/o/{link}": pixel,
}
