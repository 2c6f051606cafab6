"""The rows of the domain."""

from crm_api.appointments.repository.appointments import AppointmentRepository, Taken
from crm_api.appointments.repository.settings import CapacityRepository, FeedRepository, ResourceRepository

__all__ = ["AppointmentRepository", "CapacityRepository", "FeedRepository", "ResourceRepository", "Taken"]
