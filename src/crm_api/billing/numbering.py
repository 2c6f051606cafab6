"""The numbers on receipts (domain.md 0.3) and on payments; sequences by agency and year, gaps are normal."""

from datetime import date

from crm_api.core.context import Context
from crm_api.core.numbers import next_number


def receipt_sequence(agency_code: str, year: int, product_code: str) -> str:
    return f"premium_receipt.{agency_code}.{year}.{product_code}"


async def receipt_number(ctx: Context, agency_code: str, on: date, product_code: str) -> str:
    """16012/2026/AUTO_RC/00913."""
    serial = await next_number(ctx, receipt_sequence(agency_code, on.year, product_code))
    return f"{agency_code}/{on.year}/{product_code}/{serial:05d}"


async def payment_number(ctx: Context, agency_code: str, on: date) -> str:
    """E16012-2026-000381 (encaissement)."""
    serial = await next_number(ctx, f"payment.{agency_code}.{on.year}")
    return f"E{agency_code}-{on.year}-{serial:06d}"
