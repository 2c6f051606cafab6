"""Customers, and people who may become some, recorded one by one by as many processes as processors."""

import asyncio
import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from queue import Empty
from typing import Any
from uuid import UUID

import uvloop
from sqlalchemy import make_url

from crm_api.accounts.schemas import AccountCreate
from crm_api.accounts.service import AccountService
from crm_api.contacts.schemas import ContactCreate
from crm_api.contacts.service import ContactService
from crm_api.core.context import Context
from crm_api.core.identity import Identity
from crm_api.core.pool import Database
from crm_api.core.settings import Settings, app_url
from crm_api.core.tools import make_tools
from crm_api.demo.acting import act, everybody
from crm_api.demo.people import People
from crm_api.leads.schemas.content import LeadCreate
from crm_api.leads.service import LeadService
from crm_api.registry import AUDIENCE, LISTENERS, OBJECTS

AT_ONCE, TOGETHER = 3, 40
"""Transactions of one process under way at the same time, and people in each."""
ENOUGH_FOR_TWO = 500
"""People; below, a second process costs more than it brings."""


@dataclass(frozen=True, slots=True)
class Market:
    """Who sells what to how many."""

    organization_id: UUID
    administrator_id: UUID
    agencies: tuple[UUID, ...]
    sellers: tuple[tuple[str, str], ...]
    """(user, agency) of those who follow leads."""
    wilayas: tuple[str, ...]
    contacts: int
    leads: int

    @property
    def people(self) -> int:
        return self.contacts + self.leads

    def share(self, part: int, parts: int) -> tuple[int, int]:
        """Contacts and leads of one part."""
        return len(range(part, self.contacts, parts)), len(range(part, self.leads, parts))


async def sell(market: Market, sold: Callable[[int], object]) -> dict[str, str]:
    """Records everybody; tells `sold` how many more there are. One id of each kind."""
    parts = min(os.cpu_count() or 1, 4) if market.people >= ENOUGH_FOR_TWO else 1
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager, ProcessPoolExecutor(parts, mp_context=context) as processes:
        told: Any = manager.Queue()
        loop = asyncio.get_running_loop()
        work = [
            loop.run_in_executor(processes, _sell_part, market, part, parts, told) for part in range(parts)
        ]
        everything = asyncio.gather(*work)
        while not everything.done():
            for some in await asyncio.to_thread(lambda: list(_news(told))):
                sold(some)
        return {kind: found for objects in await everything for kind, found in objects.items()}


def _news(told: Any) -> Iterator[int]:
    try:
        while True:
            yield told.get(timeout=0.2)
    except Empty:
        return


def _sell_part(market: Market, part: int, parts: int, told: Any) -> dict[str, str]:
    return uvloop.run(_Salesroom(market, part, parts, told.put).work())


class _Salesroom:
    """One process: its own connections, its own people."""

    def __init__(self, market: Market, part: int, parts: int, sold: Callable[[int], None]) -> None:
        self.market, self.part, self.parts, self.sold = market, part, parts, sold
        self.settings = Settings()
        self.tools = make_tools(self.settings, Identity(), LISTENERS, OBJECTS)
        self.tools.audience.update(AUDIENCE)
        self.people = People(part, list(market.wilayas), first=part * 100_000)
        self.objects: dict[str, str] = {}

    async def work(self) -> dict[str, str]:
        owner = make_url(self.settings.database_url or "")
        self.database = Database(app_url(self.settings, owner), connections=AT_ONCE)
        await self.database.open()
        try:
            contacts, leads = self.market.share(self.part, self.parts)
            if self.part == 0:
                await self._together(self._company, 1)
            await self._many(self._contact, contacts)
            await self._many(self._lead, leads)
        finally:
            await self.database.close()
        return self.objects

    async def _many(self, step: Callable[[Context], Any], times: int) -> None:
        left = iter([min(TOGETHER, times - at) for at in range(0, times, TOGETHER)])

        async def some() -> None:
            for size in left:
                await self._together(step, size)
                self.sold(size)

        await asyncio.gather(*(some() for _ in range(AT_ONCE)))

    async def _together(self, step: Callable[[Context], Any], size: int) -> None:
        async def steps(ctx: Context) -> None:
            ctx.begin()
            for _ in range(size):
                await step(ctx)

        who = everybody(self.market.administrator_id, self.market.organization_id)
        await act(steps, who, self.database, self.tools)

    async def _company(self, ctx: Context) -> None:
        address = {"kind": "head_office", "lines": ["Zone industrielle, lot 7"], "wilaya_code": "16"}
        given = {"type": "company", "name": "SARL Atlas Transport", "addresses": [address]}
        agency = {"agency_id": self.market.agencies[0]}
        account = await AccountService(ctx).create(AccountCreate.model_validate(given | agency))
        self.objects["account"] = str(account.id)

    async def _contact(self, ctx: Context) -> None:
        belongs = {"create_household": True, "agency_id": self.people.choice(self.market.agencies)}
        made = await ContactService(ctx).create(ContactCreate.model_validate(self.people.contact() | belongs))
        self.objects.setdefault("contact", str(made.id))

    async def _lead(self, ctx: Context) -> None:
        user_id, agency_id = self.people.choice(self.market.sellers)
        owner = {"owner_user_id": user_id, "agency_id": agency_id}
        made = await LeadService(ctx).create(LeadCreate.model_validate(self.people.lead() | owner))
        self.objects.setdefault("lead", str(made.id))
