"""The tables of what is no entity."""

from typing import cast

from sqlalchemy import Table

from crm_api.core.db import Ledger


def rows_of(model: type[Ledger]) -> Table:
    return cast(Table, model.__table__)
