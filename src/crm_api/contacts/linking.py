"""People in households and companies: who belongs where, since when, and until when it was so."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from pydantic import MISSING
from pydantic_core import to_jsonable_python

from crm_api.accounts.errors import AccountInUse
from crm_api.accounts.schemas import AccountRead
from crm_api.accounts.service import AccountService
from crm_api.contacts.errors import (
    AccountLinkedAlready,
    AccountLinkEnded,
    LastAccountLink,
    UnknownAccount,
)
from crm_api.contacts.links import AccountLinkCreate, AccountLinkHistory, AccountLinkPatch, AccountLinkRecord
from crm_api.contacts.models import AccountLink, Contact, LinkRole
from crm_api.contacts.repository import ContactRepository
from crm_api.core.context import Context
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.clock import today
from crm_api.kit.errors import NotFound, ValidationFailed
from crm_api.kit.ids import new_id


class LinkingService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.contacts = ContactRepository(ctx)
        self.accounts = AccountService(ctx)

    async def usable(self, account_ids: Sequence[UUID]) -> list[AccountRead]:
        """The accounts that people may be linked to, in that order. Raises UnknownAccount."""
        found = [account.value for account in await self.accounts.get_many(account_ids) if account]
        if len(found) < len(account_ids) or any(
            account.deleted_at or account.merged_into_id for account in found
        ):
            raise UnknownAccount
        return found

    async def history(self, contact_id: UUID) -> AccountLinkHistory:
        """Of somebody this principal sees: the links that hold and those that ended."""
        person = await self.contacts.load(contact_id)
        links = await self.contacts.links_of(contact_id)
        return AccountLinkHistory(data=[_record(link, person) for link in links])

    async def get(self, contact_id: UUID, link_id: UUID) -> AccountLinkRecord:
        person = await self.contacts.load(contact_id)
        return _record(_one(await self.contacts.links_of(contact_id), link_id), person)

    async def link(self, contact_id: UUID, data: AccountLinkCreate) -> AccountLinkRecord:
        """Raises UnknownAccount, AccountLinkedAlready."""
        person = await self.contacts.load_live(contact_id)
        await self.usable([data.account_id])
        links = await self.contacts.links_of(contact_id)
        if any(_holds(link, data.account_id, data.role) for link in links):
            raise AccountLinkedAlready
        (made,) = links_from(person.id, [data], primary=data.is_primary)
        if data.is_primary:
            await self._unmark(links)
        await self.contacts.put_links([made])
        await self._shown(person, [*links, made])
        return _record(made, person)

    async def attach(self, contact_id: UUID, account_id: UUID, role: LinkRole) -> None:
        """Unless the person belongs to the account already, in whichever role."""
        person = await self.contacts.load_live(contact_id)
        links = await self.contacts.links_of(contact_id)
        if not any(_holds(link, account_id, None) for link in links):
            await self.link(person.id, AccountLinkCreate(account_id=account_id, role=role))

    async def detach(self, contact_id: UUID, account_id: UUID) -> None:
        """Whatever the person was to the account, from today on no more. Raises LastAccountLink."""
        for link in await self.contacts.links_of(contact_id):
            if _holds(link, account_id, None):
                await self.unlink(contact_id, link.id, ANY_VERSION)

    async def change(
        self, contact_id: UUID, link_id: UUID, data: AccountLinkPatch, version: int
    ) -> AccountLinkRecord:
        """Raises AccountLinkEnded, LastAccountLink."""
        person = await self.contacts.load_live(contact_id, version)
        links = await self.contacts.links_of(contact_id)
        link = _holding(links, link_id)
        if data.role is not MISSING:
            if any(_holds(one, link.account_id, data.role) for one in links if one is not link):
                raise AccountLinkedAlready
            link.role = data.role
        if data.from_date is not MISSING:
            link.from_date = data.from_date
        if data.is_primary is True and not link.is_primary:
            await self._unmark(links)
            link.is_primary = True
        if data.to_date is not MISSING:
            link.to_date = data.to_date
            await self._end(link, links)
        if link.to_date and link.to_date < link.from_date:
            raise ValidationFailed.at("/to_date", "dates_out_of_order", "It cannot end before it began.")
        await self._shown(person, links)
        return _record(link, person)

    async def unlink(self, contact_id: UUID, link_id: UUID, version: int) -> None:
        """From today on; the link is kept as history. Raises LastAccountLink."""
        person = await self.contacts.load_live(contact_id, version)
        links = await self.contacts.links_of(contact_id)
        link = _holding(links, link_id)
        link.to_date = max(today(), link.from_date)
        await self._end(link, links)
        await self._shown(person, links)

    # --- when something happens to the account

    async def leave(self, account_id: UUID) -> None:
        """Everybody leaves an account that goes to the bin. Raises AccountInUse."""
        for person, links in await self._people_of(account_id):
            staying = [link for link in links if link.to_date is None and link.account_id != account_id]
            if not staying:
                raise AccountInUse
            for link in links:
                if _holds(link, account_id, None):
                    link.to_date = max(today(), link.from_date)
                    await self._end(link, links)
            await self._shown(person, links)

    async def move(self, account_id: UUID, survivor_id: UUID) -> tuple[list[UUID], list[UUID]]:
        """The links that go over to another account; and those that end because it has them already."""
        moved, ended = list[UUID](), list[UUID]()
        for person, links in await self._people_of(account_id):
            for link in [one for one in links if _holds(one, account_id, None)]:
                if any(_holds(other, survivor_id, link.role) for other in links):
                    link.to_date = max(today(), link.from_date)
                    await self._end(link, links)
                    ended.append(link.id)
                else:
                    link.account_id = survivor_id
                    moved.append(link.id)
            await self._shown(person, links)
        return moved, ended

    async def move_back(self, account_id: UUID, moved: Sequence[UUID], ended: Sequence[UUID]) -> None:
        """To the account that is itself again: the links that went over and still hold, those that ended."""
        for person, links in await self._people_with([*moved, *ended]):
            for link in links:
                if link.id in moved and link.to_date is None:
                    link.account_id = account_id
                elif link.id in ended and not any(_holds(one, account_id, link.role) for one in links):
                    link.to_date = None
            await self._shown(person, links)

    async def _people_of(self, account_id: UUID) -> list[tuple[Contact, list[AccountLink]]]:
        """Everybody who belongs to it, seen by this principal or not; their links with them."""
        links = await self.contacts.links_where(account_id=account_id)
        return await self._people_with([link.id for link in links if link.to_date is None])

    async def _people_with(self, link_ids: Sequence[UUID]) -> list[tuple[Contact, list[AccountLink]]]:
        people = await self.contacts.holders_of(link_ids)
        return [(person, await self.contacts.links_of(person.id)) for person in people]

    # --- rules

    async def _end(self, link: AccountLink, links: Sequence[AccountLink]) -> None:
        """Somebody else's turn to be the primary one; one link must stay."""
        staying = [one for one in links if one.to_date is None]
        if not staying:
            raise LastAccountLink
        if link.is_primary:
            await self._unmark([link])
            min(staying, key=lambda one: (one.from_date, one.id)).is_primary = True

    async def _unmark(self, links: Iterable[AccountLink]) -> None:
        """Written at once: there is one primary link at any moment."""
        for link in links:
            link.is_primary = False
        await self.ctx.session.flush()

    async def _shown(self, person: Contact, links: Iterable[AccountLink]) -> None:
        person.account_links = links_as_shown(links)
        await self.contacts.save(person)


