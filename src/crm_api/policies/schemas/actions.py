"""What the steps of a contract's life are told."""

from pydantic import Field

from crm_api.kit.money import Money
from crm_api.kit.schemas import Input, Moment, Output
from crm_api.policies.models.policy import PaymentPlan, RenewalType, TerminationReason
from crm_api.policies.schemas.contents import ObjectIds, PolicyParties
from crm_api.policies.schemas.policy import PolicyRead
from crm_api.policies.schemas.words import PolicyReason


class QuoteConvert(Input):
    """What the contract needs beside its quote."""

    object_ids: ObjectIds = []
    """Insured objects of the account; with one, the coverages are on it."""
    parties: PolicyParties = []
    """Who has a part in it."""
    payment_plan: PaymentPlan = PaymentPlan.SINGLE
    """In how many parts a year's premium is paid."""
    renewal_type: RenewalType = RenewalType.TACIT
    """What happens at the expiry."""


class PolicyPaid(Input):
    """When the premium that cover waits for was paid."""

    paid_at: Moment | None = Field(default=None, examples=["2026-11-25T09:30:00Z"])
    """Now when left out, never later."""


class PolicySuspend(Input):
    """Why cover stops."""

    reason: PolicyReason
    """Kept with the contract."""


class PolicyCancel(Input):
    """Why the contract never was."""

    reason: PolicyReason
    """Kept with the contract."""


class PolicyTerminate(Input):
    """How the contract ends before its expiry."""

    reason: TerminationReason
    """Why."""
    terminated_at: Moment | None = Field(default=None, examples=["2026-11-25T09:30:00Z"])
    """When; now when left out. Between the effect and now."""
    comment: PolicyReason | None = None
    """More about why."""


class PremiumRefund(Output):
    """What is given back of a premium, pro rata by day (D-30)."""

    term_days: int = Field(ge=1, le=40_000, examples=[365])
    """Days of the term."""
    remaining_days: int = Field(ge=0, le=40_000, examples=[265])
    """Days of it that are left."""
    net: Money
    """Of the net premium."""
    vat: Money
    """Of the tax on it."""
    fga: Money
    """Of the contribution to the guarantee fund."""
    total: Money
    """The sum. Fee, stamps and vehicle tax are not given back."""


class PolicyEnded(PolicyRead):
    """A contract that ended, and what is given back of its premium."""

    refund: PremiumRefund
    """Pro rata by day."""
