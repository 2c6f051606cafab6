"""Seeds the demo companies with the use cases of the product itself, and writes down how to get in.

Everything a script needs stands in `demo.json` of the data folder: addresses, logins, second factors, keys,
one id of each kind of object. Without that file an empty database is seeded; with it nothing is touched.
"""

import json
import os
import secrets
import time
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import SecretStr
from pyotp import TOTP
from rich.console import Console
from rich.progress import Progress
from sqlalchemy import URL

from crm_api.agencies.schemas import AgencyCreate, RegionCreate
from crm_api.agencies.service import AgencyService, RegionService
from crm_api.auth.client_schemas import ApiClientCreate
from crm_api.auth.clients import ApiClientService
from crm_api.auth.second_factor import SecondFactor
from crm_api.auth.sessions import SessionService
from crm_api.core.context import Context
from crm_api.core.pool import Database
from crm_api.core.principal import Principal, system
from crm_api.core.settings import Settings, app_url
from crm_api.core.tools import Tools
from crm_api.demo.acting import Step, act, everybody
from crm_api.demo.companies import Company, DemoSize, Member, companies
from crm_api.demo.diary import fill_diary
from crm_api.demo.habits import form_habits
from crm_api.demo.losses import LossDesk
from crm_api.demo.market import Market, sell
from crm_api.demo.offers import quote
from crm_api.demo.papers import file_papers
from crm_api.demo.portfolio import PortfolioDesk
from crm_api.demo.premiums import collect
from crm_api.demo.sales import SalesDesk
from crm_api.demo.serving import serve
from crm_api.demo.talk import talk
from crm_api.demo.voices import voices
from crm_api.demo.work import give_work
from crm_api.kit.ids import new_id
from crm_api.organizations.schemas import OrganizationSheet
from crm_api.organizations.service import OrganizationService
from crm_api.roles.catalogue import ADMINISTRATOR
from crm_api.roles.schemas import GroupQuery
from crm_api.roles.service import GroupService, RoleService
from crm_api.users.access import Colleague, UserAccess
from crm_api.users.models import UserLanguage
from crm_api.users.schemas import AdministratorSignUp

FILE = "demo.json"
MFA_ROLES = {ADMINISTRATOR, "supervisor"}
PARTNER_SCOPES = ["leads:read", "leads:write", "agencies:read", "reference:read"]


async def seed_demo(settings: Settings, owner: URL, tools: Tools, say: Console, size: DemoSize) -> None:
    """Seeds an empty database and writes `demo.json`; does nothing where that file is."""
    file = settings.data_dir / FILE
    if file.exists():
        return
    database = Database(app_url(settings, owner), connections=2)
    await database.open()
    try:
        with Progress(console=say, transient=True) as bar:
            seeds = [Seed(company, database, tools, bar) for company in companies(size)]
            known = {"organizations": [await seed.run() for seed in seeds]}
    finally:
        await database.close()
    _write(file, json.dumps(known, ensure_ascii=False, indent=2))


def how_to_get_in(settings: Settings) -> list[str]:
    """Completes `demo.json` with where the server is; the lines to show. Empty without a demonstration."""
    file = settings.data_dir / FILE
    if not file.exists():
        return []
    known = json.loads(file.read_text("utf-8"))
    known |= {"base_url": settings.base_url, "mails": str(settings.data_dir / "mails")}
    _write(file, json.dumps(known, ensure_ascii=False, indent=2))
    return _words(known, file)


