"""The doors of the domain."""

from crm_api.billing.router import doors, dunning, payments, receivables  # noqa: F401 - they hang their routes on

ROUTERS = (
    doors.instalments,
    doors.receipts,
    doors.receivables,
    doors.proposals,
    doors.write_offs,
    doors.payments,
    doors.returns,
    doors.credits,
    doors.accounts,
    doors.policies,
)
