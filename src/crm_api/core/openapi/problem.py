"""The problem document (RFC 9457), as the contract shows it."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field
from pydantic.json_schema import models_json_schema

from crm_api.core.openapi.walk import SCHEMAS, Json
from crm_api.kit.schemas import Output

Address = Annotated[str, Field(json_schema_extra={"format": "uri-reference"})]


class FieldProblem(Output):
    """What is wrong with one field."""

    pointer: str = Field(max_length=500, examples=["/email"])
    """JSON pointer (RFC 6901) into the body, or the name of the parameter."""
    location: Literal["body", "query", "path", "header"]
    """Where the field is."""
    code: str = Field(max_length=80, examples=["string_too_long"])
    """For programs; never translated."""
    detail: str = Field(max_length=1_000, examples=["At most 255 characters."])
    """For people, translated."""


class Problem(Output):
    """A refusal (RFC 9457); the last members come only with the code they name."""

    type: Address = Field(max_length=300, examples=["/problems/not-found"])
    """Address of its page in the catalogue."""
    title: str = Field(max_length=200, examples=["Not found"])
    """Short, translated."""
    status: int = Field(ge=400, le=599, examples=[404])
    """The HTTP status."""
    code: str = Field(max_length=80, examples=["not_found"])
    """For programs; never translated."""
    detail: str = Field(max_length=1_000, examples=["No such lead."])
    """What happened, translated."""
    instance: Address = Field(max_length=2_000, examples=["/v1/leads"])
    """The path that was asked."""
    request_id: str = Field(max_length=64, examples=["01936e2a-7c1e-7b3a-9f60-3d5b2b8f1c11"])
    """Quote it to the support."""
    errors: list[FieldProblem] = Field(default=[], max_length=200)
    """What is wrong with each field (422)."""
    required_scopes: list[Annotated[str, Field(max_length=80)]] | None = Field(default=None, max_length=50)
    """What the token or key should have had (insufficient_scope, mfa_enrolment_required)."""
    size: Annotated[int | None, Field(ge=0)] = None
    """Bytes of the whole content (range_not_satisfiable)."""
    existing_id: UUID | None = None
    """What is recorded already (duplicate)."""
    allowed: list[Annotated[str, Field(max_length=80)]] | None = Field(default=None, max_length=50)
    """The states that can follow (invalid_transition)."""
    current_version: Annotated[int | None, Field(ge=1)] = None
    """The version to read again (version_conflict)."""


def problem_schemas() -> Json:
    _, made = models_json_schema([(Problem, "validation")], ref_template=f"{SCHEMAS}{{model}}")
    schemas: Json = made["$defs"]
    return schemas
