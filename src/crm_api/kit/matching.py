"""How likely two descriptions are of one person (the design's section L): the strongest reason counts.

Weak reasons do not add up: in one family phone, e-mail and wilaya are shared, and shared once is shared
three times.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from crm_api.kit.identifiers import email_key
from crm_api.kit.names import names_of, same_full_name, same_name

LINK_FROM = 90
PROBABLE_FROM = 60


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one person, normalised (`kit.phones`, `kit.identifiers`) except for the names."""

    first_name: str = ""
    last_name: str = ""
    first_name_ar: str = ""
    last_name_ar: str = ""
    full_name: str = ""
    """For who gave one name only: of its words, which is the surname is not known."""
    national_id: str | None = None
    birth_date: date | None = None
    plates: frozenset[str] = field(default_factory=frozenset)
    phones: frozenset[str] = field(default_factory=frozenset)
    emails: frozenset[str] = field(default_factory=frozenset)
    wilaya_code: str | None = None
    has_policies: bool = False


class Verdict(StrEnum):
    """How sure it is that two objects are the same: link them, ask somebody, or neither."""

    LINK = "link"
    PROBABLE = "probable"
    NONE = "none"


class Reason(StrEnum):
    """What two objects have in common that makes them look the same, strongest first."""

    NATIONAL_ID = "national_id"
    NAME_BIRTH_DATE = "name_birth_date"
    PLATE_SURNAME = "plate_surname"
    NAME_PHONE = "name_phone"
    EMAIL_SURNAME = "email_surname"
    EMAIL = "email"
    PHONE = "phone"
    NAME_WILAYA = "name_wilaya"


SCORES = {
    Reason.NATIONAL_ID: 100,
    Reason.NAME_BIRTH_DATE: 90,
    Reason.PLATE_SURNAME: 80,
    Reason.NAME_PHONE: 80,
    Reason.EMAIL_SURNAME: 75,
    Reason.EMAIL: 45,
    Reason.PHONE: 40,
    Reason.NAME_WILAYA: 30,
}


@dataclass(frozen=True, slots=True)
class Match:
    """`score` 0 to 100; `reasons` strongest first; `verdict` says what may be done about it."""

    score: int
    reasons: tuple[Reason, ...]
    verdict: Verdict


def match(one: Facts, other: Facts) -> Match:
    """Symmetrical. Two who both have policies, or different national ids, are never linked by a machine."""
    name, surname = _same_person_name(one, other), _same_surname(one, other)
    phone = bool(one.phones & other.phones)
    email = bool({email_key(each) for each in one.emails} & {email_key(each) for each in other.emails})
    holds = {
        Reason.NATIONAL_ID: _same(one.national_id, other.national_id),
        Reason.NAME_BIRTH_DATE: name and _same(one.birth_date, other.birth_date),
        Reason.PLATE_SURNAME: surname and bool(one.plates & other.plates),
        Reason.NAME_PHONE: name and phone,
        Reason.EMAIL_SURNAME: surname and email,
        Reason.EMAIL: email,
        Reason.PHONE: phone,
        Reason.NAME_WILAYA: name and _same(one.wilaya_code, other.wilaya_code),
    }
    reasons = tuple(reason for reason, held in holds.items() if held)
    score = max((SCORES[reason] for reason in reasons), default=0)
    return Match(score, reasons, _verdict(score, one, other))


def _verdict(score: int, one: Facts, other: Facts) -> Verdict:
    if score < PROBABLE_FROM:
        return Verdict.NONE
    two_ids = bool(one.national_id and other.national_id) and one.national_id != other.national_id
    if score < LINK_FROM or two_ids or (one.has_policies and other.has_policies):
        return Verdict.PROBABLE
    return Verdict.LINK


def _same(one: object, other: object) -> bool:
    return one is not None and one == other


def _same_surname(one: Facts, other: Facts) -> bool:
    """A surname may also be found among the words of who gave one name only."""
    if one.full_name and other.full_name:
        return same_full_name(one.full_name, other.full_name)
    return any(same_name(surname, candidate) for surname in _surnames(one) for candidate in _surnames(other))


def _surnames(person: Facts) -> list[str]:
    return names_of(person.full_name) if person.full_name else [person.last_name, person.last_name_ar]


def _same_person_name(one: Facts, other: Facts) -> bool:
    return any(same_full_name(mine, theirs) for mine in _full_names(one) for theirs in _full_names(other))


def _full_names(person: Facts) -> list[str]:
    if person.full_name:
        return [person.full_name]
    latin = f"{person.first_name} {person.last_name}"
    return [latin, f"{person.first_name_ar or person.first_name} {person.last_name_ar or person.last_name}"]
