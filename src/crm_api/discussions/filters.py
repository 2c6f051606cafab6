"""Filters of discussions that no single column tells."""

from collections.abc import Hashable

from sqlalchemy import ColumnElement, Uuid, any_, bindparam, literal_column, true

from crm_api.discussions.models import OPEN_KINDS, Discussion, DiscussionMessage
from crm_api.discussions.sight import followed
from crm_api.kit.listing import matching


def _whose(_: str, which: Hashable) -> ColumnElement[bool]:
    if which == "mine":
        return Discussion.id.in_(followed())
    if which == "open":
        return Discussion.kind.in_([literal_column(f"'{kind.value}'") for kind in OPEN_KINDS])
    return true()


def _archived(_: str, wanted: Hashable) -> ColumnElement[bool]:
    return Discussion.archived_at.is_not(None) if wanted else Discussion.archived_at.is_(None)


def _pinned(_: str, wanted: Hashable) -> ColumnElement[bool]:
    pinned_at = DiscussionMessage.pinned_at
    return pinned_at.is_not(None) if wanted else pinned_at.is_(None)


def _naming_me(_: str, wanted: Hashable) -> ColumnElement[bool]:
    named = bindparam("actor_id", type_=Uuid()) == any_(DiscussionMessage.mentions)
    return named if wanted else ~named


whose = matching(_whose, lambda which: which)
whether_archived = matching(_archived, bool, reads=bool)
whether_pinned = matching(_pinned, bool, reads=bool)
whether_named = matching(_naming_me, bool, reads=bool)
