from dataclasses import replace
from datetime import date

import pytest

from crm_api.kit.matching import Facts, Match, Reason, Verdict, match

BENALI = Facts(
    first_name="Mohamed",
    last_name="BENALI",
    national_id="109900100112345678",
    birth_date=date(1990, 5, 2),
    plates=frozenset({"1234512616"}),
    phones=frozenset({"+213550123456"}),
    emails=frozenset({"m.benali@example.com"}),
    wilaya_code="16",
)
NAME = Facts(first_name="Med", last_name="Ben Ali")
SURNAME = Facts(first_name="Sarah", last_name="بن علي")
STRANGER = Facts(first_name="Lynda", last_name="Kaci")
PHONE = BENALI.phones
EMAIL = frozenset({"m.benali+assurance@example.com"})


@pytest.mark.parametrize(
    ("candidate", "score", "strongest", "verdict"),
    [
        (replace(STRANGER, national_id=BENALI.national_id), 100, Reason.NATIONAL_ID, Verdict.LINK),
        (replace(NAME, birth_date=BENALI.birth_date), 90, Reason.NAME_BIRTH_DATE, Verdict.LINK),
        (replace(SURNAME, plates=BENALI.plates), 80, Reason.PLATE_SURNAME, Verdict.PROBABLE),
        (replace(NAME, phones=PHONE), 80, Reason.NAME_PHONE, Verdict.PROBABLE),
        (replace(SURNAME, emails=EMAIL), 75, Reason.EMAIL_SURNAME, Verdict.PROBABLE),
        (replace(STRANGER, emails=EMAIL), 45, Reason.EMAIL, Verdict.NONE),
        (replace(STRANGER, phones=PHONE), 40, Reason.PHONE, Verdict.NONE),
        (replace(NAME, wilaya_code="16"), 30, Reason.NAME_WILAYA, Verdict.NONE),
        (NAME, 0, None, Verdict.NONE),
        (replace(STRANGER, plates=BENALI.plates), 0, None, Verdict.NONE),
        (replace(STRANGER, birth_date=BENALI.birth_date, wilaya_code="16"), 0, None, Verdict.NONE),
    ],
)
def test_each_rule_of_the_book_gives_its_score(
    candidate: Facts, score: int, strongest: Reason | None, verdict: Verdict
) -> None:
    found = match(BENALI, candidate)
    assert (found.score, next(iter(found.reasons), None), found.verdict) == (score, strongest, verdict)
    assert match(candidate, BENALI) == found


def test_the_strongest_reason_counts_and_weak_ones_do_not_add_up() -> None:
    brother = replace(STRANGER, phones=PHONE, emails=EMAIL, wilaya_code="16")
    assert match(BENALI, brother) == Match(45, (Reason.EMAIL, Reason.PHONE), Verdict.NONE)


def test_five_of_a_family_on_one_phone_are_no_duplicates() -> None:
    family = [
        Facts(first_name=name, last_name="Aïssani", phones=PHONE)
        for name in ("Ilyès", "Amina", "Karim", "Lila", "Yacine")
    ]
    scores = {match(one, other).score for one in family for other in family if one is not other}
    assert scores == {40}


def test_father_and_son_of_one_name_and_phone_are_left_to_a_person() -> None:
    father = replace(NAME, phones=PHONE, birth_date=date(1960, 1, 1))
    assert match(BENALI, father).verdict is Verdict.PROBABLE


@pytest.mark.parametrize(
    "candidate",
    [
        Facts(full_name="BEN-ALI Mohammed"),
        Facts(full_name="محمد بن علي"),
        Facts(first_name_ar="محمد", last_name_ar="بن علي"),
        Facts(first_name="Mohammad", last_name_ar="بن علي"),
    ],
)
def test_a_name_is_recognised_in_any_order_and_script(candidate: Facts) -> None:
    assert match(BENALI, replace(candidate, birth_date=BENALI.birth_date)).score == 90


def test_unlisted_names_are_recognised_in_the_other_script() -> None:
    latin = Facts(first_name="Ghiles", last_name="Guendouz", phones=PHONE)
    assert match(latin, Facts(full_name="غيلاس قندوز", phones=PHONE)).score == 80
    assert match(latin, Facts(full_name="غيلاس قندوسي", phones=PHONE)).score == 40


@pytest.mark.parametrize("words", ["Benali", "Mohamed", "Mohamed Amine", "Mohamed Mohamed", ""])
def test_half_a_name_is_not_the_name(words: str) -> None:
    assert match(BENALI, Facts(full_name=words, birth_date=BENALI.birth_date)).score == 0


def test_a_surname_is_found_among_the_words_of_a_full_name() -> None:
    assert match(BENALI, Facts(full_name="Sarah Ben Ali", emails=EMAIL)).score == 75
    assert (
        match(Facts(full_name="Sarah Kaci", emails=EMAIL), Facts(full_name="Karim Kaci", emails=EMAIL)).score
        == 45
    )
    assert (
        match(Facts(full_name="Sarah Kaci", emails=EMAIL), Facts(full_name="KACI Sara", emails=EMAIL)).score
        == 75
    )


def test_two_who_both_have_policies_are_never_linked_by_a_machine() -> None:
    insured = replace(BENALI, has_policies=True)
    assert match(insured, insured) == replace(match(BENALI, BENALI), verdict=Verdict.PROBABLE)
    assert match(insured, BENALI).verdict is Verdict.LINK


def test_different_national_ids_are_never_linked_by_a_machine() -> None:
    other = replace(BENALI, national_id="209900100112345678")
    found = match(BENALI, other)
    assert (found.score, found.verdict) == (90, Verdict.PROBABLE)


def test_what_nobody_said_matches_nothing() -> None:
    assert match(Facts(), Facts()) == Match(0, (), Verdict.NONE)
