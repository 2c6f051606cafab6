"""The words that claims are written in."""

from enum import StrEnum

from crm_api.kit.states import machine


class ClaimStatus(StrEnum):
    """How far the file of a claim has come, for those who handle it."""

    DRAFT = "draft"
    DECLARED = "declared"
    REGISTERED = "registered"
    DOCUMENTS_PENDING = "documents_pending"
    UNDER_REVIEW = "under_review"
    APPRAISAL_ORDERED = "appraisal_ordered"
    APPRAISED = "appraised"
    DECISION_PENDING = "decision_pending"
    APPROVED = "approved"
    REFUSED = "refused"
    PAYMENT_PENDING = "payment_pending"
    SETTLED = "settled"
    LITIGATION = "litigation"
    CLOSED = "closed"
    REOPENED = "reopened"


CLAIM = machine(
    "claim",
    """draft: declared
    declared: registered closed
    registered: documents_pending under_review
    documents_pending: under_review closed
    under_review: documents_pending appraisal_ordered decision_pending
    appraisal_ordered: appraised documents_pending
    appraised: decision_pending appraisal_ordered
    decision_pending: approved refused documents_pending
    approved: payment_pending litigation
    payment_pending: settled approved
    settled: closed reopened
    refused: closed reopened litigation
    litigation: approved refused closed
    closed: reopened
    reopened: under_review""",
)
FINISHED = frozenset({ClaimStatus.SETTLED, ClaimStatus.REFUSED, ClaimStatus.CLOSED})
"""The clock of the settlement has stopped."""


class ClaimMilestone(StrEnum):
    """How far a claim has come, as the customer reads it: six steps."""

    DECLARED = "declared"
    REGISTERED = "registered"
    DOCUMENTS = "documents"
    APPRAISAL = "appraisal"
    DECISION = "decision"
    CLOSED = "closed"


class ClaimCause(StrEnum):
    """What happened."""

    COLLISION = "collision"
    COLLISION_HIT_AND_RUN = "collision_hit_and_run"
    SINGLE_VEHICLE = "single_vehicle"
    PARKED_DAMAGE = "parked_damage"
    THEFT = "theft"
    ATTEMPTED_THEFT = "attempted_theft"
    VANDALISM = "vandalism"
    GLASS_BREAKAGE = "glass_breakage"
    FIRE = "fire"
    EXPLOSION = "explosion"
    WATER_DAMAGE = "water_damage"
    FLOOD = "flood"
    EARTHQUAKE = "earthquake"
    STORM = "storm"
    HAIL = "hail"
    LANDSLIDE = "landslide"
    LIVESTOCK_DEATH = "livestock_death"
    BODILY_INJURY = "bodily_injury"
    THIRD_PARTY_LIABILITY = "third_party_liability"
    TRANSPORT_DAMAGE = "transport_damage"
    MACHINERY_BREAKDOWN = "machinery_breakdown"
    TRAVEL_ASSISTANCE = "travel_assistance"
    LEGAL_DISPUTE = "legal_dispute"
    OTHER = "other"


class ClaimChannel(StrEnum):
    """How a claim was declared."""

    MOBILE_APP = "mobile_app"
    PORTAL = "portal"
    PHONE = "phone"
    AGENCY = "agency"
    EXPERT = "expert"
    PARTNER = "partner"


class LossPrecision(StrEnum):
    """How exactly one knows when it happened."""

    EXACT = "exact"
    DAY = "day"
    UNKNOWN = "unknown"