def links_from(
    contact_id: UUID, asked: Sequence[AccountLinkCreate], *, primary: bool = True
) -> list[AccountLink]:
    """`primary`: one of them must be: the one marked, else the first."""
    marked = any(link.is_primary for link in asked)
    return [
        AccountLink(
            id=new_id(),
            contact_id=contact_id,
            account_id=link.account_id,
            role=LinkRole(link.role),
            is_primary=link.is_primary or (primary and not marked and at == 0),
            from_date=link.from_date or today(),
        )
        for at, link in enumerate(asked)
    ]


def links_as_shown(links: Iterable[AccountLink]) -> list[dict[str, Any]]:
    """Those that hold, as the sheet keeps them: the primary one first."""
    held = [link for link in links if link.to_date is None]
    held.sort(key=lambda link: (not link.is_primary, link.id))
    shown = ("id", "account_id", "role", "is_primary", "from_date")
    return [to_jsonable_python({name: getattr(link, name) for name in shown}) for link in held]


def _holds(link: AccountLink, account_id: UUID, role: LinkRole | None) -> bool:
    return link.to_date is None and link.account_id == account_id and role in (None, link.role)


def _one(links: Sequence[AccountLink], link_id: UUID) -> AccountLink:
    found = next((link for link in links if link.id == link_id), None)
    if found is None:
        raise NotFound(id=str(link_id))
    return found


def _holding(links: Sequence[AccountLink], link_id: UUID) -> AccountLink:
    link = _one(links, link_id)
    if link.to_date is not None:
        raise AccountLinkEnded
    return link


def _record(link: AccountLink, person: Contact) -> AccountLinkRecord:
    return AccountLinkRecord.model_validate(
        {name: getattr(link, name) for name in AccountLinkRecord.model_fields if name != "version"}
        | {"version": person.version}
    )
