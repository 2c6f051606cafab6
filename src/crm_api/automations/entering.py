"""Who enters an automation: for each trigger a SELECT of (contact, occasion, moment) within some days.

The same SELECT fills the automation, day by day, and tells who would have entered in the last thirty days.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Interval,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP

from crm_api.automations.models import Automation, AutomationExit, AutomationTrigger
from crm_api.billing.models.receivable import Receivable, ReceivableStatus
from crm_api.claims.models.claim import RUNNING, Claim
from crm_api.complaints.models import Complaint, ComplaintStatus
from crm_api.contacts.civil import blind_values
from crm_api.contacts.models import AccountLink, Contact, ContactKey, KeyKind
from crm_api.core.context import Context
from crm_api.core.statements import unnested
from crm_api.kit.clock import ALGIERS
from crm_api.policies.models.policy import Policy, PolicyStatus

WITH_DAYS = (
    AutomationTrigger.POLICY_EXPIRING,
    AutomationTrigger.POLICY_ENDED,
    AutomationTrigger.INSTALMENT_OVERDUE,
)
_ALIVE = (PolicyStatus.ISSUED, PolicyStatus.IN_FORCE)
_OVER = (PolicyStatus.EXPIRED, PolicyStatus.TERMINATED, PolicyStatus.CANCELLED)
_OWED = (ReceivableStatus.OPEN, ReceivableStatus.PARTIALLY_SETTLED)
_OLDEST = 110
_MORNING = time(9)


class Period(NamedTuple):
    """Days of Algiers, the last one included."""

    first: date
    last: date

    def values(self) -> dict[str, Any]:
        return {
            "first": self.first,
            "last": self.last,
            "begins": _midnight(self.first),
            "ends": _midnight(self.last + timedelta(days=1)),
        }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ALGIERS)


def _at(name: str) -> ColumnElement[Any]:
    return bindparam(name, type_=TIMESTAMP(timezone=True))


def _day(name: str) -> ColumnElement[Any]:
    return bindparam(name, type_=Date())


def _days(days: int) -> ColumnElement[Any]:
    return literal_column(f"interval '{days:d} days'", Interval())


def _number(days: int) -> ColumnElement[Any]:
    """In the words of the statement: a parameter would take the type of what it is cast to."""
    return literal_column(f"{days:d}", Integer())


def mine(table: Any) -> ColumnElement[bool]:
    own: ColumnElement[bool] = table.organization_id == bindparam("own_organization", type_=Uuid())
    return own


def _head(account_id: Any) -> ColumnElement[Any]:
    """Who stands for an account."""
    return (
        select(AccountLink.contact_id)
        .where(mine(AccountLink), AccountLink.account_id == account_id, AccountLink.to_date.is_(None))
        .order_by(AccountLink.is_primary.desc(), AccountLink.from_date, AccountLink.contact_id)
        .limit(1)
        .correlate_except(AccountLink)
        .scalar_subquery()
    )


def _occasion(kind: str, *parts: Any) -> ColumnElement[Any]:
    return func.concat_ws(":", literal(kind, Text()), *(cast(part, Text()) for part in parts))


def entrants(trigger: Mapping[str, Any]) -> Select[Any] | None:
    """Columns contact_id, occasion, at. None for who is put in by hand."""
    kind, days = AutomationTrigger(trigger["kind"]), int(trigger.get("days") or 0)
    holder = func.coalesce(Policy.policyholder_contact_id, _head(Policy.account_id))
    expires = Policy.expires_at
    if kind is AutomationTrigger.POLICY_ISSUED:
        started = func.timezone(
            "Africa/Algiers", cast(Policy.subscribed_on, TIMESTAMP()) + text("interval '9 hours'")
        )
        return _people(holder, _occasion("policy", Policy.id), started).where(
            mine(Policy), Policy.subscribed_on.between(_day("first"), _day("last")), Policy.status.in_(_ALIVE)
        )
    if kind is AutomationTrigger.POLICY_EXPIRING:
        return _people(holder, _occasion("policy", Policy.id, _number(days)), expires - _days(days)).where(
            mine(Policy),
            expires >= _at("begins") + _days(days),
            expires < _at("ends") + _days(days),
            Policy.status.in_(_ALIVE),
            Policy.next_policy_id.is_(None),
        )
    if kind is AutomationTrigger.POLICY_ENDED:
        return _people(holder, _occasion("ended", Policy.id, _number(days)), expires + _days(days)).where(
            mine(Policy),
            expires >= _at("begins") - _days(days),
            expires < _at("ends") - _days(days),
            Policy.status.in_(_OVER),
            Policy.next_policy_id.is_(None),
        )
    return _others(kind, days)


def _others(kind: AutomationTrigger, days: int) -> Select[Any] | None:
    if kind is AutomationTrigger.CLAIM_SETTLED:
        declarant = func.coalesce(Claim.declarant_contact_id, _head(Claim.account_id))
        return _people(declarant, _occasion("claim", Claim.id), Claim.settled_at).where(
            mine(Claim), Claim.settled_at >= _at("begins"), Claim.settled_at < _at("ends")
        )
    if kind is AutomationTrigger.INSTALMENT_OVERDUE:
        late = func.timezone("Africa/Algiers", cast(Receivable.due_on + _number(days), TIMESTAMP()))
        return _people(
            _head(Receivable.account_id), _occasion("receivable", Receivable.id, _number(days)), late
        ).where(
            mine(Receivable),
            Receivable.due_on.between(_day("first") - _number(days), _day("last") - _number(days)),
            Receivable.status.in_(_OWED),
        )
    if kind is AutomationTrigger.CONTACT_CREATED:
        came = Contact.created_at
        return _alive(select(Contact.id, _occasion("contact", Contact.id), came)).where(
            came >= _at("begins"), came < _at("ends")
        )
    if kind is AutomationTrigger.BIRTHDAY:
        born = unnested(digests=Text(), days=Date())
        feast = func.timezone("Africa/Algiers", cast(born.c.days, TIMESTAMP()) + text("interval '9 hours'"))
        occasion = _occasion("birthday", Contact.id, born.c.days)
        return _alive(select(Contact.id, occasion, feast)).where(
            mine(ContactKey),
            ContactKey.kind == KeyKind.BIRTH_DATE,
            ContactKey.value == cast(born.c.digests, Text()),
            ContactKey.contact_id == Contact.id,
        )
    return None


def _people(contact_id: ColumnElement[Any], occasion: ColumnElement[Any], at: Any) -> Select[Any]:
    return _alive(select(Contact.id, occasion, at).where(Contact.id == contact_id))


def _alive(found: Select[Any]) -> Select[Any]:
    return found.where(
        mine(Contact),
        Contact.deleted_at.is_(None),
        Contact.merged_into_id.is_(None),
        Contact.anonymised_at.is_(None),
        ~Contact.is_deceased,
    )


async def period_values(ctx: Context, trigger: Mapping[str, Any], period: Period) -> dict[str, Any]:
    """The parameters of `entrants`. Dates of birth are sealed: every possible one is blinded."""
    values = period.values()
    if trigger["kind"] == AutomationTrigger.BIRTHDAY:
        digests: list[str] = []
        days: list[date] = []
        for offset in range((period.last - period.first).days + 1):
            day = period.first + timedelta(days=offset)
            for born in _births(day):
                found = await blind_values(ctx, KeyKind.BIRTH_DATE, born.isoformat())
                digests += found
                days += [day] * len(found)
        values |= {"digests": digests, "days": days}
    return values


def _births(day: date) -> list[date]:
    """The dates of birth that are celebrated on a day; those of the 29th of February too."""
    found = []
    for year in range(day.year - _OLDEST, day.year + 1):
        for month, number in {(day.month, day.day), (2, 29)} if _is_28(day) else {(day.month, day.day)}:
            try:
                found.append(date(year, month, number))
            except ValueError:
                continue
    return found


def _is_28(day: date) -> bool:
    return (day.month, day.day) == (2, 28) and (day + timedelta(days=1)).month == 3


# --- what keeps people out, and takes them out


def troubled(reason: AutomationExit, contact_id: Any) -> ColumnElement[bool]:
    """A customer with an open claim or complaint, or who owes a premium. Parameters: `today`."""
    accounts = (
        select(AccountLink.account_id)
        .where(mine(AccountLink), AccountLink.contact_id == contact_id, AccountLink.to_date.is_(None))
        .correlate_except(AccountLink)
    )
    if reason is AutomationExit.CLAIM:
        theirs = or_(Claim.declarant_contact_id == contact_id, Claim.account_id.in_(accounts))
        return exists().where(mine(Claim), text(f"claims.{RUNNING}"), theirs)
    if reason is AutomationExit.COMPLAINT:
        theirs = or_(Complaint.contact_id == contact_id, Complaint.account_id.in_(accounts))
        return exists().where(mine(Complaint), Complaint.status != ComplaintStatus.CLOSED, theirs)
    return exists().where(
        mine(Receivable),
        Receivable.account_id.in_(accounts),
        Receivable.status.in_(_OWED),
        Receivable.due_on < _day("today"),
    )


TROUBLES = (AutomationExit.CLAIM, AutomationExit.COMPLAINT, AutomationExit.UNPAID)


def admitted(automation: Automation, found: Select[Any]) -> Select[Any]:
    """Without those whom the automation would take out at once."""
    kept_out = [one for one in TROUBLES if one in automation.exits]
    return found.where(and_(True, *(~troubled(one, Contact.id) for one in kept_out)))
