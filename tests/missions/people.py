"""Who and what the tests of mission orders need."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from actors import Headers
from company import Company, Person
from crm_api.kit.clock import today

Answer = dict[str, Any]
DAY = timedelta(days=1)
REPORT = "Neuf entreprises visitées, deux devis demandés."


@dataclass
class Directorate:
    """An agency, its head, and who is sent."""

    client: httpx.AsyncClient
    company: Company
    agency_id: UUID
    head: Person
    ilyes: Person
    """Who is sent."""

    @classmethod
    async def of(cls, company: Company) -> "Directorate":
        agency_id = await company.agency(name="Agence de Chéraga")
        group = await company.group("agency_manager")
        head = await company.hire(agency_id=agency_id, group_ids=(group,))
        ilyes = await company.hire(agency_id=agency_id)
        return cls(company.client, company, agency_id, head, ilyes)

    @property
    def admin(self) -> Headers:
        return self.company.admin.headers

    def body(self, **changed: Any) -> Answer:
        body = {
            "assignee_user_id": str(self.ilyes.id),
            "type": "prospecting",
            "place": "Blida, zone industrielle",
            "wilaya_code": "09",
            "starts_on": day(7),
            "ends_on": day(9),
            "objective": "Visiter dix entreprises de la zone industrielle",
            "target_metric": "visites",
            "target_value": "10",
        }
        return body | {name: str(v) if isinstance(v, UUID) else v for name, v in changed.items()}

    async def post(self, who: Person | None = None, **changed: Any) -> httpx.Response:
        headers = (who or self.head).headers
        return await self.client.post("/v1/mission-orders", json=self.body(**changed), headers=headers)

    async def written(self, **changed: Any) -> Answer:
        answer = await self.post(**changed)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def read(self, of: Answer, who: Person | None = None) -> httpx.Response:
        headers = who.headers if who else self.admin
        return await self.client.get(f"/v1/mission-orders/{of['id']}", headers=headers)

    async def act(self, who: Person, of: Answer, action: str, **body: Any) -> httpx.Response:
        """`action` on the order as it is now."""
        version = (await self.read(of)).headers["etag"]
        path = f"/v1/mission-orders/{of['id']}/{action}"
        return await self.client.post(path, json=body, headers=who.headers | {"If-Match": version})

    async def brought(self, of: Answer, *actions: str) -> Answer:
        """Through these steps, each by who may."""
        answer = await self.read(of)
        for action in actions:
            who = self.head if action in ("issue", "approve", "cancel", "send-back") else self.ilyes
            body = {"complete": {"report_text": REPORT}}.get(action, {})
            body |= {"reason": "Mission reportée"} if action in ("cancel", "send-back") else {}
            answer = await self.act(who, of, action, **body)
            assert answer.status_code == 200, f"{action}: {answer.text}"
        return dict(answer.json())


def day(ahead: int) -> str:
    return str(today() + ahead * DAY)
