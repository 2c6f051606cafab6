from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select

from crm_api.agencies.models import Agency
from crm_api.contacts.models import Contact
from crm_api.core.context import Context
from crm_api.core.repository import Repository
from crm_api.organizations.models import Organization
from crm_api.templates.errors import TemplateCodeTaken, TemplateDraftThere
from crm_api.templates.fields import Value
from crm_api.templates.models import Template, TemplateChannel, TemplateLanguage, TemplateStatus
from crm_api.templates.schemas import TemplateRead

_CIVILITIES = {"m": "M.", "mme": "Mme", "mlle": "Mlle", "dr": "Dr", "pr": "Pr"}


class TemplateRepository(Repository[Template, TemplateRead]):
    model, read = Template, TemplateRead
    refusals = {"uq_templates_revision": TemplateCodeTaken, "uq_templates_draft": TemplateDraftThere}

    async def known(self, template_id: UUID) -> Template | None:
        """Not locked."""
        return await self.ctx.session.get(Template, (self.ctx.organization_id, template_id))

    async def approved(self, like: Template) -> Template | None:
        """The revision of the same template that is in use; locked."""
        found = select(Template).where(*_same(like), Template.status == TemplateStatus.APPROVED)
        return await self.ctx.session.scalar(found.with_for_update())

    async def latest_revision(self, like: Template) -> int:
        found = select(func.max(Template.revision)).where(*_same(like))
        return int(await self.ctx.session.scalar(found) or 0)

    async def variants(self, code: str, channel: TemplateChannel) -> Sequence[Template]:
        """Of each language the revision in use, else the draft."""
        found = (
            select(Template)
            .where(
                Template.code == code,
                Template.channel == channel,
                Template.status != TemplateStatus.RETIRED,
            )
            .order_by(Template.language, Template.status)
        )
        chosen = {one.language: one for one in reversed((await self.ctx.session.scalars(found)).all())}
        return [chosen[language] for language in sorted(chosen)]

    async def in_use(self, code: str, channel: TemplateChannel) -> Mapping[TemplateLanguage, UUID]:
        """The approved revision of each language."""
        found = select(Template.language, Template.id).where(
            Template.code == code, Template.channel == channel, Template.status == TemplateStatus.APPROVED
        )
        return dict(await self.ctx.session.execute(found))


def _same(like: Template) -> tuple[Any, ...]:
    return (
        Template.code == like.code,
        Template.channel == like.channel,
        Template.language == like.language,
    )


class RecipientFields:
    """The merge fields that every customer has. One statement for a batch, whoever looks."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def of(self, contact_ids: Sequence[UUID], language: str = "fr") -> dict[UUID, dict[str, Value]]:
        rows = await self.ctx.session.execute(_recipients().where(Contact.id.in_(contact_ids)))
        return {row[0]: _fields(row, language) for row in rows}


def _recipients() -> Any:
    return (
        select(
            *(Contact.id, Contact.first_name, Contact.last_name, Contact.first_name_ar, Contact.last_name_ar),
            *(Contact.civility, Contact.primary_email, Agency.name, Agency.phone),
            *(Organization.name, Organization.address, Organization.postal_code, Contact.valid_until),
        )
        .join(
            Agency,
            and_(Agency.organization_id == Contact.organization_id, Agency.id == Contact.agency_id),
            isouter=True,
        )
        .join(Organization, Organization.organization_id == Contact.organization_id)
    )


def _fields(row: Any, language: str) -> dict[str, Value]:
    _, first, last, first_ar, last_ar, civility, email, agency, phone, house, address, code, until = row
    if language == "ar":
        first, last = first_ar or first, last_ar or last
    place = " ".join(part for part in (address, code) if part)
    fields: dict[str, Value] = {
        "first_name": first,
        "last_name": last,
        "full_name": f"{first} {last}",
        "civility": _CIVILITIES.get(civility, ""),
        "email": email or "",
        "agency.name": agency or "",
        "agency.phone": phone or "",
        "organization.name": house or "",
        "organization.address": place,
    }
    if isinstance(until, date):
        fields["policy.expires_on"] = f"{until:%d/%m/%Y}"
    return {name: value for name, value in fields.items() if value}
