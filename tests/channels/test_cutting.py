"""What somebody wrote just now is found again in mails as programs really write them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.samples import CLOSINGS, INTRODUCTIONS, QUOTE, SAID, SIGNATURES, UNDER_A_CLOSING, UNTOUCHED
from crm_api.channels.mail.cutting import cut


@pytest.mark.parametrize("program", INTRODUCTIONS)
def test_what_is_answered_is_cut_off(program: str) -> None:
    found = cut(f"{SAID}\n\n{INTRODUCTIONS[program]}\n{QUOTE}\n")
    assert found.text == SAID
    assert "Pouvez-vous" in found.quote


@pytest.mark.parametrize("program", INTRODUCTIONS)
def test_a_quote_without_its_marks_is_cut_off_too(program: str) -> None:
    assert cut(f"{SAID}\r\n\r\n{INTRODUCTIONS[program]}\r\n\r\nBonjour,\r\nPouvez-vous ?").text == SAID


@pytest.mark.parametrize("kind", SIGNATURES)
def test_a_signature_is_cut_off(kind: str) -> None:
    found = cut(f"{SAID}\n\n{SIGNATURES[kind]}\n")
    assert found.text == SAID
    assert found.signature.split() == SIGNATURES[kind].split()


@pytest.mark.parametrize("closing", CLOSINGS)
def test_the_formula_stays_and_what_stands_under_it_goes(closing: str) -> None:
    found = cut(f"{SAID}\n\n{closing}\n\n{UNDER_A_CLOSING}")
    assert found.text == f"{SAID}\n\n{closing}"
    assert found.signature == UNDER_A_CLOSING


@pytest.mark.parametrize("what", UNTOUCHED)
def test_in_doubt_nothing_is_cut(what: str) -> None:
    assert cut(UNTOUCHED[what]).text == UNTOUCHED[what].strip()


def test_signature_and_quote_go_together() -> None:
    whole = f"{SAID}\n\nCordialement,\nKarim\n\n{INTRODUCTIONS['Gmail']}\n{QUOTE}"
    assert cut(whole).text == f"{SAID}\n\nCordialement,"


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [*SAID.split("\n"), *QUOTE.split("\n"), *CLOSINGS, *INTRODUCTIONS.values(), "x" * 300]
        ),
        max_size=30,
    )
)
def test_something_is_left_whenever_something_was_there(lines: list[str]) -> None:
    whole = "\n".join(lines)
    found = cut(whole)
    assert bool(found.text) == bool(whole.strip())
    assert all(line in whole for line in found.text.split("\n"))


def test_a_hostile_text_is_cut_like_any_other() -> None:
    """Each is read once from start to end; a pattern that goes back and forth would not come home today."""
    for line in (
        "Le lun. " * 5000,
        "> " * 100_000,
        "-" * 100_000,
        "De : x\n" * 20_000,
        "Le 23/11/2026 <" * 20_000,
    ):
        found = cut(line)
        assert found.text
        assert len(found.text) <= len(line)
