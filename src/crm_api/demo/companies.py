"""What each company of the demonstration is: its sheet, its network, its staff, its volumes."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

REGIONS = (
    ("CO", "Direction régionale Centre-Ouest"),
    ("CE", "Direction régionale Centre-Est"),
    ("SET", "Direction régionale de Sétif"),
    ("ANN", "Direction régionale d'Annaba"),
    ("ORA", "Direction régionale d'Oran"),
    ("TLE", "Direction régionale de Tlemcen"),
)
AGENCIES = (
    ("16000", "Siège El Qods", "head_office", "CO", "16"),
    ("16001", "Chéraga El Qods", "main_agency", "CO", "16"),
    ("16012", "Alger Didouche Mourad", "direct_agency", "CO", "16"),
    ("09001", "Blida Bab Essebt", "direct_agency", "CO", "09"),
    ("06003", "Béjaïa Quatre Chemins", "direct_agency", "CE", "06"),
    ("15002", "Tizi Ouzou Nouvelle Ville", "general_agent", "CE", "15"),
    ("19004", "Sétif 8 Mai 1945", "main_agency", "SET", "19"),
    ("30001", "Ouargla Centre", "direct_agency", "SET", "30"),
    ("25002", "Constantine Sidi Mabrouk", "direct_agency", "ANN", "25"),
    ("23002", "Annaba Cours de la Révolution", "direct_agency", "ANN", "23"),
    ("31003", "Oran Maraval", "general_agent", "ORA", "31"),
    ("13001", "Tlemcen Imama", "direct_agency", "TLE", "13"),
)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the staff: `agency` by number; `groups` by code."""

    name: str
    role: str
    agency: str
    job: str
    groups: tuple[str, ...] = ()

    def email(self, domain: str) -> str:
        return f"{self.name.split()[0].lower()}@{domain}"


@dataclass(frozen=True, slots=True)
class Company:
    key: str
    domain: str
    sheet: dict[str, Any]
    regions: tuple[tuple[str, str], ...]
    agencies: tuple[tuple[str, str, str, str, str], ...]
    staff: tuple[Member, ...]
    """The first one is the administrator who registered it."""
    leads: int
    contacts: int


ALLIANCE = Company(
    key="alliance",
    domain="elamana.example",
    sheet={
        "name": "Assurances El Amana SPA",
        "legal_form": "spa",
        "address": "Cité El Qods, Chéraga, Alger",
        "wilaya_code": "16",
        "postal_code": "16002",
        "mobile": "0550 99 00 01",
        "email": "contact@elamana.example",
        "website": "https://elamana.example",
        "employee_count": 800,
        "trade_register_number": "16/00-0000001 B 26",
        "insurance_license_number": "122/05",
        "share_capital_amount": {"amount": "2205714180.00", "currency": "DZD"},
        "dpo_name": "Souad Meziane",
        "dpo_email": "dpo@elamana.example",
    },
    regions=REGIONS,
    agencies=AGENCIES,
    staff=(
        Member("Nadia HADDAD", "administrator", "16000", "Responsable GRC"),
        Member("Kamel BELKACEM", "supervisor", "16000", "Directeur général adjoint"),
        Member("Samia KACI", "editor", "16000", "Assistante de direction"),
        Member("Yacine BENALI", "user", "16012", "Commercial"),
        Member("Lila AMROUCHE", "user", "16012", "Cheffe d'agence", ("agency_manager",)),
        Member("Hamza TOUMI", "user", "31003", "Commercial"),
        Member("Rania SAADI", "user", "31003", "Commerciale"),
        Member("Farid KHELIFI", "user", "19004", "Directeur régional", ("regional_manager",)),
        Member("Meriem NOUAR", "user", "16000", "Chargée de clientèle", ("call_centre",)),
        Member("Walid GUERFI", "user", "16000", "Gestionnaire de données", ("data_steward",)),
    ),
    leads=2000,
    contacts=5000,
)
SECOND = Company(
    key="atlas",
    domain="atlas-mutuelle.example",
    sheet={
        "name": "Mutuelle Atlas",
        "legal_form": "mutual",
        "address": "24, boulevard de l'ALN, Oran",
        "wilaya_code": "31",
        "postal_code": "31000",
        "mobile": "0550 99 00 02",
        "email": "contact@atlas-mutuelle.example",
        "employee_count": 40,
        "trade_register_number": "31/00-0000002 B 26",
    },
    regions=(("ORA", "Direction d'Oran"),),
    agencies=(
        ("31000", "Siège Oran", "head_office", "ORA", "31"),
        ("31001", "Oran Centre", "direct_agency", "ORA", "31"),
    ),
    staff=(
        Member("Amel RAHMANI", "administrator", "31000", "Directrice"),
        Member("Omar BOUZID", "supervisor", "31000", "Président"),
        Member("Nesrine FERHAT", "editor", "31000", "Assistante"),
        Member("Adel YAHIAOUI", "user", "31001", "Commercial"),
    ),
    leads=40,
    contacts=60,
)


class DemoSize(StrEnum):
    """How many customers the demonstration has."""

    FULL = "full"
    SMALL = "small"


def companies(size: DemoSize) -> tuple[Company, ...]:
    if size is DemoSize.FULL:
        return ALLIANCE, SECOND
    return tuple(replace(c, leads=SECOND.leads, contacts=SECOND.contacts) for c in (ALLIANCE, SECOND))
