"""The joint report of an accident (constat amiable), class P3: sealed when stored, masked when read."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from crm_api.claims.schemas.words import ClaimWhy, Insurer, PersonName, Plate
from crm_api.kit.phones import Phone
from crm_api.kit.schemas import Input, Secret
from crm_api.policies.schemas.words import PolicyNumber

BOXES = 17
"""Of the joint report, for each of the two vehicles."""


def _once(boxes: list[int]) -> list[int]:
    if len(set(boxes)) != len(boxes):
        raise PydanticCustomError("box_ticked_twice", "A box is ticked once")
    return sorted(boxes)


Boxes = Annotated[
    list[Annotated[int, Field(ge=1, le=BOXES)]],
    Field(max_length=BOXES, examples=[[1, 8]]),
    AfterValidator(_once),
]


class Adversary(Input):
    """The other side of the accident."""

    name: PersonName | None = None
    """Who drove."""
    plate: Plate | None = None
    """The registration of the vehicle."""
    insurer: Insurer | None = None
    """Who insures it; null: not known, or nobody."""
    policy_number: PolicyNumber | None = None
    """Of the adversary's contract."""
    phone: Phone | None = None
    """How to reach them."""


class Constat(Input):
    """The joint report."""

    signed_both: bool = Field(default=False, examples=[True])
    """Whether both drivers signed it."""
    boxes_a: Boxes = []
    """The numbers of the boxes ticked for vehicle A, ours: 1 to 17."""
    boxes_b: Boxes = []
    """The numbers of the boxes ticked for vehicle B, the other one: 1 to 17."""
    observations: Annotated[str, Field(max_length=1000, examples=["Le véhicule B a reculé."])] | None = None
    """What the drivers wrote beside it."""
    adversary: Adversary | None = None
    """The other side."""


class ConstatReveal(Input):
    """Why somebody reads what is masked."""

    reason: ClaimWhy
    """Kept in the audit log."""


class ConstatRead(Secret):
    """The joint report in clear."""

    constat: Constat | None
    """Null where none was given."""


def sealed_constat(constat: Constat | None) -> dict[str, Any]:
    return {} if constat is None else {"constat": constat.model_dump(mode="json")}
