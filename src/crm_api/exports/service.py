from crm_api.core.context import Context
from crm_api.exports.asking import P3, Asker, Wanted, most_rows
from crm_api.exports.entities import Exportable
from crm_api.exports.errors import ExportReasonRequired, ExportTooLarge
from crm_api.exports.repository import ExportRepository
from crm_api.exports.schemas import ExportRequest
from crm_api.jobs.schemas import JobRead
from crm_api.jobs.service import JobService
from crm_api.kit.errors import InsufficientScope, RateLimited, StepUpRequired, ValidationFailed
from crm_api.kit.schemas import Json

MOST_AN_HOUR = 10


class ExportService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def start(self, entity: Exportable, request: ExportRequest) -> Json[JobRead]:
        """Everything that can be refused is refused now; the job makes the file.

        Raises ValidationFailed, ExportTooLarge, ExportReasonRequired, InsufficientScope, RateLimited.
        """
        if request.sealed:
            self._check_sealed(entity, request)
        wanted = Wanted(self.ctx, entity, request)
        wanted.columns()
        rows, limit = await wanted.count(), most_rows(self.ctx.principal)
        if rows > limit:
            raise ExportTooLarge(rows=rows, limit=limit)
        exports = ExportRepository(self.ctx)
        if (seconds := await exports.pause(MOST_AN_HOUR)) > 0:
            raise RateLimited(retry_after=seconds)
        principal = self.ctx.principal
        asker = Asker(principal.id, principal.kind, principal.scopes)
        job = await JobService(self.ctx).start(entity.kind, asker.to_json(request, rows))
        self.ctx.note(
            "export.asked",
            "export",
            job.value.id,
            reason=request.reason,
            changes={"entity": entity.label, **request.model_dump(mode="json", exclude={"reason"})},
        )
        return job

    def _check_sealed(self, entity: Exportable, request: ExportRequest) -> None:
        principal = self.ctx.principal
        if not entity.sealed:
            raise ValidationFailed.at("/sealed", "nothing_sealed", "Nothing is sealed in these rows.")
        if P3 not in principal.scopes:
            raise InsufficientScope(required_scopes=[P3])
        if not principal.may_act_sensitively:
            raise StepUpRequired
        if request.reason is None:
            raise ExportReasonRequired
