from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.claims.assessing import FraudDesk
from crm_api.claims.choosing import ClaimSettingsService
from crm_api.claims.declaring import Declaring
from crm_api.claims.errors import ClaimAlreadyDeclared, ClaimFileClosed, ClaimPolicyKnown, UnknownClaimPolicy
from crm_api.claims.explaining import Explaining
from crm_api.claims.health import HealthDesk
from crm_api.claims.router.doors import (
    Declarer,
    Handler,
    HealthReader,
    HealthWriter,
    Investigator,
    KeyedDeclarer,
    Manager,
    Reader,
    Unmasker,
    router,
    settings_router,
)
from crm_api.claims.schemas.apart import (
    ClaimFraudJudge,
    ClaimFraudRead,
    ClaimHealthRead,
    ClaimHealthReveal,
    ClaimHealthWrite,
)
from crm_api.claims.schemas.claim import ClaimDeclaredRead, ClaimFilter, ClaimPage, ClaimQuery, ClaimRead
from crm_api.claims.schemas.clocks import ClaimDeadlines, ClaimMilestones
from crm_api.claims.schemas.constat import ConstatRead, ConstatReveal
from crm_api.claims.schemas.content import ClaimCreate, ClaimPatch
from crm_api.claims.schemas.settings import ClaimSettingsPut, ClaimSettingsRead
from crm_api.claims.service import ClaimService
from crm_api.core.batch import BatchGet, Found
from crm_api.core.http import IfMatch, MergePatch
from crm_api.core.openapi import refusals
from crm_api.kit.listing import Count
from crm_api.kit.schemas import Json
from crm_api.kit.searching import Search


@router.get("")
async def list_claims(ctx: Reader, query: Annotated[ClaimQuery, Query()]) -> Json[ClaimPage]:
    """List claims: those you handle or declared, and those of your agencies."""
    return await ClaimService(ctx).page(query)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=refusals(UnknownClaimPolicy, ClaimAlreadyDeclared),
)
async def declare_claim(ctx: KeyedDeclarer, body: ClaimCreate) -> Json[ClaimDeclaredRead]:
    """Declare a loss.

    The cover at that moment, the legal delay to declare and the indicators are checked, documents are asked
    for and rules of settlement proposed: all of it flags for whoever decides, nothing is refused by itself.
    `duplicates` names claims of the same contract within 24 hours. An application without network may give
    the key (`id`) it made; sent again with the same Idempotency-Key it is one claim.
    """
    return await Declaring(ctx).create(body)


@router.get("/count")
async def count_claims(ctx: Reader, query: Annotated[ClaimFilter, Query()]) -> Count:
    """Count claims."""
    return await ClaimService(ctx).count(query)


@router.post("/search")
async def search_claims(ctx: Reader, body: Search) -> Json[ClaimPage]:
    """Search claims by a filter in the body: all of, any of."""
    return await ClaimService(ctx).search(body)


@router.post("/batch-get")
async def get_claims(ctx: Reader, body: BatchGet) -> Json[Found[ClaimRead]]:
    """Read up to 100 claims by id."""
    return await ClaimService(ctx).get_many(body.ids)


@router.get("/{claim_id}")
async def get_claim(ctx: Reader, claim_id: UUID) -> Json[ClaimRead]:
    """Read a claim."""
    return await ClaimService(ctx).get(claim_id)


@router.patch("/{claim_id}", openapi_extra=refusals(ClaimFileClosed, ClaimPolicyKnown))
async def update_claim(
    ctx: Handler, claim_id: UUID, body: Annotated[ClaimPatch, MergePatch], version: IfMatch
) -> Json[ClaimRead]:
    """Change a claim: what the handler judges; what was declared stays.

    Once the contract is known (`policy_id`) the cover is checked and the clocks are set anew.
    """
    return await ClaimService(ctx).update(claim_id, body, version)


@router.post("/{claim_id}/declare")
async def declare_claim_draft(ctx: Declarer, claim_id: UUID, version: IfMatch) -> Json[ClaimDeclaredRead]:
    """Declare a draft, as it stands."""
    return await Declaring(ctx).declare(claim_id, version)


@router.get("/{claim_id}/deadlines")
async def list_claim_deadlines(ctx: Reader, claim_id: UUID) -> ClaimDeadlines:
    """Explain the statutory clocks of a claim.

    Each with its rule and source, what started it and when, when it is due, whether it was kept, and what it
    depends on. The interest of a late settlement is estimated only where a rate is laid down.
    """
    return await Explaining(ctx).deadlines(claim_id)


@router.get("/{claim_id}/milestones")
async def list_claim_milestones(ctx: Reader, claim_id: UUID) -> ClaimMilestones:
    """Tell how far a claim has come, as the customer reads it.

    Six steps, apart from the states of the file: what it means in plain words, what comes next, whose turn it
    is, and which documents are missing. Never reserves, indicators or notes.
    """
    return await Explaining(ctx).milestones(claim_id)


@router.post("/{claim_id}/constat/reveal")
async def reveal_claim_constat(ctx: Unmasker, claim_id: UUID, body: ConstatReveal) -> ConstatRead:
    """Read the joint report in clear; the audit log keeps who and why."""
    return await ClaimService(ctx).reveal_constat(claim_id, body)


@router.post("/{claim_id}/health")
async def write_claim_health(ctx: HealthWriter, claim_id: UUID, body: ClaimHealthWrite) -> ClaimHealthRead:
    """Write the health data of a claim, as a whole: who was hurt, and the report of the police."""
    return await HealthDesk(ctx).write(claim_id, body)


@router.post("/{claim_id}/health/reveal")
async def reveal_claim_health(ctx: HealthReader, claim_id: UUID, body: ClaimHealthReveal) -> ClaimHealthRead:
    """Read the health data of a claim; the audit log keeps who and why."""
    return await HealthDesk(ctx).reveal(claim_id, body)


@router.get("/{claim_id}/fraud")
async def get_claim_fraud(ctx: Investigator, claim_id: UUID) -> ClaimFraudRead:
    """Read what speaks for a fraud, and what is thought of it."""
    return await FraudDesk(ctx).read(claim_id)


@router.post("/{claim_id}/fraud")
async def judge_claim_fraud(
    ctx: Investigator, claim_id: UUID, body: ClaimFraudJudge, version: IfMatch
) -> ClaimFraudRead:
    """Say what is thought of the indicators.

    All but `none` and `cleared` hold the approval and the payments back.
    """
    return await FraudDesk(ctx).judge(claim_id, body, version)


@settings_router.get("")
async def get_claim_settings(ctx: Reader) -> ClaimSettingsRead:
    """Read how claims are handled: limits, milestones, clocks, indicators."""
    return await ClaimSettingsService(ctx).read()


@settings_router.put("")
async def put_claim_settings(ctx: Manager, body: ClaimSettingsPut, version: IfMatch) -> ClaimSettingsRead:
    """Choose how claims are handled, as a whole; what is left out has its default.

    If-Match is "0" while nobody chose anything.
    """
    return await ClaimSettingsService(ctx).put(body, version)
