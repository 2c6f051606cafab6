from crm_api.kit.errors import Conflict, DomainError, Forbidden, Gone, NotFound


class NotRatedHere(DomainError):
    """This product is priced by the policy system only; send its premium with the quote."""

    status = 422
    # extra: product_code


class TariffSilent(DomainError):
    """The tariff has no figure for this risk ({coverage_code}): ask an underwriter."""

    status = 422
    # extra: coverage_code


class ProductNotSold(DomainError):
    """This product is not sold: it is a draft, retired, or not valid on that day."""

    status = 422
    # extra: product_code


class RiskRefused(DomainError):
    """This risk is not accepted: {reason}"""

    status = 422
    # extra: reason, rules


class QuoteNotDraft(Conflict):
    """A quote that was priced no longer changes; make a new revision."""


class QuoteNotPriced(Conflict):
    """Price the quote first."""


class QuoteNotSent(Conflict):
    """The customer does not have this quote yet; send it first."""


class QuoteOutOfDate(Conflict):
    """This quote is no longer valid; make a new revision."""


class DiscountTooLarge(DomainError):
    """Nobody may give a discount above {cap} %."""

    status = 422
    # extra: cap


class NoDiscountHere(DomainError):
    """None of these coverages may be discounted: the law imposes them."""

    status = 422


class OwnReferral(Forbidden):
    """Another person decides on what you asked for."""


class BeyondYourLimit(Forbidden):
    """This discount is above what you may approve ({limit} %)."""

    # extra: limit


class NothingToAccept(Conflict):
    """This quote cannot be answered: {status}."""

    # extra: status


class SignatureNeeded(DomainError):
    """Attach the document that the customer signed."""

    status = 422


class NoAddressToSendTo(DomainError):
    """Nobody's e-mail address is known; give one."""

    status = 422


class AcceptanceCodeWrong(DomainError):
    """This code is wrong or too old; ask for another one."""

    status = 422


class TooManyCodes(Conflict):
    """Too many codes were sent or tried; call your agency."""


class QuoteNeedsAccount(Conflict):
    """Convert the lead first: a contract is with a customer."""


class QuoteLinkUnknown(NotFound):
    """This link opens no quote."""


class QuoteLinkExpired(Gone):
    """This link has expired; ask your agency for a new quote."""


class UnknownQuotedParty(DomainError):
    """There is no such account, contact, lead or opportunity, or you may not see it."""

    status = 422


class UnknownQuoteAgency(DomainError):
    """There is no such agency, or it is not yours."""

    status = 422


class MandateEnded(Conflict):
    """The mandate of this agency has ended: it makes no quotes."""
