"""A small house with our conventions, to try the contract machinery on: one of each kind of route.

It keeps leads in memory and lets anybody in with the password below; it is served for the browser and
Schemathesis gates too (`uvicorn contract.sample_app:app`).
"""

from collections.abc import AsyncIterable
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, FastAPI, Form, Header, Query, Request, Response, Security
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from fastapi.security import OAuth2PasswordBearer, SecurityScopes
from fastapi.sse import EventSourceResponse
from pydantic import MISSING, AwareDatetime, BeforeValidator, Field
from starlette.exceptions import HTTPException

from crm_api.core import docs
from crm_api.core.openapi import refusals
from crm_api.kit.errors import Conflict, DomainError, NotFound
from crm_api.kit.schemas import Email, Input, Output, Timestamp

SCOPES = {
    "leads:read": "Read leads",
    "leads:write": "Record and change leads",
    "exports:write": "Start exports",
    "events:read": "Follow changes",
    "portal:self": "Read one's own file",
}
PASSWORD = "a long sentence is best"
NO_NUL = r"^[^\x00]*$"
MOMENT = "2026-11-23T08:30:00.125Z"

Status = Literal["new", "qualified", "converted", "lost"]
Name = Annotated[str, Field(min_length=1, max_length=120, examples=["Amel Haddad"], pattern=NO_NUL)]
Sorts = Literal["created_at", "-created_at", "name", "-name"]


def spelled_out(value: object) -> object:
    """Pydantic would take "0.5" for half a second after 1970."""
    if not isinstance(value, str) or not value[10:11]:
        raise ValueError("not a moment")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(spelled_out)]


class LeadAlreadyConverted(Conflict):
    """This lead is a customer already."""


class CursorMismatch(DomainError):
    """The cursor does not belong to this list."""


class Money(Input):
    """An exact amount and its currency."""

    amount: str = Field(pattern=r"^-?\d{1,15}(\.\d{1,4})?$", max_length=21)
    """A decimal number, as a string."""
    currency: str = Field(pattern=r"^[A-Z]{3}$", max_length=3)
    """ISO 4217."""


class LeadCreate(Input):
    """A lead to record."""

    name: Name
    """Full name."""
    email: Email | None = None
    """E-mail address."""
    status: Status = "new"
    """Where it stands."""
    expected_premium: Money | None = None
    """The yearly premium hoped for."""


class LeadPatch(Input):
    """What to change of a lead."""

    name: Name | MISSING = MISSING
    """Full name."""
    email: Email | MISSING | None = MISSING
    """E-mail address; null clears it."""
    status: Status | MISSING = MISSING
    """Where it stands."""


class LeadRead(Output):
    """A lead."""

    id: UUID
    name: str = Field(max_length=120)
    """Full name."""
    email: Email | None
    """E-mail address."""
    status: Status
    """Where it stands."""
    expected_premium: Money | None
    """The yearly premium hoped for."""
    score: int = Field(ge=0, le=100)
    """How promising it is."""
    tags: list[Annotated[str, Field(max_length=40)]] = Field(max_length=20)
    """Free words."""
    custom_fields: dict[str, str]
    """Values of the organization's own fields, by their code."""
    parent: "LeadRead | None"
    """The lead that brought this one."""
    version: int = Field(ge=1)
    created_at: Timestamp
    deleted_at: Timestamp | None


class LeadPage(Output):
    """One page of leads."""

    data: list[LeadRead] = Field(max_length=200)
    next_cursor: Annotated[str, Field(max_length=512)] | None
    has_more: bool


class LeadQuery(Input):
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=512, pattern=NO_NUL)
    sort: list[Sorts] = Field(default=["-created_at"], max_length=3)
    q: str | None = Field(default=None, min_length=2, max_length=100, pattern=NO_NUL, examples=["haddad"])
    status: list[Status] | None = Field(default=None, max_length=4)
    """Only leads in one of these states."""
    created_at_gte: Moment | None = None


class Token(Output):
    """What opens the other doors."""

    access_token: str = Field(max_length=4096)
    """A JWT."""
    token_type: Literal["Bearer"] = "Bearer"
    """Always Bearer."""
    expires_in: int = Field(ge=1, le=86_400, examples=[600])
    """Seconds."""


