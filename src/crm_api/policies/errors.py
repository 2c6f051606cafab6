from crm_api.kit.errors import Conflict, DomainError, Duplicate, Forbidden


class PolicySystemIsMaster(Forbidden):
    """This contract is kept by the policy system: it changes there, and is told here."""

    # extra: source_system


class PolicyNumberTaken(Duplicate):
    """Another contract of this system has this number."""


class PolicyMessageOutdated(Conflict):
    """What stands here is newer than this message; nothing was changed."""

    # extra: as_of


class PolicyNotProposed(Conflict):
    """A contract that was issued is changed by an endorsement."""

    # extra: fields


class PolicyAlreadyRenewed(Duplicate):
    """Another contract goes on from this one already."""


class PolicyNotRenewable(Conflict):
    """Only a contract that is in force, suspended or has expired is renewed."""


class PolicyNotSuspended(Conflict):
    """The contract is not suspended."""


class PolicyEndsOutsideTerm(DomainError):
    """A contract ends between its effect and its expiry, today at the latest."""

    status = 422


class PolicyHasEnded(Conflict):
    """This contract is not a living one: nothing of it changes any more."""

    # extra: status


class EndorsementNotYetEffective(Conflict):
    """This change leads the contract to another state, and does so at its effect."""

    # extra: effective_at


class EndorsementOutdated(Conflict):
    """The contract changed since this was asked for; ask for it anew."""


class EndorsementSecondPerson(Forbidden):
    """Who asks for a change does not approve it."""


class TooManyEndorsements(Conflict):
    """A contract has {most} endorsements at most."""


class UnfitObject(DomainError):
    """There is no such insured object of this account, or it is no longer there."""

    status = 422
    # extra: object_id


class InsuredObjectInUse(Conflict):
    """A living contract covers this object; take it out by an endorsement first."""


class NotAPerson(Conflict):
    """Only an insured person has a health questionnaire."""


class UnknownPolicyParty(DomainError):
    """Somebody who is named has no sheet here, or not one that you may see."""

    status = 422
    # extra: object_type, object_id


class UnknownPolicyAccount(DomainError):
    """There is no such account, or it is not yours to see."""

    status = 422


class UnknownPolicyHolder(DomainError):
    """There is no such person, or they are not yours to see."""

    status = 422


class UnknownPolicyProduct(DomainError):
    """There is no such product."""

    status = 422


class UnknownPolicyAgency(DomainError):
    """There is no such agency, or it is not yours."""

    status = 422


class UnknownProducer(DomainError):
    """There is no such user to have sold it."""

    status = 422


class UnknownPreviousPolicy(DomainError):
    """There is no such contract to go on from."""

    status = 422


class ReservedSystem(DomainError):
    """This name means the contracts that are issued here."""

    status = 422
