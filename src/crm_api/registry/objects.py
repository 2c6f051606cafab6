"""The kinds of object that others hang on, and what streams tell of besides."""

from crm_api.accounts.repository import AccountRepository
from crm_api.agencies.repository import AgencyRepository
from crm_api.appointments.repository import AppointmentRepository
from crm_api.billing.repository.payments import PaymentRepository
from crm_api.billing.repository.receivables import ReceivableRepository
from crm_api.claims.repository.claims import ClaimRepository
from crm_api.complaints.repository import ComplaintRepository
from crm_api.contacts.repository import ContactRepository
from crm_api.core.objects import objects_of
from crm_api.core.sight import Told
from crm_api.discussions.repository.messages import DiscussionMessageRepository
from crm_api.discussions.repository.rooms import DiscussionRepository
from crm_api.files.repository import FileRepository
from crm_api.interactions.repository import InteractionRepository
from crm_api.leads.repository import LeadRepository
from crm_api.missions.repository import MissionOrderRepository
from crm_api.notes.repository import NoteRepository
from crm_api.opportunities.repository.opportunities import OpportunityRepository
from crm_api.policies.repository.endorsements import EndorsementRepository
from crm_api.policies.repository.objects import InsuredObjectRepository
from crm_api.policies.repository.policies import PolicyRepository
from crm_api.quotes.repository import QuoteRepository
from crm_api.tasks.repository import TaskRepository
from crm_api.telephony.repository import CallRepository
from crm_api.tickets.repository.tickets import TicketRepository
from crm_api.users.repository import UserRepository

OBJECTS = objects_of(
    AccountRepository,
    AgencyRepository,
    AppointmentRepository,
    ClaimRepository,
    ComplaintRepository,
    ContactRepository,
    EndorsementRepository,
    FileRepository,
    InsuredObjectRepository,
    InteractionRepository,
    LeadRepository,
    NoteRepository,
    MissionOrderRepository,
    OpportunityRepository,
    PaymentRepository,
    PolicyRepository,
    ReceivableRepository,
    QuoteRepository,
    TaskRepository,
    TicketRepository,
    UserRepository,
)
"""What notes, tasks, documents and reminders may hang on."""

TOLD = {
    "call": Told(CallRepository, frozenset({"interactions:read"})),
    "discussion": Told(DiscussionRepository, frozenset({"discussions:read"})),
    "discussion_message": Told(DiscussionMessageRepository, frozenset({"discussions:read"})),
}
"""What streams tell of besides: whose telephone rings sees who it is, who reads a discussion what is new."""
