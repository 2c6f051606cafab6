"""A clock that tests move: `time.go("2026-11-22 08:00")`, on the clocks of Algiers.

It moves what the house calls now (`core.db.now`) and today (`kit.clock.today`); PostgreSQL keeps its own.
"""

from datetime import UTC, datetime, tzinfo

import pytest

from crm_api.kit.clock import ALGIERS


class MovedClock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = datetime.now(UTC)
        clock = self

        class Moved(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
                return clock.now.astimezone(tz)

        monkeypatch.setattr("crm_api.core.db.datetime", Moved)
        monkeypatch.setattr("crm_api.kit.clock.datetime", Moved)

    def go(self, text: str) -> datetime:
        self.now = datetime.fromisoformat(text).replace(tzinfo=ALGIERS)
        return self.now
