"""Every sentence that the code tells exists in the three languages, and needs what it is given."""

import ast
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import crm_api
from crm_api.core import i18n
from crm_api.notifications.choices import until_noise
from crm_api.notifications.jobs import MORNING, last_morning
from crm_api.notifications.texts import Message

SOURCE = Path(crm_api.__file__).parent
ALGIERS = ZoneInfo("Africa/Algiers")
YEAR = timedelta(days=365)
MOMENTS = st.floats(0, 2).map(lambda years: datetime(2026, 1, 1, tzinfo=UTC) + years * YEAR)
ZONES = st.sampled_from(
    [ALGIERS, ZoneInfo("Europe/Paris"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Tokyo")]
)
TIMES = st.times(timezones=st.none()).map(lambda one: one.replace(microsecond=0))


def told() -> Iterator[tuple[str, str, set[str]]]:
    """Place, key and values; a key that comes in a variable is any of the sentences that its file names."""
    sentences = i18n.messages()["notifications"]
    for file in sorted(SOURCE.rglob("*.py")):
        nodes = [*ast.walk(ast.parse(file.read_text("utf-8")))]
        calls = [n for n in nodes if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "Message"]
        named = {n.value for n in nodes if isinstance(n, ast.Constant) and n.value in sentences}
        written_out = {call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)}
        for call in calls:
            (key,) = call.args
            values = {str(one.arg) for one in call.keywords}
            for one in [key.value] if isinstance(key, ast.Constant) else named - written_out:
                yield f"{file}:{call.lineno}", str(one), values


def test_every_sentence_that_is_told_exists_with_its_values() -> None:
    sentences = i18n.messages()["notifications"]
    for place, key, values in told():
        assert key in sentences, f"{place}: messages.json has no notification {key}"
        for language in i18n.LANGUAGES:
            needed = {name for _, name, _, _ in Formatter().parse(sentences[key][language]) if name}
            assert needed <= values, f"{place}: {language} needs {needed - values}"


def test_no_sentence_is_left_over() -> None:
    code = "".join(file.read_text("utf-8") for file in SOURCE.rglob("*.py"))
    assert not [key for key in i18n.messages()["notifications"] if f'"{key}"' not in code]


def test_moments_and_days_are_written_as_people_here_write_them(monkeypatch: pytest.MonkeyPatch) -> None:
    sentences = dict.fromkeys(i18n.LANGUAGES, "{who} {at} {on} {n}")
    monkeypatch.setitem(i18n.messages()["notifications"], "tried", sentences)
    at = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
    message = Message("tried", who="Lina\nBcc: x", at=at, on=date(2026, 12, 1), n=3)
    assert message.written("fr", 160) == "Lina Bcc: x 23/11/2026 09:30 01/12/2026 3"
    assert message.written("fr", 8) == "Lina Bc…"
    with pytest.raises(KeyError):
        Message("tried", who="Lina").written("fr", 160)


@given(MOMENTS, ZONES, TIMES, TIMES)
def test_a_mail_kept_back_leaves_at_the_end_of_the_quiet_hours(
    moment: datetime, zone: ZoneInfo, start: time, end: time
) -> None:
    """And one that is not is outside of them."""
    wait = until_noise(moment, zone, start, end)
    clock = moment.astimezone(zone).time()
    quiet = start <= clock < end if start <= end else not end <= clock < start
    assert (wait is not None) == quiet
    if wait is not None:
        assert timedelta(0) < wait <= timedelta(hours=25)
        leaves = (moment + wait).astimezone(zone)
        assert leaves.time() == end or leaves.utcoffset() != moment.astimezone(zone).utcoffset()


@given(MOMENTS, ZONES)
def test_the_last_morning_is_less_than_a_day_ago(moment: datetime, zone: ZoneInfo) -> None:
    morning = last_morning(moment, zone)
    assert timedelta(0) <= moment - morning <= timedelta(hours=25)
    assert morning.astimezone(zone).time() == MORNING
