"""API clients: what an administrator sends and sees."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import MISSING, AwareDatetime, Field, IPvAnyNetwork

from crm_api.auth.models import ApiClient, ClientKind, ClientStatus
from crm_api.core.principal import DataScope
from crm_api.kit.listing import ListQuery, Page, one_of
from crm_api.kit.schemas import Input, Output, Secret, Timestamp

ClientName = Annotated[str, Field(min_length=2, max_length=120, examples=["Comparateur Assur'Facile"])]
Scope = Annotated[str, Field(pattern=r"^[a-z_]+:[a-z_]+$", max_length=60, examples=["leads:write"])]
Scopes = Annotated[list[Scope], Field(min_length=1, max_length=300)]
Network = Annotated[IPvAnyNetwork, Field(examples=["105.96.12.0/24"])]
Networks = Annotated[list[Network], Field(max_length=50)]
PartnerId = Annotated[str, Field(min_length=1, max_length=80, examples=["assurfacile"])]
Rate = Annotated[int, Field(ge=1, le=100_000, examples=[600])]


class ApiClientCreate(Input):
    """A program that is to act for the organization."""

    name: ClientName
    """What it is called here, unique among those in use."""
    kind: ClientKind = ClientKind.SERVICE
    """`service`: client credentials and an API key; `capture`: a write key for the forms and the
    collector of a site (`leads:capture`, `web_events:ingest`)."""
    scopes: Scopes | None = None
    """What it may do; needed for a service, and never more than you may yourself. Of a write key: leads,
    unless said."""
    data_scope: DataScope | None = None
    """Which rows it sees. Left out: its agency's where one is given, a partner's or form's own, else all."""
    agency_id: UUID | None = None
    """The agency it works for."""
    partner_id: PartnerId | None = None
    """The partner whose pushes these are."""
    ip_allowlist: Networks = []
    """Networks it may call from; empty: from anywhere."""
    requests_per_minute: Rate | None = None
    """A limit of its own; null: the installation's."""
    expires_at: AwareDatetime | None = Field(default=None, examples=["2027-11-23T08:30:00.000Z"])
    """At most a year from now, which is also what is meant when left out."""


class ApiClientPatch(Input):
    """What to change; a field left out stays, null empties it."""

    name: ClientName | MISSING = MISSING
    """What it is called here."""
    scopes: Scopes | MISSING = MISSING
    """What it may do; never more than you may yourself. Of a write key: leads, web events or both."""
    ip_allowlist: Networks | MISSING = MISSING
    """Networks it may call from; empty: from anywhere."""
    requests_per_minute: Rate | None | MISSING = MISSING
    """A limit of its own; null: the installation's."""
    partner_id: PartnerId | None | MISSING = MISSING
    """The partner whose pushes these are."""


class ApiClientRead(Output):
    """A program that acts for the organization. Its secrets are not here: they are shown once."""

    id: UUID
    """Identifier."""
    name: ClientName
    """What it is called here."""
    kind: ClientKind
    """`service`, or `capture` for the write key of a web form."""
    status: ClientStatus
    """Only an active client is let in."""
    client_id: str = Field(max_length=80, examples=["client_AZOxyzAbcdEfghIjklMnop_AZOxyzAbcdEfghIjkl"])
    """For the grant client_credentials."""
    key_hint: str = Field(max_length=8, examples=["x4Tg"])
    """The last characters of its key."""
    scopes: Scopes
    """What it may do."""
    data_scope: DataScope
    """Which rows it sees."""
    agency_id: UUID | None
    """The agency it works for."""
    partner_id: PartnerId | None
    """The partner whose pushes these are."""
    ip_allowlist: list[Annotated[str, Field(max_length=50, examples=["105.96.12.0/24"])]] = Field(
        max_length=50
    )
    """Networks it may call from; empty: from anywhere."""
    requests_per_minute: Rate | None
    """A limit of its own; null: the installation's."""
    expires_at: Timestamp
    """From then on it is refused."""
    last_used_at: Timestamp | None
    """When it was last let in, to the minute."""
    rotated_at: Timestamp | None
    """When it last got new secrets."""
    revoked_at: Timestamp | None
    """When it was revoked, for good."""
    version: int = Field(ge=1, examples=[3])
    """For If-Match."""
    created_at: Timestamp
    """When it was made."""
    updated_at: Timestamp
    """When it last changed."""


class ApiClientSecrets(Secret):
    """A client with its secrets, which are never shown again."""

    id: UUID
    """Identifier."""
    client: ApiClientRead
    """The client."""
    client_secret: str | None = Field(
        max_length=120, examples=["cs_AZOxyzAbcdEfghIjklMnop_0QeDmTzXn5c1uJvVbq2yJw8H4s6dK3fGhL9aPrEoNtI"]
    )
    """For the grant client_credentials; null for write keys."""
    api_key: str = Field(
        max_length=120,
        examples=["crm_live_AZOxyzAbcdEfghIjklMnop_0QeDmTzXn5c1uJvVbq2yJw8H4s6dK3fGhL9aPrEoNtI"],
    )
    """For `X-API-Key`; a write key (`wk_…`) goes into `X-Write-Key`."""


class ApiClientPage(Page[ApiClientRead]):
    """One page of API clients."""


class ApiClientQuery(ListQuery):
    """Which API clients."""

    sortable: ClassVar = {"name": ApiClient.name, "created_at": ApiClient.created_at}

    sort: Literal["name", "-name", "created_at", "-created_at"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    status: Annotated[list[ClientStatus], one_of(ApiClient.status)] = Field(default=[], max_length=3)
    """Any of these states."""
    kind: Annotated[list[ClientKind], one_of(ApiClient.kind)] = Field(default=[], max_length=2)
    """Any of these kinds."""
