from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import MISSING, BaseModel

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import NotFound, VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json
from crm_api.templates import rendering
from crm_api.templates.compiling import Sources, compile_template
from crm_api.templates.errors import TemplateSealed
from crm_api.templates.fields import Value
from crm_api.templates.merging import Text
from crm_api.templates.models import TEMPLATE, Template, TemplateChannel, TemplateLanguage, TemplateStatus
from crm_api.templates.rendering import SHELF, Compiled, Rendered
from crm_api.templates.repository import RecipientFields, TemplateRepository
from crm_api.templates.schemas import (
    TemplateCreate,
    TemplatePage,
    TemplatePatch,
    TemplateQuery,
    TemplateRead,
)

_WRITTEN = ("code", "channel", "language", "name", "purpose", "format", "subject", "body")


class TemplateService:
    """What upper floors use: `compiled`, `render`, `fields_of`, `in_use`."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.templates = TemplateRepository(ctx)

    # --- for who sends

    async def compiled(self, template_id: UUID) -> Compiled:
        """Ready to be filled in. A revision that cannot change is read once by this process.

        Raises NotFound."""
        kept = SHELF.take(self.ctx.organization_id, template_id)
        if kept is not None:
            return kept
        template = await self.templates.known(template_id)
        if template is None:
            raise NotFound(id=str(template_id))
        made = _compiled(template)
        if template.status is not TemplateStatus.DRAFT:
            SHELF.put(self.ctx.organization_id, made)
        return made

    def render(self, compiled: Compiled, fields: Mapping[str, Value]) -> Rendered:
        """One message; `fields` by the codes of the catalogue. Raises TooMuch."""
        return rendering.render(compiled, fields)

    async def fields_of(
        self, contact_ids: Sequence[UUID], language: str = "fr"
    ) -> dict[UUID, dict[str, Value]]:
        """The fields that every customer has, for many in one statement; whoever looks."""
        return await RecipientFields(self.ctx).of(contact_ids, language)

    async def in_use(self, code: str, channel: TemplateChannel) -> Mapping[TemplateLanguage, UUID]:
        """The approved revision of each language of a template."""
        return await self.templates.in_use(code, channel)

    # --- reads

    async def page(self, query: TemplateQuery) -> Json[TemplatePage]:
        return await self.templates.page(query, TemplatePage)

    async def get(self, template_id: UUID) -> Json[TemplateRead]:
        return await self.templates.get(template_id)

    # --- writing

    async def create(self, data: TemplateCreate) -> Json[TemplateRead]:
        """A first draft. Raises TemplateCodeTaken, ValidationFailed."""
        given = {name: getattr(data, name) for name in _WRITTEN}
        return await self.templates.add(given | compile_template(_sources(given)) | {"revision": 1})

    async def update(self, template_id: UUID, data: TemplatePatch, version: int) -> Json[TemplateRead]:
        """Raises TemplateSealed, ValidationFailed."""
        template = await self._loaded(template_id, version)
        if template.status is not TemplateStatus.DRAFT:
            raise TemplateSealed
        _put(template, _given(data))
        await self.templates.save(template)
        return await self.templates.get(template_id)

    async def approve(self, template_id: UUID, version: int) -> Json[TemplateRead]:
        """From now on it does not change; the revision that was in use before is retired."""
        template = await self._loaded(template_id, version)
        TEMPLATE.check(template.status, TemplateStatus.APPROVED)
        before = await self.templates.approved(template)
        if before is not None:
            before.status = TemplateStatus.RETIRED
            await self.templates.save(before)
        template.status, template.approved_at = TemplateStatus.APPROVED, now()
        template.approved_by_id = self.ctx.principal.id
        await self.templates.save(template)
        return await self.templates.get(template_id)

    async def retire(self, template_id: UUID, version: int) -> Json[TemplateRead]:
        """Nothing new is sent with it; what is under way ends with it."""
        template = await self._loaded(template_id, version)
        TEMPLATE.check(template.status, TemplateStatus.RETIRED)
        template.status = TemplateStatus.RETIRED
        await self.templates.save(template)
        return await self.templates.get(template_id)

    async def revise(self, template_id: UUID, data: TemplatePatch) -> Json[TemplateRead]:
        """The next revision, a draft, with these changes. Raises TemplateDraftThere."""
        template = await self.templates.load(template_id)
        latest = await self.templates.latest_revision(template)
        draft = Template(id=new_id(), revision=latest + 1, status=TemplateStatus.DRAFT)
        for name in _WRITTEN:
            setattr(draft, name, getattr(template, name))
        _put(draft, _given(data))
        await self.templates.save(draft)
        return await self.templates.get(draft.id)

    async def _loaded(self, template_id: UUID, version: int) -> Template:
        template = await self.templates.load(template_id)
        if version not in (template.version, ANY_VERSION):
            raise VersionConflict(current_version=template.version)
        return template


def _put(template: Template, given: dict[str, Any]) -> None:
    written = {name: getattr(template, name) for name in _WRITTEN} | given
    for name, value in (written | compile_template(_sources(written))).items():
        setattr(template, name, value)


def _given(data: BaseModel) -> dict[str, Any]:
    return {name: value for name, value in dict(data).items() if value is not MISSING}


def _sources(written: Mapping[str, Any]) -> Sources:
    return Sources(
        *(written[name] for name in ("channel", "language", "purpose", "format", "subject", "body"))
    )


def _compiled(template: Template) -> Compiled:
    return Compiled(
        id=template.id,
        channel=template.channel,
        language=template.language,
        subject=Text(template.subject) if template.subject else None,
        html=Text(template.html, escapes=True) if template.html else None,
        text=Text(template.text),
    )
