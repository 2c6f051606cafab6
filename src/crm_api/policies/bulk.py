"""Many contracts as their policy system tells them: the rules of `PolicySyncing`, each question asked once.

What a message says is filled in by the same function as for one message; what it means to the account, to the
versions, to the times without cover and to the journal is written for all of them at once. Messages that
renew another contract or come from a quote are few, and go through `PolicySyncing` itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from pydantic_core import to_jsonable_python
from sqlalchemy import inspect

from crm_api.accounts.following import AccountsFollowing, Contracts
from crm_api.accounts.models import Account
from crm_api.agencies.service import AgencyService
from crm_api.core.batch import alone
from crm_api.core.bulk import insert_lines, upsert_all
from crm_api.core.context import Context
from crm_api.core.events import Event
from crm_api.core.external_ids import objects_named
from crm_api.core.journal import HIDDEN, UNTOLD, AuditLine, EventLine, hidden, told
from crm_api.core.progress import RunOutcome
from crm_api.kit.errors import Conflict, DomainError, ValidationFailed
from crm_api.kit.ids import new_id
from crm_api.policies import events
from crm_api.policies.contents import PolicyContents
from crm_api.policies.errors import (
    PolicyMessageOutdated,
    ReservedSystem,
    UnknownPolicyAccount,
    UnknownPolicyAgency,
    UnknownPolicyProduct,
)
from crm_api.policies.models.policy import OURS, Policy, PolicyStatus, PolicySuspension, PolicyVersion
from crm_api.policies.recording import snapshot
from crm_api.policies.repository.bulk import PolicyBulkRepository
from crm_api.policies.schemas.content import PolicySync
from crm_api.policies.syncing import PolicySyncing, fact_of, fill
from crm_api.policies.terms import local_day

NOTHING: dict[str, Any] = {"object_ids": [], "parties": [], "coverages": []}
COLUMNS = tuple(
    column.name
    for column in Policy.__table__.c
    if column.computed is None
    and column.name
    not in {"organization_id", "version", "created_at", "updated_at", "created_by_id", "updated_by_id"}
)


_SECRET, _PUBLIC = hidden(Policy), told(Policy)


class PolicyMessage(NamedTuple):
    """What the system says of the contract that it calls so."""

    external_id: str
    data: PolicySync


@dataclass(slots=True)
class Told:
    """What became of one message."""

    outcome: RunOutcome
    policy_id: UUID | None = None
    refusal: DomainError | None = None


@dataclass(slots=True)
class _Draft:
    """A contract that is about to be written."""

    at: int
    policy: Policy
    data: PolicySync
    before: dict[str, Any] | None
    """Its columns as they stood; None when it is new."""
    agreed: dict[str, Any] | None = None
    """What was agreed before."""
    facts: list[Event] = field(default_factory=list)


class PolicyBulk:
    def __init__(self, ctx: Context, system: str) -> None:
        if system == OURS:
            raise ReservedSystem
        self.ctx, self.system = ctx, system
        self.rows = PolicyBulkRepository(ctx)

    async def take(self, messages: Sequence[PolicyMessage]) -> list[Told]:
        """One verdict a message, in their order. Raises Conflict when another wrote one of them meanwhile."""
        self.ctx.begin()
        told: list[Told | None] = [None] * len(messages)
        alone_ones = [at for at, (_, data) in enumerate(messages) if _goes_alone(data)]
        newest = self._newest(messages, told, {*alone_ones})
        drafts = await self._drafts(messages, newest, told)
        await self._write(drafts)
        for draft in drafts:
            outcome = RunOutcome.CREATED if draft.before is None else RunOutcome.UPDATED
            told[draft.at] = Told(outcome, draft.policy.id)
        for at in sorted(alone_ones, key=lambda one: messages[one].data.as_of):
            told[at] = await self.one(messages[at])
        return [one or Told(RunOutcome.UNCHANGED) for one in told]

    async def one(self, message: PolicyMessage) -> Told:
        """By the service, in a savepoint of its own."""
        before = await self.rows.versions(self.system, [message.external_id])
        done = await alone(
            self.ctx, lambda: PolicySyncing(self.ctx).upsert(self.system, message.external_id, message.data)
        )
        if isinstance(done, PolicyMessageOutdated):
            return Told(RunOutcome.UNCHANGED, refusal=done)
        if isinstance(done, DomainError):
            return Told(RunOutcome.FAILED, refusal=done)
        id = done.value.id
        if done.created:
            return Told(RunOutcome.CREATED, id)
        same = before.get(message.external_id) == done.version
        return Told(RunOutcome.UNCHANGED if same else RunOutcome.UPDATED, id)

    def _newest(
        self, messages: Sequence[PolicyMessage], told: list[Told | None], apart: set[int]
    ) -> dict[str, int]:
        """Of several messages about one contract the newest counts; of two of one moment the first."""
        newest: dict[str, int] = {}
        for at, (external_id, data) in enumerate(messages):
            if at in apart:
                continue
            other = newest.get(external_id)
            if other is None or data.as_of > messages[other].data.as_of:
                newest[external_id] = at
        for at, (external_id, _) in enumerate(messages):
            if at not in apart and (best := newest[external_id]) != at:
                told[at] = Told(RunOutcome.UNCHANGED, refusal=_outdated(messages[best].data.as_of))
        return newest

    # --- what is to be written

    async def _drafts(
        self, messages: Sequence[PolicyMessage], newest: Mapping[str, int], told: list[Told | None]
    ) -> list[_Draft]:
        asked = [messages[at].data for at in newest.values()]
        known = {policy.external_id: policy for policy in await self.rows.locked(self.system, [*newest])}
        accounts = await self._accounts(asked)
        homes = await self.rows.homes(
            [*accounts.values(), *(one.account_id for one in asked if one.account_id)]
        )
        agencies = await AgencyService(self.ctx).ids_by_code(
            [*{o.agency_code for o in asked if o.agency_code}]
        )
        branches = await self.rows.branches([*{one.product_code for one in asked}])
        drafts = []
        for external_id in sorted(newest):
            at = newest[external_id]
            data, policy = messages[at].data, known.get(external_id)
            if policy is not None and data.as_of <= policy.as_of:
                old = data.as_of < policy.as_of
                told[at] = Told(RunOutcome.UNCHANGED, policy.id, _outdated(policy.as_of) if old else None)
                continue
            try:
                account_id = self._account_of(data, accounts, homes)
                agency_id = _agency_of(data, agencies, homes[account_id])
                if data.product_code not in branches:
                    raise UnknownPolicyProduct
                if data.number is None and len(external_id) > 40:
                    raise ValidationFailed.at(
                        "/number", "number_missing", "Its identifier is too long for a number."
                    )
            except DomainError as refusal:
                told[at] = Told(RunOutcome.FAILED, refusal=refusal)
                continue
            draft = _Draft(at, policy or self._new(external_id, data), data, None)
            if policy is not None:
                draft.before, draft.agreed = _columns(policy), snapshot(policy)
            draft.policy.account_id, draft.policy.agency_id = account_id, agency_id
            draft.policy.branch_code = branches[data.product_code]
            fill(draft.policy, data)
            drafts.append(draft)
        return drafts

    def _new(self, external_id: str, data: PolicySync) -> Policy:
        policy = Policy(
            id=new_id(), source_system=self.system, external_id=external_id, version_no=1, tags=[]
        )
        policy.number = data.number or external_id
        return policy

    async def _accounts(self, asked: Sequence[PolicySync]) -> dict[str, UUID]:
        names = {one.account_external_id for one in asked if one.account_external_id}
        found = await objects_named(self.ctx, Account.label, [(self.system, name) for name in sorted(names)])
        return {value: id for (_, value), id in found.items()}

    def _account_of(
        self, data: PolicySync, accounts: Mapping[str, UUID], homes: Mapping[UUID, UUID | None]
    ) -> UUID:
        id = data.account_id or accounts.get(data.account_external_id or "")
        if id is None or id not in homes:
            raise UnknownPolicyAccount
        return id

    # --- written

    async def _write(self, drafts: Sequence[_Draft]) -> None:
        if not drafts:
            return
        versions, begun, ended = await self._versions(drafts), [], []
        for draft in drafts:
            policy, data = draft.policy, draft.data
            suspended = data.status is PolicyStatus.SUSPENDED
            if suspended and policy.suspended_at is None:
                policy.suspended_at = data.moment(data.suspended_at)
                reason = data.status_reason or str(data.status)
                begun.append((policy.id, policy.suspended_at, reason))
            elif not suspended and policy.suspended_at is not None:
                policy.suspended_at = None
                ended.append((policy.id, data.moment(data.terminated_at)))
        with self.rows.refusing():
            rows = [_columns(draft.policy) for draft in drafts]
            key = ("source_system", "external_id")
            written = await upsert_all(self.ctx, Policy, rows, key=key, newer="as_of")
            if written != {draft.policy.id for draft in drafts}:
                raise Conflict
            await insert_lines(self.ctx, PolicyVersion, versions)
            names = ("policy_id", "suspended_at", "reason")
            await insert_lines(
                self.ctx, PolicySuspension, [dict(zip(names, one, strict=True)) for one in begun]
            )
        await self.rows.resume_covers(ended)
        await self._follow_accounts(drafts)
        await self._tell(drafts)

    async def _versions(self, drafts: Sequence[_Draft]) -> list[dict[str, Any]]:
        """Of new contracts the first, of others one more where something agreed has changed."""
        changed = [
            draft for draft in drafts if draft.agreed is None or snapshot(draft.policy) != draft.agreed
        ]
        full = await self.rows.with_contents([one.policy.id for one in changed if one.agreed is not None])
        rows = []
        for draft in changed:
            policy, at = draft.policy, draft.policy.effective_at
            if draft.agreed is not None:
                policy.version_no, at = policy.version_no + 1, draft.data.as_of
            contents = await PolicyContents(self.ctx).as_json(policy) if policy.id in full else NOTHING
            rows.append(
                {
                    "policy_id": policy.id,
                    "version_no": policy.version_no,
                    "effective_at": at,
                    "net_premium": policy.net_premium,
                    "total_premium": policy.total_premium,
                    "snapshot": snapshot(policy) | contents,
                    "recorded_by_id": self.ctx.principal.id,
                }
            )
        return rows

    async def _follow_accounts(self, drafts: Sequence[_Draft]) -> None:
        ids = {draft.policy.account_id for draft in drafts}
        ids |= {draft.before["account_id"] for draft in drafts if draft.before}
        standings = {}
        for id, in_force, since, last in await self.rows.standings(sorted(ids)):
            days = (since and local_day(since), last and local_day(last))
            standings[id] = Contracts(in_force > 0, *days)
        await AccountsFollowing(self.ctx).follow(standings)

    async def _tell(self, drafts: Sequence[_Draft]) -> None:
        audit, lines = [], []
        who = {name: self.ctx.bound[name] for name in ("actor_type", "actor_id")}
        more = {name: self.ctx.bound[name] for name in ("ip", "request_id")}
        for draft in drafts:
            action = "policy.updated" if draft.before else "policy.created"
            about = {"object_type": "policy", "object_id": draft.policy.id}
            changes, data = _journal(draft)
            audit.append({**who, **more, "action": action, **about, "changes": changes})
            lines.append({**who, "kind": action, **about, "data": data})
            for event in self._facts(draft):
                facts = to_jsonable_python(_members(event))
                lines.append({**who, "kind": event.kind, **about, "data": facts})
        await insert_lines(self.ctx, AuditLine, audit)
        await insert_lines(self.ctx, EventLine, lines)
        for draft in drafts:
            for event in draft.facts:
                for listener in self.ctx.tools.listeners.get(type(event), ()):
                    await listener(self.ctx, event)

    def _facts(self, draft: _Draft) -> list[Event]:
        policy = draft.policy
        named = policy.id, policy.number, policy.account_id, policy.product_code
        before = draft.before and draft.before["status"]
        fact = fact_of(policy, named) if policy.status != before else None
        synced = events.PolicySynced(*named, policy.source_system, policy.as_of)
        draft.facts = [fact, synced] if fact is not None else [synced]
        return draft.facts


def _goes_alone(data: PolicySync) -> bool:
    return data.previous_external_id is not None or data.quote_id is not None


def _outdated(as_of: datetime) -> DomainError:
    return PolicyMessageOutdated(as_of=as_of.isoformat())


def _agency_of(data: PolicySync, agencies: Mapping[str, UUID], home: UUID | None) -> UUID | None:
    if data.agency_id is not None:
        return data.agency_id
    if data.agency_code is None:
        return home
    if data.agency_code not in agencies:
        raise UnknownPolicyAgency
    return agencies[data.agency_code]


def _members(event: Any) -> dict[str, Any]:
    """`dataclasses.asdict` copies deeply, which costs more than all the rest."""
    return {each.name: getattr(event, each.name) for each in fields(event)}


def _journal(draft: _Draft) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the audit line and the event line hold, as `core.journal` writes them; JSON is made once."""
    after, before = _columns(draft.policy), draft.before or {}
    pairs = {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}
    known: dict[str, list[Any]] = to_jsonable_python(pairs, fallback=str)
    names = sorted(name for name in known if name not in UNTOLD)
    changes = {name: [HIDDEN, HIDDEN] if name in _SECRET else known[name] for name in names}
    return changes, {"changed": names, "values": {name: known[name][1] for name in names if name in _PUBLIC}}


def _columns(policy: Policy) -> dict[str, Any]:
    state = inspect(policy).dict
    return {name: state.get(name) for name in COLUMNS}