class Job(Output):
    """Slow work."""

    id: UUID
    kind: Literal["export", "import"]
    """What is being done."""
    status: Literal["queued", "running", "succeeded", "failed"]
    """How far it is."""
    progress: float = Field(ge=0, le=1)
    """From 0 to 1."""


class ExportCreate(Input):
    """What to export."""

    format: Literal["csv", "xlsx"] = "csv"
    """The kind of file."""


class Change(Output):
    """Something changed."""

    type: Literal["lead.created", "lead.updated"]
    """What happened."""
    id: UUID


class LeadCreated(Output):
    """Sent after each lead."""

    type: Literal["lead.created"]
    """What happened."""
    timestamp: Timestamp
    """When."""
    data: LeadRead
    """The lead."""


def signed_in(
    scopes: SecurityScopes,
    token: Annotated[str | None, Security(OAuth2PasswordBearer("token", auto_error=False))],
) -> None:
    if token != "opaque":
        raise HTTPException(401)


def needs(*scopes: str) -> Any:
    return Security(signed_in, scopes=scopes)


IfMatch = Annotated[str, Header(max_length=13, pattern=r'^(\*|(W/)?"[0-9]{1,9}")$')]
IfNoneMatch = Annotated[str | None, Header()]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=255, pattern=r"^[!-~]+$")]
OptionalKey = Annotated[str | None, Key.__metadata__[0]]
EVERYBODY = {"x-audience": ["staff", "portal", "partner"]}
PARTNERS = {"x-audience": ["staff", "partner"]}
LEADS: dict[UUID, dict[str, Any]] = {}


def found(lead_id: UUID) -> dict[str, Any]:
    if lead_id not in LEADS:
        raise NotFound
    return LEADS[lead_id]


auth = APIRouter(prefix="/v1/auth", tags=["auth"])


@auth.post(
    "/token",
    openapi_extra={
        **EVERYBODY,
        "x-public": "one signs in here",
        "x-problems": {"401": ["unauthorized"]},
        "x-examples": {
            "request": {"grant_type": "password", "username": "amel@example.dz", "password": PASSWORD}
        },
    },
)
async def create_token(
    response: Response,
    grant_type: Annotated[
        Literal["password", "refresh_token", "client_credentials"], Form(description="Which.")
    ],
    username: Annotated[
        str | None, Form(max_length=254, pattern=NO_NUL, description="E-mail address.")
    ] = None,
    password: Annotated[str | None, Form(max_length=128, pattern=NO_NUL, description="Password.")] = None,
    scope: Annotated[str | None, Form(max_length=2000, pattern=NO_NUL, description="Scopes wanted.")] = None,
    client_id: Annotated[str | None, Form(max_length=128, pattern=NO_NUL, description="Client.")] = None,
    client_secret: Annotated[
        str | None, Form(max_length=128, pattern=NO_NUL, description="Its secret.")
    ] = None,
) -> Token:
    """Tokens for a password, a refresh token or a client."""
    if password != PASSWORD:
        raise HTTPException(401)
    response.headers["Cache-Control"] = "no-store"
    return Token(access_token="opaque", expires_in=600)


leads = APIRouter(prefix="/v1/leads", tags=["leads"])


@leads.get("", openapi_extra=PARTNERS, dependencies=[needs("leads:read")])
async def list_leads(query: Annotated[LeadQuery, Query()]) -> LeadPage:
    if query.cursor:
        raise CursorMismatch
    chosen = [LeadRead.model_validate(lead) for lead in LEADS.values()][: query.limit]
    return LeadPage(data=chosen, next_cursor=None, has_more=False)


@leads.post("", status_code=201, openapi_extra=PARTNERS, dependencies=[needs("leads:write")])
async def create_lead(body: LeadCreate, response: Response, key: OptionalKey = None) -> LeadRead:
    lead_id = uuid4()
    LEADS[lead_id] = {
        "id": lead_id,
        "score": 0,
        "tags": [],
        "custom_fields": {},
        "parent": None,
        "version": 1,
        "created_at": MOMENT,
        "deleted_at": None,
        **body.model_dump(),
    }
    response.headers["Location"] = f"/v1/leads/{lead_id}"
    return LeadRead.model_validate(LEADS[lead_id])


