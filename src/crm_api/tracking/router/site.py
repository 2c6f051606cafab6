"""What the site itself calls."""

from fastapi import status

from crm_api.core.http import Audience
from crm_api.tracking.router.doors import Site, collector
from crm_api.tracking.schemas.collecting import WebEventBatch, WebEventReceipt
from crm_api.tracking.service import CollectorService

OUTSIDE = {"x-audience": [Audience.STAFF, Audience.PARTNER]}


@collector.post("", status_code=status.HTTP_202_ACCEPTED, openapi_extra=OUTSIDE)
async def collect_web_events(ctx: Site, body: WebEventBatch) -> WebEventReceipt:
    """Take in up to 50 events of a visitor of the site or app.

    Authorised by a write key (`X-Write-Key`). The answer is always the same; an `event_id` sent again has no
    effect. Without consent events are counted and nobody is known. Sessions follow within a minute.
    """
    return await CollectorService(ctx).receive(body)
