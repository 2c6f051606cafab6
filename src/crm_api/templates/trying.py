"""Templates before they are sent: previews, mails to try them, what an SMS costs, letters on paper."""

from importlib import resources
from typing import Any, NamedTuple
from uuid import UUID

from crm_api.contacts.service import ContactService
from crm_api.core import paper
from crm_api.core.context import Context
from crm_api.core.jobs import enqueue
from crm_api.kit.errors import InsufficientScope, NotFound, ValidationFailed
from crm_api.kit.ids import new_id
from crm_api.kit.money import Money
from crm_api.organizations.service import OrganizationService
from crm_api.templates.errors import TemplateNotEmail, TemplateNotLetter, TemplateNotSms, TemplateTooMuch
from crm_api.templates.fields import FIELDS, Value, examples
from crm_api.templates.layout import direction
from crm_api.templates.merging import TooMuch
from crm_api.templates.models import TemplateChannel
from crm_api.templates.rendering import Compiled, Rendered
from crm_api.templates.schemas import (
    MergeFieldList,
    MergeFieldRead,
    SmsCostCreate,
    SmsCostRead,
    SmsCosts,
    SmsCount,
    SmsLanguageCost,
    TemplateFieldValue,
    TemplatePreview,
    TemplatePreviewCreate,
    TemplateTestCreate,
    TemplateTestRead,
)
from crm_api.templates.service import TemplateService
from crm_api.templates.sms import sms_parts, transliterated
from crm_api.users.service import UserService

_LETTER = resources.files(__package__).joinpath("letter.typ").read_text("utf-8")
_SEES_PEOPLE = "contacts:read"
TRY = "send_template_test"


class PrintedLetter(NamedTuple):
    """A letter to hand out."""

    name: str
    content: bytes


def merge_fields() -> MergeFieldList:
    """The catalogue."""
    return MergeFieldList(
        data=[
            MergeFieldRead(
                code=one.code,
                type=one.type,
                label=one.label,
                sample=one.example,
                personal_class=one.personal,
                of_contact=one.of_contact,
            )
            for one in FIELDS.values()
        ]
    )


class Trying:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.templates = TemplateService(ctx)

    async def preview(self, template_id: UUID, data: TemplatePreviewCreate) -> TemplatePreview:
        """Raises NotFound (also for a customer who may not be seen), InsufficientScope, TemplateTooMuch."""
        compiled = await self.templates.compiled(template_id)
        made = self._rendered(compiled, await self._values(compiled, data.contact_id, data.fields))
        is_sms = compiled.channel == TemplateChannel.SMS
        return TemplatePreview(
            subject=made.subject,
            html=made.html,
            text=made.text,
            missing=list(made.missing),
            sms=SmsCount(**_count(made.text)) if is_sms else None,
        )

    async def try_out(self, template_id: UUID, data: TemplateTestCreate) -> TemplateTestRead:
        """A real mail, to a colleague: a job of this transaction. Raises TemplateNotEmail."""
        self.ctx.begin()
        compiled = await self.templates.compiled(template_id)
        if compiled.channel != TemplateChannel.EMAIL:
            raise TemplateNotEmail
        user_id = data.user_id or self.ctx.principal.id
        await UserService(self.ctx).refuse_unknown([user_id], "/user_id")
        if data.contact_id is not None:
            await self._refuse_unseen(data.contact_id)
        payload = {"template_id": template_id, "user_id": user_id, "contact_id": data.contact_id}
        await enqueue(self.ctx, TRY, payload | {"message_id": new_id()})
        return TemplateTestRead(template_id=template_id, user_id=user_id)

    async def for_test(self, template_id: UUID, contact_id: UUID | None) -> Rendered:
        """For the job: whoever asked was judged when they did."""
        compiled = await self.templates.compiled(template_id)
        values = examples()
        if contact_id is not None:
            values |= (await self.templates.fields_of([contact_id], compiled.language)).get(contact_id, {})
        return self._rendered(compiled, values)

    async def letter(self, template_id: UUID, contact_id: UUID | None) -> PrintedLetter:
        """As PDF. Raises NotFound, TemplateNotLetter."""
        compiled = await self.templates.compiled(template_id)
        if compiled.channel != TemplateChannel.LETTER:
            raise TemplateNotLetter
        values = await self._values(compiled, contact_id, [])
        made = self._rendered(compiled, values)
        data = {
            "language": compiled.language,
            "direction": direction(compiled.language),
            "sender": [values.get("organization.name", ""), values.get("organization.address", "")],
            "recipient": values.get("full_name", ""),
            "subject": made.subject,
            "paragraphs": [part.strip() for part in made.text.split("\n\n") if part.strip()],
        }
        return PrintedLetter(f"lettre-{template_id}.pdf", await paper.printed(_LETTER, data, {}))

    async def cost(self, data: SmsCostCreate) -> SmsCostRead:
        """Of any text."""
        return SmsCostRead(**await self._cost(data.text, data.recipients))

    async def costs(self, template_id: UUID, recipients: int) -> SmsCosts:
        """Of an SMS in each language it is written in. Raises NotFound, TemplateNotSms."""
        template = (await self.templates.get(template_id)).value
        if template.channel is not TemplateChannel.SMS:
            raise TemplateNotSms
        found = await self.templates.templates.variants(template.code, template.channel)
        costs = []
        for one in found:
            text = self._rendered(await self.templates.compiled(one.id), examples()).text
            cost = await self._cost(text, recipients)
            costs.append(SmsLanguageCost(template_id=one.id, language=one.language, **cost))
        return SmsCosts(code=template.code, data=costs)

    # --- inside

    async def _cost(self, text: str, recipients: int) -> dict[str, Any]:
        price = (await OrganizationService(self.ctx).settings()).sms_segment_price
        count = _count(text)
        total = Money.of(price.centimes * count["parts"] * recipients, price.currency)
        return count | {"recipients": recipients, "unit_price": price, "total": total}

    async def _values(
        self, compiled: Compiled, contact_id: UUID | None, given: list[TemplateFieldValue]
    ) -> dict[str, Value]:
        if contact_id is None:
            values = examples()
        else:
            await self._refuse_unseen(contact_id)
            values = (await self.templates.fields_of([contact_id], compiled.language)).get(contact_id, {})
        for place, one in enumerate(given):
            if one.code not in FIELDS:
                raise ValidationFailed.at(
                    f"/fields/{place}/code", "template_unknown_field", "There is no such field."
                )
            values[one.code] = one.value
        return values

    async def _refuse_unseen(self, contact_id: UUID) -> None:
        if _SEES_PEOPLE not in self.ctx.principal.scopes:
            raise InsufficientScope(required_scopes=[_SEES_PEOPLE])
        if not await ContactService(self.ctx).seen([contact_id]):
            raise NotFound(id=str(contact_id))

    def _rendered(self, compiled: Compiled, values: dict[str, Value]) -> Rendered:
        try:
            return self.templates.render(compiled, values)
        except TooMuch as error:
            raise TemplateTooMuch from error


def _count(text: str) -> dict[str, Any]:
    cost = sms_parts(text)
    nearest = transliterated(text) if cost.outside else None
    return {
        "encoding": cost.encoding,
        "units": cost.units,
        "parts": cost.parts,
        "outside": list(cost.outside),
        "transliteration": nearest,
        "transliterated_parts": sms_parts(nearest).parts if nearest is not None else None,
    }
