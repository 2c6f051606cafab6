"""The fields that rules may name: the published catalogue, and how each becomes a condition.

A group is a kind of row around a person (their contracts, their debts); higher floors lend theirs
(`registry.AUDIENCE`). Class P4 is in no field, and class P3 only in those marked sensitive.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Integer, Text, any_, bindparam, cast, exists, func, select

from crm_api.accounts.models import (
    AccountLifecycle,
    AccountSegment,
    AccountStatus,
    AccountTier,
    AccountType,
)
from crm_api.billing.models.receivable import DunningState, ReceivableKind, ReceivableStatus
from crm_api.claims.models.words import ClaimStatus
from crm_api.complaints.models import ComplaintCategory, ComplaintSeverity, ComplaintStatus
from crm_api.consents.models import ConsentPurpose, ConsentStatus
from crm_api.contacts.models import Civility, Contact, ContactChannel, LinkRole
from crm_api.interactions.models import Direction, InteractionChannel, InteractionOutcome
from crm_api.kit.contact_points import SpokenLanguage
from crm_api.kit.listing import Filter
from crm_api.kit.searching import Searchable
from crm_api.leads.models import LeadSource, LeadStatus, ScoreBand
from crm_api.policies.models.cover import InsuredObjectStatus, PolicyCoverage, PolicyObject
from crm_api.policies.models.policy import PaymentPlan, PolicyChannel, PolicyStatus, RenewalType
from crm_api.policies.schemas.kinds import SeismicZone
from crm_api.reference.models import ObjectKind
from crm_api.segments import values as are
from crm_api.segments.birthdays import BIRTH_MONTH, MONTHS
from crm_api.segments.subjects import (
    ACCOUNT,
    CLAIM,
    COMPLAINT,
    CONSENT,
    FACT,
    INTERACTION,
    LEAD,
    LINK,
    LISTENED,
    OBJECT,
    ONE,
    POLICY,
    RECEIVABLE,
    WAYS,
    Touch,
    Way,
    own,
)
from crm_api.segments.values import DAY, FieldKind

PERSON = "contact"


@dataclass(frozen=True, slots=True)
class RuleField:
    """One field of the catalogue."""

    code: str
    kind: FieldKind
    rules: tuple[Filter, ...]
    values: tuple[str, ...] = ()
    """Of a choice."""
    labels: str = ""
    """The enumeration of the reference data that names the values."""
    sensitive: bool = False
    """Class P3: the data protection officer approves the rule."""

    @property
    def searchable(self) -> Searchable:
        return Searchable(*self.rules)


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Rows of one kind around a person."""

    code: str
    fields: Sequence[RuleField]
    ways: Sequence[Way] = ()
    """None: the person themselves."""
    listened: frozenset[str] = frozenset()
    touches: Sequence[Touch] = ()
    """Of kinds that the catalogue does not know yet."""
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Code of the group or field -> fr, en, ar; of lent groups (ours stand in fields.csv)."""


def some(name: str, kind: Any, rules: Any, enum: str, *, sensitive: bool = False) -> RuleField:
    """A choice among an enumeration."""
    values = tuple(str(value) for value in kind)
    return RuleField(name, FieldKind.CHOICE, rules(values), values, enum, sensitive)


def chosen(name: str, column: Any, kind: Any, enum: str = "", *, null: bool = False) -> RuleField:
    return some(name, kind, lambda values: are.choice(column, values, null=null), enum or name)


def _days(name: str, column: Any, *, null: bool = False) -> RuleField:
    return RuleField(name, FieldKind.DAY, are.day(column, null=null))


def moments(name: str, column: Any, *, null: bool = False) -> RuleField:
    return RuleField(name, FieldKind.DAY, are.moment(column, null=null))


def numbers(name: str, column: Any, *, null: bool = False, sensitive: bool = False) -> RuleField:
    return RuleField(name, FieldKind.NUMBER, are.number(column, null=null), sensitive=sensitive)


def _money(name: str, column: Any) -> RuleField:
    return RuleField(name, FieldKind.MONEY, are.money(column))


def _codes(name: str, column: Any, *, null: bool = False) -> RuleField:
    return RuleField(name, FieldKind.TEXT, are.code(column, null=null))


def _ids(name: str, column: Any, *, null: bool = False) -> RuleField:
    return RuleField(name, FieldKind.ID, are.identity(column, null=null))


_C = Contact.__table__.c
_CONTACT = Group(
    PERSON,
    (
        chosen("contact.civility", _C.civility, Civility),
        chosen("contact.preferred_language", _C.preferred_language, SpokenLanguage),
        chosen("contact.preferred_channel", _C.preferred_channel, ContactChannel, null=True),
        RuleField("contact.do_not_contact", FieldKind.YES_NO, are.yes_no(_C.do_not_contact)),
        RuleField("contact.email", FieldKind.TEXT, are.presence(_C.primary_email)),
        RuleField("contact.phone", FieldKind.TEXT, are.presence(_C.primary_phone)),
        _codes("contact.wilaya_code", _C.addresses[0]["wilaya_code"].astext, null=True),
        RuleField("contact.tag", FieldKind.TAG, are.tag(_C.tags)),
        _ids("contact.agency_id", _C.agency_id, null=True),
        _ids("contact.owner_user_id", _C.owner_user_id, null=True),
        _days("contact.registered_on", _C.registered_on),
        _days("contact.valid_until", _C.valid_until, null=True),
        moments("contact.created_on", _C.created_at),
        RuleField("contact.birth_month", FieldKind.CHOICE, BIRTH_MONTH, MONTHS, sensitive=True),
    ),
    listened=LISTENED[PERSON],
)
_A = ACCOUNT.c
_ACCOUNT = (
    chosen("account.type", _A.type, AccountType),
    chosen("account.segment", _A.segment, AccountSegment, null=True),
    chosen("account.lifecycle", _A.lifecycle, AccountLifecycle),
    chosen("account.tier", _A.tier, AccountTier),
    chosen("account.status", _A.status, AccountStatus),
    chosen("account.role", LINK.c.role, LinkRole, "account_link.role"),
    _codes("account.wilaya_code", _A.wilaya_code, null=True),
    _codes("account.industry_code", _A.industry_code, null=True),
    RuleField("account.tag", FieldKind.TAG, are.tag(_A.tags)),
    _ids("account.agency_id", _A.agency_id, null=True),
    _days("account.customer_since", _A.customer_since, null=True),
    _days("account.last_policy_expiry", _A.last_policy_expiry, null=True),
    numbers("account.employee_count", _A.employee_count, null=True, sensitive=True),
    numbers("account.revenue_band", _A.revenue_band, sensitive=True),
)
_P = POLICY.c
_COVER, _HELD = PolicyCoverage.__table__, PolicyObject.__table__
_COVERED = (
    own(_COVER),
    _COVER.c.policy_id == _P.id,
    _COVER.c.policy_version == _P.version_no,
    _COVER.c.status != "removed",
)


def _covers(compare: Any) -> ColumnElement[bool]:
    return exists(select(ONE).select_from(_COVER).where(*_COVERED, compare(_COVER.c.coverage_code)))


def _some_object(column: ColumnElement[Any]) -> Any:
    """That one of the objects which the contract covers now meets a comparison."""
    held = _HELD.join(
        OBJECT,
        (OBJECT.c.organization_id == _HELD.c.organization_id) & (OBJECT.c.id == _HELD.c.insured_object_id),
    )
    covered = own(_HELD), own(OBJECT), _HELD.c.policy_id == _P.id, _HELD.c.to_version.is_(None)
    return lambda compare: exists(select(ONE).select_from(held).where(*covered, compare(column)))


def _text(name: str) -> Any:
    return bindparam(name, type_=Text())


def _is(reads: Any) -> dict[str, Any]:
    """One value or several."""
    many = are.rules(POLICY.c.number, reads, ("in",))[0].reads
    return {
        "eq": (lambda column, name: column == _text(name), reads, str),
        "in": (
            lambda column, name: column == any_(bindparam(name, type_=ARRAY(Text()))),
            many,
            lambda given: [str(value) for value in given],
        ),
    }


_SINCE = {
    operator: (
        lambda column, name, compare=compare: getattr(column, compare)(_text(name)),
        DAY,
        lambda value: value.isoformat(),
    )
    for operator, compare in (("gte", "__ge__"), ("gt", "__gt__"), ("lte", "__le__"), ("lt", "__lt__"))
}
_REGISTERED = cast(OBJECT.c.details["first_registration_on"].astext, Text(collation="C"))
_ZONE = OBJECT.c.details["seismic_zone"].astext


def _itself(column: ColumnElement[Any]) -> Any:
    return lambda compare: compare(column)


def _literal(kind: Any) -> Any:
    return are.choice(POLICY.c.number, [str(one) for one in kind])[0].reads


_COVER_COUNT = (
    select(func.count(_COVER.c.coverage_code.distinct(), type_=Integer()))
    .select_from(_COVER)
    .where(*_COVERED)
    .correlate(POLICY)
    .scalar_subquery()
)
_POLICY = (
    chosen("policy.status", _P.status, PolicyStatus),
    _codes("policy.product_code", _P.product_code),
    _codes("policy.branch_code", _P.branch_code),
    _codes("policy.plan_code", _P.plan_code, null=True),
    chosen("policy.channel", _P.channel, PolicyChannel),
    chosen("policy.renewal_type", _P.renewal_type, RenewalType),
    chosen("policy.payment_plan", _P.payment_plan, PaymentPlan),
    _days("policy.subscribed_on", _P.subscribed_on),
    moments("policy.effective_on", _P.effective_at),
    moments("policy.expires_on", _P.expires_at),
    moments("policy.terminated_on", _P.terminated_at, null=True),
    _ids("policy.next_policy_id", _P.next_policy_id, null=True),
    _ids("policy.agency_id", _P.agency_id),
    numbers("policy.term_months", _P.term_months),
    _money("policy.annual_net_premium", _P.annual_net_premium),
    _money("policy.total_premium", _P.total_premium),
    RuleField("policy.tag", FieldKind.TAG, are.tag(_P.tags)),
    RuleField("policy.coverage_code", FieldKind.TEXT, are.among(_is(are.TEXT), _covers)),
    numbers("policy.coverage_count", _COVER_COUNT),
    some(
        *("policy.object_kind", ObjectKind),
        lambda _: are.among(_is(_literal(ObjectKind)), _some_object(OBJECT.c.kind)),
        "insured_object.kind",
    ),
    some(
        *("policy.seismic_zone", SeismicZone),
        lambda _: are.among(_is(_literal(SeismicZone)), _some_object(_ZONE)),
        "",
    ),
    RuleField("policy.vehicle_registered_on", FieldKind.DAY, are.among(_SINCE, _some_object(_REGISTERED))),
)
_OBJECT = (
    chosen("object.kind", OBJECT.c.kind, ObjectKind, "insured_object.kind"),
    chosen("object.status", OBJECT.c.status, InsuredObjectStatus, "insured_object.status"),
    some(
        "object.seismic_zone",
        SeismicZone,
        lambda _: are.among(_is(_literal(SeismicZone)), _itself(_ZONE)),
        "",
    ),
    RuleField("object.vehicle_registered_on", FieldKind.DAY, are.among(_SINCE, _itself(_REGISTERED))),
)
_CL = CLAIM.c
_CLAIM = (
    chosen("claim.status", _CL.status, ClaimStatus),
    _codes("claim.branch_code", _CL.branch_code, null=True),
    _codes("claim.product_code", _CL.product_code, null=True),
    moments("claim.declared_on", _CL.declared_at, null=True),
    moments("claim.occurred_on", _CL.occurred_at),
    moments("claim.settled_on", _CL.settled_at, null=True),
    moments("claim.closed_on", _CL.closed_at, null=True),
    _money("claim.paid_amount", _CL.paid_amount),
)
_R = RECEIVABLE.c
_RECEIVABLE = (
    chosen("receivable.status", _R.status, ReceivableStatus),
    chosen("receivable.kind", _R.kind, ReceivableKind),
    chosen("receivable.dunning_state", _R.dunning_state, DunningState),
    numbers("receivable.dunning_level", _R.dunning_level),
    _days("receivable.due_on", _R.due_on),
    _money("receivable.balance", _R.balance),
)
_I = INTERACTION.c
_INTERACTION = (
    chosen("interaction.channel", _I.channel, InteractionChannel, "channel"),
    chosen("interaction.direction", _I.direction, Direction),
    chosen("interaction.outcome", _I.outcome, InteractionOutcome, null=True),
    moments("interaction.occurred_on", _I.occurred_at),
)
_CO = COMPLAINT.c
_COMPLAINT = (
    chosen("complaint.status", _CO.status, ComplaintStatus),
    chosen("complaint.category", _CO.category, ComplaintCategory),
    chosen("complaint.severity", _CO.severity, ComplaintSeverity),
    moments("complaint.received_on", _CO.received_at),
)
_L = LEAD.c
_LEAD = (
    chosen("lead.source", _L.source, LeadSource),
    chosen("lead.status", _L.status, LeadStatus),
    chosen("lead.score_band", _L.score_band, ScoreBand),
    numbers("lead.score", _L.score),
    moments("lead.created_on", _L.created_at),
    moments("lead.converted_on", _L.converted_at, null=True),
)
_S = CONSENT.c
_CONSENT = (
    chosen("consent.purpose", _S.purpose, ConsentPurpose),
    chosen("consent.status", _S.status, ConsentStatus),
    _codes("consent.brand", _S.brand),
    moments("consent.captured_on", _S.captured_at),
    moments("consent.expires_on", _S.expires_at, null=True),
)
_EVENT = (_codes("event.kind", FACT.c.kind), moments("event.occurred_on", FACT.c.at))
_OURS = (
    _CONTACT,
    *(
        Group(code, fields, WAYS[code], LISTENED[code])
        for code, fields in (
            ("account", _ACCOUNT),
            ("policy", _POLICY),
            ("object", _OBJECT),
            ("claim", _CLAIM),
            ("receivable", _RECEIVABLE),
            ("interaction", _INTERACTION),
            ("complaint", _COMPLAINT),
            ("lead", _LEAD),
            ("consent", _CONSENT),
            ("event", _EVENT),
        )
    ),
)


class Catalogue:
    """What rules may say."""

    def __init__(self, lent: Sequence[Group] = ()) -> None:
        self.groups = {group.code: group for group in (*_OURS, *lent)}
        self.fields = {one.code: one for group in self.groups.values() for one in group.fields}
        self.searchable = {code: one.searchable for code, one in self.fields.items()}
        self.touches = [touch for group in self.groups.values() for touch in group.touches]

    def labels(self, code: str) -> Mapping[str, str]:
        for group in self.groups.values():
            if code in group.labels:
                return group.labels[code]
        return _labels()[code]


@cache
def catalogue_of(lent: tuple[Group, ...]) -> Catalogue:
    return Catalogue(lent)


@cache
def _labels() -> Mapping[str, Mapping[str, str]]:
    text = resources.files(__package__).joinpath("fields.csv").read_text("utf-8")
    return {row["code"]: row for row in csv.DictReader(text.splitlines())}