class Seed:
    """One company, from its registration to its customers."""

    def __init__(self, company: Company, database: Database, tools: Tools, bar: Progress) -> None:
        self.company, self.database, self.tools, self.bar = company, database, tools, bar
        self.organization_id, self.administrator_id = new_id(), new_id()
        self.agencies: dict[str, UUID] = {}
        self.regions: dict[str, UUID] = {}
        self.users: list[dict[str, Any]] = []
        self.objects: dict[str, str] = {}

    async def run(self) -> dict[str, Any]:
        await self._found()
        await self._open_network()
        for member in self.company.staff[1:]:
            await self._hire(member)
        await self._set_obligatory_factors()
        keys = await self._make_keys()
        await self._sell()
        await self._file_papers()
        await self._open_sales()
        await self._insure()
        await self._quote()
        await self._collect_premiums()
        await self._open_claims()
        await self._serve()
        await self._plan()
        await self._talk()
        return {
            "id": str(self.organization_id),
            "key": self.company.key,
            "name": self.company.sheet["name"],
            "users": self.users,
            **keys,
            "objects": self.objects,
        }

    async def _found(self) -> None:
        """Registration, proof of the address, company sheet: the organization becomes active."""
        first = self.company.staff[0]
        given, family = first.name.split(" ", 1)
        password = _password()
        data = AdministratorSignUp(
            email=first.email(self.company.domain),
            password=SecretStr(password),
            first_name=given,
            last_name=family,
            phone=self.company.sheet["mobile"],
            job_title=first.job,
            accept_terms=True,
        )

        async def found(ctx: Context) -> None:
            self.administrator_id = await UserAccess(ctx).register_administrator(data)

        async def prove(ctx: Context) -> None:
            await UserAccess(ctx).verify_email(self.administrator_id)

        async def describe(ctx: Context) -> None:
            service = OrganizationService(ctx)
            sheet = OrganizationSheet.model_validate(self.company.sheet)
            await service.fill_in(sheet, (await service.shown()).version)

        house = system(self.organization_id)
        for step in (found, prove):
            await self._do(step, house)
        await self._do(describe)
        self._remember(first, password, self.administrator_id)

    async def _open_network(self) -> None:
        regions = self.regions
        for code, name in self.company.regions:

            async def open_region(ctx: Context, code: str = code, name: str = name) -> None:
                regions[code] = (await RegionService(ctx).create(RegionCreate(code=code, name=name))).value.id

            await self._do(open_region)
        for number, name, kind, region, wilaya in self.company.agencies:
            data = AgencyCreate.model_validate(
                {
                    "code": number,
                    "name": f"Agence {name}" if kind != "head_office" else name,
                    "type": kind,
                    "region_id": regions[region],
                    "wilaya_code": wilaya,
                    "intermediary_license_number": f"AGA-{number}" if kind == "general_agent" else None,
                }
            )

            async def open_agency(ctx: Context, data: AgencyCreate = data) -> None:
                self.agencies[data.code] = (await AgencyService(ctx).open(data)).value.id

            await self._do(open_agency)
        self.objects |= {"region": str(next(iter(regions.values())))}
        self.objects |= {"agency": str(next(iter(self.agencies.values())))}

    async def _hire(self, member: Member) -> None:
        password = _password()
        given, family = member.name.split(" ", 1)

        async def join(ctx: Context) -> UUID:
            role = await RoleService(ctx).with_code(member.role)
            known = (await GroupService(ctx).page(GroupQuery(limit=200))).value.data
            groups = [group.id for group in known if group.code in member.groups]
            colleague = Colleague(
                email=member.email(self.company.domain),
                first_name=given,
                last_name=family,
                first_name_ar=None,
                last_name_ar=None,
                phone=None,
                job_title=member.job,
                language=UserLanguage.FR,
                password=password,
                agency_id=self.agencies[member.agency],
                role_id=role.id,
                group_ids=groups,
                data_scope=None,
            )
            user_id = await UserAccess(ctx).join(colleague)
            self._remember(member, password, user_id)
            return user_id

        await self._do(join)

    async def _set_obligatory_factors(self) -> None:
        """Who must have a second factor gets one, as if the app had been shown the code."""
        for user in self.users:
            if user["role"] not in MFA_ROLES:
                continue

            async def enrol(ctx: Context, user: dict[str, Any] = user) -> None:
                opened = await SessionService(ctx).open(UUID(user["id"]), None, 1)
                ctx.principal = self._as(UUID(user["id"]), opened.session_id)
                factor = SecondFactor(ctx)
                user["totp_secret"] = (await factor.start()).secret
                a_moment_ago = (
                    time.time() - 30
                )  # so that the code of this moment is still good for signing in
                codes = await factor.confirm(TOTP(user["totp_secret"]).at(int(a_moment_ago)))
                user["recovery_codes"] = list(codes.recovery_codes)

            await self._do(enrol, self._as(UUID(user["id"])))

    async def _make_keys(self) -> dict[str, Any]:
        made: dict[str, Any] = {}

        async def make(ctx: Context) -> None:
            clients = ApiClientService(ctx)
            partner = await clients.create(
                ApiClientCreate.model_validate(
                    {"name": "Comparateur de démonstration", "scopes": PARTNER_SCOPES}
                )
            )
            form = await clients.create(
                ApiClientCreate.model_validate({"name": "Formulaire du site", "kind": "capture"})
            )
            made["api_client"] = {
                "client_id": partner.client.client_id,
                "client_secret": partner.client_secret,
                "api_key": partner.api_key,
            }
            made["write_key"] = form.api_key
            self.objects["api_client"] = str(partner.id)

        await self._do(make)
        return made

    async def _file_papers(self) -> None:
        async def file(ctx: Context) -> None:
            self.objects |= await file_papers(ctx, self.objects)

        await self._do(file)

    # --- acting

    def _as(self, user_id: UUID, session_id: UUID | None = None) -> Principal:
        return everybody(user_id, self.organization_id, session_id)

    async def _do(self, step: Step, who: Principal | None = None) -> None:
        await act(step, who or self._as(self.administrator_id), self.database, self.tools)

    async def _sell(self) -> None:
        """Customers, and those who may become some."""
        company = self.company
        market = Market(
            organization_id=self.organization_id,
            administrator_id=self.administrator_id,
            agencies=tuple(self.agencies.values()),
            sellers=tuple((u["id"], u["agency_id"]) for u in self.users if u["role"] == "user"),
            wilayas=tuple(sorted({agency[4] for agency in company.agencies})),
            contacts=company.contacts,
            leads=company.leads,
        )
        task = self.bar.add_task(f"{company.sheet['name']} : clients et pistes", total=market.people)
        self.objects |= await sell(market, lambda some: self.bar.advance(task, some))

    async def _open_sales(self) -> None:
        """One for eight leads."""
        sellers = [(u["id"], u["agency_id"]) for u in self.users if u["role"] == "user"]
        desk = SalesDesk(sellers, tuple(self.regions.values()), max(10, self.company.leads // 8))
        await self._do(desk.work)
        self.objects |= desk.objects

    async def _collect_premiums(self) -> None:
        """What contracts make due, and how it is paid."""
        second = UUID(next(user["id"] for user in self.users if user["role"] == "supervisor"))

        async def work(ctx: Context) -> None:
            self.objects |= await collect(ctx, second)

        await self._do(work)

    async def _insure(self) -> None:
        """One contract for five customers."""
        sellers = [(UUID(u["id"]), UUID(u["agency_id"])) for u in self.users if u["role"] == "user"]
        desk = PortfolioDesk(sellers, min(80, max(20, self.company.contacts // 5)))
        await self._do(desk.work)
        self.objects |= desk.objects

    async def _quote(self) -> None:
        """Quotes in every state before the contract."""
        sellers = [(UUID(u["id"]), UUID(u["agency_id"])) for u in self.users if u["role"] == "user"]

        async def offer(ctx: Context) -> None:
            self.objects |= await quote(ctx, sellers)

        await self._do(offer)

    async def _open_claims(self) -> None:
        """Some in every state; three people of the staff, for nobody decides and pays."""
        proposer, approver = [UUID(u["id"]) for u in self.users if u["role"] in ("user", "supervisor")][:2]
        desk = LossDesk(tuple(self.agencies.values()), 30 if self.company.leads > 100 else 15)
        await self._do(desk.declare)
        await self._do(desk.handle)
        await self._do(desk.propose, self._as(proposer))
        await self._do(desk.pay, self._as(approver))
        self.objects |= desk.objects

    async def _serve(self) -> None:
        """What customers ask and complain of, and what answers them."""

        async def do(step: Step, who: UUID) -> None:
            await self._do(step, self._as(who))

        agencies = tuple(self.agencies.values())
        self.objects |= await serve(self.company, self.administrator_id, self.users, agencies, do)

    async def _plan(self) -> None:
        """Who meets whom, who is sent where, and what is to be done."""
        sellers = [(UUID(u["id"]), UUID(u["agency_id"])) for u in self.users if u["role"] == "user"]

        async def fill(ctx: Context) -> None:
            self.objects |= await fill_diary(ctx, sellers)
            lead = UUID(self.objects["lead"])
            self.objects |= await form_habits(ctx, [user_id for user_id, _ in sellers], lead)

        async def work(ctx: Context) -> None:
            self.objects |= await give_work(ctx, sellers, UUID(self.objects["lead"]))

        await self._do(fill)
        await self._do(work)

    async def _talk(self) -> None:
        """What was said to them."""

        async def say(ctx: Context) -> None:
            self.objects |= await talk(ctx, self.objects)

        await self._do(say)
        people = [UUID(user["id"]) for user in self.users]
        for step, who in voices(self.administrator_id, people, [*self.agencies.values()], self.objects):
            await self._do(step, self._as(who))

    def _remember(self, member: Member, password: str, user_id: UUID) -> None:
        agency = self.agencies.get(member.agency)
        self.users.append(
            {
                "id": str(user_id),
                "email": member.email(self.company.domain),
                "password": password,
                "role": member.role,
                "name": member.name,
                "agency": member.agency,
                "agency_id": str(agency) if agency else None,
                "totp_secret": None,
            }
        )
        self.objects.setdefault("user", str(user_id))


def _password() -> str:
    """Strong, and of this installation only."""
    return f"Demo-{secrets.token_urlsafe(12)}"


def _write(file: Path, text: str) -> None:
    """For the owner of the folder only: it holds passwords."""
    partial = file.with_suffix(".partial")
    partial.touch(mode=0o600)
    partial.write_text(text, "utf-8")
    os.replace(partial, file)


def _words(known: dict[str, Any], file: Path) -> list[str]:
    lines = [f"Mails are in {known['mails']}; logins, second factors and keys in {file}"]
    for organization in known["organizations"]:
        lines.append(organization["name"])
        for user in organization["users"]:
            factor = f"  TOTP {user['totp_secret']}" if user["totp_secret"] else ""
            lines.append(f"  {user['role']:<14} {user['email']:<34} {user['password']}{factor}")
    return lines
