"""The merge fields: what a template may name, of which type it is, and an example of it.

Fields that begin with `contact.` and its like are found for any customer; the others belong to an occasion
(a claim, a due notice) and are given by whoever sends.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class FieldType(StrEnum):
    """How the value of a merge field is written."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    MONEY = "money"
    URL = "url"
    LIST = "list"


class PersonalClass(StrEnum):
    """How personal a value is (domain.md 0.1): not at all, professional, or a way to reach somebody."""

    P0 = "p0"
    P1 = "p1"
    P2 = "p2"


Value = str | list[str]


@dataclass(frozen=True, slots=True)
class MergeField:
    """One thing that a template may name."""

    code: str
    type: FieldType
    label: str
    """In French."""
    example: Value
    personal: PersonalClass = PersonalClass.P0
    of_contact: bool = False
    """Found for any customer; the others are given with the occasion."""


_T, _P = FieldType, PersonalClass
_ALL = (
    MergeField("first_name", _T.TEXT, "Prénom", "Karim", _P.P1, of_contact=True),
    MergeField("last_name", _T.TEXT, "Nom", "Benali", _P.P1, of_contact=True),
    MergeField("full_name", _T.TEXT, "Prénom et nom", "Karim Benali", _P.P1, of_contact=True),
    MergeField("civility", _T.TEXT, "Civilité", "M.", _P.P1, of_contact=True),
    MergeField("email", _T.TEXT, "Adresse électronique", "karim@example.test", _P.P2, of_contact=True),
    MergeField("agency.name", _T.TEXT, "Nom de l'agence", "Agence Alger Centre", of_contact=True),
    MergeField("agency.phone", _T.TEXT, "Téléphone de l'agence", "+213 21 63 00 00", of_contact=True),
    MergeField("organization.name", _T.TEXT, "Compagnie", "Assurances El Amana", of_contact=True),
    MergeField(
        *("organization.address", _T.TEXT, "Adresse de la compagnie", "12 rue Didouche Mourad, 16000 Alger"),
        of_contact=True,
    ),
    MergeField("reason", _T.TEXT, "Pourquoi ce message", "Vous êtes client de notre compagnie."),
    MergeField("unsubscribe_url", _T.URL, "Lien de désinscription", "https://crm.example.test/p/exemple"),
    MergeField("preferences_url", _T.URL, "Lien des préférences", "https://crm.example.test/p/exemple"),
    MergeField("landing_url", _T.URL, "Page de la campagne", "https://www.example.test/offre"),
    MergeField("url", _T.URL, "Lien", "https://crm.example.test/l/exemple"),
    MergeField("short_url", _T.URL, "Lien court", "https://crm.example.test/s/a1b2"),
    MergeField("policy.number", _T.TEXT, "Numéro de police", "1601.2026.0000123"),
    MergeField("policy.product", _T.TEXT, "Produit", "Automobile"),
    MergeField("policy.expires_on", _T.DATE, "Échéance du contrat", "31/12/2026"),
    MergeField("claim.number", _T.TEXT, "Numéro de sinistre", "S-2026-000123"),
    MergeField("quote.number", _T.TEXT, "Numéro de devis", "D-2026-000123"),
    MergeField("number", _T.TEXT, "Numéro du dossier", "R-2026-000123"),
    MergeField("count", _T.NUMBER, "Nombre de pièces", "2"),
    MergeField("list", _T.TEXT, "Liste des pièces", "permis de conduire, constat amiable"),
    MergeField("items", _T.LIST, "Éléments, un par un", ["Permis de conduire", "Constat amiable"]),
    MergeField("date", _T.DATE, "Date", "15/12/2026"),
    MergeField("due", _T.DATE, "Date limite", "31/12/2026"),
    MergeField("valid_until", _T.DATE, "Valable jusqu'au", "31/12/2026"),
    MergeField("expiry", _T.DATE, "Expiration", "31/12/2026"),
    MergeField("start", _T.DATE, "Du", "02/12/2026"),
    MergeField("end", _T.DATE, "Au", "04/12/2026"),
    MergeField("amount", _T.MONEY, "Montant", "83 677,96"),
    MergeField("total", _T.MONEY, "Total", "83 677,96"),
    MergeField("net", _T.MONEY, "Prime nette", "68 000,00"),
    MergeField("fee", _T.MONEY, "Coût de police", "500,00"),
    MergeField("taxes", _T.MONEY, "Taxes et timbres", "15 177,96"),
    MergeField("motive", _T.TEXT, "Motif", "garantie non souscrite"),
    MergeField("contact", _T.TEXT, "Comment nous joindre", "reclamations@example.test"),
    MergeField("authority", _T.TEXT, "Autorité de recours", "Commission de supervision des assurances"),
    MergeField("law", _T.TEXT, "Référence de la loi", "loi n° 18-07 modifiée"),
    MergeField("article", _T.TEXT, "Article invoqué", "article 16 de l'ordonnance n° 95-07 modifiée"),
    MergeField("deleted", _T.TEXT, "Données supprimées", "adresse électronique, téléphone"),
    MergeField("kept", _T.TEXT, "Données conservées", "contrats, quittances"),
    MergeField("basis", _T.TEXT, "Fondement", "l'obligation comptable"),
    MergeField("offer", _T.TEXT, "Offre", "15 % sur la garantie assistance"),
    MergeField("points", _T.NUMBER, "Points de fidélité", "1250"),
)
FIELDS: Mapping[str, MergeField] = {field.code: field for field in _ALL}
FOOTER = ("organization.name", "organization.address", "reason", "unsubscribe_url")
"""What a marketing e-mail says at its end (domain.md J): who writes, from where, why, and how to leave."""


def examples(codes: Iterable[str] = FIELDS) -> dict[str, Value]:
    """What they look like."""
    return {code: FIELDS[code].example for code in codes}
