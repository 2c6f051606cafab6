"""Up to how much a user may decide alone: the limits of the groups (`max_amounts`)."""

from typing import Literal
from uuid import UUID

from crm_api.core.context import Context
from crm_api.users.repository import UserRepository

LimitName = Literal["claims_decide", "discount_percent", "refund"]


class AmountLimits:
    def __init__(self, ctx: Context) -> None:
        self.users = UserRepository(ctx)

    async def of(self, user_id: UUID, name: LimitName, scope: str) -> int | None:
        """The largest that any group of theirs names; None: no limit, 0: nothing.

        Whose role holds the scope has no limit, nor has who holds it by a group that names none.
        """
        unlimited, most = await self.users.amount_limit(user_id, name, scope)
        return None if unlimited else most
