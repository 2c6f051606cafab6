"""D-38 to D-43 with the numbers of domain.md, and the hours of messages."""

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_api.kit.clock import ALGIERS
from crm_api.mailings.figures import figures
from crm_api.mailings.models import MailingChannel
from crm_api.mailings.ordering import Counts
from crm_api.mailings.windows import may_go, next_moment

BOOK = Counts(
    sent=10_000,
    delivered=9_700,
    opened=2_425,
    opened_inflated=4_850,
    clicked=388,
    hard_bounced=180,
    soft_bounced=120,
    unsubscribed=29,
    complained=9,
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("delivery_rate", "0.9700"),
        ("open_rate", "0.2500"),
        ("open_rate_inflated", "0.5000"),
        ("ctr", "0.0400"),
        ("ctor", "0.1600"),
        ("bounce_rate", "0.0300"),
        ("unsubscribe_rate", "0.0030"),
        ("complaint_rate", "0.0009"),
    ],
)
def test_the_worked_numbers_of_the_book(name: str, value: str) -> None:
    share = getattr(figures(BOOK), name)
    assert share is not None
    assert f"{float(share):.4f}" == value


def test_nothing_to_divide_by_is_no_figure() -> None:
    assert set(figures(Counts())) == {None}


def test_text_messages_have_no_opens() -> None:
    shares = figures(BOOK, has_opens=False)
    assert (shares.open_rate, shares.ctor, shares.ctr) == (None, None, Fraction(4, 100))


@pytest.mark.parametrize(("complaints", "alert"), [(9, False), (10, True)])
def test_more_than_one_complaint_in_a_thousand_is_an_alert(complaints: int, alert: bool) -> None:
    counts = Counts(sent=10_000, delivered=9_700, complained=complaints)
    assert figures(counts).complaint_alert is alert


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    """In December 2026, in Algiers; the 4th is a Friday."""
    return datetime(2026, 12, day, hour, minute, tzinfo=ALGIERS)


@pytest.mark.parametrize(
    ("channel", "moment", "goes"),
    [
        (MailingChannel.EMAIL, _at(3, 7, 59), False),
        (MailingChannel.EMAIL, _at(3, 8), True),
        (MailingChannel.EMAIL, _at(3, 19, 59), True),
        (MailingChannel.EMAIL, _at(3, 20), False),
        (MailingChannel.EMAIL, _at(4, 10, 59), True),
        (MailingChannel.EMAIL, _at(4, 11), False),
        (MailingChannel.EMAIL, _at(4, 15), True),
    ],
)
def test_nights_and_the_friday_prayer_are_quiet(
    channel: MailingChannel, moment: datetime, goes: bool
) -> None:
    assert may_go(channel, moment, respects_hours=True) is goes


def test_text_messages_keep_8_to_21_even_where_no_hours_are_kept() -> None:
    assert may_go(MailingChannel.SMS, _at(3, 20, 30), respects_hours=False)
    assert not may_go(MailingChannel.SMS, _at(3, 21), respects_hours=False)
    assert may_go(MailingChannel.EMAIL, _at(3, 23), respects_hours=False)


@given(
    st.sampled_from(MailingChannel),
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.booleans(),
)
def test_the_next_moment_is_one_at_which_messages_go(
    channel: MailingChannel, moment: datetime, respects: bool
) -> None:
    closed = {date(2026, 7, 5), date(2026, 11, 1)}
    found = next_moment(channel, moment, respects_hours=respects, closed=closed)
    assert found >= moment
    assert may_go(channel, found, respects_hours=respects, closed=closed)
    if may_go(channel, moment, respects_hours=respects, closed=closed):
        assert found == moment
