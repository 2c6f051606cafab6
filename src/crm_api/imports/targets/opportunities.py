"""Opportunities, taken in by their domain (`opportunities.bulk`): open ones, in any stage that is open."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from crm_api.core.bulk import discard_all
from crm_api.core.context import Context
from crm_api.core.repository import Repository
from crm_api.imports.columns import Column, Columns
from crm_api.imports.repository import columns_before, ids_by
from crm_api.imports.rows import Alike
from crm_api.kit.errors import DomainError
from crm_api.kit.matching import Facts
from crm_api.kit.schemas import Json
from crm_api.opportunities.bulk import OpportunityBulk
from crm_api.opportunities.schemas.content import OpportunityCreate, OpportunityPatch
from crm_api.opportunities.service import OpportunityService

C = Column
COLUMNS = Columns(
    (
        C("number", "Numéro d'opportunité", ("number",), also=("numéro", "n° opportunité")),
        C("name", "Opportunité", ("name",), also=("nom", "intitulé", "libellé", "affaire", "الفرصة")),
        C(
            "account_number",
            "Code client",
            ("account_id",),
            "account",
            ("n° client", "numéro client", "compte", "nom du compte"),
        ),
        C("contact", "Interlocuteur", ("contact_id",), "contact", ("contact", "e-mail du contact")),
        C("type", "Type", ("type",), "choice", ("type d'affaire",), enum="opportunity.type"),
        C("product_code", "Produit", ("product_code",), also=("code produit", "المنتج")),
        C(
            "amount",
            "Montant",
            ("amount",),
            "amount",
            ("prime", "prime nette", "prime annuelle", "montant attendu", "المبلغ"),
        ),
        C(
            "close_date",
            "Date de clôture",
            ("close_date",),
            "date",
            ("clôture", "clôture prévue", "échéance", "close date"),
        ),
        C("pipeline_code", "Pipeline", ("pipeline_id",), "pipeline", ("code pipeline", "processus de vente")),
        C("stage", "Étape", ("stage",), "choice", ("phase", "stade", "المرحلة"), enum="opportunity.stage"),
        C("source", "Origine", ("source",), "choice", ("provenance", "canal"), enum="opportunity.source"),
        C("competitor", "Concurrent", ("competitors", 0, "name"), also=("assureur actuel", "concurrence")),
        C("next_step", "Prochaine action", ("next_step",), also=("prochaines actions", "action")),
        C(
            "next_step_at",
            "Date de la prochaine action",
            ("next_step_at",),
            "moment",
            ("prochaine action le", "relance le"),
        ),
        C("agency_code", "Numéro d'agence", ("agency_id",), "agency", ("agence", "code agence")),
        C(
            "owner_email",
            "Commercial",
            ("owner_user_id",),
            "user",
            ("responsable", "affecté à", "propriétaire"),
        ),
        C("tags", "Étiquettes", ("tags",), "words", ("mots clés",)),
        C("external_id", "Référence externe", ("external_ids", 0, "value"), also=("référence", "id externe")),
    ),
    required=(
        frozenset({"name"}),
        frozenset({"account_number"}),
        frozenset({"product_code"}),
        frozenset({"close_date"}),
    ),
    about=dict.fromkeys(("stage_closes_opportunity", "stage_not_for_creation", "unknown_stage"), "stage")
    | {"unknown_account": "account_number", "unknown_contact": "contact", "unknown_agency": "agency_code"}
    | dict.fromkeys(("unknown_pipeline", "no_pipeline"), "pipeline_code"),
)


class OpportunityDesk:
    entity = "opportunity"
    columns = COLUMNS
    create, patch = OpportunityCreate, OpportunityPatch
    keys: Mapping[str, Any] = {"number": str.upper, "external_id": str}

    def __init__(self, ctx: Context) -> None:
        self.ctx, self.bulk = ctx, OpportunityBulk(ctx)

    @property
    def repository(self) -> Repository[Any, Any]:
        return self.bulk.opportunities

    def completed(self, body: dict[str, Any]) -> dict[str, Any]:
        """Numbers are given by the house."""
        body.pop("number", None)
        return {"source": "import"} | body

    def facts(self, content: Any) -> Facts:
        """A sale is no person: what it may repeat is looked for on record."""
        return Facts()

    def keys_of(self, facts: Facts) -> list[str]:
        return []

    def id_of(self, draft: Any) -> UUID:
        id: UUID = draft["id"]
        return id

    def agency_of(self, draft: Any) -> UUID | None:
        agency_id: UUID | None = draft["agency_id"]
        return agency_id

    async def drafts(self, contents: Sequence[Any]) -> list[Any | DomainError]:
        return [*await self.bulk.drafts(contents)]

    async def alike(self, drafts: Sequence[Any], facts: Sequence[Facts]) -> list[list[Alike]]:
        found = await self.bulk.likenesses(drafts)
        return [[Alike("opportunity", id, None, score, (why,)) for id, score, why in each] for each in found]

    async def write(self, drafts: Sequence[Any], alike: Sequence[Sequence[Alike]]) -> Sequence[UUID]:
        await self.bulk.write(drafts)
        return ()

    async def find(self, key: str, values: Sequence[str]) -> Mapping[str, Sequence[UUID]]:
        return await ids_by(self.repository, key, values)

    async def update(self, id: UUID, patch: Any) -> Json[Any]:
        return await OpportunityService(self.ctx).update(id, patch, -1)

    async def take_back(self, ids: Sequence[UUID]) -> Sequence[UUID]:
        return await discard_all(self.repository, ids, 1)

    async def take_back_companions(self, ids: Sequence[UUID]) -> None:
        """Nothing comes along with a sale."""

    async def put_back(self, id: UUID, version: int, before: Mapping[str, Any]) -> Json[Any]:
        changes = await columns_before(self.ctx, self.repository, id, before)
        return await self.repository.edit(id, changes, version)
