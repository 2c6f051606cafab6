from collections.abc import Sequence
from hashlib import sha256

from crm_api.core.context import Context
from crm_api.core.entities import Entities, Shape, Way
from crm_api.custom_fields.models import CustomEntity
from crm_api.custom_fields.service import CustomFieldService
from crm_api.kit.errors import NotFound
from crm_api.kit.schemas import Json
from crm_api.metadata.fields import fields_of, own_fields
from crm_api.metadata.schemas import (
    EntityDetail,
    EntityList,
    EntityShown,
    FieldShown,
    LayoutShown,
    MetadataQuery,
    Name,
    SectionShown,
)
from crm_api.reference.models import LabelLanguage

MOST_COLUMNS = 8
SECTIONS = {
    "main": {"fr": "À renseigner", "en": "To fill in", "ar": "بيانات مطلوبة"},
    "details": {"fr": "Détails", "en": "Details", "ar": "تفاصيل"},
    "custom": {"fr": "Champs de l'organisation", "en": "Fields of the organization", "ar": "حقول المؤسسة"},
    "facts": {"fr": "Suivi", "en": "Facts", "ar": "متابعة"},
}


class MetadataService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.shapes: Entities = ctx.tools.entities

    def list(self) -> EntityList:
        """Those that the caller may read."""
        shapes = (self.shapes[label] for label in sorted(self.shapes))
        return EntityList(data=[self._shown(shape) for shape in shapes if self._may(shape.listed)])

    async def get(self, entity: str, query: MetadataQuery) -> Json[EntityDetail]:
        """Raises NotFound, also for what the caller may not read."""
        shape = self.shapes.get(entity)
        if shape is None or not self._may(shape.listed):
            raise NotFound
        about = self._shown(shape)
        fields = [_laid_over(one, about) for one in await self._fields(shape, query.lang)]
        detail = EntityDetail(
            **dict(about), lang=query.lang, fields=fields, layout=_layout(shape, fields, query.lang)
        )
        answer = Json(EntityDetail, detail.model_dump_json())
        answer.headers["ETag"] = f'"{sha256(answer.body).hexdigest()[:32]}"'
        return answer

    async def _fields(self, shape: Shape, lang: LabelLanguage) -> Sequence[FieldShown]:
        fields = [*fields_of(shape, lang)]
        if shape.label in {str(entity) for entity in CustomEntity}:
            definitions = await CustomFieldService(self.ctx).definitions(shape.label)
            fields += own_fields(definitions, lang)
        return fields

    def _may(self, way: Way | None) -> bool:
        return way is not None and way.scopes <= self.ctx.principal.scopes

    def _shown(self, shape: Shape) -> EntityShown:
        return EntityShown(
            name=shape.label,
            path=shape.path,
            creatable=self._may(shape.created),
            writable=self._may(shape.changed),
            deletable=self._may(shape.deleted),
        )


def _laid_over(field: FieldShown, about: EntityShown) -> FieldShown:
    """What this caller may."""
    may = {"creatable": field.creatable and about.creatable, "writable": field.writable and about.writable}
    return field.model_copy(update=may)


def _layout(shape: Shape, fields: Sequence[FieldShown], lang: LabelLanguage) -> LayoutShown:
    """What must be given comes first; a list shows what it can be sorted or filtered by."""
    parts: dict[str, list[Name]] = {key: [] for key in SECTIONS}
    for field in fields:
        parts[_section(field)].append(field.name)
    form = [
        SectionShown(key=key, label=SECTIONS[key][lang], fields=names)
        for key, names in parts.items()
        if names
    ]
    telling = [f for f in fields if f.readable and f.kind != "object" and not f.many and f.name != "id"]
    first = [f.name for f in telling if f.sortable and f.kind == "text"] + [
        f.name for f in telling if f.required
    ]
    rest = [f.name for f in telling if f.kind == "choice" and f.operators] + [
        f.name for f in telling if f.sortable
    ]
    columns = list(dict.fromkeys([*first, *rest, *(f.name for f in telling)]))[:MOST_COLUMNS]
    return LayoutShown(form=form, columns=columns, sort=shape.default_sort)


def _section(field: FieldShown) -> str:
    if field.name.startswith("custom."):
        return "custom"
    if field.required:
        return "main"
    return "details" if field.creatable or field.writable else "facts"
