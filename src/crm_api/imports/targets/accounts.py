"""Accounts, taken in by their domain (`accounts.bulk`)."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from crm_api.accounts.bulk import AccountBulk, facts_of, words_of
from crm_api.accounts.schemas import AccountCreate, AccountPatch
from crm_api.accounts.service import AccountService
from crm_api.core.batch import alone
from crm_api.core.context import Context
from crm_api.core.repository import Repository
from crm_api.imports.columns import Column, Columns
from crm_api.imports.repository import columns_before, ids_by, untouched_of
from crm_api.imports.rows import Alike
from crm_api.imports.targets.places import place_of
from crm_api.kit.errors import DomainError
from crm_api.kit.matching import Facts
from crm_api.kit.schemas import Json
from crm_api.kit.text import without_invisible

C = Column
COLUMNS = Columns(
    (
        C("number", "Code client", ("number",), also=("numéro", "n° client")),
        C("name", "Nom", ("name",), also=("raison sociale", "société", "dénomination", "client", "الاسم")),
        C("type", "Type", ("type",), "choice", ("type de compte",), enum="account.type"),
        C("segment", "Segment", ("segment",), "choice", enum="account.segment"),
        C("phone", "Téléphone", ("phones", 0, "value"), "phone", ("tel", "mobile", "portable", "الهاتف")),
        C("phone_2", "Téléphone 2", ("phones", 1, "value"), "phone", ("tel 2", "fixe")),
        C("email", "E-mail", ("emails", 0, "value"), "email", ("courriel", "mail", "adresse e-mail")),
        C("address", "Adresse", ("addresses", 0, "lines", 0), also=("rue", "siège", "العنوان")),
        C("address_2", "Adresse 2", ("addresses", 0, "lines", 1), also=("complément d'adresse",)),
        C("commune", "Commune", ("addresses", 0, "commune"), also=("ville", "البلدية")),
        C("postal_code", "Code postal", ("addresses", 0, "postal_code"), "code", ("cp",), digits=5),
        C(
            "wilaya_code",
            "Wilaya",
            ("addresses", 0, "wilaya_code"),
            "code",
            ("code wilaya", "الولاية"),
            digits=2,
        ),
        C("trade_register_number", "Registre de commerce", ("trade_register_number",), also=("rc", "n° rc")),
        C("tax_id", "NIF", ("tax_id",), "code", ("identifiant fiscal", "matricule fiscal")),
        C("statistical_id", "NIS", ("statistical_id",), "code"),
        C("tax_article", "Article d'imposition", ("tax_article",), "code", ("ai",)),
        C("industry_code", "Code NAA", ("industry_code",)),
        C("activity", "Activité", ("activity",), also=("secteur",)),
        C("employee_count", "Effectif", ("employee_count",), "whole", ("salariés", "nombre d'employés")),
        C("agency_code", "Numéro d'agence", ("agency_id",), "agency", ("agence", "code agence")),
        C("owner_email", "Gestionnaire", ("manager_user_id",), "user", ("responsable", "commercial")),
        C("tags", "Étiquettes", ("tags",), "words", ("mots clés",)),
        C("external_id", "Référence externe", ("external_ids", 0, "value"), also=("référence", "id externe")),
    ),
    required=(frozenset({"name"}), frozenset({"wilaya_code"})),
    about={"tax_id_taken": "tax_id", "trade_register_number_taken": "trade_register_number"},
)


class AccountDesk:
    entity = "account"
    columns = COLUMNS
    create, patch = AccountCreate, AccountPatch
    keys: Mapping[str, Any] = {
        "number": str.upper,
        "tax_id": without_invisible,
        "trade_register_number": lambda text: " ".join(without_invisible(text).upper().split()),
        "external_id": str,
    }

    def __init__(self, ctx: Context) -> None:
        self.ctx, self.bulk = ctx, AccountBulk(ctx)

    @property
    def repository(self) -> Repository[Any, Any]:
        return self.bulk.accounts

    def completed(self, body: dict[str, Any]) -> dict[str, Any]:
        """Numbers are given by the house; an address is of the head office, or a home."""
        body.pop("number", None)
        body.setdefault("type", "company")
        for address in body.get("addresses", ()):
            address["kind"] = "home" if body["type"] == "household" else "head_office"
            address.setdefault("lines", place_of(address))
        return body

    def facts(self, content: Any) -> Facts:
        return facts_of(content)

    def keys_of(self, facts: Facts) -> list[str]:
        return words_of(facts)

    def id_of(self, draft: Any) -> UUID:
        id: UUID = draft["id"]
        return id

    def agency_of(self, draft: Any) -> UUID | None:
        agency_id: UUID | None = draft["agency_id"]
        return agency_id

    async def drafts(self, contents: Sequence[Any]) -> list[Any | DomainError]:
        return [*await self.bulk.drafts(contents)]

    async def alike(self, drafts: Sequence[Any], facts: Sequence[Facts]) -> list[list[Alike]]:
        found = await self.bulk.likenesses(facts)
        return [
            [
                Alike("account", one.id, None, one.match.score, tuple(map(str, one.match.reasons)))
                for one in each
            ]
            for each in found
        ]

    async def write(self, drafts: Sequence[Any], alike: Sequence[Sequence[Alike]]) -> Sequence[UUID]:
        await self.bulk.write(drafts)
        return ()

    async def find(self, key: str, values: Sequence[str]) -> Mapping[str, Sequence[UUID]]:
        return await ids_by(self.repository, key, values)

    async def update(self, id: UUID, patch: Any) -> Json[Any]:
        return await AccountService(self.ctx).update(id, patch, -1)

    async def take_back(self, ids: Sequence[UUID]) -> Sequence[UUID]:
        """One by one: whoever needs an account by now refuses."""
        untouched = await untouched_of(self.repository, ids)
        return [id for id in ids if id in untouched and await self._gone(id)]

    async def _gone(self, id: UUID) -> bool:
        return not isinstance(await alone(self.ctx, lambda: self._discarded(id)), DomainError)

    async def _discarded(self, id: UUID) -> None:
        freed = AccountPatch(external_ids=[])
        changed = await AccountService(self.ctx).update(id, freed, 1)
        await AccountService(self.ctx).delete(id, changed.version or -1)

    async def take_back_companions(self, ids: Sequence[UUID]) -> None:
        """Nothing comes along with an account."""

    async def put_back(self, id: UUID, version: int, before: Mapping[str, Any]) -> Json[Any]:
        changes = await columns_before(self.ctx, self.repository, id, before)
        return await self.repository.edit(id, changes, version)
