"""Money as the database keeps it: whole centimes in a bigint; numeric comparisons are not leakproof."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.types import TypeDecorator

from crm_api.kit.money import Money


class Centimes(TypeDecorator[Money]):
    """A column annotated so holds `Money` in Python and centimes of dinars in PostgreSQL."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Money | None, dialect: Any) -> int | None:
        return None if value is None else value.centimes

    def process_result_value(self, value: int | None, dialect: Any) -> Money | None:
        return None if value is None else Money.of(value)
