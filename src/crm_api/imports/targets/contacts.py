"""People, taken in by their domain (`contacts.bulk`); each gets a household unless an account is named."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from crm_api.accounts.service import AccountService
from crm_api.contacts.bulk import ContactBulk, keys_of, people_like
from crm_api.contacts.keys import renew_keys
from crm_api.contacts.models import KeyKind
from crm_api.contacts.schemas import ContactCreate, ContactPatch
from crm_api.contacts.service import ContactService, facts_of
from crm_api.core.batch import alone
from crm_api.core.bulk import discard_all
from crm_api.core.context import Context
from crm_api.core.repository import Repository
from crm_api.imports.columns import Column, Columns
from crm_api.imports.repository import columns_before, untouched_of
from crm_api.imports.rows import Alike
from crm_api.imports.targets.places import place_of
from crm_api.kit.errors import DomainError
from crm_api.kit.identifiers import email_key
from crm_api.kit.matching import Facts
from crm_api.kit.phones import to_e164
from crm_api.kit.schemas import Json

C = Column
COLUMNS = Columns(
    (
        C("civility", "Civilité", ("civility",), "choice", ("titre",), enum="contact.civility"),
        C("last_name", "Nom", ("last_name",), also=("nom de famille", "surname", "family name")),
        C("first_name", "Prénom", ("first_name",), also=("prenoms", "given name")),
        C("last_name_ar", "Nom en arabe", ("last_name_ar",), also=("اللقب",)),
        C("first_name_ar", "Prénom en arabe", ("first_name_ar",), also=("الاسم",)),
        C("father_first_name", "Prénom du père", ("father_first_name",), also=("fils de",)),
        C("maiden_name", "Nom de jeune fille", ("maiden_name",)),
        C(
            "phone",
            "Téléphone",
            ("phones", 0, "value"),
            "phone",
            ("tel", "mobile", "portable", "gsm", "الهاتف"),
        ),
        C("phone_2", "Téléphone 2", ("phones", 1, "value"), "phone", ("tel 2", "autre téléphone", "fixe")),
        C("email", "E-mail", ("emails", 0, "value"), "email", ("courriel", "mail", "adresse e-mail")),
        C("email_2", "E-mail 2", ("emails", 1, "value"), "email", ("courriel 2", "autre e-mail")),
        C("address", "Adresse", ("addresses", 0, "lines", 0), also=("rue", "adresse 1", "العنوان")),
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
        C("birth_date", "Date de naissance", ("birth_date",), "date", ("né le", "née le", "naissance")),
        C("national_id_number", "NIN", ("national_id_number",), "code", ("n° identification national",)),
        C("gender", "Sexe", ("gender",), "choice", enum="contact.gender"),
        C("profession", "Profession", ("profession",), also=("métier",)),
        C("preferred_language", "Langue", ("preferred_language",), "choice", enum="language"),
        C("contact_hours", "Heures de contact", ("contact_hours",)),
        C("do_not_contact", "Ne pas contacter", ("do_not_contact",), "yes_no"),
        C(
            "account_number",
            "Code client",
            ("account_links", 0, "account_id"),
            "account",
            ("compte", "client"),
        ),
        C("role", "Rôle", ("account_links", 0, "role"), "choice", enum="account_link.role"),
        C("agency_code", "Numéro d'agence", ("agency_id",), "agency", ("agence", "code agence")),
        C(
            "owner_email",
            "Conseiller",
            ("owner_user_id",),
            "user",
            ("responsable", "commercial", "gestionnaire"),
        ),
        C("tags", "Étiquettes", ("tags",), "words", ("mots clés",)),
        C("external_id", "Référence externe", ("external_ids", 0, "value"), also=("référence", "id externe")),
    ),
    required=(frozenset({"last_name"}), frozenset({"first_name"}), frozenset({"phone", "email"})),
    about={"national_id_taken": "national_id_number", "unknown_account": "account_number"},
)
_KINDS = {"phone": KeyKind.PHONE, "email": KeyKind.EMAIL}


class ContactDesk:
    entity = "contact"
    columns = COLUMNS
    create, patch = ContactCreate, ContactPatch
    keys: Mapping[str, Any] = {"phone": to_e164, "email": email_key, "external_id": str}

    def __init__(self, ctx: Context) -> None:
        self.ctx, self.bulk = ctx, ContactBulk(ctx)

    @property
    def repository(self) -> Repository[Any, Any]:
        return self.bulk.contacts

    def completed(self, body: dict[str, Any]) -> dict[str, Any]:
        """An address without a street names its place, and a role needs an account."""
        for address in body.get("addresses", ()):
            address.setdefault("lines", place_of(address))
        if not any("account_id" in link for link in body.get("account_links", ())):
            body.pop("account_links", None)
        return body if "account_links" in body else body | {"create_household": True}

    def facts(self, content: Any) -> Facts:
        return facts_of(content)

    def keys_of(self, facts: Facts) -> list[str]:
        return keys_of(facts)

    def id_of(self, draft: Any) -> UUID:
        id: UUID = draft.person.id
        return id

    def agency_of(self, draft: Any) -> UUID | None:
        agency_id: UUID | None = draft.person.agency_id
        return agency_id

    async def drafts(self, contents: Sequence[Any]) -> list[Any | DomainError]:
        return [*await self.bulk.drafts(contents)]

    async def alike(self, drafts: Sequence[Any], facts: Sequence[Facts]) -> list[list[Alike]]:
        found = await people_like(self.ctx, facts)
        return [
            [
                Alike("contact", one.id, None, one.match.score, tuple(map(str, one.match.reasons)))
                for one in each
            ]
            for each in found
        ]

    async def write(self, drafts: Sequence[Any], alike: Sequence[Sequence[Alike]]) -> Sequence[UUID]:
        await self.bulk.write(drafts)
        return [draft.household["id"] for draft in drafts if draft.household]

    async def find(self, key: str, values: Sequence[str]) -> Mapping[str, Sequence[UUID]]:
        return await ContactService(self.ctx).holders(_KINDS[key], values)

    async def update(self, id: UUID, patch: Any) -> Json[Any]:
        return await ContactService(self.ctx).update(id, patch, -1)

    async def take_back(self, ids: Sequence[UUID]) -> Sequence[UUID]:
        """Their keys go too: the NIN of somebody in the bin would refuse the repaired file."""
        gone = await discard_all(self.repository, ids, 1)
        await self.bulk.contacts.drop_all_keys(gone)
        return gone

    async def take_back_companions(self, ids: Sequence[UUID]) -> None:
        """The households that nobody else has come to live in, and nobody has touched."""
        for id in await untouched_of(self.ctx.tools.objects["account"](self.ctx), ids):
            await alone(self.ctx, lambda id=id: AccountService(self.ctx).delete(id, 1))  # type: ignore[misc]

    async def put_back(self, id: UUID, version: int, before: Mapping[str, Any]) -> Json[Any]:
        changes = await columns_before(self.ctx, self.repository, id, before)
        done = await self.repository.edit(id, changes, version)
        await renew_keys(self.bulk.contacts, await self.bulk.contacts.load(id))
        return done
