"""The usual texts (domain.md J), approved: what an organization that opens has."""

from functools import cache
from typing import Any

from crm_api.core.bulk import insert_all
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.kit.ids import new_id
from crm_api.templates.compiling import Sources, compile_template
from crm_api.templates.models import (
    Template,
    TemplateChannel,
    TemplateFormat,
    TemplateLanguage,
    TemplatePurpose,
    TemplateStatus,
)
from crm_api.templates.texts import TEXTS


async def seed(ctx: Context) -> None:
    """In the transaction of the caller."""
    ctx.begin()
    state = {"status": TemplateStatus.APPROVED, "approved_at": now(), "approved_by_id": None}
    await insert_all(ctx, Template, [{"id": new_id(), "revision": 1} | state | one for one in _rows()])


@cache
def _rows() -> tuple[dict[str, Any], ...]:
    """Compiled once by this process."""
    rows = []
    for text in TEXTS:
        sources = Sources(
            TemplateChannel(text.channel),
            TemplateLanguage(text.language),
            TemplatePurpose(text.purpose),
            TemplateFormat(text.format),
            text.subject,
            text.body,
        )
        written = sources._asdict() | {"code": text.code, "name": text.name}
        rows.append(written | compile_template(sources))
    return tuple(rows)
