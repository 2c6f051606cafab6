"""Files that came with a message become documents; what may not be one is named, and stays in the mail."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from crm_api.channels.mail.reading import Attached
from crm_api.core.context import Context
from crm_api.files.errors import FileEmpty, FileTooLarge, FileTypeRefused
from crm_api.files.models import FileKind
from crm_api.files.service import FileService

MOST_DOCUMENTS = 20
_NAMED = 10


class Kept(NamedTuple):
    document_ids: list[UUID]
    said: str
    """For the text of the message: which files were not kept; "" when all were."""


class Attaching:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def kept(self, files: Sequence[Attached]) -> Kept:
        found: list[UUID] = []
        refused: list[str] = []
        for file in files:
            if len(found) >= MOST_DOCUMENTS:
                refused.append(file.name)
                continue
            try:
                found.append(await FileService(self.ctx).add(file.name, file.content, FileKind.OTHER))
            except (FileTypeRefused, FileTooLarge, FileEmpty):
                refused.append(file.name)
        return Kept(found, _said(refused))


def _said(refused: Sequence[str]) -> str:
    if not refused:
        return ""
    names = ", ".join(name[:80] for name in refused[:_NAMED])
    more = f" (et {len(refused) - _NAMED} autres)" if len(refused) > _NAMED else ""
    return f"[Pièces jointes non reprises : {names}{more}]"
