"""Cells that a spreadsheet would run as formulas: marked on the way out, unmarked on the way in, exactly.

A cell that begins with one of `= + - @`, TAB or CR gets an apostrophe before it; so does one that is such a
cell with apostrophes before it already, or what comes back could not be told apart.
"""

import re

_MARKED = re.compile(r"'*[=+\-@\t\r]")
MARKED = r"^'+[=+@\t\r-]"
"""The second case, as PostgreSQL reads it."""
MARK = "Exporté le "
"""How the last line of an export begins, after `# `: it says who exported, and is no row."""
STARTS = (9, 13, 43, 45, 61, 64)
"""Code points of the first case."""
APOSTROPHE = 39


def guarded(cell: str) -> str:
    return f"'{cell}" if _MARKED.match(cell) else cell


def unguarded(cell: str) -> str:
    """What `guarded` had been given."""
    return cell[1:] if cell.startswith("'") and _MARKED.match(cell) else cell
