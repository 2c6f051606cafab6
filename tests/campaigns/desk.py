"""Who and what the tests of campaigns need: a company, people who agreed, a segment, colleagues, a clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

import asyncpg
import httpx
from fastapi import FastAPI
from sqlalchemy import insert

from actors import Headers, actor
from chores import done
from company import Company, open_company
from crm_api.consents.models import (
    Consent,
    ConsentChannel,
    ConsentPurpose,
    ConsentSource,
    ConsentStatus,
    ConsentSubject,
)
from crm_api.core.db import now
from crm_api.core.plain import table_of
from crm_api.kit.ids import new_id
from crm_api.registry import JOBS
from crm_api.segments.models import Segment, SegmentMember, SegmentStatus, SegmentType
from crm_api.templates.models import (
    Template,
    TemplateChannel,
    TemplateFormat,
    TemplateLanguage,
    TemplatePurpose,
    TemplateStatus,
)

Answer = dict[str, Any]
BASE: Answer = {
    "name": "Renouvellement auto",
    "objective": "renewal",
    "channels": ["email"],
    "budget_amount": {"amount": "24000.00", "currency": "DZD"},
}
BODY = (
    "Bonjour {{ first_name }}, votre contrat arrive à échéance. "
    "{{ organization.name }}, {{ organization.address }}. {{ reason }} {{ unsubscribe_url }}"
)
TEST: Answer = {"metric": "click", "sample_percent": 20, "duration_hours": 24, "min_sample": 30}


@dataclass
class Desk:
    """The marketing desk of a company: an author, and a manager who approves and launches."""

    app: FastAPI
    company: Company
    owner: asyncpg.Connection
    author: Headers
    manager: Headers
    codes: list[str] = field(default_factory=list)
    base: ClassVar[Answer] = BASE

    async def send(
        self, method: str, path: str, body: Any = None, by: Headers | None = None, **more: Any
    ) -> httpx.Response:
        return await self.company.send(method, path, body, by=by or self.author, **more)

    async def call(
        self, method: str, path: str, body: Any = None, by: Headers | None = None, **more: Any
    ) -> Answer:
        answer = await self.send(method, path, body, by, **more)
        assert answer.is_success, f"{path}: {answer.text}"
        return dict(answer.json()) if answer.content else {}

    async def got(self, path: str, by: Headers | None = None, **query: Any) -> Answer:
        client = self.company.client
        answer = await client.get(path, params=query, headers=by or self.author)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def work(self) -> None:
        await done(self.app, self.owner)

    async def people(
        self, count: int, *, consent: bool = True, language: str = "fr", prefix: str = "client"
    ) -> list[UUID]:
        """So many customers with an address, written past the door: thousands are needed."""
        organization_id = self.company.organization_id
        ids = [new_id() for _ in range(count)]
        await self.owner.executemany(
            """INSERT INTO contacts (organization_id, id, last_name, first_name, display_name,
            primary_email, preferred_language, registered_on, civility, emails, phones, addresses,
            account_links, do_not_contact, is_deceased, version)
            VALUES ($1, $2, 'Bouchareb', 'Karim', 'Karim Bouchareb', $3, $4, '2026-01-01', 'none', '[]', '[]',
            '[]', '[]', false, false, 1)""",
            [(organization_id, id, f"{prefix}{at}@example.test", language) for at, id in enumerate(ids)],
        )
        if consent:
            await self.agree(ids)
        return ids

    async def agree(self, ids: Sequence[UUID], status: str = "granted") -> None:
        ctx = self.company.context()
        rows = [
            {
                "organization_id": self.company.organization_id,
                "id": new_id(),
                "version": 1,
                "subject_type": ConsentSubject.CONTACT,
                "subject_id": id,
                "purpose": ConsentPurpose.MARKETING_EMAIL,
                "status": ConsentStatus(status),
                "channel": ConsentChannel.COUNTER,
                "source": ConsentSource.STAFF,
                "captured_at": now(),
            }
            for id in ids
        ]
        await ctx.session.execute(insert(table_of(Consent)), rows)
        await ctx.commit()
        await ctx.close()

    async def segment(self, ids: Sequence[UUID], name: str = "Échéance proche") -> str:
        ctx = self.company.context()
        segment = Segment(
            id=new_id(),
            name=name,
            type=SegmentType.STATIC,
            status=SegmentStatus.ACTIVE,
            member_count=len(ids),
        )
        ctx.session.add(segment)
        await ctx.session.flush()
        own = {"organization_id": self.company.organization_id, "segment_id": segment.id, "entered_at": now()}
        if ids:
            rows = [{**own, "contact_id": id} for id in ids]
            await ctx.session.execute(insert(SegmentMember.__table__), rows)
        await ctx.commit()
        await ctx.close()
        await self.owner.execute("ANALYZE contacts, consent_states, segment_members")
        return str(segment.id)

    async def join(self, segment_id: str, ids: Sequence[UUID]) -> None:
        await self.owner.executemany(
            """INSERT INTO segment_members (organization_id, segment_id, contact_id, entered_at)
            VALUES ($1, $2, $3, now())""",
            [(self.company.organization_id, UUID(segment_id), id) for id in ids],
        )

    async def content(self, language: str = "fr", *, approved: bool = True) -> Answer:
        """What a variant says by e-mail: an approved revision of a template."""
        await self._provider()
        ctx = self.company.context()
        template = Template(
            id=new_id(),
            code=f"renouvellement-{len(self.codes)}",
            name="Renouvellement",
            channel=TemplateChannel.EMAIL,
            language=TemplateLanguage(language),
            purpose=TemplatePurpose.MARKETING,
            format=TemplateFormat.TEXT,
            subject="Votre contrat, {{ first_name }}",
            body=BODY,
            text=BODY,
            variables=[
                "first_name",
                "organization.name",
                "organization.address",
                "reason",
                "unsubscribe_url",
            ],
            status=TemplateStatus.APPROVED if approved else TemplateStatus.DRAFT,
            approved_at=now() if approved else None,
        )
        self.codes.append(template.code)
        ctx.session.add(template)
        await ctx.commit()
        await ctx.close()
        return {
            "channel": "email",
            "language": language,
            "template_version_id": str(template.id),
            "subject": None,
        }

    async def _provider(self) -> None:
        """A server that carries mails; nobody listens there."""
        await self.owner.execute(
            """INSERT INTO message_providers (organization_id, id, name, channel, host, port, security,
            priority, is_active, version) VALUES ($1, gen_random_uuid(), 'Relais', 'email', '127.0.0.1', 9,
            'none', 10, true, 1) ON CONFLICT DO NOTHING""",
            self.company.organization_id,
        )

    async def outcome(self, campaign: Answer, clicks: Mapping[str, int]) -> None:
        """Every message of the sample arrived, and so many people of each variant clicked."""
        await self.owner.execute("DELETE FROM pgqueuer WHERE entrypoint = 'carry_send'")
        await self.owner.execute("UPDATE send_counts SET delivered = targeted, sent = targeted")
        for variant, count in clicks.items():
            await self.owner.execute(
                """UPDATE send_counts c SET clicked = $3 FROM sends s
                WHERE s.id = c.send_id AND s.source_id = $1 AND s.variant = $2 AND c.shard = 0""",
                campaign["id"],
                variant,
                count,
            )

    async def after_test(self, campaign: Answer) -> None:
        """The planned end has come, and what is due then is done; twice, for jobs may come twice."""
        await self.owner.execute(
            "UPDATE campaigns SET test_ends_at = now() - interval '1 second' WHERE id = $1", campaign["id"]
        )
        for _ in range(2):
            await self.tend()

    async def tend(self) -> None:
        ctx = self.company.context()
        await JOBS["tend_campaigns"](ctx, {})
        await ctx.commit()
        await ctx.close()

    async def draft(self, **changed: Any) -> Answer:
        return await self.call("POST", "/v1/campaigns", BASE | changed)

    async def step(self, campaign: Answer, verb: str, body: Any = None, by: Headers | None = None) -> Answer:
        """One step of it; the campaign as it is afterwards."""
        path = f"/v1/campaigns/{campaign['id']}"
        version = (await self.got(path))["version"]
        await self.call("POST", f"{path}/{verb}", body, by or self.manager, version=version)
        return await self.got(path)

    async def refused(
        self, campaign: Answer, verb: str, body: Any = None, by: Headers | None = None
    ) -> tuple[int, str]:
        """The status and code with which a step is refused."""
        path = f"/v1/campaigns/{campaign['id']}"
        version = (await self.got(path))["version"]
        answer = await self.send("POST", f"{path}/{verb}", body, by or self.manager, version=version)
        assert answer.is_error, answer.text
        return answer.status_code, answer.json()["code"]

    async def approved(self, **changed: Any) -> Answer:
        campaign = await self.draft(**changed)
        await self.step(campaign, "submit", by=self.author)
        return await self.step(campaign, "approve", {})

    async def launched(self, **changed: Any) -> Answer:
        campaign = await self.approved(**changed)
        await self.step(campaign, "launch")
        await self.work()
        return await self.got(f"/v1/campaigns/{campaign['id']}")


def variants(content: Mapping[str, Any] | None, *weights: int) -> list[Answer]:
    """A, B, ... with these weights."""
    said = [dict(content)] if content else []
    return [
        {"code": code, "weight": weight, "contents": said}
        for code, weight in zip("ABCDE", weights, strict=False)
    ]


async def open_desk(app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection) -> Desk:
    company = await open_company(app, client)
    read = "campaigns:read", "jobs:read"
    author = actor(company.organization_id, *read, "campaigns:write", id=(await company.hire()).id)
    manager = actor(
        company.organization_id,
        *read,
        *("campaigns:write", "campaigns:approve", "campaigns:launch"),
        id=(await company.hire()).id,
    )
    return Desk(app, company, owner, author, manager)
