from crm_api.audit.repository import AuditEventRepository
from crm_api.audit.schemas import (
    AuditEventPage,
    AuditEventQuery,
    AuditEventRead,
    AuditFinding,
    AuditVerification,
)
from crm_api.core.context import Context
from crm_api.kit.errors import NotFound
from crm_api.kit.schemas import Json


class AuditService:
    def __init__(self, ctx: Context) -> None:
        self.events = AuditEventRepository(ctx)

    async def page(self, query: AuditEventQuery) -> Json[AuditEventPage]:
        return await self.events.page(query, AuditEventPage)

    async def get(self, audit_event_id: int) -> Json[AuditEventRead]:
        found = await self.events.find(id=audit_event_id)
        if found is None:
            raise NotFound(id=str(audit_event_id))
        return found

    async def verify(self) -> AuditVerification:
        verdict = await self.events.verify()
        return AuditVerification(
            intact=not verdict.findings,
            checked=verdict.checked,
            last_seq=verdict.last_seq,
            last_hash=verdict.last_hash.hex(),
            findings=[
                AuditFinding.model_validate({"kind": f.kind, "seq": f.seq, "audit_event_id": f.audit_id})
                for f in verdict.findings[:1000]
            ],
        )
