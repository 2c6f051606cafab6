"""The mail that asks somebody to confirm what they allow."""

from dataclasses import replace
from typing import cast
from uuid import UUID

from crm_api.consents.asking import link_to
from crm_api.consents.models import ASKED_FOR, ConsentStatus
from crm_api.consents.repository.ledger import ConsentRepository, PersonRepository
from crm_api.consents.service import ConsentService
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.jobs import Jobs, Payload
from crm_api.core.letters import Language, Value, compose
from crm_api.core.mail import BadMail, MailNotSent
from crm_api.kit.clock import ALGIERS
from crm_api.organizations.service import OrganizationService


async def ask_for_consent(ctx: Context, payload: Payload) -> None:
    """Unless they have answered meanwhile, or cannot be reached."""
    lines = await ConsentRepository(ctx).of_request(UUID(str(payload["request_id"])))
    first = lines[0]
    until = first.captured_at + ASKED_FOR
    person = await PersonRepository(ctx).contact(first.subject_id)
    answered = any(line.status is not ConsentStatus.PENDING for line in lines)
    if person is None or not person.reachable or person.email is None or answered or until < now():
        return
    words = await ConsentService(ctx).words(first.text_version or "", first.language or "fr")
    values: dict[str, Value] = {
        "sender": (await OrganizationService(ctx).shown()).name or "",
        "message": words or "",
        "url": link_to(ctx, first),
        "until": f"{until.astimezone(ALGIERS):%d/%m/%Y}",
    }
    mail = compose("consent", cast(Language, first.language), person.email, values)
    host = ctx.tools.settings.mail_from.rpartition("@")[2].rstrip("> ")
    try:
        await ctx.tools.mailer.send(replace(mail, message_id=f"<consent.{first.request_id}@{host}>"))
    except BadMail:
        return
    except MailNotSent as refusal:
        if not refusal.permanent:
            raise


JOBS: Jobs = {"ask_for_consent": ask_for_consent}
