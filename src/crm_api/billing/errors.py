from crm_api.kit.errors import Conflict, DomainError, Duplicate, Forbidden


class CashNotAllowed(DomainError):
    """The premium of a compulsory insurance is not paid in cash ({source})."""

    status = 422
    # extra: source, policy_ids


class AllocationExceedsDue(Conflict):
    """Less than that is owed: somebody may have paid it meanwhile."""

    # extra: receivable_id, balance


class NothingOwed(Conflict):
    """Nothing of this is owed any more."""


class UnknownReceivable(DomainError):
    """There is no such debt of this account, or it is not yours to see."""

    status = 422
    # extra: receivable_id


class UnknownBillingAccount(DomainError):
    """There is no such account, or it is not yours to see."""

    status = 422


class UnknownBillingAgency(DomainError):
    """There is no such agency, or it is not yours."""

    status = 422


class UnknownCollector(DomainError):
    """There is no such user."""

    status = 422


class PaymentInTheFuture(DomainError):
    """Money is recorded once it was received, not before."""

    status = 422


class PaymentIntentTaken(Duplicate):
    """This payment of the payment service is recorded already."""


class PaymentIntentUnknown(DomainError):
    """No payment with this intent was begun here."""

    status = 404


class PaymentAmountDiffers(Conflict):
    """The payment service speaks of another amount than was asked for."""

    # extra: expected


class PaymentNotIncoming(Conflict):
    """Only money that came in goes back."""


class ReturnExceedsPayment(Conflict):
    """Less than that is left of the payment to be given back."""

    # extra: left


class ReturnAlreadyRequested(Duplicate):
    """Somebody has asked for that already; it waits for a decision."""


class ReturnDecidedByRequester(Forbidden):
    """Who asks for money to go back does not decide it."""


class RefundAboveLimit(Forbidden):
    """This is more than you may order; somebody with a higher limit must."""

    # extra: limit


class WriteOffAlreadyRequested(Duplicate):
    """Somebody has asked for that already; it waits for a decision."""


class WriteOffDecidedByRequester(Forbidden):
    """Who asks to give a debt up does not decide it."""


class DunningNotThere(Conflict):
    """The legal clock does not stand there: {state}."""

    # extra: state, wanted


class DunningDayNotReached(Conflict):
    """The law gives the customer until {until}."""

    # extra: until


class ReceivableDisputedNow(Conflict):
    """The customer contests this debt: resolve that first."""


class ReceivableNotDisputed(Conflict):
    """Nobody contests this debt."""


class PromiseTooLate(DomainError):
    """A promise to pay is for today or later, and not for more than is owed."""

    status = 422


class ProposalNeedsAnother(Forbidden):
    """Who confirmed the file does not approve it: another person must."""


class PostingNumberNeeded(DomainError):
    """A contract is ended by registered letter: give its posting number."""

    status = 422


class ArrearsPlanUnfit(DomainError):
    """The parts must follow each other, from today on, and add up to what is owed."""

    status = 422
    # extra: balance


class ArrearsPlanRunning(Duplicate):
    """This debt is being paid in parts already."""


class NoArrearsPlan(Conflict):
    """This debt is not being paid in parts."""
