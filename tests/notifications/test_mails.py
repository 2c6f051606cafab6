"""What is told by mail: now, in the morning, in one summary, or not at all."""

from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
import time_machine
from fastapi import FastAPI

from auth.steps import mails_to, run_jobs
from company import Company
from crm_api.core.mail import BadMail, Mail, MailNotSent
from crm_api.notifications.texts import Message
from notifications.steps import choose, listed, tell, work

pytestmark = pytest.mark.anyio


async def test_a_mail_goes_out_unless_it_was_read_meanwhile(
    company: Company, app: FastAPI, owner: asyncpg.Connection
) -> None:
    ilyes = await company.hire()
    await choose(company, ilyes)
    await tell(company, ilyes, body=Message("rights_changed_how"))
    await run_jobs(app, owner)
    (mail,) = mails_to(app, ilyes.email)
    assert mail.startswith("Vos droits ont changé\n")
    assert "Reconnectez-vous" in mail
    assert (await listed(company, ilyes))[0]["mail"] == "sent"
    await tell(company, ilyes)
    newest = (await listed(company, ilyes))[0]
    await company.send("POST", f"/v1/notifications/{newest['id']}/read", by=ilyes.headers)
    await run_jobs(app, owner)
    assert len(mails_to(app, ilyes.email)) == 1
    assert (await listed(company, ilyes))[0]["mail"] == "spared"


async def test_a_mail_sent_twice_is_recognised_as_one(
    company: Company, app: FastAPI, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker dies between the mail and its mark: the queue gives the job to another."""
    ilyes = await company.hire()
    await choose(company, ilyes)
    await tell(company, ilyes)
    names: list[str | None] = []

    async def send(mail: Mail) -> None:
        names.append(mail.message_id)
        if len(names) == 1:
            raise MailNotSent("down", permanent=False)

    monkeypatch.setattr(type(app.state.tools.mailer), "send", lambda _, mail: send(mail))
    (told,) = await listed(company, ilyes)
    with pytest.raises(MailNotSent):
        await work(company, "send_notification_mail", notification_id=told["id"])
    assert (await listed(company, ilyes))[0]["mail"] == "waiting"
    await run_jobs(app, owner)
    assert names[0] == names[1]
    assert names[0] is not None
    assert (await listed(company, ilyes))[0]["mail"] == "sent"


@pytest.mark.parametrize("refusal", [MailNotSent("gone", permanent=True), BadMail("bad")])
async def test_a_mail_that_nobody_will_ever_take_is_given_up(
    company: Company,
    app: FastAPI,
    owner: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
    refusal: Exception,
) -> None:
    ilyes = await company.hire()
    await choose(company, ilyes)
    await tell(company, ilyes)

    async def send(_: Any, __: Mail) -> None:
        raise refusal

    monkeypatch.setattr(type(app.state.tools.mailer), "send", send)
    await run_jobs(app, owner)
    assert (await listed(company, ilyes))[0]["mail"] == "refused"


async def test_at_night_a_mail_waits_for_the_morning_but_not_news_of_security(
    company: Company, owner: asyncpg.Connection
) -> None:
    ilyes = await company.hire()
    with time_machine.travel(datetime(2026, 11, 23, 21, 30, tzinfo=UTC), tick=False):  # 22:30 in Algiers
        await tell(company, ilyes)
        await tell(company, ilyes, kind="security")
    waits = await owner.fetch(
        """SELECT extract(epoch FROM execute_after - created)::int AS seconds FROM pgqueuer
           WHERE entrypoint = 'send_notification_mail' ORDER BY id"""
    )
    assert [row["seconds"] for row in waits] == [8.5 * 3600, 0]


async def test_what_waits_for_the_summary_comes_in_one_mail_each_morning(
    company: Company, app: FastAPI, owner: asyncpg.Connection
) -> None:
    ilyes = await company.hire()
    await choose(company, ilyes, {"kind": "renewal", "in_app": True, "email": "daily"})
    with time_machine.travel(datetime(2026, 11, 22, 15, tzinfo=UTC), tick=False):
        await tell(company, ilyes, kind="renewal", title=Message("password_changed"))
        await tell(company, ilyes, kind="renewal")
    with time_machine.travel(datetime(2026, 11, 23, 6, 30, tzinfo=UTC), tick=False):  # 07:30
        await tell(company, ilyes, kind="renewal")
        await summaries(company, app, owner)
        await summaries(company, app, owner)
    (mail,) = mails_to(app, ilyes.email)
    assert mail.startswith("Votre résumé du jour : 2 à lire")
    assert "- Votre mot de passe a changé\n- Vos droits ont changé" in mail.replace("\r", "")
    assert [one["mail"] for one in await listed(company, ilyes)] == ["daily", "sent", "sent"]


async def summaries(company: Company, app: FastAPI, owner: asyncpg.Connection) -> None:
    """What the schedule does each hour."""
    await work(company, "send_notification_summaries")
    await run_jobs(app, owner)


async def test_what_was_told_a_year_ago_is_thrown_away(company: Company, app: FastAPI) -> None:
    ilyes = await company.hire()
    with time_machine.travel(datetime(2025, 11, 1, tzinfo=UTC), tick=False):
        await tell(company, ilyes)
    await tell(company, ilyes)
    await work(company, "purge_notifications")
    assert len(await listed(company, ilyes)) == 1


# --- what the house itself tells
