"""A customer who writes hears at once that it came; a machine hears nothing, whatever it writes."""

from email.parser import BytesParser
from email.policy import default

import pytest

from channels.house import Correspondence

pytestmark = pytest.mark.anyio
CREATED = {"name": "Accusé", "trigger": "ticket_created", "body_fr": "Reçu {{ticket.number}}, merci."}


async def test_a_written_request_is_acknowledged_in_its_thread_once_a_day(post: Correspondence) -> None:
    await post.made("/v1/auto-replies", CREATED)
    await post.written()
    await post.jobs()
    (ticket,) = await post.tickets()
    _, acknowledged = await post.messages(ticket["id"])
    assert acknowledged["body"] == f"Reçu {ticket['number']}, merci."
    assert (acknowledged["is_automatic"], acknowledged["author_type"]) == (True, "system")
    (sent,) = post.sent()
    mail = BytesParser(policy=default).parsebytes(sent)
    assert (mail["To"], mail["In-Reply-To"]) == ("karim@exemple.dz", "<1@exemple.dz>")
    assert mail["Auto-Submitted"] == "auto-replied"
    await post.written("Et une autre chose.", Message_ID="<2@exemple.dz>", Subject="Autre")
    await post.jobs()
    assert len(post.sent()) == 1
    answered = await post.read(f"/v1/tickets/{ticket['id']}")
    assert answered["first_response_at"] is None  # nobody has answered yet


async def test_a_machine_and_an_answer_in_the_thread_get_no_acknowledgement(post: Correspondence) -> None:
    await post.made("/v1/auto-replies", CREATED)
    await post.written(Auto_Submitted="auto-replied")
    await post.jobs()
    assert post.sent() == []
    await post.written()
    await post.jobs()
    await post.written("Un mot encore.", Message_ID="<3@exemple.dz>", In_Reply_To="<1@exemple.dz>")
    await post.jobs()
    assert len(post.sent()) == 1
