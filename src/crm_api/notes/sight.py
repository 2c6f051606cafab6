"""Which notes on an object in sight somebody reads: also for the timeline."""

from sqlalchemy import ARRAY, ColumnElement, Uuid, and_, any_, bindparam, or_

from crm_api.core.plain import table_of
from crm_api.core.visibility import Variant
from crm_api.notes.models import Note, NoteVisibility


def readable_note(reach: Variant) -> ColumnElement[bool]:
    """What the author lets this principal read, or wrote himself; the object is another question."""
    note = table_of(Note).c
    me = bindparam("actor_id", type_=Uuid())
    team: ColumnElement[bool] = note.visibility == NoteVisibility.TEAM
    if reach != "all":
        mine = note.agency_id == bindparam("team_id", type_=Uuid())
        below = note.agency_id == any_(bindparam("agency_ids", type_=ARRAY(Uuid())))
        team = and_(team, or_(mine, below) if reach == "agencies" else mine)
    return or_(
        note.visibility == NoteVisibility.ALL, team, note.created_by_id == me, me == any_(note.mentions)
    )
