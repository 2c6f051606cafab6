"""Who is in the house: nothing registers itself by accident."""

from crm_api.registry.audience import AUDIENCE
from crm_api.registry.jobs import JOBS, SCHEDULES
from crm_api.registry.listeners import LISTENERS
from crm_api.registry.objects import OBJECTS, TOLD
from crm_api.registry.routers import ROUTERS
from crm_api.registry.tags import TAGS

__all__ = ["AUDIENCE", "JOBS", "LISTENERS", "OBJECTS", "ROUTERS", "SCHEDULES", "TAGS", "TOLD"]
