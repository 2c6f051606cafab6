from crm_api.kit.errors import Conflict, DomainError, Forbidden


class NotYourNote(Forbidden):
    """Only its author may change a note."""


class NoteEditClosed(Conflict):
    """A note may be changed for {hours} hours; write another one."""


class NotesOnNotes(DomainError):
    """A note does not hang on another note; write it on the same object."""

    status = 422
