"""Mails come in over LMTP, become tickets, and are answered: each once, in their thread."""

import re
from datetime import timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from uuid import UUID

import pytest

from channels.house import ADDRESS, Correspondence, ids, mail
from channels.test_reading import REPORT
from crm_api.channels.filing import AnsweredNotFiled, Filing
from crm_api.channels.jobs import STUCK_AFTER, show_stuck_messages
from crm_api.channels.receiving import MOST_OF_ONE_SENDER

pytestmark = pytest.mark.anyio
PDF = b"%PDF-1.4\n1 0 obj\nendobj\ntrailer\n%%EOF\n"


async def test_a_mail_becomes_a_ticket_in_the_inbox(post: Correspondence) -> None:
    assert await post.deliver(mail("Bonjour, mon véhicule est immobilisé.\n\n-- \nKarim")) == {}
    received = await post.rows("/v1/inbound-messages")
    assert [row["status"] for row in received] == ["received"]
    await post.jobs()
    (ticket,) = await post.tickets()
    assert (ticket["subject"], ticket["channel"]) == ("Véhicule immobilisé", "email")
    assert ticket["anonymous_party"]["email"] == "karim@exemple.dz"
    (message,) = await post.messages(ticket["id"])
    assert message["body"] == "Bonjour, mon véhicule est immobilisé."
    (item,) = await post.rows("/v1/inbox-items")
    assert (item["ticket_number"], item["sender_name"]) == (ticket["number"], "Karim Bouchareb")
    assert item["is_unread"] is True
    (filed,) = await post.rows("/v1/inbound-messages", ticket_id=ticket["id"])
    assert (filed["status"], filed["opened_ticket"], filed["has_raw"]) == ("filed", True, True)


async def test_a_mail_delivered_five_times_is_one(post: Correspondence) -> None:
    for hop in range(5):
        content = b"Received: from mx%d\r\n" % hop + mail("Bonjour, une fois.")
        assert await post.deliver(content) == {}
    await post.jobs()
    assert len(await post.tickets()) == 1
    assert len(await post.rows("/v1/inbound-messages")) == 1


async def test_equal_message_ids_do_not_lose_a_mail(post: Correspondence) -> None:
    """Some programs give every mail the same one."""
    await post.written("Première demande", Subject="Une")
    await post.written("Autre demande", Subject="Deux")
    await post.jobs()
    assert {ticket["subject"] for ticket in await post.tickets()} == {"Une", "Deux"}


async def test_only_our_addresses_are_taken(post: Correspondence) -> None:
    refused = await post.deliver(mail("Bonjour"), "other@alliance.test", ADDRESS, "x@exemple.com")
    assert {address: code for address, (code, _) in refused.items()} == {
        "other@alliance.test": 550,
        "x@exemple.com": 550,
    }
    assert len(await post.rows("/v1/inbound-messages")) == 1


async def test_a_paused_channel_takes_nothing(post: Correspondence) -> None:
    path = f"/v1/inbox-channels/{post.channel_id}"
    assert (await post.company.send("PATCH", path, {"is_active": False}, version=1)).status_code == 200
    assert (await post.deliver(mail("Bonjour")))[ADDRESS][0] == 550


async def test_answers_and_replies_stay_in_one_thread(post: Correspondence) -> None:
    await post.written()
    await post.jobs()
    (ticket,) = await post.tickets()
    await post.answer(ticket["id"], "Un dépanneur arrive.")
    await post.jobs()
    (sent,) = await post.rows("/v1/outbound-messages", ticket_id=ticket["id"])
    assert (sent["status"], sent["recipient"]) == ("sent", "karim@exemple.dz")
    ours = BytesParser(policy=default).parsebytes(_carrying(post, sent["message_id"]))
    assert ours["In-Reply-To"] == "<1@exemple.dz>"
    assert ours["Reply-To"] == f"support+{ticket['number']}@alliance.test"
    assert ours["Subject"] == f"Re: Véhicule immobilisé [{ticket['number']}]"
    body = ours.get_body()
    assert body is not None
    assert body.get_content().split() == ["Un", "dépanneur", "arrive.", "--", "Le", "service", "clients"]
    await post.written(
        "Merci beaucoup.\n\nLe lun. 23 nov. 2026 à 14:32, Alliance <support@alliance.test> a écrit :\n> Un",
        Message_ID="<2@exemple.dz>",
        References=f"<1@exemple.dz> {sent['message_id']}",
        Subject="Re: autre chose",
    )
    await post.jobs()
    assert len(await post.tickets()) == 1
    bodies = [message["body"] for message in await post.messages(ticket["id"])]
    assert bodies == ["Bonjour, mon véhicule est immobilisé.", "Un dépanneur arrive.", "Merci beaucoup."]
    delivery = [message["delivery"] for message in await post.messages(ticket["id"])]
    assert delivery == ["received", "sent", "received"]
    (item,) = await post.rows("/v1/inbox-items")
    assert item["message_count"] == 3


