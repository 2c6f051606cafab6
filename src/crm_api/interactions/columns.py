"""The fields of an interaction in SQL: also for the timeline."""

import typing
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Table, bindparam, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB

from crm_api.core.plain import table_of
from crm_api.interactions.models import Interaction, InteractionLink

LINKS = typing.cast(Table, InteractionLink.__table__)


def shown_columns(columns: Mapping[str, ColumnElement[Any]]) -> Mapping[str, ColumnElement[Any]]:
    """The fields of `InteractionRead` in SQL."""
    return {**columns, "agent_user_id": columns["owner_user_id"], "links": _links_of(columns["id"])}


def _links_of(interaction_id: ColumnElement[Any]) -> ColumnElement[Any]:
    link = LINKS.alias("link")
    pair = func.json_build_object(
        literal_column("'object_type'"),
        link.c.object_type,
        literal_column("'object_id'"),
        link.c.object_id,
    )
    listed = select(func.json_agg(pair)).where(
        link.c.organization_id == bindparam("organization_id"), link.c.interaction_id == interaction_id
    )
    none = cast(literal_column("'[]'"), JSONB())
    return func.coalesce(cast(listed.correlate(table_of(Interaction)).scalar_subquery(), JSONB()), none)
