"""The pure parts: one slip, masks, variables, loops."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from crm_api.knowledge.asking import asked, one_slip
from crm_api.knowledge.loops import is_automatic
from crm_api.knowledge.masking import masked
from crm_api.knowledge.models.article import KbLanguage
from crm_api.knowledge.variables import checked, filled

WORD = st.text("abcdé", min_size=2, max_size=7)


def distance(one: str, other: str) -> int:
    """Damerau-Levenshtein (neighbouring letters may change places), the slow way."""
    table = [[max(i, j) if 0 in (i, j) else 0 for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            cost = one[i - 1] != other[j - 1]
            table[i][j] = min(table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + cost)
            if i > 1 and j > 1 and one[i - 2 : i] == other[j - 2 : j][::-1]:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    return table[-1][-1]


@given(WORD, WORD)
@settings(max_examples=100, deadline=None)
def test_one_slip_is_a_distance_of_one(one: str, other: str) -> None:
    assert one_slip(one, other) == (distance(one, other) == 1)


@given(st.text("ab", min_size=2, max_size=4), st.text("ab", min_size=2, max_size=4))
@settings(max_examples=100, deadline=None)
def test_one_slip_of_like_letters(one: str, other: str) -> None:
    assert one_slip(one, other) == (distance(one, other) == 1)


def test_a_question_is_its_telling_words_in_any_order() -> None:
    assert asked("Combien de jours pour déclarer un VOL ?").key == asked("vol: déclarer, jours").key
    assert asked("سرقة سيارتي").language is KbLanguage.AR
    assert asked("vol", KbLanguage.EN).language is KbLanguage.EN
    assert len(asked(" ".join(f"mot{n}" for n in range(500))).words) == 24
    assert asked("a" * 100_000).words


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("écrivez à karim.b@example.dz svp", "écrivez à [e-mail] svp"),
        ("mon 0550 12 34 56.", "mon [numéro]."),
        ("+213-550-12-34-56", "[numéro]"),
        ("police P-2026-000777", "police [référence]"),
        ("RIB 00799999001234567890", "RIB [numéro]"),
        ("7 jours en 2026", "7 jours en 2026"),
        ("https://x.dz/?t=1 ici", "[lien] ici"),
    ],
)
def test_personal_data_is_masked_by_its_form(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_a_text_names_variables_that_exist_and_is_filled_once() -> None:
    assert checked("Bonjour {{ customer.name }}") == "Bonjour {{ customer.name }}"
    for wrong in ("{{customer.password}}", "{{}}", "{{customer.name", "}} {{", "{{__class__}}"):
        with pytest.raises(PydanticCustomError):
            checked(wrong)
    text, missing = filled(
        "{{customer.name}} : {{ticket.number}}", {"customer.name": "{{agent.name}}\r\nBcc: x"}
    )
    assert text == "{{agent.name}} Bcc: x : {{ticket.number}}"  # not read again, on one line
    assert missing == ["ticket.number"]
    assert filled("a {{date}} b", {}, keeps=False).text == "a  b"


@pytest.mark.parametrize(
    ("sender", "headers"),
    [
        ("a@b.dz", {"Auto-Submitted": "auto-replied"}),
        ("a@b.dz", {"auto-submitted": "auto-generated; x=y"}),
        ("a@b.dz", {"Precedence": "Bulk"}),
        ("a@b.dz", {"List-Id": "<news.b.dz>"}),
        ("a@b.dz", {"X-Auto-Response-Suppress": "All"}),
        ("a@b.dz", {"Return-Path": "<>"}),
        ("a@b.dz", {"Content-Type": "multipart/report; report-type=delivery-status"}),
        ("no-reply@b.dz", {}),
        ("NoReply+42@b.dz", {}),
        ("ne-pas-repondre@b.dz", {}),
        ("MAILER-DAEMON@b.dz", {}),
        ("", {}),
    ],
)
def test_a_machine_is_known(sender: str, headers: dict[str, str]) -> None:
    assert is_automatic(sender, headers)


@pytest.mark.parametrize("sender", ["karim@b.dz", "+213550123456", "noreplyan@b.dz", "bouncer@b.dz"])
def test_a_person_is_answered(sender: str) -> None:
    assert not is_automatic(sender, {"Auto-Submitted": "no", "Content-Type": "text/plain"})
