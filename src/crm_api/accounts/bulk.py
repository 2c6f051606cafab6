"""Many accounts at once: the rules of `AccountService.create`, with each question asked for all together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from crm_api.accounts.errors import TaxIdTaken, TradeRegisterNumberTaken
from crm_api.accounts.models import Account
from crm_api.accounts.repository import AccountRepository
from crm_api.accounts.schemas import AccountCreate
from crm_api.accounts.service import AccountService
from crm_api.core.bulk import insert_all
from crm_api.core.context import Context
from crm_api.core.numbers import account_number, next_numbers
from crm_api.kit.errors import DomainError
from crm_api.kit.matching import Facts, Match, match
from crm_api.users.service import UserService

SHOWN_FROM = 40
LEGAL = {"tax_id": TaxIdTaken, "trade_register_number": TradeRegisterNumberTaken}
Columns = dict[str, Any]


@dataclass(frozen=True, slots=True)
class AccountLikeness:
    """An account on record that may be the same one, and why."""

    id: UUID
    name: str
    match: Match


class AccountBulk:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.accounts, self.service = AccountRepository(ctx), AccountService(ctx)

    async def drafts(self, contents: Sequence[AccountCreate]) -> list[Columns | DomainError]:
        """The columns of each account, or why it is refused. Of two with one number the first has it."""
        await UserService(self.ctx).refuse_unknown(
            {content.manager_user_id for content in contents if content.manager_user_id}, "/manager_user_id"
        )
        taken = {name: await self.accounts.taken(name, _given(contents, name)) for name in LEGAL}
        numbers = await next_numbers(self.ctx, "account", len(contents))
        drafts: list[Columns | DomainError] = []
        for content, number in zip(contents, numbers, strict=True):
            try:
                drafts.append(await self._draft(content, number, taken))
            except DomainError as refusal:
                drafts.append(refusal)
        return drafts

    async def write(self, drafts: Sequence[Columns]) -> None:
        with self.accounts.refusing():
            await insert_all(self.ctx, Account, drafts)

    async def open_households(self, households: Sequence[Mapping[str, Any]]) -> None:
        """Of people who belong to no account yet; each has its id, name, addresses and agency."""
        numbers = await next_numbers(self.ctx, "account", len(households))
        await self.write(
            [
                {**household, "number": account_number(number)}
                for household, number in zip(households, numbers, strict=True)
            ]
        )

    async def likenesses(self, facts: Sequence[Facts]) -> list[list[AccountLikeness]]:
        """For each the accounts on record that are alike, most alike first; one statement for all."""
        words = [words_of(each) for each in facts]
        wanted = {word for each in words for word in each}
        sharing: dict[str, list[Sequence[Any]]] = {}
        for word, *row in await self.accounts.reached_by([*wanted]) if wanted else ():
            sharing.setdefault(word, []).append(row)
        return [
            _ranked(mine, {row[0]: row for word in asked for row in sharing.get(word, ())}.values())
            for mine, asked in zip(facts, words, strict=True)
        ]

    async def alike_to(self, ids: Sequence[UUID]) -> dict[UUID, list[tuple[UUID, int, list[str]]]]:
        """Of accounts on record the others that are alike: id, score, reasons."""
        rows = await self.accounts.compared(ids)
        found = await self.likenesses([_facts_of(row) for row in rows])
        return {
            row[0]: [
                (one.id, one.match.score, [*map(str, one.match.reasons)]) for one in alike if one.id != row[0]
            ]
            for row, alike in zip(rows, found, strict=True)
        }

    async def _draft(
        self, content: AccountCreate, number: int, taken: Mapping[str, dict[str, UUID]]
    ) -> Columns:
        for name, refusal in LEGAL.items():
            if (holder := taken[name].get(getattr(content, name) or "")) is not None:
                raise refusal(existing_id=str(holder))
        columns = await self.service.columns(content, number)
        for name in LEGAL:
            if value := getattr(content, name):
                taken[name][value] = columns["id"]
        return columns


def facts_of(account: AccountCreate) -> Facts:
    """What is compared: an account has one name, whichever part of it is whose surname."""
    return Facts(
        full_name=account.name,
        phones=frozenset(entry.value for entry in account.phones),
        emails=frozenset(entry.value for entry in account.emails),
        wilaya_code=account.addresses[0].wilaya_code,
    )


def words_of(facts: Facts) -> list[str]:
    """How the search keeps what two accounts may share."""
    return [*(phone.removeprefix("+") for phone in facts.phones), *facts.emails]


def _ranked(mine: Facts, rows: Iterable[Sequence[Any]]) -> list[AccountLikeness]:
    found = []
    for row in rows:
        alike = match(mine, _facts_of(row))
        if alike.score >= SHOWN_FROM:
            found.append(AccountLikeness(row[0], row[1], alike))
    return sorted(found, key=lambda one: (-one.match.score, one.name))


def _facts_of(row: Sequence[Any]) -> Facts:
    _, name, _, phones, emails, wilaya_code = row
    return Facts(
        full_name=name,
        phones=frozenset(entry["value"] for entry in phones),
        emails=frozenset(entry["value"] for entry in emails),
        wilaya_code=wilaya_code,
    )


def _given(contents: Sequence[AccountCreate], name: str) -> list[str]:
    return [value for content in contents if (value := getattr(content, name))]
