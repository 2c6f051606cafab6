"""How an organization handles claims: limits, rules and words that it may change."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from crm_api.claims.models.words import ClaimMilestone, ClaimStatus
from crm_api.claims.schemas.steps import AppealPath
from crm_api.kit.money import Money
from crm_api.kit.schemas import Input
from crm_api.policies.schemas.words import CoverageCode, Dinars, Fraction

Points = Annotated[int, Field(ge=0, le=100, examples=[30])]
Branches = Annotated[list[Annotated[str, Field(min_length=1, max_length=8)]], Field(max_length=20)]
_STEPS = {
    ClaimStatus.DRAFT: ClaimMilestone.DECLARED,
    ClaimStatus.DECLARED: ClaimMilestone.DECLARED,
    ClaimStatus.REGISTERED: ClaimMilestone.REGISTERED,
    ClaimStatus.DOCUMENTS_PENDING: ClaimMilestone.DOCUMENTS,
    ClaimStatus.UNDER_REVIEW: ClaimMilestone.REGISTERED,
    ClaimStatus.APPRAISAL_ORDERED: ClaimMilestone.APPRAISAL,
    ClaimStatus.APPRAISED: ClaimMilestone.APPRAISAL,
    ClaimStatus.DECISION_PENDING: ClaimMilestone.DECISION,
    ClaimStatus.APPROVED: ClaimMilestone.DECISION,
    ClaimStatus.REFUSED: ClaimMilestone.DECISION,
    ClaimStatus.PAYMENT_PENDING: ClaimMilestone.DECISION,
    ClaimStatus.SETTLED: ClaimMilestone.CLOSED,
    ClaimStatus.LITIGATION: ClaimMilestone.DECISION,
    ClaimStatus.CLOSED: ClaimMilestone.CLOSED,
    ClaimStatus.REOPENED: ClaimMilestone.REGISTERED,
}


class FraudRules(Input):
    """The rules that give points; no points: the rule is off."""

    suspected_from: Points = 50
    """The score from which a claim is suspected, and its approval held back until somebody cleared it."""
    soon_after_issue_days: int = Field(default=15, ge=0, le=365, examples=[15])
    """Happened within so many days after the cover began..."""
    soon_after_issue_points: Points = 30
    """...adds so much."""
    several_claims: int = Field(default=3, ge=2, le=50, examples=[3])
    """So many claims of the contract or the customer within 12 months, this one included..."""
    several_claims_points: Points = 25
    """...add so much."""
    late_declaration_points: Points = 10
    """A late declaration adds so much."""
    near_sum_insured: Fraction = Field(default=Decimal("0.9"))
    """An estimate of this share of the sum insured, or more..."""
    near_sum_insured_points: Points = 20
    """...adds so much."""
    coverage_failed_points: Points = 10
    """A cover that did not pass the check adds so much."""
    shortly_before_expiry_days: int = Field(default=7, ge=0, le=365, examples=[7])
    """Happened within so many days before the contract ends..."""
    shortly_before_expiry_points: Points = 10
    """...adds so much."""


class ClaimSettingsPut(Input):
    """How claims are handled; what is left out has its default."""

    decide_limit: Dinars = Money.of(200_000_00)
    """What somebody with claims:decide decides alone, unless a group of theirs says more or less."""
    milestones: dict[ClaimStatus, ClaimMilestone] = Field(default=_STEPS, max_length=15)
    """Which of the six steps the customer reads, for each state; states left out keep their default."""
    fraud: FraudRules = FraudRules()
    """The indicators of fraud."""
    risk_days: int = Field(default=5, ge=0, le=60, examples=[5])
    """So many days before a statutory clock runs out, it is told."""
    motor_branches: Branches = ["11"]
    """The branches to which the clock of motor claims applies."""
    ida_coverages: Annotated[list[CoverageCode], Field(max_length=10, examples=[["RC", "DR"]])] = ["RC", "DR"]
    """The coverages without which no direct indemnification (IDA) is proposed."""
    appeal_path: AppealPath = (
        "Vous pouvez contester cette décision auprès de notre service Réclamations ou, à défaut d'accord,"
        " saisir la Commission de supervision des assurances."
    )
    """Said with every refusal."""

    def milestone(self, status: ClaimStatus) -> ClaimMilestone:
        return self.milestones.get(status, _STEPS[status])


class ClaimSettingsRead(ClaimSettingsPut):
    """How claims are handled."""

    version: int = Field(ge=0, examples=[1])
    """For If-Match; 0 while nobody changed anything."""
