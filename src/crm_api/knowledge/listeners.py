from crm_api.core.context import Context
from crm_api.knowledge.repository.articles import KbArticleRepository
from crm_api.users.events import UserDeactivated


async def hand_articles_over(ctx: Context, event: UserDeactivated) -> None:
    """Whoever takes over from a colleague who left answers for their articles."""
    await KbArticleRepository(ctx).hand_over(event.user_id, event.reassign_to_id)
