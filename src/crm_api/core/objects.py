"""What a note, a task or a document hangs on: any object of the house, named by its type and its key.

A low floor cannot know the high ones, so the registry lends it this table (`registry.OBJECTS`).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args
from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.repository import Repository
from crm_api.kit.errors import DomainError

ObjectType = Literal[
    "account",
    "agency",
    "appointment",
    "claim",
    "complaint",
    "contact",
    "document",
    "endorsement",
    "insured_object",
    "interaction",
    "lead",
    "mission_order",
    "note",
    "opportunity",
    "payment",
    "policy",
    "quote",
    "receivable",
    "task",
    "ticket",
    "user",
]
"""For schemas. A test holds it to the labels of `registry.OBJECTS`."""
OBJECT_TYPES: tuple[str, ...] = get_args(ObjectType)
Objects = Mapping[str, type[Repository[Any, Any]]]
"""Label of the entity -> the repository that knows which of its rows somebody sees."""


class UnknownObject(DomainError):
    """The object named does not exist here."""

    status = 404
    # extra: object_type, object_id


def objects_of(*repositories: type[Repository[Any, Any]]) -> Objects:
    return {repository.model.label: repository for repository in repositories}


async def require_object(ctx: Context, object_type: str, object_id: UUID) -> None:
    """Raises UnknownObject where there is none, it is in the bin, or this principal may not see it."""
    if not await seen_objects(ctx, object_type, [object_id]):
        raise UnknownObject(object_type=object_type, object_id=str(object_id))


async def seen_objects(ctx: Context, object_type: str, ids: Sequence[UUID]) -> set[UUID]:
    """Those of `ids` that are there, alive and visible: one statement."""
    repository: type[Repository[Any, Any]] = ctx.tools.objects[object_type]
    return await repository(ctx).seen(ids)
