"""Libraries that are large and seldom used: loaded at their first use, not with the process.

    if TYPE_CHECKING:
        import typst
    else:
        typst = later("typst")

A process that writes no PDF, reads no sheet and sets no password keeps some 50 MiB for what it does do.
"""

from importlib import import_module
from types import ModuleType
from typing import Any


class _Later(ModuleType):
    """Looks each name up in the real module once, and keeps it."""

    def __getattr__(self, name: str) -> Any:
        found = getattr(import_module(self.__name__), name)
        setattr(self, name, found)
        return found


def later(name: str) -> Any:
    """The module of that name, as far as anybody can tell. Use it inside functions, not in annotations."""
    return _Later(name)
