"""The conditions of lists of interactions that no single column answers."""

from collections.abc import Hashable

from sqlalchemy import ColumnElement, Text, Uuid, bindparam, literal_column, select, true

from crm_api.interactions.models import Interaction, InteractionLink
from crm_api.kit.listing import Filter, equals, matching


def about(object_type: str) -> Filter:
    """Linked to one object of that kind."""
    kind = literal_column(f"'{object_type}'", Text())

    def build(name: str, _: Hashable) -> ColumnElement[bool]:
        return Interaction.id.in_(
            select(InteractionLink.interaction_id).where(
                InteractionLink.organization_id == bindparam("organization_id"),
                InteractionLink.object_type == kind,
                InteractionLink.object_id == bindparam(name, type_=Uuid()),
            )
        )

    return matching(build, varied=True)


def _uncorrected(_: str, which: Hashable) -> ColumnElement[bool]:
    return Interaction.corrected_by_id.is_(None) if which == "without" else true()


uncorrected = matching(_uncorrected, lambda which: which)
in_thread = equals(Interaction.thread_key)
