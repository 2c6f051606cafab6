from typing import Annotated

from fastapi import Path, Query

from crm_api.audit.schemas import AuditEventPage, AuditEventQuery, AuditEventRead, AuditVerification
from crm_api.audit.service import AuditService
from crm_api.core.context import Context
from crm_api.core.http import Router, requires
from crm_api.kit.schemas import Json

router = Router("audit-events", tag="audit")
Reader = Annotated[Context, requires("audit:read")]
Verifier = Annotated[Context, requires("audit:read", "audit:verify")]
LineId = Annotated[int, Path(ge=1, le=2**63 - 1)]


@router.get("")
async def list_audit_events(ctx: Reader, query: Annotated[AuditEventQuery, Query()]) -> Json[AuditEventPage]:
    """List who did what, the newest first.

    Whoever works on their own rows only sees their own actions.
    """
    return await AuditService(ctx).page(query)


@router.get("/verification")
async def get_audit_verification(ctx: Verifier) -> AuditVerification:
    """Check that nobody changed, removed or inserted a line since it was sealed.

    The newest 10,000 lines and every signed head are checked; `crm audit verify` checks all lines.
    """
    return await AuditService(ctx).verify()


@router.get("/{audit_event_id}")
async def get_audit_event(ctx: Reader, audit_event_id: LineId) -> Json[AuditEventRead]:
    """Read one line of the audit log."""
    return await AuditService(ctx).get(audit_event_id)


ROUTERS = (router,)
