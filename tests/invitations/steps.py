"""The steps of inviting somebody, over HTTP; and the job that sends the mail, run by hand."""

import re
from email import message_from_bytes, policy
from typing import Any

import httpx

from actors import Headers
from company import PASSWORD, Company
from crm_api.core.context import Context, Origin
from crm_api.core.principal import system
from crm_api.invitations.jobs import send_invitation

WHO = {"first_name": "Samira", "last_name": "Kaci", "password": PASSWORD, "accept_terms": True}


async def invite(company: Company, email: str, by: Headers | None = None, **more: Any) -> httpx.Response:
    body = {"agency_code": "16012", "email": email} | more
    return await company.send("POST", "/v1/invitations", body, by=by)


async def mailed(company: Company, invitation_id: str, locale: str = "fr") -> tuple[str, str] | None:
    """Runs the job as the worker does; (token, text) of the mail it sent, if it sent one."""
    folder = company.app.state.tools.settings.data_dir / "mails"
    known = set(folder.glob("*.eml"))
    principal, state = system(company.organization_id), company.app.state
    ctx = Context(principal, state.database, state.tools, Origin(locale=locale))
    await send_invitation(ctx, {"invitation_id": invitation_id})
    await ctx.commit()
    await ctx.close()
    for path in set(folder.glob("*.eml")) - known:
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        part = message.get_body(("plain",))
        assert part is not None
        text = f"{message['To']}\n{message['Subject']}\n{part.get_content()}"
        found = re.search(r"#token=(\S+)", text)
        assert found
        return found[1], text
    return None


async def token_of(company: Company, email: str = "samira@alliance.test", **more: Any) -> tuple[str, str]:
    """An open invitation: (its id, the token of its mail)."""
    made = await invite(company, email, **more)
    assert made.status_code == 202, made.text
    sent = await mailed(company, made.json()["id"])
    assert sent
    return made.json()["id"], sent[0]


async def accept(company: Company, token: str, **changed: Any) -> httpx.Response:
    body = WHO | {"token": token} | changed
    return await company.client.post("/v1/invitations/accept", json=body)


async def look(company: Company, token: str) -> httpx.Response:
    return await company.client.post("/v1/invitations/lookup", json={"token": token})
