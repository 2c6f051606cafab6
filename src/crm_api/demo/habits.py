"""What the people of the demonstration were told, and the views they keep."""

from collections.abc import Sequence
from uuid import UUID

from crm_api.core.context import Context
from crm_api.kit.searching import SearchCondition, SearchFilter
from crm_api.notifications.models import NotificationKind
from crm_api.notifications.service import NotificationService
from crm_api.notifications.texts import Message
from crm_api.saved_views.models import ViewVisibility
from crm_api.saved_views.schemas import SavedViewCreate
from crm_api.saved_views.service import SavedViewService

TOLD = 40
"""So many colleagues find a notification."""
HOT = SearchFilter(all=[SearchCondition(field="score", op="gte", value=70)])
OPEN = SearchFilter(all=[SearchCondition(field="status", op="in", value=["new", "assigned", "contacted"])])
LEADS = ["full_name", "status", "score", "source", "owner_user_id", "created_at"]


async def form_habits(ctx: Context, sellers: Sequence[UUID], lead_id: UUID) -> dict[str, str]:
    """By the administrator, who is told too. One id of each kind."""
    ctx.begin()
    await NotificationService(ctx).notify(
        [ctx.principal.id, *sellers[:TOLD]],
        NotificationKind.REMINDER,
        title=Message("lead_assigned"),
        body=Message("lead_assigned_how"),
        object_type="lead",
        object_id=lead_id,
        by_mail=False,
    )
    views = SavedViewService(ctx)
    hot = SavedViewCreate(
        entity="lead",
        name="Pistes chaudes",
        columns=LEADS,
        filters=HOT,
        sort=["-score"],
        visibility=ViewVisibility.ALL,
    )
    mine = SavedViewCreate(entity="lead", name="À traiter", columns=LEADS, filters=OPEN, group_by="status")
    await views.keep(mine)
    return {"saved_view": str((await views.keep(hot)).id)}
