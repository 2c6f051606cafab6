from crm_api.kit.errors import Conflict, DomainError, Duplicate, Forbidden, NotFound


class UnknownClaimPolicy(NotFound):
    """There is no such contract, or it is not yours to see."""


class UnknownClaimAgency(DomainError):
    """There is no such agency, or it is not yours."""

    status = 422


class UnknownClaimHandler(DomainError):
    """There is no such active user."""

    status = 422


class UnknownClaimant(DomainError):
    """There is no such person or account, or they are not yours to see."""

    status = 422


class UnknownClaimObject(DomainError):
    """The contract covers no such thing."""

    status = 422


class UnknownClaimParticipant(DomainError):
    """Nobody of that key has a part in this claim."""

    status = 422


class UnknownClaimDocument(DomainError):
    """There is no such document, or it is not yours to see."""

    status = 422


class ClaimAlreadyDeclared(Duplicate):
    """A claim has this key already."""


class ClaimFileClosed(Conflict):
    """The file is closed: open it again to change it."""


class ClaimPolicyKnown(Conflict):
    """The contract of this claim is known and does not change."""


class ClaimOnHold(Conflict):
    """This claim is on hold; it cannot be approved or paid until the hold is lifted."""


class ClaimDecisionWaiting(Conflict):
    """A decision waits for a second person; it is confirmed or turned down first."""


class ClaimDecisionMade(Conflict):
    """This decision no longer waits for anybody."""


class OwnClaimDecision(Forbidden):
    """Nobody confirms or turns down their own decision."""


class ApprovedAmountBelowPayments(Conflict):
    """Payments of {committed} are under way or made; less than that cannot be approved."""


class ApprovedAmountExceeded(Conflict):
    """The payments would exceed the approved amount: {remaining} remain."""


class ReserveTooSmall(Conflict):
    """The reserve holds {balance}; it cannot fall below zero."""


class OwnClaimPayment(Forbidden):
    """Nobody approves a payment that they proposed, or of a claim that they decided."""


class DischargeMissing(Conflict):
    """The payee's receipt (discharge) is needed before the payment is ordered."""


class ClaimPaymentsUnderway(Conflict):
    """Payments are under way; they are made, rejected or stopped first."""


class ClaimNothingPaid(Conflict):
    """Nothing has been paid, so nothing is settled."""


class ClaimNotPayable(Conflict):
    """A claim is paid once it is approved."""


class ClosingReasonUnfit(DomainError):
    """That reason does not fit what became of the claim."""

    status = 422


class RecoveryAboveAgreement(Conflict):
    """More than was agreed cannot come in: {agreed}."""


class ClaimDocumentUnrequired(Conflict):
    """A document that was accepted is not asked for again."""
