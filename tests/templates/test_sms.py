"""SMS parts (domain.md B-36): the worked limits, and agreement with a splitter that goes letter by letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_api.templates.sms import BASIC, EXTENDED, SIZES, SmsEncoding, sms_parts, transliterated

LETTERS = st.sampled_from("aé€^{ç ê°م😀\n") | st.characters(exclude_categories=["Cs"])
MIXED = st.lists(st.tuples(LETTERS, st.integers(1, 90)), max_size=12).map(
    lambda runs: "".join(letter * count for letter, count in runs)
)
SEVEN_BITS = st.text(st.sampled_from("abcé€[]^ \n"), min_size=100, max_size=700)


def slow_parts(text: str) -> list[str]:
    """Each part, letter by letter; no letter of two units is cut in two."""
    seven = all(sign in BASIC or sign in EXTENDED for sign in text)
    alone, each = SIZES[SmsEncoding.GSM7 if seven else SmsEncoding.UCS2]

    def width(sign: str) -> int:
        return (2 if sign in EXTENDED else 1) if seven else len(sign.encode("utf-16-be")) // 2

    if sum(map(width, text)) <= alone:
        return [text] if text else []
    parts, room = [""], each
    for sign in text:
        if width(sign) > room:
            parts.append("")
            room = each
        parts[-1] += sign
        room -= width(sign)
    return parts


@given(MIXED | SEVEN_BITS)
def test_the_count_agrees_with_a_splitter_that_goes_letter_by_letter(text: str) -> None:
    assert sms_parts(text).parts == len(slow_parts(text))


@pytest.mark.parametrize(
    ("text", "encoding", "parts"),
    [
        ("a" * 160, "gsm7", 1),
        ("a" * 161, "gsm7", 2),
        ("a" * 306, "gsm7", 2),
        ("a" * 307, "gsm7", 3),
        ("a" * 158 + "€", "gsm7", 1),
        ("a" * 159 + "€", "gsm7", 2),
        ("a" * 152 + "€" + "a" * 152, "gsm7", 3),  # the euro goes to the second part whole
        ("م" * 70, "ucs2", 1),
        ("م" * 71, "ucs2", 2),
        ("م" * 134, "ucs2", 2),
        ("م" * 135, "ucs2", 3),
        ("a" * 69 + "ê", "ucs2", 1),
        ("a" * 70 + "ê", "ucs2", 2),
        ("", "gsm7", 0),
    ],
)
def test_an_sms_is_cut_at_160_and_153_or_at_70_and_67(text: str, encoding: str, parts: int) -> None:
    cost = sms_parts(text)
    assert (cost.encoding, cost.parts) == (encoding, parts)


def test_french_letters_that_gsm_has_cost_nothing_and_the_others_everything() -> None:
    assert sms_parts("éèàùòìÇ").encoding is SmsEncoding.GSM7
    for letter in "êâîôûëïç°":
        assert sms_parts(letter).outside == (letter,)
    assert (sms_parts("€").encoding, sms_parts("€").units) == (SmsEncoding.GSM7, 2)


def test_what_gsm_lacks_is_spelled_otherwise_where_it_can_be() -> None:
    assert transliterated("Être reçu n° 5 — « œuvre » à 10 €…") == 'Etre recu no 5 - " oeuvre " à 10 €...'
    assert transliterated("مرحبا") is None


@given(st.text(max_size=60))
def test_a_transliteration_is_always_gsm(text: str) -> None:
    spelled = transliterated(text)
    assert spelled is None or not sms_parts(spelled).outside
