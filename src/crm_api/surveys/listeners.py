"""What surveys do when something happens on the floors below."""

from crm_api.claims.events import ClaimSettled
from crm_api.claims.service import ClaimService
from crm_api.core.context import Context
from crm_api.policies.events import PolicyIssued
from crm_api.policies.service import PolicyService
from crm_api.surveys.asking import Asking, Happening
from crm_api.surveys.models import SurveyTrigger
from crm_api.tickets.events import TicketSolved


async def ask_after_ticket(ctx: Context, event: TicketSolved) -> None:
    """What was solved because nobody answered is no service to be judged."""
    if event.by_itself:
        return
    await Asking(ctx).after(
        Happening(
            *(SurveyTrigger.TICKET_SOLVED, "ticket", event.ticket_id),
            account_id=event.account_id,
            contact_id=event.requester_contact_id,
            agency_id=event.agency_id,
            agent_id=event.owner_user_id,
        )
    )


async def ask_after_claim(ctx: Context, event: ClaimSettled) -> None:
    """Who declared it, else who stands for the account; the handler is judged."""
    claim = (await ClaimService(ctx).get(event.claim_id)).value
    await Asking(ctx).after(
        Happening(
            *(SurveyTrigger.CLAIM_SETTLED, "claim", event.claim_id),
            account_id=event.account_id,
            contact_id=claim.declarant_contact_id,
            agency_id=claim.agency_id,
            agent_id=claim.handler_user_id,
        )
    )


async def ask_after_policy(ctx: Context, event: PolicyIssued) -> None:
    """The holder; the producer is judged. Whoever issued it may not read it: the house looks."""
    policy = (await PolicyService(ctx).get(event.policy_id)).value
    await Asking(ctx).after(
        Happening(
            *(SurveyTrigger.POLICY_ISSUED, "policy", event.policy_id),
            account_id=event.account_id,
            contact_id=policy.policyholder_contact_id,
            agency_id=policy.agency_id,
            agent_id=policy.producer_user_id,
        )
    )
