"""Claims in every state, each brought there by the steps of the bureau: one decides, others pay."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random
from uuid import UUID

from crm_api.claims.appraising import Appraising
from crm_api.claims.assessing import FraudDesk
from crm_api.claims.deciding import Deciding
from crm_api.claims.declaring import Declaring
from crm_api.claims.gathering import ClaimDocuments, ClaimParticipants
from crm_api.claims.models.words import ClaimStatus
from crm_api.claims.paying import Paying
from crm_api.claims.recovering import Recovering
from crm_api.claims.reserving import ClaimReserves
from crm_api.claims.schemas.apart import ClaimFraudJudge
from crm_api.claims.schemas.appraisal import AppraisalOrder, AppraisalReport, AppraisalSchedule
from crm_api.claims.schemas.content import ClaimCreate
from crm_api.claims.schemas.money import (
    ClaimPaymentMade,
    ClaimPaymentOrder,
    ClaimPaymentPropose,
    RecoveryOpen,
    ReserveMove,
)
from crm_api.claims.schemas.parts import ClaimParticipantCreate
from crm_api.claims.schemas.steps import (
    ClaimClose,
    ClaimDecide,
    ClaimDocumentsRequest,
    ClaimLitigate,
    ClaimRegister,
    ClaimReopen,
)
from crm_api.claims.steps import ClaimSteps
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.repository import ANY_VERSION
from crm_api.files.models import FileKind
from crm_api.files.service import FileService
from crm_api.kit.money import Money
from crm_api.policies.models.policy import PolicyStatus
from crm_api.policies.schemas.policy import PolicyQuery
from crm_api.policies.service import PolicyService

_S = ClaimStatus
_PAPER = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
_REVIEWED = (_S.REGISTERED, _S.UNDER_REVIEW)
_PREPARED = (*_REVIEWED, _S.DECISION_PENDING)
_SETTLED = (*_PREPARED, _S.APPROVED, _S.PAYMENT_PENDING, _S.SETTLED)
ROADS: Mapping[ClaimStatus, tuple[ClaimStatus, ...]] = {
    _S.DRAFT: (),
    _S.DECLARED: (),
    _S.REGISTERED: (_S.REGISTERED,),
    _S.DOCUMENTS_PENDING: (_S.REGISTERED, _S.DOCUMENTS_PENDING),
    _S.UNDER_REVIEW: _REVIEWED,
    _S.APPRAISAL_ORDERED: (*_REVIEWED, _S.APPRAISAL_ORDERED),
    _S.APPRAISED: (*_REVIEWED, _S.APPRAISAL_ORDERED, _S.APPRAISED),
    _S.DECISION_PENDING: _PREPARED,
    _S.APPROVED: (*_PREPARED, _S.APPROVED),
    _S.REFUSED: (*_PREPARED, _S.REFUSED),
    _S.PAYMENT_PENDING: (*_PREPARED, _S.APPROVED, _S.PAYMENT_PENDING),
    _S.SETTLED: _SETTLED,
    _S.LITIGATION: (*_PREPARED, _S.REFUSED, _S.LITIGATION),
    _S.CLOSED: (*_SETTLED, _S.CLOSED),
    _S.REOPENED: (*_SETTLED, _S.CLOSED, _S.REOPENED),
}
"""The states on the way to each."""
CAUSES = ("collision", "parked_damage", "glass_breakage", "single_vehicle", "theft", "water_damage", "fire")
WEIGHTS = (40, 18, 14, 10, 6, 8, 4)
"""Motor, mostly (domain.md F-7)."""
STORIES = (
    "Choc à l'arrière au feu rouge.",
    "Rétroviseur arraché en stationnement.",
    "Impact de gravillon sur le pare-brise.",
    "Perte de contrôle sur chaussée mouillée.",
)
_ADVERSARY = {"signed_both": True, "boxes_a": [1], "boxes_b": [8], "adversary": {"insurer": "Compagnie B"}}


class LossDesk:
    """Its steps are for three people: one handles and decides, one proposes payments, one approves them."""

    def __init__(self, agencies: Sequence[UUID], count: int) -> None:
        self.agencies, self.count = agencies, count
        self.dice = Random(20261130)  # noqa: S311 - repeatable, not secret
        self.objects: dict[str, str] = {}
        self._aims: dict[UUID, ClaimStatus] = {}
        self._costs: dict[UUID, Money] = {}
        self._payments: dict[UUID, UUID] = {}
        self._papers: dict[UUID, UUID] = {}

    async def declare(self, ctx: Context) -> None:
        """As many for each state, the same ones every time."""
        query = PolicyQuery(status=[PolicyStatus.IN_FORCE], limit=200)
        policies = [each.id for each in (await PolicyService(ctx).page(query)).value.data]
        for number in range(self.count):
            aim = [*ROADS][number % len(ROADS)]
            await self._declare(ctx, aim, self.dice.choice(policies) if policies else None)

    async def _declare(self, ctx: Context, aim: ClaimStatus, policy_id: UUID | None) -> None:
        cause = self.dice.choices(CAUSES, WEIGHTS)[0]
        cost = Money.of(round(self.dice.lognormvariate(10.545, 1.1)) * 100)  # median 38,000 DA
        data = {
            "draft": aim is _S.DRAFT,
            "policy_id": policy_id,
            "policy_unknown": policy_id is None,
            "agency_id": None if policy_id else self.dice.choice(self.agencies),
            "channel": self.dice.choice(["phone", "agency", "portal", "mobile_app"]),
            "cause": cause,
            "occurred_at": now() - timedelta(days=self.dice.randrange(1, 9), hours=self.dice.randrange(24)),
            "wilaya_code": "16",
            "circumstances": self.dice.choice(STORIES),
            "constat": _ADVERSARY if cause == "collision" else None,
            "estimate_amount": cost.model_dump(),
        }
        made = await Declaring(ctx).create(ClaimCreate.model_validate(data))
        id = UUID(str(made.id))
        self._aims[id], self._costs[id] = aim, cost
        self.objects.setdefault("claim", str(id))

    async def handle(self, ctx: Context) -> None:
        """By the bureau: up to the decision, and what follows a refusal."""
        for id, aim in self._aims.items():
            for state in ROADS[aim]:
                if state in (_S.PAYMENT_PENDING, _S.SETTLED):
                    break
                await self._step(ctx, id, state)

    async def _step(self, ctx: Context, id: UUID, state: ClaimStatus) -> None:
        steps, any_ = ClaimSteps(ctx), ANY_VERSION
        if state is _S.REGISTERED:
            await steps.register(id, ClaimRegister(), any_)
            aside = ReserveMove(coverage_code="DC", movement=self._costs[id], reason="Ouverture du dossier")
            await ClaimReserves(ctx).move(id, aside, any_)
        elif state is _S.DOCUMENTS_PENDING:
            wanted = ClaimDocumentsRequest(kinds=[FileKind.REPAIR_QUOTE, FileKind.DAMAGE_PHOTO])
            await ClaimDocuments(ctx).request(id, wanted, any_)
        elif state is _S.UNDER_REVIEW:
            await steps.review(id, any_)
        elif state is _S.APPRAISAL_ORDERED:
            made = await Appraising(ctx).order(id, AppraisalOrder(adjuster_name="Cabinet Expert Kouba"), any_)
            self.objects.setdefault("appraisal", str(made.id))
        elif state is _S.APPRAISED:
            await self._appraise(ctx, id)
        elif state is _S.DECISION_PENDING:
            await steps.prepare_decision(id, any_)
        elif state is _S.LITIGATION:
            await steps.litigate(id, ClaimLitigate(note="L'assuré conteste le refus."), any_)
        else:
            await self._decide(ctx, id, state)

    async def _appraise(self, ctx: Context, id: UUID) -> None:
        desk = Appraising(ctx)
        row = (await desk.all_of(id)).value.data[-1].id
        await desk.schedule(id, row, AppraisalSchedule(visit_at=now() + timedelta(days=2)), ANY_VERSION)
        await desk.visit(id, row, ANY_VERSION)
        found = {"outcome": "repairable", "net_amount": self._costs[id].model_dump()}
        await desk.report(id, row, AppraisalReport.model_validate(found), ANY_VERSION)

    async def _decide(self, ctx: Context, id: UUID, state: ClaimStatus) -> None:
        if await FraudDesk(ctx).holds(id):
            cleared = ClaimFraudJudge.model_validate({"status": "cleared", "note": "Pièces vérifiées"})
            await FraudDesk(ctx).judge(id, cleared, ANY_VERSION)
        amount = min(self._costs[id].centimes, 190_000_00)
        said = (
            {"outcome": "approve", "amount": Money.of(amount).model_dump()}
            if state is _S.APPROVED
            else {"outcome": "refuse", "motive": "Garantie non souscrite."}
        )
        await Deciding(ctx).decide(id, ClaimDecide.model_validate(said), ANY_VERSION)

    async def propose(self, ctx: Context) -> None:
        """By the first cashier."""
        for id in self._payable():
            payee = ClaimParticipantCreate.model_validate({"name": "Assuré", "roles": ["insured"]})
            person = await ClaimParticipants(ctx).add(id, payee)
            amount = Money.of(min(self._costs[id].centimes, 190_000_00))
            data = {"payee_participant_id": person.id, "coverage_code": "DC", "gross": amount.model_dump()}
            wanted = ClaimPaymentPropose.model_validate(data | {"method": "bank_transfer"})
            made = await Paying(ctx).propose(id, wanted, ANY_VERSION)
            self._payments[id] = UUID(str(made.id))
            self._papers[id] = await FileService(ctx).add(
                "quittance.pdf", _PAPER, FileKind.DISCHARGE, links=[("claim", id)]
            )
            self.objects.setdefault("claim_payment", str(made.id))

    async def pay(self, ctx: Context) -> None:
        """By the second one; what was ordered for good is paid, some of it settled and closed."""
        paying, steps = Paying(ctx), ClaimSteps(ctx)
        for id, payment in self._payments.items():
            await paying.approve(id, payment, ANY_VERSION)
            order = ClaimPaymentOrder(discharge_document_id=self._papers[id])
            await paying.order(id, payment, order, ANY_VERSION)
            road = ROADS[self._aims[id]]
            if _S.SETTLED in road:
                await paying.pay(
                    id, payment, ClaimPaymentMade(reference=f"VIR-{payment.hex[:8]}"), ANY_VERSION
                )
                await paying.settle(id, ANY_VERSION)
            if _S.CLOSED in road:
                await steps.close(id, ClaimClose.model_validate({"reason": "settled"}), ANY_VERSION)
                recourse = {"opponent": "Compagnie B", "claimed": self._costs[id].model_dump()}
                made = await Recovering(ctx).open(id, RecoveryOpen.model_validate(recourse))
                self.objects.setdefault("recovery", str(made.id))
            if _S.REOPENED in road:
                await steps.reopen(id, ClaimReopen.model_validate({"reason": "new_damage"}), ANY_VERSION)

    def _payable(self) -> list[UUID]:
        return [id for id, aim in self._aims.items() if _S.PAYMENT_PENDING in ROADS[aim]]
