"""What follows from facts below, with its lines in the journal, in or out of sight."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, exists, or_, select

from crm_api.core.context import Context
from crm_api.core.following import follow, go_back
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.policies.models.cover import InsuredObject
from crm_api.policies.models.policy import LIVING, Policy, PolicyParty, PolicyStatus
from crm_api.policies.repository.objects import InsuredObjectRepository
from crm_api.policies.repository.policies import PolicyRepository
from crm_api.policies.schemas.contents import PolicyPartyRead

HELD: Mapping[str, Mapping[str, str]] = {
    "account_id": {"policy": "account_id", "insured_object": "account_id", "policy_party": "account_id"},
    "contact_id": {
        "policy": "policyholder_contact_id",
        "insured_object": "contact_id",
        "policy_party": "contact_id",
    },
}
"""An account or a person -> the rows that name it, and in which column."""


class PolicyPartyRepository(Repository[PolicyParty, PolicyPartyRead]):
    model, read = PolicyParty, PolicyPartyRead


class Following:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.policies = PolicyRepository(ctx)
        self.holders: Mapping[str, Repository[Any, Any]] = {
            "policy": self.policies,
            "insured_object": InsuredObjectRepository(ctx),
            "policy_party": PolicyPartyRepository(ctx),
        }

    async def hand_over(self, user_id: UUID, to_user_id: UUID) -> None:
        table = table_of(Policy).c
        await self.policies.edit_all(
            "living of producer",
            lambda: [table.owner_user_id == bindparam("leaving"), _living(table)],
            {"leaving": user_id},
            {"owner_user_id": to_user_id},
        )

    async def move_living(self, from_agency_id: UUID, to_agency_id: UUID) -> None:
        table = table_of(Policy).c
        await self.policies.edit_all(
            "living of agency",
            lambda: [table.agency_id == bindparam("closing"), _living(table)],
            {"closing": from_agency_id},
            {"agency_id": to_agency_id},
        )

    async def needs_account(self, account_id: UUID) -> bool:
        """Whether a contract or an insured object is with it, in or out of sight."""
        organization = self.ctx.organization_id
        held = [
            select(model.id).where(model.organization_id == organization, model.account_id == account_id)
            for model in (Policy, InsuredObject)
        ]
        return bool(await self.ctx.session.scalar(select(or_(*(exists(each) for each in held)))))

    async def follow(self, party: str, from_id: UUID, to_id: UUID) -> dict[str, list[UUID]]:
        """Everything of an account or a person (`party`) goes to another one; what did, by kind."""
        return {
            name: await follow(self.holders[name], column, from_id, to_id)
            for name, column in HELD[party].items()
        }

    async def go_back(self, name: str, party: str, ids: Sequence[UUID], from_id: UUID, to_id: UUID) -> None:
        """Of these, whichever are still there."""
        await go_back(self.holders[name], HELD[party][name], ids, from_id, to_id)


def _living(table: Any) -> ColumnElement[bool]:
    states = (PolicyStatus.PROPOSED, *sorted(LIVING))
    return or_(*(table.status == state for state in states))
