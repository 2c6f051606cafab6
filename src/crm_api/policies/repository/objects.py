from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, LargeBinary, Text, any_, bindparam, exists, func, select
from sqlalchemy import literal_column as literal
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased

from crm_api.accounts.models import Account
from crm_api.core.context import Context
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.core.visibility import variant_of, visible_rows
from crm_api.policies.errors import UnknownPolicyAccount, UnknownPolicyHolder
from crm_api.policies.models.cover import HealthQuestionnaire, InsuredObject, PolicyObject
from crm_api.policies.models.policy import LIVING, Policy
from crm_api.policies.schemas.objects import (
    DoubleInsurance,
    HealthQuestionnaireRead,
    InsuredObjectMasked,
    InsuredObjectRead,
)

MOST_WARNINGS = 20


class InsuredObjectRepository(Repository[InsuredObject, InsuredObjectRead]):
    """Who sees an account sees what of it is insured."""

    model, read = InsuredObject, InsuredObjectRead
    refusals = {
        "fk_insured_objects_account": UnknownPolicyAccount,
        "fk_insured_objects_contact": UnknownPolicyHolder,
    }

    def __init__(self, ctx: Context) -> None:
        self.visibility = variant_of(ctx.principal)
        super().__init__(ctx)

    def visible(self) -> list[ColumnElement[bool]]:
        objects, accounts = table_of(InsuredObject), table_of(Account)
        own = objects.c.organization_id == bindparam("organization_id")
        if self.visibility == "all":
            return [own]
        same = (
            accounts.c.organization_id == objects.c.organization_id,
            accounts.c.id == objects.c.account_id,
        )
        return [own, exists().where(*same, *visible_rows(accounts, self.visibility))]

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        table = table_of(InsuredObject)
        pairs = [
            part
            for name in InsuredObjectMasked.model_fields
            for part in (_text(name), func.jsonb_extract_path(table.c.masked, _text(name), type_=JSONB()))
        ]
        masked = func.jsonb_build_object(*pairs, type_=JSONB())
        return {**super().columns(), "label": table.c.label_text, "masked": masked}

    async def with_plate(self, values: Sequence[bytes]) -> list[UUID]:
        """Whose registration has one of these blind indexes; those that this principal sees."""
        table = table_of(InsuredObject)
        same = table.c.plate_index == any_(bindparam("values", type_=ARRAY(LargeBinary())))
        rows = await self.rows(
            "with plate",
            lambda: self.select(table.c.id).where(same).order_by(table.c.id).limit(literal("50")),
            {"values": [*values]},
        )
        return [row[0] for row in rows]

    async def is_covered(self, object_id: UUID) -> bool:
        """Whether a living contract covers it, in or out of sight."""
        covers = (
            select(PolicyObject.policy_id)
            .join(Policy, (Policy.id == PolicyObject.policy_id))
            .where(
                PolicyObject.organization_id == self.ctx.organization_id,
                Policy.organization_id == self.ctx.organization_id,
                PolicyObject.insured_object_id == object_id,
                PolicyObject.to_version.is_(None),
                Policy.status.in_(LIVING),
            )
        )
        return bool(await self.ctx.session.scalar(select(exists(covers))))

    async def insured_twice(
        self, object_ids: Sequence[UUID], but: Sequence[UUID], policy: Policy | None
    ) -> list[DoubleInsurance]:
        """Other living contracts on a vehicle of the same registration, at the same time, whoever sees them.

        `but`: contracts that may (this one, those it goes on from or is followed by). Without a `policy`,
        those on the object itself are no others.
        """
        mine, other = aliased(InsuredObject), aliased(InsuredObject)
        organization = self.ctx.organization_id
        conditions: list[ColumnElement[bool]] = [
            *(part.organization_id == organization for part in (mine, other, PolicyObject, Policy)),
            mine.id.in_(object_ids),
            mine.plate_index.is_not(None),
            PolicyObject.to_version.is_(None),
            Policy.status.in_(LIVING),
        ]
        if but:
            conditions.append(Policy.id.not_in(but))
        if policy is None:
            conditions.append(other.id != mine.id)
        else:
            conditions += [
                Policy.effective_at < policy.expires_at,
                Policy.expires_at > policy.effective_at,
            ]
        await self.ctx.session.flush()
        found = await self.ctx.session.execute(
            select(mine.id, Policy.id, Policy.number)
            .join(other, other.plate_index == mine.plate_index)
            .join(PolicyObject, PolicyObject.insured_object_id == other.id)
            .join(Policy, Policy.id == PolicyObject.policy_id)
            .where(*conditions)
            .order_by(Policy.id, mine.id)
            .limit(MOST_WARNINGS)
        )
        return [
            DoubleInsurance(insured_object_id=object_id, policy_id=policy_id, number=number)
            for object_id, policy_id, number in found
        ]

    async def fit_for(self, account_id: UUID, ids: Sequence[UUID]) -> set[UUID]:
        """Those of `ids` that are of this account, and still there."""
        found = await self.ctx.session.scalars(
            select(InsuredObject.id).where(
                InsuredObject.organization_id == self.ctx.organization_id,
                InsuredObject.account_id == account_id,
                InsuredObject.id.in_(ids),
                InsuredObject.status == "active",
            )
        )
        return set(found)


class HealthRepository(Repository[HealthQuestionnaire, HealthQuestionnaireRead]):
    model, read = HealthQuestionnaire, HealthQuestionnaireRead

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        return {**super().columns(), "recorded_by_id": table_of(HealthQuestionnaire).c.updated_by_id}

    async def of(self, object_id: UUID) -> HealthQuestionnaire | None:
        """Locked."""
        mine = (
            HealthQuestionnaire.organization_id == self.ctx.organization_id,
            HealthQuestionnaire.insured_object_id == object_id,
        )
        return await self.ctx.session.scalar(select(HealthQuestionnaire).where(*mine).with_for_update())


def _text(value: str) -> ColumnElement[str]:
    return literal(f"'{value}'", Text())