class CoverageCheck(StrEnum):
    """Whether the contract covered when it happened, as far as the records say; it refuses nothing."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"


class CoverageCheckReason(StrEnum):
    """Why the check of the cover did not pass."""

    POLICY_UNKNOWN = "policy_unknown"
    NEVER_IN_FORCE = "never_in_force"
    BEFORE_COVER = "before_cover"
    AFTER_COVER = "after_cover"
    SUSPENDED = "suspended"
    COVERAGE_MISSING = "coverage_missing"


class ClaimRegime(StrEnum):
    """By which rules a claim is settled."""

    IDA = "ida"
    OWN_DAMAGE = "own_damage"
    THIRD_PARTY_CLAIM = "third_party_claim"
    COMMON_LAW = "common_law"
    CATNAT = "catnat"
    ASSISTANCE = "assistance"


class ClaimClosingReason(StrEnum):
    """Why a file was closed."""

    SETTLED = "settled"
    REFUSED = "refused"
    NO_FOLLOW_UP = "no_follow_up"
    BELOW_DEDUCTIBLE = "below_deductible"
    WITHDRAWN = "withdrawn"
    TIME_BARRED = "time_barred"
    DUPLICATE = "duplicate"


class ClaimReopeningReason(StrEnum):
    """Why a file was opened again."""

    NEW_DAMAGE = "new_damage"
    SECOND_APPRAISAL = "second_appraisal"
    COURT = "court"
    NEW_DOCUMENT = "new_document"
    OTHER = "other"


class FraudStatus(StrEnum):
    """What is thought of the indicators of fraud; all but `none` and `cleared` hold the approval back."""

    NONE = "none"
    SUSPECTED = "suspected"
    INVESTIGATING = "investigating"
    CLEARED = "cleared"
    CONFIRMED = "confirmed"


HOLDING = frozenset({FraudStatus.SUSPECTED, FraudStatus.INVESTIGATING, FraudStatus.CONFIRMED})


class ClaimPartyRole(StrEnum):
    """The part somebody has in a claim."""

    INSURED = "insured"
    DRIVER = "driver"
    CLAIMANT = "claimant"
    VICTIM = "victim"
    THIRD_PARTY = "third_party"
    WITNESS = "witness"
    ADVERSARY_INSURER = "adversary_insurer"
    ADJUSTER = "adjuster"
    REPAIRER = "repairer"
    LAWYER = "lawyer"
    DOCTOR = "doctor"
    POLICE = "police"
    BENEFICIARY = "beneficiary"
    LOSS_PAYEE = "loss_payee"


class InjurySeverity(StrEnum):
    """How badly somebody was hurt; health data."""

    NONE = "none"
    LIGHT = "light"
    SERIOUS = "serious"
    FATAL = "fatal"


class RequiredDocumentStatus(StrEnum):
    """Whether a document that the file needs is there."""

    MISSING = "missing"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    REFUSED = "refused"


REQUIRED_DOCUMENT = machine(
    "claim_document", "missing: received \n received: accepted refused \n refused: received"
)


class ReserveKind(StrEnum):
    """What is set aside: for the indemnity, for expenses; or what is expected back."""

    INDEMNITY = "indemnity"
    EXPENSE = "expense"
    RECOVERY_EXPECTED = "recovery_expected"


class ClaimPaymentKind(StrEnum):
    """What a payment of a claim is for."""

    INDEMNITY = "indemnity"
    ADVANCE = "advance"
    REPAIRER = "repairer"
    DEDUCTIBLE_REFUND = "deductible_refund"
    EXPERT_FEE = "expert_fee"
    LAWYER_FEE = "lawyer_fee"
    OTHER = "other"


EXPENSES = frozenset({ClaimPaymentKind.EXPERT_FEE, ClaimPaymentKind.LAWYER_FEE})
"""Paid from the reserve for expenses; the others count towards the approved amount."""


class ClaimPaymentMethod(StrEnum):
    """How a claim is paid out; never in cash."""

    BANK_TRANSFER = "bank_transfer"
    CHEQUE = "cheque"
    CCP = "ccp"


class ClaimPaymentStatus(StrEnum):
    """How far a payment of a claim has come."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    ORDERED = "ordered"
    PAID = "paid"
    REJECTED = "rejected"
    STOPPED = "stopped"


CLAIM_PAYMENT = machine(
    "claim_payment", "proposed: approved rejected \n approved: ordered stopped \n ordered: paid stopped"
)
UNDERWAY = frozenset({ClaimPaymentStatus.PROPOSED, ClaimPaymentStatus.APPROVED, ClaimPaymentStatus.ORDERED})


class AppraisalType(StrEnum):
    """Whose appraisal it is: the first one, a second opinion (contre-expertise), or that of a third party."""

    FIRST = "first"
    SECOND = "second"
    THIRD_PARTY = "third_party"


class AppraisalOutcome(StrEnum):
    """What the adjuster found."""

    REPAIRABLE = "repairable"
    TOTAL_LOSS = "total_loss"


class AppraisalStatus(StrEnum):
    """How far an appraisal has come."""

    ORDERED = "ordered"
    SCHEDULED = "scheduled"
    VISITED = "visited"
    REPORTED = "reported"
    ACCEPTED = "accepted"
    CONTESTED = "contested"
    CANCELLED = "cancelled"


APPRAISAL = machine(
    "appraisal",
    """ordered: scheduled cancelled
    scheduled: visited cancelled
    visited: reported
    reported: accepted contested""",
)


class RecoveryDirection(StrEnum):
    """Whether we claim from another insurer (exercised) or he from us (suffered)."""

    EXERCISED = "exercised"
    SUFFERED = "suffered"


class RecoveryConvention(StrEnum):
    """Under which convention of insurers a recourse goes."""

    IDA = "ida"
    NONE = "none"


class RecoveryStatus(StrEnum):
    """How far a recourse has come."""

    OPEN = "open"
    AGREED = "agreed"
    COMPENSATED = "compensated"
    CLOSED = "closed"
    ABANDONED = "abandoned"


RECOVERY = machine(
    "recovery",
    """open: agreed abandoned
    agreed: compensated abandoned
    compensated: closed
    abandoned: closed""",
)


class ClaimDecisionOutcome(StrEnum):
    """What was decided of a claim."""

    APPROVE = "approve"
    REFUSE = "refuse"


class ClaimDecisionStatus(StrEnum):
    """Whether a decision holds, waits for a second person, or was turned down by them."""

    PROPOSED = "proposed"
    EFFECTIVE = "effective"
    TURNED_DOWN = "turned_down"
