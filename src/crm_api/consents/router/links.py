"""What whoever has a link does, without signing in: six operations."""

from typing import Annotated

from fastapi import Query

from crm_api.consents import asking, centre, leaving
from crm_api.consents.errors import ConsentLinkExpired, ConsentLinkOverridden, ConsentLinkUnknown
from crm_api.consents.router import doors
from crm_api.consents.router.doors import ConsentLink, Customer, public_consents, public_preferences
from crm_api.consents.schemas.preferences import (
    AskedConsent,
    PreferenceCentre,
    PreferenceChange,
    PreferenceQuery,
    Unsubscribed,
)
from crm_api.core.openapi import refusals
from crm_api.core.principal import system

_BY_LINK = refusals(ConsentLinkUnknown, ConsentLinkExpired)


@public_consents.get("/{link}", openapi_extra=_BY_LINK)
async def view_asked_consent(visitor: Customer, link: ConsentLink) -> AskedConsent:
    """Read what you are asked to allow; opening it allows nothing."""
    asked = asking.opened(visitor.tools.links, link)
    return await asking.ConsentAsking(visitor.enter(system(asked.organization_id))).view(asked.object_id)


@public_consents.post(
    "/{link}", openapi_extra=refusals(ConsentLinkUnknown, ConsentLinkExpired, ConsentLinkOverridden)
)
async def confirm_consent(visitor: Customer, link: ConsentLink) -> AskedConsent:
    """Allow what you were asked (double opt-in); for a week, unless you said otherwise since."""
    asked = asking.opened(visitor.tools.links, link)
    return await asking.ConsentAsking(visitor.enter(system(asked.organization_id))).confirm(asked.object_id)


@public_preferences.get("/{link}", openapi_extra=_BY_LINK)
async def view_preferences(
    visitor: Customer, link: ConsentLink, query: Annotated[PreferenceQuery, Query()]
) -> PreferenceCentre:
    """Read what you allow and how you wish to hear of us."""
    found = asking.opened(visitor.tools.links, link, centre.PURPOSE)
    desk = centre.PreferenceDesk(visitor.enter(system(found.organization_id)))
    return await desk.view(found.object_id, query.language)


@public_preferences.put(
    "/{link}",
    openapi_extra=_BY_LINK | {"x-unversioned": "the last word of the person holds, whatever was said before"},
)
async def change_preferences(
    visitor: Customer, link: ConsentLink, body: PreferenceChange
) -> PreferenceCentre:
    """Decide what you allow and how you wish to hear of us; it holds at once."""
    found = asking.opened(visitor.tools.links, link, centre.PURPOSE)
    desk = centre.PreferenceDesk(visitor.enter(system(found.organization_id)))
    return await desk.change(found.object_id, body)


@doors.leaving.get("/{link}", openapi_extra=refusals(ConsentLinkUnknown))
async def view_unsubscribe(visitor: Customer, link: ConsentLink) -> Unsubscribed:
    """Read what the link of a message ends. Opening it changes nothing: scanners open every link."""
    found, purpose = leaving.opened(visitor.tools.links, link)
    return await leaving.Leaving(visitor.enter(system(found.organization_id))).view(found, purpose)


@doors.leaving.post("/{link}", openapi_extra=refusals(ConsentLinkUnknown))
async def unsubscribe(visitor: Customer, link: ConsentLink) -> Unsubscribed:
    """Receive these messages no more: one click, by the mail program or by hand (RFC 8058).

    Any body is taken, `List-Unsubscribe=One-Click` among them. Twice is once.
    """
    found, purpose = leaving.opened(visitor.tools.links, link)
    return await leaving.Leaving(visitor.enter(system(found.organization_id))).leave(found, purpose)
