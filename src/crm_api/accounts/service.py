from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import MISSING

from crm_api.accounts.actions import AccountAncestors, AccountAssign
from crm_api.accounts.errors import (
    AccountCircle,
    AccountGroupTooDeep,
    AccountHasChildren,
    AccountMergedAway,
    AgencyRequired,
    UnknownAgency,
    UnknownParentAccount,
)
from crm_api.accounts.events import AccountDeleted, AccountLifecycleChanged, AccountManagerChanged
from crm_api.accounts.models import (
    ACCOUNT,
    DEEPEST,
    SEALED_FIELDS,
    Account,
    AccountLifecycle,
    AccountSegment,
    AccountStatus,
    AccountType,
    RevenueBand,
    RiskFlag,
)
from crm_api.accounts.parts import AccountUnmask, AccountUnmasked
from crm_api.accounts.repository import AccountRepository
from crm_api.accounts.schemas import (
    FRAUD,
    AccountCreate,
    AccountPage,
    AccountPatch,
    AccountQuery,
    AccountRead,
)
from crm_api.core.context import Context
from crm_api.core.events import publish
from crm_api.core.external_ids import ExternalId, upsert
from crm_api.core.numbers import account_number, next_number
from crm_api.core.principal import DataScope
from crm_api.core.repository import ANY_VERSION
from crm_api.core.sealing import seal, unseal
from crm_api.custom_fields.service import CustomFieldService
from crm_api.kit.contact_points import as_kept
from crm_api.kit.errors import Deleted, InsufficientScope, NotFound, VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.listing import Count, Selection
from crm_api.kit.money import Money
from crm_api.kit.schemas import Json
from crm_api.kit.searching import Search
from crm_api.users.service import UserService

FRAUD_SCOPE = "claims:fraud"
BANDS = (  # dinars
    (40_000_000, RevenueBand.MICRO),
    (400_000_000, RevenueBand.SMALL),
    (4_000_000_000, RevenueBand.MEDIUM),
)


