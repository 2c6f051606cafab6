from crm_api.core.context import Context
from crm_api.tasks.house import HouseTasks
from crm_api.telephony.events import CallMissed


async def ask_for_callback(ctx: Context, event: CallMissed) -> None:
    """Whoever was not answered is called back within 30 working minutes (domain.md E-9)."""
    about = (event.party_type, event.party_id) if event.party_id else ("interaction", event.interaction_id)
    await HouseTasks(ctx).call_back(
        f"call.missed:{event.call_id}",
        "Rappeler : appel manqué",
        assignee_user_id=event.agent_user_id,
        agency_id=event.agency_id,
        object_type=about[0],
        object_id=about[1],
    )
