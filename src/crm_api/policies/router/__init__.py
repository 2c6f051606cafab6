"""The operations on contracts, and on what belongs to them."""

from crm_api.policies.router import endorsements, objects, policies

ROUTERS = (
    policies.router,
    policies.named_outside,
    policies.of_quotes,
    endorsements.of_policies,
    endorsements.router,
    objects.router,
)
