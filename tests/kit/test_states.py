from enum import StrEnum
from itertools import product

import pytest

from crm_api.kit.errors import InvalidTransition
from crm_api.kit.states import Machine, machine

# As each domain's models will declare theirs.
ORGANIZATION = machine(
    "organization",
    """
    draft: active
    active: suspended closed
    suspended: active closed
    """,
)
AGENCY = machine(
    "agency",
    """
    active: suspended closed
    suspended: active closed
    """,
)
USER = machine(
    "user",
    """
    invited: active deactivated
    pending_verification: active deactivated
    active: suspended locked deactivated
    suspended: active deactivated
    locked: active deactivated
    """,
    entry=("invited", "pending_verification"),
)
INVITATION = machine("invitation", "pending: accepted revoked expired")
LEAD = machine(
    "lead",
    """
    new: assigned contacted disqualified
    assigned: contacted disqualified
    contacted: qualified nurturing disqualified
    nurturing: contacted disqualified
    qualified: converted nurturing disqualified
    disqualified: contacted
    """,
)
MACHINES = [ORGANIZATION, AGENCY, USER, INVITATION, LEAD]

BOOK = {
    "organization": "draft>active active>suspended active>closed suspended>active suspended>closed",
    "agency": "active>suspended active>closed suspended>active suspended>closed",
    "user": "invited>active invited>deactivated pending_verification>active pending_verification>deactivated "
    "active>suspended active>locked active>deactivated suspended>active suspended>deactivated "
    "locked>active locked>deactivated",
    "invitation": "pending>accepted pending>revoked pending>expired",
    "lead": "new>assigned new>contacted new>disqualified assigned>contacted assigned>disqualified "
    "contacted>qualified contacted>nurturing contacted>disqualified nurturing>contacted "
    "nurturing>disqualified qualified>converted qualified>nurturing qualified>disqualified "
    "disqualified>contacted",
}
"""The transitions of the design's B-62, one by one."""

PAIRS = [
    pytest.param(each, current, wanted, id=f"{each.entity}:{current}>{wanted}")
    for each in MACHINES
    for current, wanted in product(each.states, repeat=2)
]


@pytest.mark.parametrize(("each", "current", "wanted"), PAIRS)
def test_a_pair_is_in_the_book_or_refused(each: Machine, current: str, wanted: str) -> None:
    if f"{current}>{wanted}" in BOOK[each.entity].split():
        each.check(current, wanted)
        return
    with pytest.raises(InvalidTransition) as refusal:
        each.check(current, wanted)
    assert (refusal.value.status, refusal.value.code) == (409, "invalid_transition")
    following = [pair.split(">")[1] for pair in BOOK[each.entity].split() if pair.startswith(f"{current}>")]
    assert refusal.value.extra["allowed"] == following


def test_the_machines_know_where_life_begins_and_ends() -> None:
    assert [each.entry for each in MACHINES] == [
        ("draft",),
        ("active",),
        ("invited", "pending_verification"),
        ("pending",),
        ("new",),
    ]
    assert [sorted(each.final) for each in MACHINES] == [
        ["closed"],
        ["closed"],
        ["deactivated"],
        ["accepted", "expired", "revoked"],
        ["converted"],
    ]


def test_states_may_be_members_of_an_enumeration() -> None:
    class Status(StrEnum):
        NEW = "new"
        CONTACTED = "contacted"

    LEAD.check(Status.NEW, Status.CONTACTED)
    with pytest.raises(InvalidTransition) as refusal:
        LEAD.check(Status.CONTACTED, Status.NEW)
    assert refusal.value.extra == {
        "entity": "lead",
        "current": "contacted",
        "wanted": "new",
        "allowed": ["qualified", "nurturing", "disqualified"],
    }


def test_an_object_cannot_be_born_in_a_state_that_is_not_listed() -> None:
    with pytest.raises(ValueError, match="lost"):
        machine("parcel", "sent: received", entry=("lost",))
