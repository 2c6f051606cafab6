"""Who and what the tests of the knowledge base need."""

from dataclasses import dataclass
from typing import Any

import httpx

from actors import Headers, actor
from company import Company

Answer = dict[str, Any]
THEFT = {
    "language": "fr",
    "title": "Mon véhicule a été volé",
    "body": "Déposez plainte, puis déclarez-le dans les trois jours ouvrables.\n\nApportez les clés.",
    "keywords": ["dérobé"],
    "category": "sinistre_auto",
    "audience": "public",
}


@dataclass
class Shelf:
    """A company and its articles."""

    company: Company

    @property
    def client(self) -> httpx.AsyncClient:
        return self.company.client

    @property
    def admin(self) -> Headers:
        return self.company.admin.headers

    @property
    def site(self) -> Headers:
        """The insurer's site: a program."""
        scopes = ("kb:read", "assistant:use")
        return actor(self.company.organization_id, *scopes, kind="client", session_id=None)

    async def written(self, **changed: Any) -> Answer:
        answer = await self.company.send("POST", "/v1/kb/articles", THEFT | changed)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def act(self, of: Answer, step: str, body: Any = None, by: Headers | None = None) -> httpx.Response:
        path = f"/v1/kb/articles/{of['id']}"
        version = (await self.client.get(path, headers=self.admin)).json()["version"]
        return await self.company.send("POST", f"{path}/{step}", body, by=by, version=version)

    async def published(self, **changed: Any) -> Answer:
        article = await self.written(**changed)
        for step in ("submit", "publish"):
            answer = await self.act(article, step)
            assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def found(self, q: str, by: Headers | None = None, **more: Any) -> list[Answer]:
        params = {"q": q, **more}
        answer = await self.client.get("/v1/kb/search", params=params, headers=by or self.admin)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["data"])

    async def slugs(self, q: str, by: Headers | None = None, **more: Any) -> list[str]:
        return [hit["slug"] for hit in await self.found(q, by, **more)]
