"""The sections of a customer's page; another one is a function here, a line in `SECTIONS`, a schema field.

Each is one value of the statement: its lines are read by an index and stop at `MOST`, and it says whether
there are others and where.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    Date,
    cast,
    false,
    func,
    null,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP

from crm_api.billing.models.schedule import Instalment
from crm_api.claims.models.words import FINISHED, ClaimStatus
from crm_api.core.money import Centimes
from crm_api.core.plain import table_of
from crm_api.core.statements import as_json, wire
from crm_api.files.models import File, FileLink
from crm_api.files.sight import readable_files
from crm_api.interactions.columns import LINKS, shown_columns
from crm_api.interactions.models import Interaction
from crm_api.interactions.schemas import InteractionLine
from crm_api.notifications.models import Notification
from crm_api.policies.models.policy import PolicyStatus
from crm_api.policies.schemas.objects import InsuredObjectRead
from crm_api.profiles.around import ID, ORGANIZATION, TODAY, Around, number, word
from crm_api.profiles.around import LINKS as MEMBERSHIPS
from crm_api.profiles.lines import (
    ProfileAccount,
    ProfileClaim,
    ProfileDocument,
    ProfileDueDate,
    ProfileMember,
    ProfileNotification,
    ProfileOpportunity,
    ProfilePolicy,
    ProfileReceivable,
    ProfileReminder,
    ProfileTask,
)
from crm_api.profiles.schemas import MOST
from crm_api.profiles.written import (
    Columns,
    Part,
    about_them,
    actor,
    chosen,
    condition,
    counted,
    hanging_on,
    kept_by,
    link_to,
    listed,
    nothing,
    summed,
)
from crm_api.reminders.models import Reminder
from crm_api.tasks.models import IS_UNFINISHED, Task
from crm_api.tasks.sight import seen_tasks

NEWEST_TOLD = 500
"""Notifications of the user among which those about the customer are looked for."""


@dataclass(frozen=True, slots=True)
class Section:
    scope: str | None
    """Who does not hold it has no such section; None: whoever reads the page."""
    part: Callable[[Around], Part]


def identity(around: Around) -> Part:
    repository = around.ctx.tools.objects[around.root](around.ctx)
    table, seen = around.seen(around.root)
    sheet = cast(as_json(repository.columns(), repository.read.model_fields), JSON)
    mine = select(sheet).where(table.c.id == ID, *seen).scalar_subquery()
    return about_them(link_to(f"/v1/{around.root}s/", ""), value=mine, has_more=false())


def banners(around: Around) -> Part:
    """Flags, each once."""
    parts = []
    if around.is_person:
        people, seen = around.seen("contact")
        for flag, column in ("deceased", people.c.is_deceased), ("do_not_contact", people.c.do_not_contact):
            parts.append(select(word(flag).label("flag")).where(people.c.id == ID, column, *seen))
    if "accounts:read" in around.scopes:
        parts.append(around.flags())
    if "receivables:read" in around.scopes:
        parts.append(around.anything(around.owed, "unpaid", around.owed.c.due_on < TODAY))
    if "claims:read" in around.scopes:
        in_court = around.claimed.c.status == word(ClaimStatus.LITIGATION)
        parts.append(around.anything(around.claimed, "litigation", in_court))
    none = nothing()
    flags = around.first_of(*parts) if parts else None
    found: Any = none
    if flags is not None:
        once = select(flags.c.flag).distinct().order_by(flags.c.flag).subquery()
        found = select(func.coalesce(func.json_agg(once.c.flag), none)).scalar_subquery()
    return about_them(link_to(f"/v1/{around.root}s/", ""), data=found, has_more=false())


def accounts(around: Around) -> Part:
    table, seen = around.seen("account")
    columns: Columns = {name: table.c[name] for name in ProfileAccount.model_fields if name in table.c}
    columns |= {"role": MEMBERSHIPS.c.role, "is_primary": MEMBERSHIPS.c.is_primary}
    columns["from_date"] = MEMBERSHIPS.c.from_date
    rows = chosen(columns).where(
        MEMBERSHIPS.c.organization_id == ORGANIZATION,
        MEMBERSHIPS.c.contact_id == ID,
        MEMBERSHIPS.c.to_date.is_(None),
        table.c.id == MEMBERSHIPS.c.account_id,
        *seen,
    )
    order = ("is_primary", True), ("from_date", False), ("id", False)
    return listed(rows, order, ProfileAccount, link_to("/v1/contacts/", "/account-links"))


def members(around: Around) -> Part:
    table, seen = around.seen("contact")
    columns: Columns = {"id": table.c.id, "name": table.c.display_name, "phone": table.c.primary_phone}
    columns |= {"role": MEMBERSHIPS.c.role, "is_deceased": table.c.is_deceased}
    columns["from_date"] = MEMBERSHIPS.c.from_date
    rows = chosen(columns).where(
        MEMBERSHIPS.c.organization_id == ORGANIZATION,
        MEMBERSHIPS.c.account_id == ID,
        MEMBERSHIPS.c.to_date.is_(None),
        table.c.id == MEMBERSHIPS.c.contact_id,
        *seen,
    )
    return listed(
        rows, (("from_date", False), ("id", False)), ProfileMember, link_to("/v1/contacts?account_id=")
    )


def policies(around: Around) -> Part:
    held = around.held
    rows = chosen({name: held.c[name] for name in ProfilePolicy.model_fields})
    running = held.c.status == word(PolicyStatus.IN_FORCE)
    ended = [held.c.status == word(status) for status in ("expired", "renewed", "terminated", "cancelled")]
    return listed(
        rows,
        (("effective_at", True), ("id", True)),
        ProfilePolicy,
        link_to("/v1/policies?" + ("policyholder_contact_id=" if around.is_person else "account_id=")),
        **kept_by(held),
        in_force_count=counted(held, running),
        ended_count=counted(held, or_(*ended)),
    )


def insured_objects(around: Around) -> Part:
    repository = around.ctx.tools.objects["insured_object"](around.ctx)
    table, seen = around.seen("insured_object")
    columns = {name: repository.columns()[name] for name in InsuredObjectRead.model_fields}
    rows = chosen(columns).where(*seen)
    mine = rows.where(table.c.account_id == (around.households.c.id if around.is_person else ID))
    href = link_to("/v1/insured-objects?" + ("contact_id=" if around.is_person else "account_id="))
    return listed(mine, (("id", True),), InsuredObjectRead, href)


def claims(around: Around) -> Part:
    claimed = around.claimed
    is_open = claimed.c.status.not_in([word(status) for status in sorted({*FINISHED, ClaimStatus.DRAFT})])
    columns: Columns = {name: claimed.c[name] for name in ProfileClaim.model_fields if name in claimed.c}
    columns |= {"is_open": is_open, "created_at": claimed.c.created_at}
    last = select(func.max(claimed.c.occurred_at, type_=TIMESTAMP(timezone=True))).scalar_subquery()
    return listed(
        chosen(columns),
        (("is_open", True), ("created_at", True), ("id", True)),
        ProfileClaim,
        link_to("/v1/claims?" + ("contact_id=" if around.is_person else "account_id=")),
        open_count=counted(claimed, is_open),
        last_occurred_at=wire(last),
    )


def receivables(around: Around) -> Part:
    owed = around.owed
    rows = chosen({name: owed.c[name] for name in ProfileReceivable.model_fields})
    late = owed.c.due_on < TODAY
    oldest = select(func.min(owed.c.due_on, type_=Date())).where(late).scalar_subquery()
    whole = link_to("/v1/receivables?account_id=")
    return listed(
        rows,
        (("due_on", False), ("id", False)),
        ProfileReceivable,
        link_to("/v1/contacts/", "/profile?include=receivables") if around.is_person else whole,
        **kept_by(owed),
        owed=wire(summed(owed)),
        overdue=wire(summed(owed, late)),
        oldest_due_on=oldest,
    )


def due_dates(around: Around) -> Part:
    """Parts of premiums that are not due yet, and the ends of contracts in force."""
    held, part = around.held, table_of(Instalment)
    left = part.c.total - part.c.paid_amount
    unpaid = [word(status) for status in ("scheduled", "billed", "partially_paid", "overdue")]
    instalments = chosen(
        {
            "kind": word("instalment"),
            "on": part.c.due_on,
            "policy_id": held.c.id,
            "number": held.c.number,
            "amount": cast(left, Centimes()),
        }
    ).where(
        part.c.organization_id == ORGANIZATION,
        part.c.policy_id == held.c.id,
        part.c.due_on >= TODAY,
        part.c.status.in_(unpaid),
        part.c.total > part.c.paid_amount,
    )
    zone = word("Africa/Algiers")
    ends = chosen(
        {
            "kind": word("expiry"),
            "on": cast(func.timezone(zone, held.c.expires_at), Date()),
            "policy_id": held.c.id,
            "number": held.c.number,
            "amount": cast(null(), Centimes()),
        }
    ).where(held.c.status == word(PolicyStatus.IN_FORCE), held.c.expires_at >= func.now())
    both = around.first_of(instalments, ends)
    rows = select(both)
    href = link_to(f"/v1/{around.root}s/", "/profile?include=due_dates")
    return listed(rows, (("on", False), ("policy_id", False), ("kind", False)), ProfileDueDate, href)


def opportunities(around: Around) -> Part:
    table, seen = around.seen("opportunity")
    columns: Columns = {name: table.c[name] for name in ProfileOpportunity.model_fields}
    columns["is_open"] = table.c.status == word("open")
    rows = chosen(columns).where(*seen)
    if around.is_person:
        home = rows.where(table.c.account_id == around.households.c.id)
        both = around.first_of(
            rows.where(table.c.contact_id == ID).limit(number(1000)), home.limit(number(1000))
        )
        rows = select(both).distinct()
    else:
        rows = rows.where(table.c.account_id == ID)
    href = link_to("/v1/opportunities?" + ("contact_id=" if around.is_person else "account_id="))
    order = ("is_open", True), ("close_date", False), ("id", False)
    return listed(rows, order, ProfileOpportunity, href)


def interactions(around: Around) -> Part:
    """By the links alone, as the timeline reads them."""
    table, links = table_of(Interaction), LINKS
    shown = shown_columns(dict(table.c))
    columns = {name: shown[name] for name in InteractionLine.model_fields}
    rows = chosen(columns).where(
        links.c.organization_id == ORGANIZATION,
        links.c.object_type == word(around.root),
        links.c.object_id == ID,
        table.c.organization_id == links.c.organization_id,
        table.c.id == links.c.interaction_id,
        table.c.corrected_by_id.is_(None),
    )
    newest = links.c.occurred_at.desc(), links.c.interaction_id.desc()
    promised = rows.where(links.c.has_promise).order_by(*newest).limit(number(1)).subquery()
    promise = select(cast(as_json(dict(promised.c), InteractionLine.model_fields), JSON)).scalar_subquery()
    rows = rows.order_by(*newest).limit(number(MOST + 1))
    href = link_to(f"/v1/{around.root}s/", "/timeline?kind=interaction")
    order = ("occurred_at", True), ("id", True)
    return listed(rows, order, InteractionLine, href, last_promise=promise)


def tasks(around: Around) -> Part:
    table = table_of(Task)
    rows = chosen({name: table.c[name] for name in ProfileTask.model_fields}).where(
        table.c.organization_id == ORGANIZATION,
        table.c.object_type == word(around.root),
        table.c.object_id == ID,
        table.c.deleted_at.is_(None),
        condition(IS_UNFINISHED),
        *seen_tasks(around.variant),
    )
    return listed(rows, (("due_at", False), ("id", False)), ProfileTask, hanging_on("tasks", around))


def reminders(around: Around) -> Part:
    table, me = table_of(Reminder), actor()
    rows = chosen({name: table.c[name] for name in ProfileReminder.model_fields}).where(
        table.c.organization_id == ORGANIZATION,
        table.c.object_type == word(around.root),
        table.c.object_id == ID,
        table.c.deleted_at.is_(None),
        condition("reminders.status IN ('scheduled', 'fired')"),
        or_(table.c.for_user_id == me, table.c.created_by_id == me),
    )
    return listed(
        rows, (("remind_at", False), ("id", False)), ProfileReminder, hanging_on("reminders", around)
    )


def notifications(around: Around) -> Part:
    table = table_of(Notification)
    names = [*ProfileNotification.model_fields, "object_type", "object_id"]
    mine = select(*(table.c[name] for name in names)).where(
        table.c.organization_id == ORGANIZATION, table.c.recipient_id == actor(), table.c.in_app
    )
    newest = mine.order_by(table.c.created_at.desc(), table.c.id.desc()).limit(number(NEWEST_TOLD)).subquery()
    rows = chosen({name: newest.c[name] for name in ProfileNotification.model_fields}).where(
        newest.c.object_type == word(around.root), newest.c.object_id == ID
    )
    href = word("/v1/notifications")
    return listed(rows, (("created_at", True), ("id", True)), ProfileNotification, href)


def documents(around: Around) -> Part:
    table, links = table_of(File), FileLink.__table__
    columns: Columns = {name: table.c[name] for name in ProfileDocument.model_fields if name in table.c}
    columns["linked_at"] = links.c.linked_at
    rows = chosen(columns).where(
        links.c.organization_id == ORGANIZATION,
        links.c.object_type == word(around.root),
        links.c.object_id == ID,
        table.c.id == links.c.file_id,
        table.c.deleted_at.is_(None),
        *readable_files(around.ctx.principal),
    )
    return listed(rows, (("linked_at", True), ("id", True)), ProfileDocument, hanging_on("files", around))


SECTIONS: Mapping[str, Section] = {
    "identity": Section(None, identity),
    "banners": Section(None, banners),
    "policies": Section("policies:read", policies),
    "insured_objects": Section("policies:read", insured_objects),
    "claims": Section("claims:read", claims),
    "receivables": Section("receivables:read", receivables),
    "due_dates": Section("receivables:read", due_dates),
    "opportunities": Section("opportunities:read", opportunities),
    "interactions": Section("interactions:read", interactions),
    "tasks": Section("tasks:read", tasks),
    "reminders": Section("tasks:read", reminders),
    "notifications": Section(None, notifications),
    "documents": Section("documents:read", documents),
}
"""Those of both pages."""
OF_PAGE: Mapping[str, Mapping[str, Section]] = {
    "contact": {**SECTIONS, "accounts": Section("accounts:read", accounts)},
    "account": {**SECTIONS, "members": Section("contacts:read", members)},
}
