"""A rule as it is written: the comparisons of every search (`kit.searching`), five levels deep at most."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Discriminator, Field, Tag

from crm_api.kit.schemas import Input
from crm_api.kit.searching import SearchCondition

_KINDS = ("all", "any", "not", "has", "member_of")


def _kind(value: Any) -> str:
    given = value.model_dump(by_alias=True) if isinstance(value, Input) else value
    if not isinstance(given, dict):
        return "field"  # which refuses it by its place
    return next((kind for kind in _KINDS if kind in given), "field")


_RULE_EXAMPLE: dict[str, Any] = {"field": "contact.preferred_language", "op": "eq", "value": "fr"}
_HAS_EXAMPLE: dict[str, Any] = {
    "has": "policy",
    "where": {"all": [{"field": "policy.expires_on", "op": "lte", "value": "today+45"}]},
}


class AllOf(Input):
    """Every one of these holds."""

    all: list["Rule"] = Field(max_length=50, examples=[[_RULE_EXAMPLE]])
    """Rules; none at all lets everybody in."""


class AnyOf(Input):
    """At least one of these holds."""

    any: list["Rule"] = Field(min_length=1, max_length=50, examples=[[_RULE_EXAMPLE]])
    """Alternatives."""


class NoneOf(Input):
    """This does not hold."""

    not_: "Rule" = Field(alias="not", examples=[_RULE_EXAMPLE])
    """The rule that is denied."""


class HasRows(Input):
    """There are rows around the person (contracts, debts...) that meet all of `where` at once."""

    has: str = Field(max_length=40, pattern=r"^[a-z][a-z_]*$", examples=["policy"])
    """A group of the catalogue, but for `contact`."""
    where: "Rule | None" = Field(default=None, examples=[_HAS_EXAMPLE["where"]])
    """What each of them meets, in fields of that group; any row when left out."""
    at_least: int = Field(default=1, ge=1, le=1000, examples=[2])
    """So many different rows."""


class MemberOf(Input):
    """The person is in another segment."""

    member_of: UUID
    """That segment."""


Rule = Annotated[
    Annotated[AllOf, Tag("all")]
    | Annotated[AnyOf, Tag("any")]
    | Annotated[NoneOf, Tag("not")]
    | Annotated[HasRows, Tag("has")]
    | Annotated[MemberOf, Tag("member_of")]
    | Annotated[SearchCondition, Tag("field")],
    Discriminator(_kind),
]
for _schema in (AllOf, AnyOf, NoneOf, HasRows):
    _schema.model_rebuild()
Definition = Annotated[
    Rule,
    Field(
        examples=[
            {
                "all": [
                    _HAS_EXAMPLE,
                    {"not": {"field": "contact.do_not_contact", "op": "eq", "value": True}},
                ]
            }
        ]
    ),
]