class AccountService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.accounts = AccountRepository(ctx)

    # --- reading

    async def page(self, query: AccountQuery) -> Json[AccountPage]:
        return await self.accounts.page(self._allowed(query.selection()), AccountPage)

    async def search(self, search: Search) -> Json[AccountPage]:
        own_fields = await CustomFieldService(self.ctx).searchable("account", Account.custom_fields)
        selection = search.selection(AccountQuery, own_fields)
        return await self.accounts.page(self._allowed(selection), AccountPage)

    async def count(self, query: AccountQuery) -> Count:
        return await self.accounts.count(self._allowed(query.selection()))

    async def get(self, account_id: UUID) -> Json[AccountRead]:
        return await self.accounts.get(account_id)

    async def sheet(self, account_id: UUID) -> Json[AccountRead]:
        """`get`, for who looks at it: the reading is audited."""
        return await self.accounts.get_noted(account_id)

    async def get_many(self, ids: Sequence[UUID]) -> list[Json[AccountRead] | None]:
        return await self.accounts.get_many(ids)

    async def agencies_of(self, ids: Sequence[UUID]) -> dict[UUID, UUID]:
        """Account -> agency, of those that are there, not in the bin, and visible."""
        return await self.accounts.agencies_of(ids)

    async def visible_ids(self, ids: Sequence[UUID]) -> set[UUID]:
        """Which of these the principal sees."""
        return await self.accounts.visible_ids(ids)

    async def get_by_external_id(self, system: str, value: str) -> Json[AccountRead]:
        return await self.accounts.get_by_external_id(system, value)

    async def ancestors(self, account_id: UUID) -> AccountAncestors:
        await self.accounts.get(account_id)
        return AccountAncestors(data=await self.accounts.ancestors(account_id))

    async def children(self, account_id: UUID, query: AccountQuery) -> Json[AccountPage]:
        await self.accounts.get(account_id)
        return await self.page(query.model_copy(update={"parent_account_id": [account_id]}))

    async def unmask(self, account_id: UUID, data: AccountUnmask) -> AccountUnmasked:
        """In clear, and audited with the reason."""
        account = await self.accounts.load(account_id)
        kept = await unseal(self.ctx, account, reason=data.reason, label=Account.label, fields=data.fields)
        shown = {name: kept[name] for name in data.fields if name in kept}
        if "annual_revenue_amount" in shown:
            shown["annual_revenue_amount"] = Money.of(shown["annual_revenue_amount"])
        return AccountUnmasked.model_validate(shown)

    # --- writing

    async def create(self, data: AccountCreate) -> Json[AccountRead]:
        """One statement, unless something is to be sealed or the account has a parent."""
        await self._refuse_unknown_manager(data.manager_user_id)
        if data.parent_account_id is not None:
            await self._refuse_misplaced(None, data.parent_account_id)
        return await self.accounts.add(await self.columns(data, await next_number(self.ctx, "account")))

    async def columns(self, data: AccountCreate, number: int) -> dict[str, Any]:
        """What is stored of a new account. Whoever asks has seen to its manager and its parent."""
        draft = Account(id=new_id())
        changes = given(data)
        changes["custom_fields"] = await CustomFieldService(self.ctx).validated("account", data.custom_fields)
        changes["number"] = account_number(number)
        changes["agency_id"] = self._agency(data.agency_id)
        changes["owner_user_id"] = changes.pop("manager_user_id")
        if RiskFlag.FRAUD_SUSPICION in data.risk_flags:
            self._require_fraud_scope()
        changes |= self._points(changes, {})
        changes |= await self._sealed(draft, changes)
        return {"id": draft.id, **changes}

    async def _refuse_unknown_manager(self, user_id: UUID | None) -> None:
        if user_id not in (None, self.ctx.principal.id):
            await UserService(self.ctx).refuse_unknown([user_id], "/manager_user_id")

    async def open_household(
        self,
        *,
        name: str,
        addresses: Sequence[Mapping[str, Any]],
        agency_id: UUID | None,
        manager_user_id: UUID | None,
    ) -> UUID:
        """Of a person who belongs to no account yet; of the address, what is known of theirs."""
        made = await self.accounts.add(
            {
                "type": AccountType.HOUSEHOLD,
                "segment": AccountSegment.INDIVIDUAL,
                "name": name,
                "number": account_number(await next_number(self.ctx, "account")),
                "addresses": [*addresses],
                "agency_id": self._agency(agency_id),
                "owner_user_id": manager_user_id,
            }
        )
        return UUID(str(made.id))

    async def update(self, account_id: UUID, data: AccountPatch, version: int) -> Json[AccountRead]:
        account = await self._loaded(account_id, version)
        changes = given(data)
        if "custom_fields" in changes:
            own = CustomFieldService(self.ctx)
            changes["custom_fields"] = await own.validated(
                "account", changes["custom_fields"], account.custom_fields
            )
        if "risk_flags" in changes:
            changes["risk_flags"] = self._flags(changes["risk_flags"], account.risk_flags)
        if changes.get("parent_account_id") is not None:
            await self._refuse_misplaced(account_id, changes["parent_account_id"])
        changes |= self._points(changes, {"phones": account.phones, "emails": account.emails})
        changes |= await self._sealed(account, changes)
        return await self.accounts.edit(account_id, changes, version)

    async def upsert(self, name: ExternalId, data: AccountCreate) -> Json[AccountRead]:
        """By the identifier of another system: `Json.created` tells whether it is new."""
        return await upsert(self.accounts, self, name, data, AccountPatch)

    async def delete(self, account_id: UUID, version: int) -> None:
        """To the bin. Whoever still needs the account refuses by hearing `AccountDeleted`."""
        await self._loaded(account_id, version)
        if await self.accounts.has_children(account_id):
            raise AccountHasChildren
        await publish(self.ctx, AccountDeleted(account_id))
        await self.accounts.discard(account_id, version)

    async def restore(self, account_id: UUID) -> Json[AccountRead]:
        return await self.accounts.restore(account_id)

    async def archive(self, account_id: UUID, version: int) -> Json[AccountRead]:
        """Out of daily sight; nothing else changes."""
        return await self._move(account_id, version, AccountStatus.ARCHIVED)

    async def close(self, account_id: UUID, version: int) -> Json[AccountRead]:
        """The relation has ended; the files stay."""
        return await self._move(account_id, version, AccountStatus.CLOSED)

    async def reopen(self, account_id: UUID, version: int) -> Json[AccountRead]:
        return await self._move(account_id, version, AccountStatus.ACTIVE)

    async def assign(self, account_id: UUID, data: AccountAssign, version: int) -> Json[AccountRead]:
        account = await self._loaded(account_id, version)
        await self._refuse_unknown_manager(data.manager_user_id)
        before = account.owner_user_id, account.agency_id
        account.owner_user_id = data.manager_user_id
        if data.agency_id is not None:
            account.agency_id = self._agency(data.agency_id)
        await self.accounts.save(account)
        after = account.owner_user_id, account.agency_id
        if after != before:
            assert account.agency_id is not None  # noqa: S101 - every account has one
            await publish(
                self.ctx,
                AccountManagerChanged(account_id, account.owner_user_id, account.agency_id, *before),
            )
        return await self.accounts.get(account_id)

    async def hand_over(self, agency_id: UUID, to_agency_id: UUID) -> None:
        """Every open account of an agency goes to another one."""
        await self.accounts.hand_over(agency_id, to_agency_id)

    async def follow_contracts(
        self, account_id: UUID, *, in_force: bool, since: date | None, last_expiry: date | None
    ) -> None:
        """What its contracts make of it, whoever sees it: a customer has one in force.

        `since`: when cover of the first one began (null: none ever did). Who is blocked stays so.
        """
        known = await self.accounts.contracts_of(account_id)
        if known is None:
            return
        before, *dates = known
        once = AccountLifecycle.FORMER_CUSTOMER if since else AccountLifecycle.PROSPECT
        after = AccountLifecycle.CUSTOMER if in_force else once
        if before == AccountLifecycle.BLOCKED:
            after = AccountLifecycle.BLOCKED
        if (after, [since, last_expiry]) == (before, dates):
            return
        await self.accounts.follow_contracts(
            account_id, {"lifecycle": after, "customer_since": since, "last_policy_expiry": last_expiry}
        )
        if after != before:
            await publish(self.ctx, AccountLifecycleChanged(account_id, after, AccountLifecycle(before)))

    # --- rules

    async def _loaded(self, account_id: UUID, version: int) -> Account:
        account = await self.accounts.load(account_id)
        if version not in (account.version, ANY_VERSION):
            raise VersionConflict(current_version=account.version)
        if account.deleted_at is not None:
            raise Deleted(id=str(account_id))
        if account.merged_into_id is not None:
            raise AccountMergedAway(merged_into_id=account.merged_into_id)
        return account

    async def _move(self, account_id: UUID, version: int, status: AccountStatus) -> Json[AccountRead]:
        account = await self._loaded(account_id, version)
        ACCOUNT.check(account.status, status)
        account.status = status
        await self.accounts.save(account)
        return await self.accounts.get(account_id)

    def _agency(self, agency_id: UUID | None) -> UUID:
        """The one asked for, when it is among those of this principal; else the principal's own."""
        who = self.ctx.principal
        chosen = agency_id or who.agency_id
        if chosen is None:
            raise AgencyRequired
        if who.data_scope is not DataScope.ALL and chosen not in (who.agency_id, *who.agency_ids):
            raise UnknownAgency
        return chosen

    def _flags(self, asked: Sequence[RiskFlag], kept: Sequence[str]) -> list[str]:
        """Who may not see the suspicion of fraud neither sets nor removes it."""
        if FRAUD_SCOPE in self.ctx.principal.scopes:
            return [*asked]
        if RiskFlag.FRAUD_SUSPICION in asked:
            self._require_fraud_scope()
        return [*asked, *(flag for flag in kept if flag == RiskFlag.FRAUD_SUSPICION)]

    def _require_fraud_scope(self) -> None:
        if FRAUD_SCOPE not in self.ctx.principal.scopes:
            raise InsufficientScope(required_scopes=[FRAUD_SCOPE])

    def _allowed(self, selection: Selection) -> Selection:
        if any(chosen.filter is FRAUD for group in selection.groups for chosen in group):
            self._require_fraud_scope()
        return selection

    async def _refuse_misplaced(self, account_id: UUID | None, parent_id: UUID) -> None:
        """No circle, and no group deeper than allowed, the accounts below the moved one counted."""
        self.ctx.begin()
        await self.accounts.lock_groups()
        try:
            await self.accounts.get(parent_id)
        except NotFound as error:
            raise UnknownParentAccount from error
        above = await self.accounts.chain(parent_id)
        if account_id in above:
            raise AccountCircle
        below = 1 if account_id is None else await self.accounts.height(account_id)
        if len(above) + below > DEEPEST:
            raise AccountGroupTooDeep(most=DEEPEST)

    @staticmethod
    def _points(changes: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: as_kept(changes[name], kept.get(name, []))
            for name in ("phones", "emails")
            if name in changes
        }

    async def _sealed(self, account: Account, changes: dict[str, Any]) -> dict[str, Any]:
        """Takes the fields of class P3 out of `changes`; the columns that hold them instead."""
        asked = {name: changes.pop(name) for name in SEALED_FIELDS if name in changes}
        if not any(asked.values()) and account.sealed is None:
            return {}
        values: dict[str, Any] = dict.fromkeys(asked)
        revenue: Money | None = asked.get("annual_revenue_amount")
        values |= {name: value for name, value in _as_json(asked).items() if value}
        if revenue is not None:
            values["annual_revenue_amount"] = revenue.centimes
        self.ctx.begin()
        # Sealed on a draft: one statement then writes these columns together with the others.
        draft = Account(id=account.id, sealed=account.sealed, masked=account.masked)
        await seal(self.ctx, draft, values)
        columns = {"sealed": draft.sealed, "masked": draft.masked}
        return columns | ({"revenue_band": _band(revenue)} if "annual_revenue_amount" in asked else {})


def given(data: AccountCreate | AccountPatch) -> dict[str, Any]:
    """The fields that somebody gave (all of them, for a new account)."""
    return {name: value for name, value in data if value is not MISSING}


def _as_json(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: [part.model_dump(mode="json") for part in value]
        if isinstance(value, list)
        else value and value.model_dump(mode="json")
        for name, value in values.items()
    }


def _band(revenue: Money | None) -> RevenueBand:
    if revenue is None:
        return RevenueBand.UNKNOWN
    return next((band for most, band in BANDS if revenue.centimes <= most * 100), RevenueBand.LARGE)
