"""The tables of the domain; one import knows them all, for their references lead from one to the other."""

from crm_api.tickets.models import setup, ticket, work  # noqa: F401
