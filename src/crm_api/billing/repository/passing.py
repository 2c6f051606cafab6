"""The statements of the nightly pass: each moves all rows that are due, with their evidence and lines.

Written out as SQL (passing.sql, billing.sql): the braces hold constants of the house, never a value.
"""

from collections.abc import Sequence
from datetime import date, datetime
from importlib import resources
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Date, Text, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.sql.elements import TextClause

from crm_api.billing.delays import FORMAL_NOTICE, GRACE, TERMINATE
from crm_api.billing.models.dunning import DunningChannel, DunningStepKind, ProposalKind
from crm_api.billing.models.receivable import DUNNING, DunningState
from crm_api.billing.models.schedule import LINES
from crm_api.core.context import Context
from crm_api.core.statements import compiled
from crm_api.legal_deadlines.models import LegalDeadlineCode

_HERE = resources.files(__package__)
_MOVE = _HERE.joinpath("passing.sql").read_text("utf-8")
_BILL = _HERE.joinpath("billing.sql").read_text("utf-8")
_LIVING = """
        AND EXISTS (SELECT FROM policies p WHERE p.organization_id = r.organization_id AND p.id = r.policy_id
            AND p.status IN ('in_force', 'suspended'))"""
_OVERDUE = """,
late AS (
    UPDATE instalments i SET status = 'overdue', version = i.version + 1, updated_at = clock_timestamp(),
        updated_by_id = :actor_id
    FROM moved WHERE i.organization_id = moved.organization_id AND i.id = moved.instalment_id
        AND i.status IN ('billed', 'partially_paid')
    RETURNING i.organization_id, i.id, i.policy_id
),
late_lines AS (
    INSERT INTO audit_log (organization_id, actor_type, actor_id, ip, request_id, action, object_type,
        object_id, changes)
    SELECT organization_id, :actor_type, :actor_id, :ip, :request_id, 'instalment.updated', 'instalment', id,
        jsonb_build_object('status', jsonb_build_array('billed', 'overdue')) FROM late
),
late_facts AS (
    INSERT INTO event_log (organization_id, actor_type, actor_id, kind, object_type, object_id, data)
    SELECT organization_id, :actor_type, :actor_id, 'instalment.overdue', 'instalment', id,
        jsonb_build_object('instalment_id', id, 'policy_id', policy_id) FROM late
)"""
_PROPOSE = """,
proposals AS (
    INSERT INTO dunning_proposals (organization_id, id, version, receivable_id, policy_id, cycle, round, kind,
        status, proposed_on, owner_user_id, agency_id, created_by_id, updated_by_id)
    SELECT organization_id, gen_random_uuid(), 1, id, policy_id, dunning_cycle, round, '{kind}', 'proposed',
        :on, owner_user_id, agency_id, :actor_id, :actor_id
    FROM rounds
    RETURNING organization_id, id, receivable_id
),
proposal_lines AS (
    INSERT INTO audit_log (organization_id, actor_type, actor_id, ip, request_id, action, object_type,
        object_id, changes)
    SELECT organization_id, :actor_type, :actor_id, :ip, :request_id, 'dunning_proposal.created',
        'dunning_proposal', id, jsonb_build_object('receivable_id', jsonb_build_array(NULL, receivable_id))
    FROM proposals
),
proposal_facts AS (
    INSERT INTO event_log (organization_id, actor_type, actor_id, kind, object_type, object_id, data)
    SELECT organization_id, :actor_type, :actor_id, 'dunning_proposal.created', 'dunning_proposal', id,
        jsonb_build_object('changed', jsonb_build_array('receivable_id'), 'values',
            jsonb_build_object('receivable_id', receivable_id))
    FROM proposals
)"""


class Move(NamedTuple):
    """One step of the clock that comes by itself."""

    step: DunningStepKind
    from_states: tuple[DunningState, ...]
    to_state: DunningState
    level: int
    rule: LegalDeadlineCode | None
    """The delay that has just ended."""
    channel: DunningChannel = DunningChannel.NONE
    condition: str = ""
    more: str = ""
    proposes: ProposalKind | None = None