@leads.get("/{lead_id}", openapi_extra=PARTNERS, dependencies=[needs("leads:read")])
async def get_lead(lead_id: UUID, if_none_match: IfNoneMatch = None) -> LeadRead:
    return LeadRead.model_validate(found(lead_id))


@leads.patch("/{lead_id}", openapi_extra=PARTNERS, dependencies=[needs("leads:write")])
async def update_lead(
    lead_id: UUID,
    body: LeadPatch,
    if_match: IfMatch,
) -> LeadRead:
    lead = found(lead_id)
    lead.update(body.model_dump(), version=lead["version"] + 1)
    return LeadRead.model_validate(lead)


@leads.delete("/{lead_id}", status_code=204, dependencies=[needs("leads:write")])
async def delete_lead(lead_id: UUID, if_match: IfMatch) -> None:
    found(lead_id)
    del LEADS[lead_id]


@leads.post(
    "/{lead_id}/convert",
    dependencies=[needs("leads:write")],
    summary="Make a customer of a lead",
    openapi_extra=refusals(LeadAlreadyConverted),
)
async def convert_lead(lead_id: UUID, key: OptionalKey = None) -> LeadRead:
    """Opens an account for it."""
    lead = found(lead_id)
    if lead["status"] == "converted":
        raise LeadAlreadyConverted
    lead["status"] = "converted"
    return LeadRead.model_validate(lead)


exports = APIRouter(prefix="/v1", tags=["leads"])


@exports.post(
    "/exports",
    status_code=202,
    dependencies=[needs("exports:write")],
    openapi_extra={"x-idempotency": "required"},
)
async def create_lead_export(body: ExportCreate, key: Key) -> Job:
    """Starts it; follow the job."""
    return Job(id=uuid4(), kind="export", status="queued", progress=0)


sync = APIRouter(prefix="/v1", tags=["sync"])


@sync.get(
    "/events",
    openapi_extra=EVERYBODY,
    dependencies=[needs("events:read")],
    response_class=EventSourceResponse,
)
async def stream_events() -> AsyncIterable[Change]:
    """Every change you may see, as it happens."""
    yield Change(type="lead.created", id=uuid4())


def allowed(request: Request) -> str:
    """Every method of the path; Starlette names only those of the first route that fits."""
    contexts = [c for c in iter_route_contexts(request.app.routes) if c.path_regex.match(request.url.path)]
    return ", ".join(sorted({method for context in contexts for method in context.methods or ()}))


def refused(request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else getattr(error, "status", 422)
    body = {
        "type": f"/problems/{status}",
        "title": "Refused",
        "status": status,
        "code": f"code_{status}",
        "detail": "Refused.",
        "instance": "/",
        "request_id": "1",
    }
    headers = {"Allow": allowed(request)} if status == 405 else None
    return JSONResponse(body, status, headers, "application/problem+json")


def create_app() -> FastAPI:
    app = FastAPI(
        title="ASSURA-CRM",
        version="1.0.0",
        summary="The API of an insurer's CRM.",
        description="Leads, accounts, claims, campaigns, and the portal of the insured.",
        contact={"name": "ASSURA-CRM", "url": "https://assura.example.dz", "email": "api@example.dz"},
        license_info={"name": "Apache 2.0", "identifier": "Apache-2.0"},
        servers=[{"url": "https://crm.example.dz", "description": "production", "x-internal": "false"}],
        openapi_tags=[
            {"name": "auth", "description": "Tokens."},
            {"name": "leads", "description": "People who may become customers."},
            {"name": "sync", "description": "Changes as they happen."},
            {"name": "webhooks", "description": "What we send."},
        ],
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        exception_handlers={DomainError: refused, HTTPException: refused, RequestValidationError: refused},
    )
    for router in (auth, leads, exports, sync):
        app.include_router(router)

    @app.webhooks.post(
        "lead.created", operation_id="on_lead_created", tags=["webhooks"], openapi_extra=PARTNERS
    )
    def on_lead_created() -> LeadCreated:
        """Sent after each new lead."""
        raise NotImplementedError  # only its signature is read

    docs.mount(app, SCOPES)
    return app


app = create_app()
