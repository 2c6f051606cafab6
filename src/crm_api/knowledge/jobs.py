from datetime import timedelta

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.jobs import Jobs, Payload, Schedule
from crm_api.kit.clock import today
from crm_api.knowledge.repository.articles import KbArticleRepository
from crm_api.knowledge.repository.replies import AutoReplyRepository
from crm_api.knowledge.telling import Telling

_COOLED = timedelta(hours=721)
"""Longer than any cooldown."""


async def tell_of_due_reviews(ctx: Context, _: Payload) -> None:
    """Who answers for an article is told once that its review date has come."""
    articles = KbArticleRepository(ctx)
    for article in await articles.due(today()):
        article.review_told_on = article.review_due_on
        await articles.save(article)
        await Telling(ctx).review_due(article)


async def forget_auto_replies(ctx: Context, _: Payload) -> None:
    """To whom automatic replies went, once it cools nothing down any more."""
    await AutoReplyRepository(ctx).forget_before(now() - _COOLED)


JOBS: Jobs = {"tell_of_due_reviews": tell_of_due_reviews, "forget_auto_replies": forget_auto_replies}
SCHEDULES = (
    Schedule("tell_of_due_reviews", "20 7 * * *"),
    Schedule("forget_auto_replies", "50 2 * * *"),
)
