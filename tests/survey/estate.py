"""One of everything in one organization, made over HTTP: what the gates act on.

An object of `/v1/things/{thing_id}` is made by `POST /v1/things` with the smallest body that fits, its
references filled in with objects made the same way. Only what cannot be guessed is written down here:
in WAYS (what no plain POST makes), and in `survey.bodies`.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx

from actors import Headers, actor, principal_of
from company import PASSWORD, Company
from crm_api.missions.proof import ProofService
from survey import (
    billing,
    correspondence,
    insurance,
    lists,
    losses,
    mailings,
    marketing,
    promises,
    requests,
    voices,
)
from survey.bodies import BODIES, QUERIES
from survey.operations import FORM, UPLOAD, Operation

Values = dict[str, str]
NOT_MADE = AssertionError, KeyError, IndexError, StopIteration
Way = Callable[["Estate"], Awaitable[Values]]
TABLE = b"code,name,type,region_code,wilaya_code\n16099,Agence Hydra,direct_agency,CO,16\n"
LOGO = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + bytes(17)
_ID = re.compile(r"(?:.*_)?([a-z]+_id)s?")


class Estate:
    """An organization, its operations, and what has been made in it."""

    def __init__(self, company: Company, operations: list[Operation], **about: Any) -> None:
        self.company, self.client, self.operations = company, company.client, operations
        self.every_scope = frozenset(scope for operation in operations for scope in operation.scopes)
        admin = principal_of(company.admin.headers)
        about = {"id": admin.id, "agency_id": admin.agency_id} | about
        self.headers = actor(company.organization_id, *self.every_scope | admin.scopes, **about)
        self.client_headers = self.may(*self.every_scope, kind="client", session_id=None)
        self._made: dict[str, Values] = {}
        self._underway: list[str] = []

    def called(self, name: str) -> Operation:
        return next(operation for operation in self.operations if operation.name == name)

    def may(self, *scopes: str, **about: Any) -> Headers:
        """Somebody of this organization."""
        return actor(self.company.organization_id, *scopes, **about)

    # --- objects

    async def reached(self) -> list[Operation]:
        """The operations whose objects could be made; that these are all is a test of its own."""
        found = []
        for operation in self.operations:
            with suppress(*NOT_MADE):
                await self.values(operation)
                found.append(operation)
        return found

    async def values(self, operation: Operation) -> Values:
        """For the path: the object that this operation is about."""
        found: Values = {}
        while missing := [name for name in operation.path_names if name not in found]:
            template = operation.path.partition(f"{{{missing[0]}}}")[0] + f"{{{missing[0]}}}"
            longer = [way for way in WAYS if _begins(operation.path, way) and f"{{{missing[0]}}}" in way]
            found |= await self.one(max([template, *longer], key=len))
        return found

    async def one(self, template: str) -> Values:
        """The values of the template's parameters that lead to an object; the same one every time."""
        if template not in self._made:
            assert template not in self._underway, f"{template} is needed to make itself"
            self._underway.append(template)
            way = WAYS.get(template)
            try:
                self._made[template] = await (way(self) if way else self.another(template))
            finally:
                self._underway.remove(template)
        return self._made[template]

    async def another(self, template: str, **fields: Any) -> Values:
        """A new object, by POST to its collection."""
        collection, _, name = template.rpartition("/")
        poster = next((o for o in self.operations if (o.method, o.path) == ("POST", collection)), None)
        assert poster is not None, f"nothing makes {template}: write a way in {__name__}"
        above = await self.values(poster)
        answer = await self.send(poster, above, await self.body(poster) | fields)
        assert answer.status_code in (201, 202), f"{template}: {answer.status_code} {answer.text}"
        return above | {name[1:-1]: str(answer.json()["id"])}

    async def body(self, operation: Operation, *, needed_only: bool = True) -> Any:
        """A body that the operation takes, its references leading to objects of this organization."""
        body = operation.sample(needed_only=needed_only)
        if operation.media_type == "text/csv":
            return TABLE
        if not isinstance(body, dict):
            return body
        body |= BODIES.get(operation.path, {})
        return {name: await self._referred(operation, name, value) for name, value in body.items()}

    async def query(self, operation: Operation) -> Values:
        """What must be in the query."""
        needed = QUERIES.get(operation.path, {}) if operation.method == "GET" else {}
        return {
            name: [*(await self.one(value)).values()][-1] if value.startswith("/") else value
            for name, value in needed.items()
        }

    async def _referred(self, operation: Operation, name: str, value: Any) -> Any:
        if name == "event_id":
            return str(uuid4())  # the sender's own: nobody else's event is called so
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return [{k: await self._referred(operation, k, v) for k, v in item.items()} for item in value]
        template = self.template_of(name, operation)
        if template is None or value is None or template in self._underway:
            return value
        id = list((await self.one(template)).values())[-1]
        return [id] if isinstance(value, list) else id

    def template_of(self, field: str, operation: Operation) -> str | None:
        """Where objects live that a field of this name refers to."""
        ends = sorted((o.path for o in self.operations if o.path.endswith("_id}")), key=len, reverse=True)
        known = {path.rpartition("/")[2][1:-1]: path for path in ends}  # the shortest path wins
        found = _ID.fullmatch(field)
        own = next((part[1:-1] for part in operation.path.split("/") if part.startswith("{")), None)
        if field == "object_id":
            return known["lead_id"]  # as ON_LEAD says
        if field == "subject_id":
            return known["contact_id"]
        if field in ("other_id", "ids", "id"):
            return known.get(own or "")
        if field in known:
            return known[field]
        return known.get(found[1]) if found else None

    async def version(self, operation: Operation, values: Values) -> str:
        """The ETag to change this object with; that of a new one where it shows none."""
        last = operation.path.rpartition("}")
        paths = (last[0] + last[1], operation.path)
        reader = next((o for o in self.operations if o.method == "GET" and o.path in paths), None)
        answer = await self.send(reader, values) if reader else None
        return str(answer.headers.get("etag", '"1"')) if answer else '"1"'

    # --- calls

    async def send(
        self,
        operation: Operation,
        values: Mapping[str, str],
        body: Any = None,
        *,
        by: Headers | None = None,
        version: str | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> httpx.Response:
        headers = dict(self.headers if by is None else by)
        if operation.takes_version:
            headers["If-Match"] = version or '"1"'
        if operation.needs_key:
            headers["Idempotency-Key"] = str(uuid4())
        options: dict[str, Any] = {"headers": headers, "params": query}
        if operation.media_type == UPLOAD:
            options["files"] = {"file": ("logo.png", LOGO, "image/png")}
            options["data"] = {name: value for name, value in (body or {}).items() if name != "file"}
        elif operation.media_type == FORM:
            options["data"] = body
        elif operation.media_type is not None and isinstance(body, bytes | str):
            options["content"], headers["Content-Type"] = body, operation.media_type
        elif operation.media_type is not None:
            options["json"] = body
        return await self.client.request(operation.method, operation.address(values), **options)


def _begins(path: str, template: str) -> bool:
    return path == template or path.startswith(f"{template}/")


# --- what no plain POST makes


async def _reminder(estate: Estate) -> Values:
    lead = await estate.one("/v1/leads/{lead_id}")
    about = {"object_type": "lead", "object_id": lead["lead_id"]}
    return await estate.another("/v1/reminders/{reminder_id}", **about)


async def _user(estate: Estate) -> Values:
    agency = await estate.one("/v1/agencies/{agency_id}")
    person = await estate.company.hire(agency_id=agency["agency_id"])  # type: ignore[arg-type]
    return {"user_id": str(person.id)}


async def _session(estate: Estate) -> Values:
    person = await estate.company.hire()
    form = {"grant_type": "password", "username": person.email, "password": PASSWORD}
    answer = await estate.client.post("/v1/auth/token", data=form)
    assert answer.status_code == 200, answer.text
    listed = await estate.client.get(f"/v1/users/{person.id}/sessions", headers=estate.headers)
    return {"user_id": str(person.id), "session_id": str(listed.json()["data"][0]["id"])}


async def _own_session(estate: Estate) -> Values:
    return {"session_id": (await estate.one("/v1/users/{user_id}/sessions/{session_id}"))["session_id"]}


async def _invitation(estate: Estate) -> Values:
    await estate.one("/v1/agencies/{agency_id}")
    return await estate.another("/v1/invitations/{invitation_id}")


async def _member(estate: Estate) -> Values:
    group, user = await estate.one("/v1/groups/{group_id}"), await estate.one("/v1/users/{user_id}")
    answer = await estate.send(
        estate.called("addGroupMembers"), group, {"user_ids": [user["user_id"]]}, by=estate.headers
    )
    assert answer.status_code == 204, answer.text
    return group | user


async def _merge(estate: Estate) -> Values:
    kept, other = [(await estate.another("/v1/contacts/{contact_id}"))["contact_id"] for _ in range(2)]
    operation = estate.called("mergeContacts")
    answer = await estate.send(operation, {"contact_id": kept}, {"other_id": other})
    assert answer.status_code == 200, answer.text
    merges = await estate.client.get(f"/v1/contacts/{kept}/merges", headers=estate.headers)
    return {"contact_id": kept, "merge_id": str(merges.json()["data"][0]["id"])}


async def _job(estate: Estate) -> Values:
    operation = estate.called("importAgencies")
    answer = await estate.send(operation, {}, TABLE)
    assert answer.status_code == 202, answer.text
    return {"job_id": str(answer.json()["id"])}


async def _notification(estate: Estate) -> Values:
    """A colleague mentions the one who asks."""
    colleague = await estate.company.hire("administrator")
    body = await estate.body(estate.called("createNote"))
    body["mentions"] = [str(principal_of(estate.headers).id)]
    answer = await estate.send(estate.called("createNote"), {}, body, by=colleague.headers)
    assert answer.status_code == 201, answer.text
    told = await estate.client.get("/v1/notifications", headers=estate.headers)
    return {"notification_id": str(told.json()["data"][0]["id"])}


async def _pushed(estate: Estate) -> Values:
    operation = estate.called("pushPartnerLead")
    answer = await estate.send(operation, {}, await estate.body(operation), by=estate.client_headers)
    assert answer.status_code == 201, answer.text
    return {"external_id": answer.json()["external_id"]}


async def _audit_event(estate: Estate) -> Values:
    listed = await estate.client.get("/v1/audit-events", headers=estate.headers)
    return {"audit_event_id": str(listed.json()["data"][0]["id"])}


async def _relationship(estate: Estate) -> Values:
    operation = estate.called("createRelationship")
    people = [(await estate.another("/v1/contacts/{contact_id}"))["contact_id"] for _ in range(2)]
    body = await estate.body(operation) | dict(zip(("from_id", "to_id"), people, strict=True))
    answer = await estate.send(operation, {}, body)
    assert answer.status_code == 201, answer.text
    return {"relationship_id": str(answer.json()["id"])}


async def _calendar(estate: Estate) -> Values:
    answer = await estate.client.post("/v1/appointments/feed", headers=estate.headers)
    assert answer.status_code == 200, answer.text
    return {"secret": str(answer.json()["url"]).split("/")[-2]}


async def _mission_on_paper(estate: Estate) -> Values:
    order = await estate.one("/v1/mission-orders/{mission_order_id}")
    ctx = estate.company.context()
    proof = await ProofService(ctx).of(UUID(order["mission_order_id"]))
    await ctx.commit()
    await ctx.close()
    return {"code": proof.url.rpartition("/")[2]}


async def _notification(estate: Estate) -> Values:
    """A colleague mentions the one who asks."""
    colleague = await estate.company.hire("administrator")
    body = await estate.body(estate.called("createNote"))
    body["mentions"] = [str(principal_of(estate.headers).id)]
    answer = await estate.send(estate.called("createNote"), {}, body, by=colleague.headers)
    assert answer.status_code == 201, answer.text
    told = await estate.client.get("/v1/notifications", headers=estate.headers)
    return {"notification_id": str(told.json()["data"][0]["id"])}


def _outside(kind: str, write: str) -> Way:
    async def named(estate: Estate) -> Values:
        values = {"system": "orass", "value": f"{kind}-4711"}
        operation = estate.called(write)
        answer = await estate.send(operation, values, await estate.body(operation))
        assert answer.status_code == 201, answer.text
        return values

    return named


async def _endorsement(estate: Estate) -> Values:
    """A contract is issued, and a change of it asked for."""
    policy = await estate.another("/v1/policies/{policy_id}", issue=True)
    operation = estate.called("createEndorsement")
    body = await estate.body(operation) | {"effective_at": datetime.now(UTC).isoformat()}
    answer = await estate.send(operation, policy, body)
    assert answer.status_code == 201, answer.text
    return {"endorsement_id": str(answer.json()["id"])}


async def _kb_page(estate: Estate) -> Values:
    """An article is approved."""
    article = await estate.another("/v1/kb/articles/{kb_article_id}", slug="pour-tous")
    for name in ("submitKbArticle", "publishKbArticle"):
        operation = estate.called(name)
        version = await estate.version(operation, article)
        answer = await estate.send(operation, article, version=version)
        assert answer.status_code == 200, answer.text
    return {"language": answer.json()["language"], "slug": answer.json()["slug"]}


async def _system(_: Estate) -> Values:
    """No object: a system is whoever calls itself so."""
    return {"system": "orass"}


async def _metadata(_: Estate) -> Values:
    return {"entity": "lead"}


WAYS: Mapping[str, Way] = {
    **billing.WAYS,
    **correspondence.WAYS,
    **mailings.WAYS,
    **voices.WAYS,
    **marketing.WAYS,
    "/v1/integrations/{system}": _system,
    "/v1/kb/pages/{language}/{slug}": _kb_page,
    "/v1/metadata/entities/{entity}": _metadata,
    "/v1/public/calendars/{secret}": _calendar,
    "/v1/public/mission-orders/{code}": _mission_on_paper,
    "/v1/public/quotes/{link}": insurance.shared_quote,
    "/v1/plans/{plan_id}": insurance.plan,
    "/v1/users/{user_id}": _user,
    "/v1/reminders/{reminder_id}": _reminder,
    "/v1/users/{user_id}/sessions/{session_id}": _session,
    "/v1/auth/sessions/{session_id}": _own_session,
    "/v1/invitations/{invitation_id}": _invitation,
    "/v1/groups/{group_id}/members/{user_id}": _member,
    "/v1/contacts/{contact_id}/merges/{merge_id}": _merge,
    "/v1/jobs/{job_id}": _job,
    "/v1/imports/{import_id}": lists.brought,
    "/v1/bulk-edits/{bulk_edit_id}": lists.bulk_edit,
    "/v1/duplicates/{pair_id}": lists.pair,
    "/v1/notifications/{notification_id}": _notification,
    "/v1/audit-events/{audit_event_id}": _audit_event,
    "/v1/claims/{claim_id}/documents/{claim_document_id}": losses.document,
    "/v1/claims/{claim_id}/appraisals/{appraisal_id}": losses.appraisal,
    "/v1/claims/{claim_id}/decisions/{claim_decision_id}": losses.decision,
    "/v1/claims/{claim_id}/payments/{claim_payment_id}": losses.payment,
    "/v1/ticket-agents/{ticket_agent_id}": requests.agent,
    "/v1/ticket-statuses/{ticket_status_id}": requests.status,
    "/v1/tickets/{ticket_id}/messages/{ticket_message_id}": requests.message,
    "/v1/sla-clocks/{sla_clock_id}": promises.clock,
    "/v1/recoveries/{recovery_id}": losses.recovery,
    "/v1/relationships/{relationship_id}": _relationship,
    "/v1/partner/leads/{external_id}": _pushed,
    "/v1/external-ids/{system}/leads/{value}": _outside("lead", "upsertLead"),
    "/v1/external-ids/{system}/opportunities/{value}": _outside("opportunity", "upsertOpportunity"),
    "/v1/external-ids/{system}/policies/{value}": _outside("policy", "syncPolicy"),
    "/v1/endorsements/{endorsement_id}": _endorsement,
    "/v1/external-ids/{system}/contacts/{value}": _outside("contact", "upsertContact"),
    "/v1/external-ids/{system}/accounts/{value}": _outside("account", "upsertAccount"),
}
