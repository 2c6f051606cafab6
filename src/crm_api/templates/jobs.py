"""The mail by which a colleague tries a template."""

from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.jobs import Jobs, Payload
from crm_api.core.mail import BadMail, Mail, MailNotSent
from crm_api.kit.errors import NotFound
from crm_api.templates.errors import TemplateTooMuch
from crm_api.templates.trying import TRY, Trying
from crm_api.users.service import UserService


async def send_template_test(ctx: Context, payload: Payload) -> None:
    """Sent again, it has the same Message-ID. What no server takes is not tried again."""
    contact = payload["contact_id"]
    try:
        user = (await UserService(ctx).get(UUID(str(payload["user_id"])))).value
        made = await Trying(ctx).for_test(
            UUID(str(payload["template_id"])), UUID(str(contact)) if contact else None
        )
    except (NotFound, TemplateTooMuch):
        return
    host = ctx.tools.settings.mail_from.rpartition("@")[2].rstrip("> ")
    message_id = f"<template.{payload['message_id']}@{host}>"
    try:
        await ctx.tools.mailer.send(
            Mail(user.email, f"[Test] {made.subject}", made.text, made.html, {}, message_id)
        )
    except BadMail:
        return
    except MailNotSent as refusal:
        if not refusal.permanent:
            raise


JOBS: Jobs = {TRY: send_template_test}
