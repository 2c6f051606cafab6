"""A company to test with: signed up, verified, its sheet filled in, and people who work there."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI

from actors import Headers, actor, again
from crm_api.auth.sessions import OWN
from crm_api.core.context import Context
from crm_api.core.principal import DataScope, system
from crm_api.roles.service import RoleService
from crm_api.users.access import Colleague, UserAccess
from crm_api.users.models import UserLanguage
from crm_api.users.schemas import AdministratorSignUp
from snapshot import Snapshot

PASSWORD = "trois mots bien choisis 42"
SHEET: dict[str, Any] = {
    "name": "Alliance Assurances SPA",
    "legal_form": "spa",
    "address": "Lotissement El Qods, Bir Mourad Raïs",
    "postal_code": "16000",
    "mobile": "0550 12 34 56",
    "email": "contact@alliance.test",
    "employee_count": 800,
    "trade_register_number": "16/00-1009727 B 15",
    "share_capital_amount": {"amount": "2205714180.00", "currency": "DZD"},
}
_serial = count(1)


@dataclass
class Person:
    """A user and the headers of their session, with the rights they had when they were made."""

    id: UUID
    email: str
    headers: Headers


@dataclass
class Company:
    """One organization of the test."""

    app: FastAPI
    client: httpx.AsyncClient
    organization_id: UUID = field(default_factory=uuid4)
    admin: Person = field(init=False)

    def context(self) -> Context:
        """The house itself, acting for this company."""
        return Context(system(self.organization_id), self.app.state.database, self.app.state.tools)

    async def sign_up(self) -> "Company":
        """A draft, and an administrator who has not answered the letter."""
        email = f"admin{next(_serial)}@alliance.test"
        body = {"email": email, "password": PASSWORD, "first_name": "Nadia", "last_name": "Hamdi"}
        body |= {"phone": "0550123456", "job_title": "Responsable GRC"}
        ctx = self.context()
        data = AdministratorSignUp.model_validate(body | {"accept_terms": True})
        user_id = await UserAccess(ctx).register_administrator(data)
        await ctx.commit()
        await ctx.close()
        self.admin = Person(user_id, email, await self.headers(user_id))
        return self

    async def verify(self) -> "Company":
        """The letter is answered."""
        ctx = self.context()
        await UserAccess(ctx).verify_email(self.admin.id)
        await ctx.commit()
        await ctx.close()
        return self

    async def fill_in(self, **changed: Any) -> httpx.Response:
        """The company sheet."""
        headers = self.admin.headers
        version = (await self.client.get("/v1/organization", headers=headers)).headers["etag"]
        number = f"16/00-{next(_serial):07} B 15"
        body = SHEET | {"trade_register_number": number} | changed
        return await self.client.put("/v1/organization", json=body, headers=headers | {"If-Match": version})

    async def headers(self, user_id: UUID, **about: Any) -> Headers:
        """Of somebody with just the rights that this user has now."""
        ctx = self.context()
        authority = await UserAccess(ctx).authority(user_id)
        await ctx.close()
        known: dict[str, Any] = {
            "data_scope": authority.data_scope,
            "agency_id": authority.agency_id,
            "agency_ids": authority.agency_ids,
        }
        return actor(self.organization_id, *authority.scopes, *OWN, id=user_id, **known | about)

    async def hire(
        self,
        role: str = "user",
        *,
        agency_id: UUID | None = None,
        group_ids: tuple[UUID, ...] = (),
        data_scope: DataScope | None = None,
    ) -> Person:
        """An active user."""
        ctx = self.context()
        email = f"user{next(_serial)}@alliance.test"
        user_id = await UserAccess(ctx).join(
            Colleague(
                email=email,
                first_name="Ilyes",
                last_name="Aïssani",
                first_name_ar=None,
                last_name_ar=None,
                phone=None,
                job_title="Commercial",
                language=UserLanguage.FR,
                password=PASSWORD,
                agency_id=agency_id,  # type: ignore[arg-type]  # the head office
                role_id=(await RoleService(ctx).with_code(role)).id,
                group_ids=group_ids,
                data_scope=data_scope,
            )
        )
        await ctx.commit()
        await ctx.close()
        return Person(user_id, email, await self.headers(user_id))

    async def agency(self, code: str = "16012", **more: Any) -> UUID:
        """An agency, in a region of its own unless another is given."""
        headers = self.admin.headers
        if "region_id" not in more:
            region = {"code": f"R{next(_serial)}", "name": "Direction régionale"}
            made = await self.client.post("/v1/regions", json=region, headers=headers)
            more["region_id"] = made.json()["id"]
        body = {"code": code, "name": f"Agence {code}", "type": "direct_agency", "wilaya_code": "16"} | more
        answer = await self.client.post("/v1/agencies", json=body, headers=headers)
        assert answer.status_code == 201, answer.text
        return UUID(answer.json()["id"])

    async def group(self, code: str) -> UUID:
        """One of the groups that the house came with."""
        groups = await self.client.get("/v1/groups", params={"limit": 200}, headers=self.admin.headers)
        return next(UUID(group["id"]) for group in groups.json()["data"] if group["code"] == code)

    async def role(self, code: str) -> dict[str, Any]:
        roles = await self.client.get("/v1/roles", headers=self.admin.headers)
        return next(dict(role) for role in roles.json()["data"] if role["code"] == code)

    async def send(
        self, method: str, path: str, body: Any = None, *, by: Headers | None = None, version: Any = None
    ) -> httpx.Response:
        """A call by the administrator unless told otherwise; `version` becomes If-Match."""
        headers = dict(by or self.admin.headers)
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return await self.client.request(method, path, json=body, headers=headers)

    async def version(self, user_id: UUID) -> int:
        """Of a user, as of now."""
        answer = await self.client.get(f"/v1/users/{user_id}", headers=self.admin.headers)
        return int(answer.json()["version"])


async def open_company(app: FastAPI, client: httpx.AsyncClient) -> Company:
    """Active, furnished, with one administrator: the first one of a test is the worker's, put back."""
    snapshot: Snapshot | None = getattr(app.state, "snapshot", None)
    if snapshot is None or not await snapshot.fits():
        return await opened(app, client)
    if snapshot.about is None:
        company = await opened(app, client)
        await snapshot.take(company)
        return company
    await snapshot.put()
    first: Company = snapshot.about
    company = Company(app, client, first.organization_id)
    company.admin = Person(first.admin.id, first.admin.email, again(first.admin.headers))
    return company


async def opened(app: FastAPI, client: httpx.AsyncClient) -> Company:
    """The whole way, over HTTP."""
    company = await Company(app, client).sign_up()
    await company.verify()
    answer = await company.fill_in()
    assert answer.json()["status"] == "active", answer.text
    return company
