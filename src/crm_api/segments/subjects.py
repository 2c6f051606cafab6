"""Whom a contract, a claim, a debt... concerns: how rows of other domains lead to people.

Who signed a contract answers for it; where a company did and nobody is named, those who stand for it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    exists,
    literal_column,
    or_,
    select,
)

from crm_api.accounts.models import Account
from crm_api.billing.models.receivable import Receivable
from crm_api.claims.models.claim import Claim
from crm_api.claims.models.words import ClaimStatus
from crm_api.complaints.models import Complaint, ComplaintStatus
from crm_api.consents.models import Consent, ConsentState
from crm_api.contacts.models import AccountLink, LinkRole
from crm_api.core.journal import EventLine
from crm_api.interactions.models import Interaction, InteractionLink
from crm_api.leads.models import Lead
from crm_api.policies.models.cover import InsuredObject
from crm_api.policies.models.policy import Policy

ANSWERING = (LinkRole.HEAD, LinkRole.LEGAL_REPRESENTATIVE, LinkRole.INSURANCE_MANAGER)
"""Who stands for an account."""
CLOSED_CLAIMS = (ClaimStatus.DRAFT, ClaimStatus.SETTLED, ClaimStatus.REFUSED, ClaimStatus.CLOSED)
CLOSED_COMPLAINTS = (ComplaintStatus.ACCEPTED, ComplaintStatus.CLOSED)
ORGANIZATION = bindparam("organization_id", type_=Uuid())


@dataclass(frozen=True, slots=True)
class Way:
    """One way from a row to somebody whom it concerns."""

    rows: FromClause
    contact_id: ColumnElement[Any]
    row_id: ColumnElement[Any]
    where: Sequence[ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Touch:
    """From changed objects of one kind (`ids`, an array parameter) to the people they may concern.

    Wider than the ways: looking at somebody for nothing costs little, missing somebody is an error.
    """

    kind: str
    build: Callable[[ColumnElement[Any]], Sequence[Any]]
    """Selects of contact ids."""


LINK = AccountLink.__table__
ONE: ColumnElement[int] = literal_column("1", Integer())


def words(values: Iterable[str]) -> list[ColumnElement[str]]:
    """Constants of ours as part of the statement: the planner knows how frequent each is."""
    return [literal_column(f"'{value}'", Text()) for value in values]


_NOW = LINK.c.to_date.is_(None)
_STANDS = LINK.c.role.in_(words(ANSWERING))


def own(table: FromClause) -> ColumnElement[bool]:
    return table.c.organization_id == ORGANIZATION


def _linked(table: FromClause) -> FromClause:
    return table.join(
        LINK, and_(LINK.c.organization_id == table.c.organization_id, LINK.c.account_id == table.c.account_id)
    )


def _answering(table: FromClause, person: ColumnElement[Any] | None = None) -> Way:
    """Those who stand for the account of a row that names nobody."""
    unnamed = [] if person is None else [person.is_(None)]
    return Way(
        _linked(table), LINK.c.contact_id, table.c.id, [own(table), own(LINK), _NOW, _STANDS, *unnamed]
    )


def _named(table: FromClause, person: ColumnElement[Any]) -> Way:
    return Way(table, person, table.c.id, [own(table), person.is_not(None)])


ACCOUNT, POLICY, CLAIM = Account.__table__, Policy.__table__, Claim.__table__
RECEIVABLE, COMPLAINT, OBJECT = Receivable.__table__, Complaint.__table__, InsuredObject.__table__
INTERACTION, TALK, LEAD, FACT = (
    Interaction.__table__,
    InteractionLink.__table__,
    Lead.__table__,
    EventLine.__table__,
)
CONSENT, SAID = ConsentState.__table__, Consent.__table__
WAYS: dict[str, Sequence[Way]] = {
    "account": [
        Way(
            ACCOUNT.join(
                LINK,
                and_(LINK.c.organization_id == ACCOUNT.c.organization_id, LINK.c.account_id == ACCOUNT.c.id),
            ),
            LINK.c.contact_id,
            ACCOUNT.c.id,
            [
                own(ACCOUNT),
                own(LINK),
                _NOW,
                ACCOUNT.c.deleted_at.is_(None),
                ACCOUNT.c.merged_into_id.is_(None),
            ],
        )
    ],
    "policy": [
        _named(POLICY, POLICY.c.policyholder_contact_id),
        _answering(POLICY, POLICY.c.policyholder_contact_id),
    ],
    "object": [_answering(OBJECT)],
    "claim": [_named(CLAIM, CLAIM.c.declarant_contact_id), _answering(CLAIM, CLAIM.c.declarant_contact_id)],
    "receivable": [_answering(RECEIVABLE)],
    "complaint": [_named(COMPLAINT, COMPLAINT.c.contact_id), _answering(COMPLAINT, COMPLAINT.c.contact_id)],
    "interaction": [
        Way(
            INTERACTION.join(
                TALK,
                and_(
                    TALK.c.organization_id == INTERACTION.c.organization_id,
                    TALK.c.interaction_id == INTERACTION.c.id,
                ),
            ),
            TALK.c.object_id,
            INTERACTION.c.id,
            [
                own(INTERACTION),
                own(TALK),
                TALK.c.object_type == literal_column("'contact'", Text()),
                INTERACTION.c.corrected_by_id.is_(None),
            ],
        )
    ],
    "lead": [
        Way(
            LEAD,
            LEAD.c.converted_contact_id,
            LEAD.c.id,
            [own(LEAD), LEAD.c.converted_contact_id.is_not(None), LEAD.c.deleted_at.is_(None)],
        )
    ],
    "consent": [
        Way(
            CONSENT,
            CONSENT.c.subject_id,
            CONSENT.c.consent_id,
            [own(CONSENT), CONSENT.c.subject_type == literal_column("'contact'", Text())],
        )
    ],
    "event": [
        Way(
            FACT,
            FACT.c.object_id,
            FACT.c.id,
            [own(FACT), FACT.c.object_type == literal_column("'contact'", Text())],
        )
    ],
}


def _among(column: ColumnElement[Any], ids: ColumnElement[Any]) -> ColumnElement[bool]:
    return column == any_(ids)


def of_accounts(accounts: Any) -> Any:
    """Whoever is linked now: a link that ended lets nobody in, and its end is a fact of the contact."""
    return select(LINK.c.contact_id).where(own(LINK), _NOW, LINK.c.account_id.in_(accounts))


def _through(table: FromClause, *people: ColumnElement[Any]) -> Callable[[ColumnElement[Any]], Sequence[Any]]:
    """Everybody linked to the accounts of the rows, and those whom the rows name."""

    def build(ids: ColumnElement[Any]) -> Sequence[Any]:
        changed = [own(table), _among(table.c.id, ids)]
        return [
            of_accounts(select(table.c.account_id).where(*changed)),
            *(select(person).where(*changed, person.is_not(None)) for person in people),
        ]

    return build


TOUCHES: Sequence[Touch] = (
    Touch(
        "account",
        lambda ids: [select(LINK.c.contact_id).where(own(LINK), _NOW, _among(LINK.c.account_id, ids))],
    ),
    Touch("policy", _through(POLICY, POLICY.c.policyholder_contact_id)),
    Touch("insured_object", _through(OBJECT)),
    Touch("claim", _through(CLAIM, CLAIM.c.declarant_contact_id)),
    Touch("receivable", _through(RECEIVABLE)),
    Touch("complaint", _through(COMPLAINT, COMPLAINT.c.contact_id)),
    Touch(
        "interaction",
        lambda ids: [
            select(TALK.c.object_id).where(
                own(TALK),
                _among(TALK.c.interaction_id, ids),
                TALK.c.object_type == literal_column("'contact'", Text()),
            )
        ],
    ),
    Touch(
        "consent",
        lambda ids: [
            select(SAID.c.subject_id).where(
                own(SAID),
                _among(SAID.c.id, ids),
                SAID.c.subject_type == literal_column("'contact'", Text()),
            )
        ],
    ),
    Touch(
        "lead",
        lambda ids: [
            select(LEAD.c.converted_contact_id).where(
                own(LEAD), _among(LEAD.c.id, ids), LEAD.c.converted_contact_id.is_not(None)
            )
        ],
    ),
)
LISTENED: dict[str, frozenset[str]] = {
    "contact": frozenset({"contact"}),
    "account": frozenset({"account"}),
    "policy": frozenset({"policy", "insured_object"}),
    "object": frozenset({"insured_object"}),
    "claim": frozenset({"claim"}),
    "receivable": frozenset({"receivable"}),
    "complaint": frozenset({"complaint"}),
    "interaction": frozenset({"interaction"}),
    "lead": frozenset({"lead"}),
    "consent": frozenset({"consent"}),
    "event": frozenset({"contact"}),
}
"""Group of fields -> kinds of objects whose facts may change what it says. Everything changes with the
person: what links them to accounts is theirs."""


def in_an_open_case(
    contact_id: Any,
    organization: UUID | ColumnElement[Any] = ORGANIZATION,
    touched: ColumnElement[Any] | None = None,
) -> ColumnElement[bool]:
    """Whether somebody, or an account they belong to, waits for the end of a claim or complaint."""
    return or_(*open_cases(contact_id, organization, touched))


def open_cases(
    contact_id: Any,
    organization: UUID | ColumnElement[Any] = ORGANIZATION,
    touched: ColumnElement[Any] | None = None,
) -> list[ColumnElement[bool]]:
    """The four ways to be in one, each by itself: PostgreSQL makes an anti join of each that is denied."""
    found: list[ColumnElement[bool]] = []
    for table, person, closed in (
        (CLAIM, CLAIM.c.declarant_contact_id, CLOSED_CLAIMS),
        (COMPLAINT, COMPLAINT.c.contact_id, CLOSED_COMPLAINTS),
    ):
        rows, link = table.alias(), LINK.alias()
        running = [
            rows.c.organization_id == organization,
            rows.c.status.not_in(words(closed)),
        ]
        named = rows.c[person.key]
        linked = [
            link.c.organization_id == organization,
            link.c.account_id == rows.c.account_id,
            link.c.to_date.is_(None),
        ]
        near = [] if touched is None else [_among(named, touched)]
        nearby = [] if touched is None else [_among(link.c.contact_id, touched)]
        found += [
            exists(select(ONE).select_from(rows).where(*running, named == contact_id, *near)),
            exists(
                select(ONE)
                .select_from(rows)
                .join(link, and_(*linked))
                .where(*running, link.c.contact_id == contact_id, *nearby)
            ),
        ]
    return found