async def test_internal_words_stay_inside(post: Correspondence) -> None:
    await post.written()
    await post.jobs()
    (ticket,) = await post.tickets()
    await post.answer(ticket["id"], "Client difficile.", visibility="internal")
    await post.jobs()
    assert await post.rows("/v1/outbound-messages") == []


async def test_a_number_in_the_address_counts_for_those_who_have_a_part(post: Correspondence) -> None:
    await post.written()
    await post.jobs()
    (ticket,) = await post.tickets()
    plus = f"support+{ticket['number']}@alliance.test"
    await post.deliver(mail("Suite de ma demande.", Message_ID="<2@exemple.dz>", To=plus), plus)
    stranger = mail("Montrez-moi ce dossier.", Message_ID="<3@x.dz>", To=plus, From="x@ailleurs.dz")
    await post.deliver(stranger, plus)
    await post.jobs()
    assert len(await post.messages(ticket["id"])) == 2
    assert len(await post.tickets()) == 2


async def test_files_become_documents_and_others_are_named(post: Correspondence) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "karim@exemple.dz", ADDRESS, "Constat"
    message.set_content("Voici le constat.")
    message.add_attachment(PDF, maintype="application", subtype="pdf", filename="constat.pdf")
    message.add_attachment(b"MZ\x90\0" * 20, maintype="application", subtype="x-dosexec", filename="jeu.exe")
    await post.deliver(message.as_bytes())
    await post.jobs()
    (ticket,) = await post.tickets()
    (said,) = await post.messages(ticket["id"])
    assert said["body"] == "Voici le constat.\n\n[Pièces jointes non reprises : jeu.exe]"
    documents = await post.rows("/v1/files", object_type="ticket", object_id=ticket["id"])
    assert [document["name"] for document in documents] == ["constat.pdf"]


async def test_machines_open_no_ticket_and_their_answers_move_nothing(post: Correspondence) -> None:
    away = {"Auto_Submitted": "auto-replied"}
    await post.written("Je suis absent.", **away)
    await post.written("Promotion !", Message_ID="<9@x.dz>", List_Id="<news.x.dz>")
    await post.jobs()
    assert await post.tickets() == []
    ignored = {row["reason"] for row in await post.rows("/v1/inbound-messages", status="ignored")}
    assert ignored == {"auto_reply", "bulk"}
    await post.written(Message_ID="<10@exemple.dz>")
    await post.jobs()
    await post.written("Je suis absent.", Message_ID="<11@x.dz>", In_Reply_To="<10@exemple.dz>", **away)
    await post.jobs()
    (ticket,) = await post.tickets()
    assert [message["is_automatic"] for message in await post.messages(ticket["id"])] == [False, True]


async def test_an_answer_waits_until_what_it_answers_is_filed(post: Correspondence) -> None:
    await post.written()
    await post.written("Suite.", Message_ID="<2@exemple.dz>", In_Reply_To="<1@exemple.dz>")
    second, first = ids(await post.rows("/v1/inbound-messages"))
    with pytest.raises(AnsweredNotFiled):
        await _filed(post, second)
    await _filed(post, first)
    await _filed(post, second)
    (ticket,) = await post.tickets()
    assert len(await post.messages(ticket["id"])) == 2


async def _filed(post: Correspondence, message_id: UUID) -> None:
    """As the job does, which may come in any order."""
    ctx = post.company.context()
    try:
        await Filing(ctx).file(message_id)
        await ctx.commit()
    finally:
        await ctx.close()


async def test_a_person_can_say_that_it_was_no_machine(post: Correspondence) -> None:
    await post.written("Bonjour.", Precedence="bulk")
    await post.jobs()
    (ignored,) = await post.rows("/v1/inbound-messages")
    path = f"/v1/inbound-messages/{ignored['id']}"
    version = ignored["version"]
    assert (await post.company.send("POST", f"{path}/file", version=version)).status_code == 200
    await post.jobs()
    assert len(await post.tickets()) == 1
    again = await post.company.send("POST", f"{path}/dismiss", version=(await post.read(path))["version"])
    assert again.json()["code"] == "invalid_transition"


