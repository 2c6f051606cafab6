from crm_api.core.context import Context
from crm_api.core.jobs import Payload


async def remove_logo(ctx: Context, payload: Payload) -> None:
    """The file of a logo that was replaced."""
    await ctx.tools.storage.delete(payload["key"])


JOBS = {"remove_logo": remove_logo}
