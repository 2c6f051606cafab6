"""Leads, taken in by their domain (`leads.bulk`)."""

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
from crm_api.kit.phones import to_e164
from crm_api.kit.schemas import Json
from crm_api.leads.bulk import LeadBulk, facts_of, keys_of
from crm_api.leads.duplicates import Likeness
from crm_api.leads.schemas.content import LeadCreate, LeadPatch
from crm_api.leads.schemas.words import DuplicateCandidate
from crm_api.leads.service import LeadService

C = Column
COLUMNS = Columns(
    (
        C(
            "full_name",
            "Nom complet",
            ("full_name",),
            also=("nom et prénom", "raison sociale", "client", "name"),
        ),
        C("last_name", "Nom", ("last_name",), also=("nom de famille", "surname", "family name", "اللقب")),
        C("first_name", "Prénom", ("first_name",), also=("prenoms", "given name", "الاسم")),
        C(
            "phone",
            "Téléphone",
            ("phone",),
            "phone",
            ("tel", "mobile", "portable", "gsm", "n° tél", "الهاتف"),
        ),
        C("email", "E-mail", ("email",), "email", ("courriel", "mail", "adresse e-mail", "البريد")),
        C("whatsapp", "WhatsApp", ("whatsapp",), "phone"),
        C("type", "Type", ("type",), "choice", enum="lead.type"),
        C("company_name", "Société", ("company_name",), also=("entreprise", "company", "employeur")),
        C("job_title", "Fonction", ("job_title",), also=("poste", "profession", "title")),
        C("source", "Origine", ("source",), "choice", ("provenance", "canal"), enum="lead.source"),
        C("source_detail", "Détail de l'origine", ("source_detail",), also=("campagne", "événement")),
        C("wilaya_code", "Wilaya", ("wilaya_code",), "code", ("code wilaya", "الولاية"), digits=2),
        C("commune_code", "Code commune", ("commune_code",), "code"),
        C("postal_code", "Code postal", ("postal_code",), "code", ("cp",), digits=5),
        C("product_interest", "Produits", ("product_interest",), "words", ("produit", "branche")),
        C("need", "Besoin", ("need",), also=("commentaire", "remarque", "observation", "note")),
        C("current_insurer", "Assureur actuel", ("current_insurer",), also=("assureur", "compagnie")),
        C(
            "current_expiry_date",
            "Échéance",
            ("current_expiry_date",),
            "date",
            ("date d'échéance", "expiration"),
        ),
        C("birth_date", "Date de naissance", ("quick_data", "birth_date"), "date", ("né le", "naissance")),
        C("plate", "Immatriculation", ("quick_data", "vehicle", "plate"), also=("matricule", "plaque")),
        C("best_time", "Heure de rappel", ("best_time",)),
        C("preferred_language", "Langue", ("preferred_language",), "choice", enum="language"),
        C("preferred_channel", "Canal préféré", ("preferred_channel",), "choice", enum="channel"),
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
        C("number", "Numéro de piste", ("number",), also=("numéro",)),
    ),
    required=(frozenset({"full_name", "last_name"}), frozenset({"phone", "email"})),
    about={"unknown_owner": "owner_email", "unknown_agency": "agency_code"},
)


class LeadDesk:
    entity = "lead"
    columns = COLUMNS
    create, patch = LeadCreate, LeadPatch
    keys: Mapping[str, Any] = {"number": str.upper, "phone": to_e164, "email": str.lower, "external_id": str}

    def __init__(self, ctx: Context) -> None:
        self.ctx, self.bulk = ctx, LeadBulk(ctx)

    @property
    def repository(self) -> Repository[Any, Any]:
        return self.bulk.leads

    def completed(self, body: dict[str, Any]) -> dict[str, Any]:
        """A number is given by the house; with one of the two names, it is the whole name."""
        body.pop("number", None)
        names = [body[name] for name in ("first_name", "last_name") if name in body]
        if "full_name" not in body and len(names) == 1:
            body["full_name"] = names[0]
        return {"source": "import"} | body

    def facts(self, content: Any) -> Facts:
        return facts_of(content)

    def keys_of(self, facts: Facts) -> list[str]:
        return keys_of(facts)

    def id_of(self, draft: Any) -> UUID:
        id: UUID = draft["id"]
        return id

    def agency_of(self, draft: Any) -> UUID | None:
        agency_id: UUID | None = draft.get("agency_id")
        return agency_id

    async def drafts(self, contents: Sequence[Any]) -> list[Any | DomainError]:
        return await self.bulk.drafts(contents)

    async def alike(self, drafts: Sequence[Any], facts: Sequence[Facts]) -> list[list[Alike]]:
        found = await self.bulk.likenesses(drafts, facts)
        return [[_alike(one) for one in each] for each in found]

    async def write(self, drafts: Sequence[Any], alike: Sequence[Sequence[Alike]]) -> Sequence[UUID]:
        await self.bulk.write(drafts, [[_likeness(one) for one in each] for each in alike])
        return ()

    async def find(self, key: str, values: Sequence[str]) -> Mapping[str, Sequence[UUID]]:
        return await ids_by(self.repository, key, values)

    async def update(self, id: UUID, patch: Any) -> Json[Any]:
        return await LeadService(self.ctx).update(id, patch, -1)

    async def take_back(self, ids: Sequence[UUID]) -> Sequence[UUID]:
        return await discard_all(self.repository, ids, 1)

    async def take_back_companions(self, ids: Sequence[UUID]) -> None:
        """Nothing comes along with a lead."""

    async def put_back(self, id: UUID, version: int, before: Mapping[str, Any]) -> Json[Any]:
        changes = await columns_before(self.ctx, self.repository, id, before)
        return await self.repository.edit(id, changes, version)


def _alike(one: Likeness) -> Alike:
    told = one.candidate
    return Alike(told.type, told.id, None, told.score, tuple(told.reasons), one.in_sight)


def _likeness(one: Alike) -> Likeness:
    told = DuplicateCandidate(type=one.type, id=one.id, score=one.score, reasons=[*one.reasons])
    return Likeness(told, one.in_sight)
