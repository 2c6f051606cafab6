"""Consents and suppressed addresses as the staff keep them."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.consents.asking import ConsentAsking
from crm_api.consents.centre import PreferenceDesk
from crm_api.consents.errors import (
    ConsentAlreadyGranted,
    ConsentAskedLately,
    ConsentNotAsked,
    ConsentProofNeeded,
    ConsentTextDiffers,
    ConsentTextTaken,
    ConsentTextUnknown,
    SuppressionLiftedAlready,
)
from crm_api.consents.router.doors import (
    Reader,
    Writer,
    preference_links,
    requests,
    router,
    states,
    suppressions,
    texts,
)
from crm_api.consents.schemas.ledger import (
    ConsentCreate,
    ConsentPage,
    ConsentQuery,
    ConsentRead,
    ConsentRequestCreate,
    ConsentRequestRead,
    ConsentStateList,
    ConsentStateQuery,
    ConsentTextCreate,
    ConsentTextPage,
    ConsentTextQuery,
    ConsentTextRead,
)
from crm_api.consents.schemas.preferences import PreferenceLinkCreate, PreferenceLinkRead
from crm_api.consents.schemas.suppressions import (
    SuppressionCheck,
    SuppressionCreate,
    SuppressionImport,
    SuppressionLift,
    SuppressionPage,
    SuppressionQuery,
    SuppressionRead,
    SuppressionVerdict,
)
from crm_api.consents.service import ConsentService
from crm_api.consents.suppressing import Suppressing
from crm_api.core.http import Csv, IfMatch
from crm_api.core.objects import UnknownObject
from crm_api.core.openapi import refusals
from crm_api.kit.schemas import Json
from crm_api.kit.tables import MissingColumns, TooManyLines, UnknownColumns, UnreadableTable


@router.get("")
async def list_consents(ctx: Reader, query: Annotated[ConsentQuery, Query()]) -> Json[ConsentPage]:
    """List the ledger of consents: what the people whom you see said, and when."""
    return await ConsentService(ctx).page(query)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=refusals(UnknownObject, ConsentTextUnknown, ConsentTextDiffers, ConsentProofNeeded),
)
async def record_consent(ctx: Writer, body: ConsentCreate) -> Json[ConsentRead]:
    """Record what somebody said; it is never changed, a change of mind is another line.

    To grant, the words that were shown are needed (kept here, or given), or a document; whoever sees a part
    of the company only needs the document.
    """
    return await ConsentService(ctx).record(body)


@router.get("/{consent_id}")
async def get_consent(ctx: Reader, consent_id: UUID) -> Json[ConsentRead]:
    """Read a line of the ledger."""
    return await ConsentService(ctx).get(consent_id)


@states.get("", openapi_extra=refusals(UnknownObject))
async def list_effective_consents(
    ctx: Reader, query: Annotated[ConsentStateQuery, Query()]
) -> ConsentStateList:
    """Read what somebody allows now, for every purpose; what nobody ever said anything about is refused."""
    return ConsentStateList(data=await ConsentService(ctx).effective(query))


@requests.post(
    "",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=refusals(
        *(UnknownObject, ConsentNotAsked, ConsentAlreadyGranted, ConsentAskedLately, ConsentTextUnknown)
    ),
)
async def ask_for_consent(ctx: Writer, body: ConsentRequestCreate) -> ConsentRequestRead:
    """Ask somebody by mail (double opt-in); nothing is allowed until they follow the link and confirm."""
    return await ConsentAsking(ctx).ask(body)


@texts.get("")
async def list_consent_texts(
    ctx: Reader, query: Annotated[ConsentTextQuery, Query()]
) -> Json[ConsentTextPage]:
    """List the words that people are shown when they are asked."""
    return await ConsentService(ctx).page_texts(query)


@texts.post("", status_code=status.HTTP_201_CREATED, openapi_extra=refusals(ConsentTextTaken))
async def create_consent_text(ctx: Writer, body: ConsentTextCreate) -> Json[ConsentTextRead]:
    """Keep words to be shown; they never change, other words are another version."""
    return await ConsentService(ctx).keep_text(body)


@texts.get("/{consent_text_id}")
async def get_consent_text(ctx: Reader, consent_text_id: UUID) -> Json[ConsentTextRead]:
    """Read words that people are shown."""
    return await ConsentService(ctx).get_text(consent_text_id)


@suppressions.get("")
async def list_suppressions(
    ctx: Reader, query: Annotated[SuppressionQuery, Query()]
) -> Json[SuppressionPage]:
    """List the addresses that nothing goes to; nobody can read which ones they are."""
    return await Suppressing(ctx).page(query)


@suppressions.post("", status_code=status.HTTP_201_CREATED)
async def suppress_address(ctx: Writer, body: SuppressionCreate) -> Json[SuppressionRead]:
    """Suppress an address: nothing goes there any more. One that is suppressed stays as it is."""
    return await Suppressing(ctx).add(body)


@suppressions.post("/check")
async def check_address(ctx: Reader, body: SuppressionCheck) -> SuppressionVerdict:
    """Look up whether anything goes to an address."""
    return await Suppressing(ctx).check(body)


@suppressions.post(
    "/import", openapi_extra=refusals(UnreadableTable, UnknownColumns, MissingColumns, TooManyLines)
)
async def import_suppressions(ctx: Writer, body: Csv) -> SuppressionImport:
    """Suppress a list of addresses: a table with `channel`, `address` and, if not `dnc`, `reason`."""
    return await Suppressing(ctx).take_list(body)


@suppressions.get("/{suppression_id}")
async def get_suppression(ctx: Reader, suppression_id: UUID) -> Json[SuppressionRead]:
    """Read a suppression."""
    return await Suppressing(ctx).get(suppression_id)


@suppressions.post("/{suppression_id}/lift", openapi_extra=refusals(SuppressionLiftedAlready))
async def lift_suppression(
    ctx: Writer, suppression_id: UUID, body: SuppressionLift, version: IfMatch
) -> Json[SuppressionRead]:
    """Let messages go to an address again, with a reason."""
    return await Suppressing(ctx).lift(suppression_id, body, version)


@preference_links.post("", status_code=status.HTTP_201_CREATED, openapi_extra=refusals(UnknownObject))
async def create_preference_link(ctx: Writer, body: PreferenceLinkCreate) -> PreferenceLinkRead:
    """Make the link by which somebody decides about messages without signing in; the log tells it."""
    return await PreferenceDesk(ctx).link(body)
