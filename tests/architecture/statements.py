"""How many statements a request costs: counted where they leave for the server."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import event

from crm_api.core.pool import Lanes

UNCOUNTED = ("SELECT set_config(", "ROLLBACK", "COMMIT", "BEGIN")
"""Naming the organization: once per connection on the short way, once per transaction on the long one."""


@contextmanager
def counted(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The statements sent meanwhile, on the lanes and by ORM sessions."""
    sent: list[str] = []
    fetch_as = Lanes.fetch_as
    engine = app.state.database.engine.sync_engine

    async def noted(lanes: Lanes, organization_id: Any, sql: str, arguments: Any) -> list[Any]:
        sent.append(sql)
        return await fetch_as(lanes, organization_id, sql, arguments)

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        if not statement.startswith(UNCOUNTED):
            sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    with monkeypatch.context() as patch:
        patch.setattr(Lanes, "fetch_as", noted)
        try:
            yield sent
        finally:
            event.remove(engine, "before_cursor_execute", note)
