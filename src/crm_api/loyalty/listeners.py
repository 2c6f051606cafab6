"""What points do when premiums are paid, and when payments are taken back."""

from crm_api.billing.events import ReceivableReopened, ReceivableSettled
from crm_api.core.context import Context
from crm_api.loyalty.points import PointsDesk


async def settle_points(ctx: Context, event: ReceivableSettled | ReceivableReopened) -> None:
    """Collected premium brings points; a cheque that bounces takes them back."""
    if event.policy_id is not None:
        await PointsDesk(ctx).settle(event.policy_id)
