"""The mails of quotes, and the quotes whose time is over."""

from collections.abc import Mapping
from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.jobs import Jobs, Payload, Schedule, enqueue
from crm_api.core.letters import Language, Letter, Value, compose
from crm_api.core.mail import BadMail, MailNotSent
from crm_api.kit.money import in_french
from crm_api.organizations.service import OrganizationService
from crm_api.quotes.models import ANSWERABLE
from crm_api.quotes.repository import MOST_AT_ONCE, QuoteRepository
from crm_api.quotes.schemas.quote import QuoteRead
from crm_api.quotes.sharing import Sharing, link_of
from crm_api.quotes.steps import QuoteSteps

_LANGUAGES: Mapping[str, Language] = {"fr": "fr", "en": "en", "ar": "ar"}


async def send_quote_mail(ctx: Context, payload: Payload) -> None:
    """The link, to whom it was sent."""
    quote = (await QuoteRepository(ctx).get(UUID(str(payload["quote_id"])))).value
    values: dict[str, Value] = {
        "number": quote.number,
        "total": in_french(quote.total_premium.centimes),
        "valid_until": f"{quote.valid_until:%d/%m/%Y}",
        "url": link_of(ctx, quote).url,
    }
    await _sent(ctx, quote, "quote", values, str(payload.get("language", "fr")))


async def send_quote_code(ctx: Context, payload: Payload) -> None:
    """Six digits, with which the quote is accepted."""
    quote = (await QuoteRepository(ctx).get(UUID(str(payload["quote_id"])))).value
    if quote.status not in ANSWERABLE:
        return
    values: dict[str, Value] = {"number": quote.number, "code": await Sharing(ctx).new_code(quote.id)}
    await _sent(ctx, quote, "quote_code", values, str(payload.get("locale", "fr")))


async def expire_quotes(ctx: Context, _: Payload) -> None:
    """Those whose last day has passed; more than a thousand are done in several jobs."""
    if await QuoteSteps(ctx).expire() == MOST_AT_ONCE:
        await enqueue(ctx, "expire_quotes", {})


async def _sent(
    ctx: Context, quote: QuoteRead, letter: Letter, values: dict[str, Value], language: str
) -> None:
    """An address that no server takes is written down, and not tried again."""
    if quote.sent_to is None:
        return
    sender = (await OrganizationService(ctx).shown()).name or ""
    mail = compose(letter, _LANGUAGES.get(language, "fr"), quote.sent_to, values | {"sender": sender})
    try:
        await ctx.tools.mailer.send(mail)
    except MailNotSent as refused:
        if not refused.permanent:
            raise
        ctx.note("quote.mail_refused", "quote", quote.id, outcome="failure")
    except BadMail:
        ctx.note("quote.mail_refused", "quote", quote.id, outcome="failure")


JOBS: Jobs = {
    "send_quote_mail": send_quote_mail,
    "send_quote_code": send_quote_code,
    "expire_quotes": expire_quotes,
}
SCHEDULES = (Schedule("expire_quotes", "5 0 * * *"),)
