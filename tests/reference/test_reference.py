import re
import unicodedata
from datetime import date, timedelta
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_api.agencies.models import AgencyStatus, AgencyType
from crm_api.core.principal import DataScope
from crm_api.files.models import FileKind
from crm_api.reference import repository, service
from crm_api.reference.errors import WilayaUnknown
from crm_api.reference.models import LabelLanguage, ObjectKind, TariffZone

REFORM = date(2027, 1, 1)
EVE = REFORM - timedelta(days=1)
MOTHERS = {
    "59": "03",
    "60": "05",
    "61": "07",
    "62": "12",
    "63": "13",
    "64": "14",
    "65": "17",
    "66": "17",
    "67": "26",
    "68": "28",
    "69": "32",
}
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


def is_arabic(text: str) -> bool:
    return any("ARABIC" in unicodedata.name(char) for char in text if char.isalpha())


def test_there_are_58_wilayas_until_the_reform_and_69_from_then_on() -> None:
    assert [each.code for each in service.wilayas(EVE)] == [f"{code:02}" for code in range(1, 59)]
    assert [each.code for each in service.wilayas(REFORM)] == [f"{code:02}" for code in range(1, 70)]


def test_the_new_wilayas_know_their_mothers() -> None:
    every = service.wilayas(REFORM)
    assert {each.code: each.mother_code for each in every if each.mother_code} == MOTHERS
    assert {each.valid_from for each in every if each.mother_code} == {REFORM}


def test_wilayas_are_named_in_both_scripts_and_placed() -> None:
    regions = {region.code for region in service.regions()}
    assert regions == {"CO", "CE", "SET", "ANN", "ORA", "TLE"}
    for each in service.wilayas(REFORM):
        assert is_arabic(each.label_ar)
        assert not is_arabic(each.label_fr)
        assert each.region in regions
    algiers, tamanrasset = service.wilaya("16"), service.wilaya("11")
    assert (algiers.label_fr, algiers.label_ar) == ("Alger", "الجزائر")
    assert (algiers.tariff_zone, tamanrasset.tariff_zone) == (TariffZone.NORTH, TariffZone.SOUTH)


@given(DAYS)
def test_an_address_in_aflou_moves_with_the_reform_and_is_never_rewritten(day: date) -> None:
    expected = "03" if day < REFORM else "59"
    for commune in ("Aflou", "AFLOU", "آفلو", "افلو"):
        assert service.wilaya_at("03", commune, day).code == expected
        assert service.wilaya_at("59", commune, day).code == expected


@given(DAYS, st.sampled_from(sorted(MOTHERS)))
def test_every_new_wilaya_takes_its_seat_along(day: date, code: str) -> None:
    seat = service.wilaya(code)
    owner = MOTHERS[code] if day < REFORM else code
    for name in (seat.label_fr, seat.label_ar, seat.label_fr.upper(), seat.label_fr.replace(" ", "-")):
        assert service.wilaya_at(MOTHERS[code], name, day).code == owner


@given(DAYS, st.text(max_size=20), st.sampled_from([f"{code:02}" for code in range(1, 59)]))
def test_other_communes_stay_where_they_are(day: date, commune: str, code: str) -> None:
    assert service.wilaya_at(code, f"Commune {commune}", day).code == code


def test_the_name_of_a_seat_counts_in_its_own_mother_only() -> None:
    assert service.wilaya_at("16", "Aflou", REFORM).code == "16"


@pytest.mark.parametrize("code", ["00", "70", "3", "", "AA"])
def test_a_code_that_no_wilaya_has_is_refused(code: str) -> None:
    with pytest.raises(WilayaUnknown) as refusal:
        service.wilaya_at(code, "Aflou", REFORM)
    assert (refusal.value.status, refusal.value.code) == (422, "wilaya_unknown")
    assert refusal.value.extra == {"wilaya_code": code}


def test_products_belong_to_branches_and_are_listed_once() -> None:
    branches = {branch.code: branch for branch in service.branches()}
    products = {product.code: product for product in service.products()}
    assert len(branches) == len(service.branches()) == 9
    assert len(products) == len(service.products()) == 22
    assert {product.branch_code for product in products.values()} == set(branches)
    assert branches["11"].is_compulsory
    assert products["AUTO_RC"].label_fr == "Automobile – Responsabilité civile"
    assert products["CATNAT"].object_kinds == (ObjectKind.HOME, ObjectKind.BUSINESS)
    labels = [(each.label_fr, each.label_en, each.label_ar) for each in service.branches()]
    labels += [(each.label_fr, each.label_en, each.label_ar) for each in service.products()]
    assert all(french and english and is_arabic(arabic) for french, english, arabic in labels)


def test_every_value_has_a_label_of_its_own_in_every_language() -> None:
    for language in LabelLanguage:
        for labels in service.enums(language).values():
            assert len(set(labels.values())) == len(labels)
            assert all(re.fullmatch(r"[a-z][a-z0-9_]*", value) for value in labels)
            assert all(label == label.strip() != "" for label in labels.values())
            assert language is not LabelLanguage.AR or all(map(is_arabic, labels.values()))


def test_the_lines_of_one_enumeration_stand_together() -> None:
    names = [label.enum for label in repository.enum_labels()]
    changes = sum(before != after for before, after in zip(["", *names], names, strict=False))
    assert changes == len(set(names)) == len(service.enums(LabelLanguage.FR))


@pytest.mark.parametrize(
    ("enum", "labels"),
    [
        (
            "lead.status",
            "new Nouvelle · assigned Attribuée · contacted Contactée · nurturing À relancer · "
            "qualified Qualifiée · converted Convertie · disqualified Non retenue",
        ),
        (
            "lead.disqualify_reason",
            "no_need Pas de besoin · price Prix · competitor Concurrent · unreachable Injoignable · "
            "wrong_contact Mauvais contact · duplicate Doublon · out_of_area Hors zone · "
            "risk_refused Risque refusé · test_spam Test/Indésirable",
        ),
        (
            "account.lifecycle",
            "prospect Prospect · customer Client · former_customer Ancien client · blocked Bloqué",
        ),
        (
            "account.type",
            "household Ménage · company Entreprise · public_body Organisme public · association Association",
        ),
        (
            "user.status",
            "invited Invité · pending_verification À confirmer · active Confirmé · suspended Suspendu · "
            "locked Verrouillé · deactivated Désactivé",
        ),
        ("role", "administrator Administrateur · editor Éditeur · supervisor Superviseur · user Utilisateur"),
    ],
)
def test_the_french_labels_are_those_of_the_book(enum: str, labels: str) -> None:
    pairs = (pair.split(" ", 1) for pair in labels.split(" · "))
    assert list(service.enums(LabelLanguage.FR)[enum].items()) == [(value, label) for value, label in pairs]


@pytest.mark.parametrize(
    ("enum", "kind"),
    [
        ("agency.status", AgencyStatus),
        ("agency.type", AgencyType),
        ("data_scope", DataScope),
        ("document.kind", FileKind),
    ],
)
def test_what_a_column_may_hold_is_what_has_a_label(enum: str, kind: type[StrEnum]) -> None:
    assert set(service.enums(LabelLanguage.FR)[enum]) == {member.value for member in kind}
