from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.core.batch import Found, found
from crm_api.core.context import Context
from crm_api.core.http import IfMatch, MergePatch, Router, requires
from crm_api.kit.schemas import Json
from crm_api.policies.insured import InsuredObjectService
from crm_api.policies.schemas.objects import (
    HealthAnswers,
    HealthAnswersRead,
    HealthQuestionnaireRead,
    HealthReading,
    InsuredObjectCreate,
    InsuredObjectPage,
    InsuredObjectPatch,
    InsuredObjectQuery,
    InsuredObjectRead,
    InsuredObjectTold,
    InsuredObjectUnmask,
    InsuredObjectUnmasked,
    PlateLookup,
)

router = Router("insured-objects")
Reader = Annotated[Context, requires("policies:read")]
Writer = Annotated[Context, requires("policies:write")]
Unmasker = Annotated[Context, requires("policies:read", "pii:read")]
Nurse = Annotated[Context, requires("policies:write", "health:read")]
Doctor = Annotated[Context, requires("policies:read", "health:read")]


@router.get("")
async def list_insured_objects(
    ctx: Reader, query: Annotated[InsuredObjectQuery, Query()]
) -> Json[InsuredObjectPage]:
    """List insured objects of the accounts that you see.

    Registrations and chassis numbers (class P3) are masked: `•••2616`.
    """
    return await InsuredObjectService(ctx).page(query)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_insured_object(ctx: Writer, body: InsuredObjectCreate) -> Json[InsuredObjectTold]:
    """Record something, or somebody, to be insured.

    `warnings` names living contracts that cover a vehicle of the same registration (ord. 95-07 art. 33):
    that is not refused.
    """
    return await InsuredObjectService(ctx).create(body)


@router.post("/lookup")
async def look_up_insured_objects(ctx: Reader, body: PlateLookup) -> Json[Found[InsuredObjectRead]]:
    """Find vehicles by their registration; that you looked is audited."""
    return found(InsuredObjectRead, [*await InsuredObjectService(ctx).lookup(body.plate_number)])


@router.get("/{insured_object_id}")
async def get_insured_object(ctx: Reader, insured_object_id: UUID) -> Json[InsuredObjectRead]:
    """Read an insured object."""
    return await InsuredObjectService(ctx).get(insured_object_id)


@router.patch("/{insured_object_id}")
async def update_insured_object(
    ctx: Writer, insured_object_id: UUID, body: Annotated[InsuredObjectPatch, MergePatch], version: IfMatch
) -> Json[InsuredObjectTold]:
    """Change what is known of an insured object."""
    return await InsuredObjectService(ctx).update(insured_object_id, body, version)


@router.post("/{insured_object_id}/remove")
async def remove_insured_object(
    ctx: Writer, insured_object_id: UUID, version: IfMatch
) -> Json[InsuredObjectRead]:
    """Say that an object is no longer there to be insured; it is kept."""
    return await InsuredObjectService(ctx).remove(insured_object_id, version)


@router.post("/{insured_object_id}/unmask")
async def unmask_insured_object(
    ctx: Unmasker, insured_object_id: UUID, body: InsuredObjectUnmask
) -> InsuredObjectUnmasked:
    """Show sealed fields in clear; who asked, and why, is kept in the audit log."""
    return await InsuredObjectService(ctx).unmask(insured_object_id, body)


@router.post("/{insured_object_id}/health-questionnaire")
async def answer_health_questionnaire(
    ctx: Nurse, insured_object_id: UUID, body: HealthAnswers
) -> Json[HealthQuestionnaireRead]:
    """Write down what an insured person answered about their health; it replaces what was answered before.

    Class P4: sealed, in no list, in no export, and read only with the scope health:read.
    """
    return await InsuredObjectService(ctx).answer_health(insured_object_id, body)


@router.post("/{insured_object_id}/health-questionnaire/read")
async def read_health_questionnaire(
    ctx: Doctor, insured_object_id: UUID, body: HealthReading
) -> HealthAnswersRead:
    """Read what an insured person answered about their health; who read it, and why, is audited."""
    return await InsuredObjectService(ctx).read_health(insured_object_id, body)
