"""What every organization begins with: a status for each category (domain.md G), and some categories."""

from crm_api.tickets.models.words import TicketStatus

_NAMED = (
    (TicketStatus.NEW, "Nouveau", "جديد"),
    (TicketStatus.OPEN, "En cours", "قيد المعالجة"),
    (TicketStatus.PENDING, "En attente client", "في انتظار الزبون"),
    (TicketStatus.ON_HOLD, "En attente tiers", "في انتظار طرف ثالث"),
    (TicketStatus.SOLVED, "Résolu", "تم الحل"),
    (TicketStatus.CLOSED, "Clos", "مغلق"),
)
STATUSES = tuple(
    {
        "code": str(category),
        "name": name,
        "name_ar": arabic,
        "category": category,
        "position": place * 10,
        "is_default": True,
        "is_active": True,
    }
    for place, (category, name, arabic) in enumerate(_NAMED, 1)
)