async def test_a_storm_of_one_sender_is_contained(post: Correspondence) -> None:
    """What is beyond the bound is kept, and waits for a person, or is put aside when a machine wrote it."""
    for number in range(MOST_OF_ONE_SENDER + 2):
        await post.written(f"Message {number}", Message_ID=f"<{number}@exemple.dz>")
    await post.written("Absent", Message_ID="<a@exemple.dz>", Auto_Submitted="auto-replied")
    await post.written("Un autre", Message_ID="<b@x.dz>", From="b@x.dz")
    await post.jobs()
    assert len(await post.tickets()) == MOST_OF_ONE_SENDER + 1
    held = await post.rows("/v1/inbound-messages", status="held")
    assert [row["reason"] for row in held] == ["flood", "flood"]
    assert len(await post.rows("/v1/inbound-messages", status="ignored")) == 1


async def test_bounces_are_read(post: Correspondence) -> None:
    await post.written()
    await post.jobs()
    (ticket,) = await post.tickets()
    await post.answer(ticket["id"], "Un dépanneur arrive.")
    await post.jobs()
    (sent,) = await post.rows("/v1/outbound-messages")
    report = REPORT.replace(b"<0199@elamana.dz>", sent["message_id"].encode())
    assert await post.deliver(report, sender="") == {}
    await post.jobs()
    (bounced,) = await post.rows("/v1/outbound-messages")
    assert (bounced["status"], bounced["failure_code"]) == ("bounced", "5.1.1")
    assert len(await post.tickets()) == 1
    path = f"/v1/outbound-messages/{sent['id']}/send"
    again = await post.company.send("POST", path, version=bounced["version"])
    assert again.json()["status"] == "queued"
    await post.jobs()
    (message,) = await post.rows("/v1/outbound-messages")
    assert message["status"] == "sent"


async def test_a_bounce_without_the_mail_is_known_by_where_it_went(post: Correspondence) -> None:
    await post.written()
    await post.jobs()
    (ticket,) = await post.tickets()
    await post.answer(ticket["id"], "Un dépanneur arrive.")
    await post.jobs()
    (sent,) = await post.rows("/v1/outbound-messages")
    back = f"support+b-{sent['id'].replace('-', '')}@alliance.test"
    await post.deliver(re.sub(rb"Message-ID: <0199@elamana.dz>\r\n", b"", REPORT), back, sender="")
    await post.jobs()
    assert [row["status"] for row in await post.rows("/v1/outbound-messages")] == ["bounced"]


async def test_a_mail_without_sender_waits_for_a_person(post: Correspondence) -> None:
    await post.deliver(b"Subject: Qui ?\r\n\r\nBonjour")
    await post.jobs()
    (held,) = await post.rows("/v1/inbound-messages")
    assert (held["status"], held["reason"]) == ("held", "no_sender")
    answer = await post.company.send(
        "POST", f"/v1/inbound-messages/{held['id']}/dismiss", version=held["version"]
    )
    assert (answer.json()["status"], answer.json()["reason"]) == ("ignored", "dismissed")


async def test_a_mail_as_it_came_can_be_downloaded(post: Correspondence) -> None:
    content = mail("Bonjour, l'original.").replace(b"\n", b"\r\n")
    await post.deliver(content)
    (row,) = await post.rows("/v1/inbound-messages")
    answer = await post.company.send("GET", f"/v1/inbound-messages/{row['id']}/raw")
    assert answer.headers["content-type"] == "message/rfc822"
    assert b"l'original" in answer.content
    assert "attachment" in answer.headers["content-disposition"]


async def test_what_was_given_up_is_shown(post: Correspondence) -> None:
    await post.written()
    await post.owner.execute("DELETE FROM pgqueuer")
    past = timedelta(minutes=1) + STUCK_AFTER
    await post.owner.execute("UPDATE inbound_messages SET received_at = received_at - $1::interval", past)
    ctx = post.company.context()
    await show_stuck_messages(ctx, {})
    await ctx.commit()
    await ctx.close()
    (row,) = await post.rows("/v1/inbound-messages")
    assert (row["status"], row["reason"]) == ("failed", "error")


async def test_mails_are_signed_once_the_key_is_published(post: Correspondence) -> None:
    domain = await post.made("/v1/mail-domains", {"domain": "alliance.test"})
    assert domain["dns_name"] == "crm._domainkey.alliance.test"
    assert domain["dns_value"].startswith("v=DKIM1; k=rsa; p=")
    path = f"/v1/mail-domains/{domain['id']}"
    answer = await post.company.send("PATCH", path, {"is_active": True}, version=domain["version"])
    assert answer.status_code == 200
    await post.written()
    await post.jobs()
    (ticket,) = await post.tickets()
    await post.answer(ticket["id"], "Signé.")
    await post.jobs()
    (sent,) = await post.rows("/v1/outbound-messages")
    content = _carrying(post, sent["message_id"])
    assert content.startswith(
        b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=alliance.test; s=crm;"
    )


def _carrying(post: Correspondence, message_id: str) -> bytes:
    return next(content for content in post.sent() if message_id.encode() in content)
