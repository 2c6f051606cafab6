"""The declaration of a loss: what is checked, computed and asked for at once (E-4 step 2)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from crm_api.agencies.service import AgencyService
from crm_api.claims.assessing import FraudDesk
from crm_api.claims.choosing import ClaimSettingsService
from crm_api.claims.covering import checked
from crm_api.claims.errors import UnknownClaimAgency, UnknownClaimant, UnknownClaimObject, UnknownClaimPolicy
from crm_api.claims.events import ClaimDeclared
from crm_api.claims.holding import ClaimDesk
from crm_api.claims.models.claim import Claim
from crm_api.claims.models.handling import ClaimDocument
from crm_api.claims.models.words import ClaimStatus
from crm_api.claims.regimes import proposed_regime
from crm_api.claims.repository.cover import Cover, CoverRecords
from crm_api.claims.repository.parts import ClaimDocumentRepository
from crm_api.claims.schemas.claim import ClaimCandidate, ClaimDeclaredRead
from crm_api.claims.schemas.constat import sealed_constat
from crm_api.claims.schemas.content import ClaimCreate
from crm_api.claims.timing import ClaimTiming, facts_of
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.numbers import next_number
from crm_api.core.objects import seen_objects
from crm_api.core.principal import DataScope
from crm_api.core.sealing import seal
from crm_api.files.models import FileKind
from crm_api.kit.clock import today
from crm_api.kit.errors import NotFound, ValidationFailed
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json
from crm_api.reference import service as reference

_APART = {"id", "draft", "constat", "agency_id", "account_id"}
DEFAULT = "default"
"""What the documents of a product stand under for causes that have no list of their own."""


class Declaring:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.desk = ClaimDesk(ctx)

    async def create(self, data: ClaimCreate) -> Json[ClaimDeclaredRead]:
        """Declared, or kept as a draft. Raises UnknownClaimPolicy and its likes, ClaimAlreadyDeclared."""
        self.ctx.begin()
        reference.wilaya(data.wilaya_code)
        cover = await self.cover(data.policy_id, data.occurred_at) if data.policy_id else None
        await self._refuse_unknown(data, cover)
        agency_id = await self._agency(data, cover)
        given = {name: value for name, value in data if name not in _APART}
        claim = Claim(
            **given,
            id=data.id or new_id(),
            number=await self._number(agency_id),
            status=ClaimStatus.DRAFT,
            agency_id=agency_id,
            account_id=cover.account_id if cover else data.account_id,
        )
        take_cover(claim, cover)
        await self._take_constat(claim, data)
        if not data.draft:
            await self._declare(claim, cover)
        await self.desk.claims.save(claim)
        if not data.draft:
            await self._opened(claim, cover)
        return await self.told(claim)

    async def declare(self, claim_id: UUID, version: int) -> Json[ClaimDeclaredRead]:
        """A draft, as it stands. Raises InvalidTransition."""
        claim = await self.desk.take(claim_id, version)
        cover = await self.cover(claim.policy_id, claim.occurred_at) if claim.policy_id else None
        take_cover(claim, cover)
        await self._declare(claim, cover)
        await self.desk.claims.save(claim)
        await self._opened(claim, cover)
        return await self.told(claim)

    async def cover(self, policy_id: UUID, occurred_at: Any) -> Cover:
        """Raises UnknownClaimPolicy: also for a contract of somebody else."""
        cover = await CoverRecords(self.ctx).at(policy_id, occurred_at)
        if cover is None:
            raise UnknownClaimPolicy(id=str(policy_id))
        return cover

    async def told(self, claim: Claim) -> Json[ClaimDeclaredRead]:
        """The claim, with those of the same contract within a day."""
        shown = await self.desk.claims.get(claim.id)
        near = []
        if claim.policy_id is not None:
            rows = await self.desk.claims.around(claim.policy_id, claim.occurred_at, claim.id)
            names = "id", "number", "status", "cause", "occurred_at"
            near = [ClaimCandidate.model_validate(dict(zip(names, row, strict=True))) for row in rows]
        more = to_json({"duplicates": near}).decode()
        body = f"{shown.body.decode()[:-1]},{more[1:]}"
        return Json(ClaimDeclaredRead, body, shown.version, id=shown.id)

    # --- what goes with a declaration

    async def _declare(self, claim: Claim, cover: Cover | None) -> None:
        moment = now()
        self.desk.move(claim, ClaimStatus.DECLARED)
        claim.declared_at = moment
        settings = await ClaimSettingsService(self.ctx).chosen()
        claim.regime = claim.regime or proposed_regime(claim, cover, settings)
        await self.set_report_clock(claim)
        facts = facts_of(claim, await self.desk.is_motor(claim.branch_code), None)
        await ClaimTiming(self.ctx).set_target(claim, facts, moment)

    async def set_report_clock(self, claim: Claim) -> None:
        """The delay to declare, and whether it was kept."""
        assert claim.agency_id is not None  # noqa: S101 - a CHECK says so
        facts = facts_of(claim, await self.desk.is_motor(claim.branch_code), None)
        report = await ClaimTiming(self.ctx).report(facts, claim.agency_id, now())
        claim.report_rule = report.rule.code if report else None
        claim.report_deadline_at = report.due_at if report else None
        claim.late_declaration = report is not None and report.state == "missed"

    async def _opened(self, claim: Claim, cover: Cover | None) -> None:
        """Once the claim has its row: documents to bring, indicators, and the news."""
        documents = ClaimDocumentRepository(self.ctx)
        listed = {row.kind for row in await documents.of(claim.id)}
        for kind in required(cover.documents if cover else None, claim.cause):
            if kind not in listed:
                await documents.save(ClaimDocument(claim_id=claim.id, kind=kind))
        await FraudDesk(self.ctx).assess(claim, cover)
        assert claim.agency_id is not None  # noqa: S101 - a CHECK says so
        await self.desk.keep(
            claim,
            ClaimDeclared(
                claim.id, claim.number, claim.policy_id, claim.account_id, claim.agency_id, claim.cause
            ),
        )

    async def _take_constat(self, claim: Claim, data: ClaimCreate) -> None:
        if data.constat is not None:
            await seal(self.ctx, claim, sealed_constat(data.constat))
            take_adversary(claim, data)

    # --- what must be there

    async def _refuse_unknown(self, data: ClaimCreate, cover: Cover | None) -> None:
        for kind, id in ("contact", data.declarant_contact_id), ("account", data.account_id):
            if id is not None and not await seen_objects(self.ctx, kind, [id]):
                raise UnknownClaimant
        if cover and data.account_id and data.account_id != cover.account_id:
            raise ValidationFailed.at(
                "/account_id", "account_of_policy", "The contract is another account's."
            )
        if data.insured_object_id is not None and (
            cover is None or str(data.insured_object_id) not in cover.objects
        ):
            raise UnknownClaimObject

    async def _agency(self, data: ClaimCreate, cover: Cover | None) -> UUID:
        agency_id = data.agency_id or (cover.agency_id if cover else None) or self.ctx.principal.agency_id
        if agency_id is None:
            raise ValidationFailed.at(
                "/agency_id", "claim_agency_required", "Name the agency that handles it."
            )
        mine = self.ctx.principal
        if data.agency_id and mine.data_scope is not DataScope.ALL and agency_id not in mine.agency_ids:
            raise UnknownClaimAgency
        return agency_id

    async def _number(self, agency_id: UUID) -> str:
        """S, the agency, the year, six digits (domain.md 0.3)."""
        try:
            code = (await AgencyService(self.ctx).get(agency_id)).value.code
        except NotFound as unknown:
            raise UnknownClaimAgency from unknown
        year = today().year
        number = await next_number(self.ctx, f"{Claim.label}.{code}.{year}")
        return f"S{code}-{year}-{number:06d}"


def take_cover(claim: Claim, cover: Cover | None) -> None:
    """What the contract says at the moment of the loss."""
    claim.coverage_check, claim.coverage_check_reason = checked(
        cover, claim.occurred_at, claim.coverages_invoked
    )
    if cover is not None:
        claim.policy_id, claim.policy_unknown = cover.policy_id, False
        claim.policy_version, claim.account_id = cover.version_no, cover.account_id
        claim.product_code, claim.branch_code = cover.product_code, cover.branch_code


def take_adversary(claim: Claim, data: Any) -> None:
    adversary = data.constat.adversary
    claim.has_adversary = adversary is not None
    claim.adversary_insured = None if adversary is None else bool(adversary.insurer)


def required(documents: Mapping[str, Any] | None, cause: str) -> list[FileKind]:
    """What the product asks for after that cause, in its order; unknown kinds are left out."""
    listed = (documents or {}).get(cause) or (documents or {}).get(DEFAULT) or []
    known = {kind.value for kind in FileKind}
    return [FileKind(kind) for kind in dict.fromkeys(listed) if kind in known]