S, K = DunningState, DunningStepKind
MOVES: tuple[Move, ...] = (
    Move(K.DUE, (S.QUIET, S.NOTICED), S.DUE, 0, None),
    Move(K.REMINDER, (S.DUE,), S.OVERDUE, 1, GRACE, DunningChannel.LETTER, more=_OVERDUE),
    Move(K.FORMAL_NOTICE_DUE, (S.OVERDUE,), S.FORMAL_NOTICE_DUE, 2, None, condition=_LIVING),
    Move(
        *(K.SUSPENSION_PROPOSAL, (S.FORMAL_NOTICE_SENT,), S.SUSPENSION_PROPOSED, 3, FORMAL_NOTICE),
        condition=_LIVING,
        more=_PROPOSE.replace("{kind}", ProposalKind.SUSPENSION),
    ),
    Move(
        *(K.TERMINATION_PROPOSAL, (S.SUSPENDED,), S.TERMINATION_PROPOSED, 3, TERMINATE),
        condition=_LIVING,
        more=_PROPOSE.replace("{kind}", ProposalKind.TERMINATION),
    ),
)
for move in MOVES:
    for state in move.from_states:
        DUNNING.check(state, move.to_state)


class PassingRepository:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def starts(self, move: Move, on: date) -> list[date]:
        """The legal days of the rows that are due for a step."""
        statement = compiled(("dunning starts", move.step), lambda: _starts(move))
        return [row[0] for row in await self.ctx.write(statement, {"on": on})]

    async def move(
        self, move: Move, on: date, moment: datetime, ends: dict[date, date], most: int
    ) -> dict[UUID | None, int]:
        """How many moved, by agency. `ends`: legal day of the step -> when the next one comes by itself."""
        statement = compiled(("dunning move", move.step, most), lambda: _moving(move, most))
        values = {"on": on, "moment": moment, "starts": list(ends), "ends": list(ends.values())}
        return {row[0]: row[1] for row in await self.ctx.write(statement, values)}

    async def bill(self, on: date, moment: datetime, most: int) -> Sequence[Sequence[Any]]:
        """Account and receivable of each instalment that was billed."""
        statement = compiled(("bill instalments", most), lambda: _billing(most))
        return await self.ctx.write(statement, {"on": on, "moment": moment, "year": str(on.year)})


def _starts(move: Move) -> TextClause:
    states = ", ".join(f"'{state}'" for state in move.from_states)
    sql = f"""SELECT DISTINCT r.dunning_next_on FROM receivables r
    WHERE r.organization_id = :organization_id AND r.dunning_state IN ({states})
        AND r.dunning_next_on <= :on AND r.status IN ('open', 'partially_settled')"""  # noqa: S608 - constants
    return _typed(sql)


def _moving(move: Move, most: int) -> TextClause:
    words = {
        "from_states": ", ".join(f"'{state}'" for state in move.from_states),
        "to_state": str(move.to_state),
        "step": str(move.step),
        "level": str(move.level),
        "rule": f"'{move.rule}'" if move.rule else "NULL",
        "channel": str(move.channel),
        "condition": move.condition,
        "more": move.more,
        "most": str(most),
    }
    return _typed(_MOVE.format(**words))


def _billing(most: int) -> TextClause:
    return _typed(_BILL.format(lines=", ".join((*LINES, "total")), most=most))


_TYPES: dict[str, Any] = {
    "organization_id": Uuid(),
    "actor_id": Uuid(),
    "actor_type": Text(),
    "ip": Text(),
    "request_id": Text(),
    "on": Date(),
    "moment": TIMESTAMP(timezone=True, precision=3),
    "starts": ARRAY(Date()),
    "ends": ARRAY(Date()),
    "year": Text(),
}


def _typed(sql: str) -> TextClause:
    statement = text(sql)
    names = statement._bindparams
    return statement.bindparams(*(bindparam(name, type_=_TYPES[name]) for name in names))
