"""Any mail is read: whole ones exactly, broken ones as far as they go, none is a reason to fail."""

from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.samples import SAID
from crm_api.channels.mail.bounces import Delivery
from crm_api.channels.mail.limits import MOST_FILES, MOST_PARTS
from crm_api.channels.mail.reading import body_of, message_id_of, read, sender_of
from crm_api.channels.mail.robots import Robot, may_be_answered

HEAD = (
    b"From: Karim <karim@exemple.dz>\r\nTo: support@elamana.dz\r\nSubject: Sinistre\r\n"
    b"Message-ID: <1@exemple.dz>\r\n"
)
PDF = b"%PDF-1.4\n%%EOF\n"


def letter(**headers: str) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = "Karim Bouchareb <Karim@Exemple.dz>", "support@elamana.dz"
    message["Subject"], message["Message-ID"] = "Véhicule immobilisé", "<42@exemple.dz>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(SAID)
    return message


def test_a_whole_mail_is_read() -> None:
    message = letter(In_Reply_To="<b@elamana.dz>", References="<a@elamana.dz> <b@elamana.dz>")
    message["Date"] = "Mon, 23 Nov 2026 14:32:10 +0100"
    message.add_alternative(
        "<p>Bonjour <script>alert(1)</script><b>gras</b> <img src='http://x/1.gif'></p>", subtype="html"
    )
    message.add_attachment(PDF, maintype="application", subtype="pdf", filename="../été\\constat n°1.PDF")
    found = read(message.as_bytes())
    assert found.sender is not None
    assert (found.sender.address, found.sender.name) == ("karim@exemple.dz", "Karim Bouchareb")
    assert (found.subject, found.text) == ("Véhicule immobilisé", SAID)
    assert found.message_id == "<42@exemple.dz>"
    assert found.answers == ["<b@elamana.dz>", "<a@elamana.dz>"]
    assert found.sent_at is not None
    assert found.sent_at.isoformat() == "2026-11-23T13:32:10+00:00"
    assert found.safe_html is not None
    assert "<b>gras</b>" in found.safe_html
    assert not any(bad in found.safe_html for bad in ("script", "alert", "img", "http://x"))
    assert [(file.name, file.content) for file in found.files] == [("constat n°1.pdf", PDF)]
    assert (found.robot, found.bounce, found.unread_parts) == (None, None, 0)


def test_html_alone_is_read_as_text_without_what_it_answers() -> None:
    message = letter()
    message.set_content(
        "<html><head><style>p{}</style></head><body><div>Bonjour,<br>le constat est <b>joint</b>.</div>"
        '<div class="gmail_quote"><div class="gmail_attr">Le lun. 23 nov.</div>'
        "<blockquote>Vieux</blockquote></div>",
        subtype="html",
    )
    found = read(message.as_bytes())
    assert found.text == "Bonjour,\nle constat est joint."
    assert found.safe_html is not None
    assert "Vieux" not in found.safe_html
    assert "Vieux" in found.whole


@pytest.mark.parametrize(
    ("charset", "body", "expected"),
    [
        ("iso-8859-1", "é".encode("latin-1"), "é"),
        ("utf-8", "é".encode("latin-1"), "é"),
        ("x-unknown-9", "é".encode(), "é"),
        ("windows-1256", "مرحبا".encode("windows-1256"), "مرحبا"),
        ("utf-16\0", b"abc", "abc"),
        ("us-ascii", "ça".encode(), "ça"),
        ('"', b"abc", "abc"),
    ],
)
def test_a_charset_may_lie(charset: str, body: bytes, expected: str) -> None:
    content = HEAD + b"Content-Type: text/plain; charset=" + charset.encode() + b"\r\n\r\n" + body
    assert read(content).text == expected


@pytest.mark.parametrize(
    "header",
    [
        b"Subject: =?utf-8?b?!!!!?= =?x?q?a?=",
        b"From: =?utf-8?q?=ff?= <a@[",
        b'From: "\\',
        b"Date: Mon, 99 Foo 99999 99:99:99 +9999",
        b"Date: Sat, 1 Jan 0001 00:00:00 +1400",
        b"Message-ID: <<<>>>",
        b"References: " + b"<a@b> " * 20_000,
        b"Content-Type: multipart/mixed; boundary=",
        b"Content-Type: text/plain; charset*0*=x'y'%ff; charset*=%",
        b"Content-Transfer-Encoding: base64",
        b"Content-Disposition: attachment; filename*=utf-8''%ff%fe",
        b"Subject: caf\xe9 \xff\x00",
        b"To: " + b"a@b.dz, " * 5_000,
    ],
)
def test_a_malformed_header_is_no_reason_to_fail(header: bytes) -> None:
    found = read(b"From: karim@exemple.dz\r\n" + header + b"\r\n\r\nBonjour =?")
    assert "\0" not in found.subject
    assert len(found.answers) <= 60


def test_two_thousand_parts_are_bounded() -> None:
    part = b"--b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n%PDF-1.4\r\n"
    found = read(
        HEAD
        + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nBonjour\r\n"
        + part * 3000
        + b"--b--"
    )
    assert found.text == "Bonjour"
    assert len(found.files) == MOST_FILES
    assert found.unread_parts >= 3001 - MOST_PARTS


def test_two_thousand_nested_parts_are_bounded() -> None:
    nested = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(2000)
    )
    found = read(HEAD + nested + b"\r\nBonjour")
    assert found.subject == "Sinistre"
    assert found.unread_parts == 1


def test_thirty_megabytes_are_read() -> None:
    line = b"QUJD" * 19 + b"\r\n"
    whole = line * (30 * 1024 * 1024 // len(line))
    kind = b"Content-Type: application/pdf; name=grand.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    found = read(HEAD + kind + whole)
    assert len(found.files[0].content) > 20_000_000


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=600),
    st.sampled_from([b"", HEAD, HEAD + b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n"]),
)
def test_whatever_comes_is_read(noise: bytes, head: bytes) -> None:
    found = read(head + noise)
    for text in (found.subject, found.text, found.whole, found.safe_html or ""):
        text.encode("utf-8")
        assert "\0" not in text


@pytest.mark.parametrize(
    ("headers", "robot"),
    [
        ({}, None),
        ({"Auto_Submitted": "no"}, None),
        ({"Auto_Submitted": "auto-replied"}, Robot.AUTO_REPLY),
        ({"Auto_Submitted": "auto-generated; type=x"}, Robot.AUTO_REPLY),
        ({"X_Autoreply": "yes"}, Robot.AUTO_REPLY),
        ({"Precedence": "auto_reply"}, Robot.AUTO_REPLY),
        ({"Precedence": "bulk"}, Robot.BULK),
        ({"List_Id": "<x.example>"}, Robot.BULK),
        ({"X_Assura_Mail": "1"}, Robot.LOOP),
        ({"X_Auto_Response_Suppress": "OOF"}, None),
    ],
)
def test_machines_are_recognised(headers: dict[str, str], robot: Robot | None) -> None:
    assert read(letter(**headers).as_bytes()).robot is robot


@pytest.mark.parametrize(
    "subject",
    ["Réponse automatique : Votre dossier", "Absence du bureau", "Automatic reply: x", "رد تلقائي: ملف"],
)
def test_machines_are_recognised_by_what_they_say(subject: str) -> None:
    message = letter()
    message.replace_header("Subject", subject)
    assert read(message.as_bytes()).robot is Robot.AUTO_REPLY


def test_a_mail_that_went_round_too_often_is_a_loop() -> None:
    assert read(b"Received: from a\r\n" * 51 + letter().as_bytes()).robot is Robot.LOOP


def test_the_null_sender_is_a_machine() -> None:
    assert read(letter().as_bytes(), envelope_from="").robot is Robot.AUTO_REPLY


def test_whom_the_house_may_answer_by_itself() -> None:
    assert may_be_answered(None, "karim@exemple.dz")
    assert not may_be_answered(Robot.BULK, "karim@exemple.dz")
    assert not any(
        may_be_answered(None, mute) for mute in ("no-reply@x.dz", "ne-pas-repondre@x.dz", "noreply+1@x.dz")
    )


REPORT = b"""From: MAILER-DAEMON@mx.exemple.dz\r
To: support@elamana.dz\r
Subject: Undelivered Mail Returned to Sender\r
Content-Type: multipart/report; report-type=delivery-status; boundary=r\r
\r
--r\r
Content-Type: text/plain\r
\r
Votre message n'est pas arriv\xc3\xa9.\r
--r\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; mx.exemple.dz\r
\r
Final-Recipient: rfc822; Karim@exemple.dz\r
Action: failed\r
Status: 5.1.1\r
Diagnostic-Code: smtp; 550 5.1.1 No such user\r
\r
--r\r
Content-Type: text/rfc822-headers\r
\r
From: support@elamana.dz\r
Message-ID: <0199@elamana.dz>\r
\r
--r--\r
"""


def test_a_report_of_delivery_is_read() -> None:
    found = read(REPORT).bounce
    assert found is not None
    assert found.delivery is Delivery.FAILED
    assert (found.recipient, found.status, found.original_id) == (
        "karim@exemple.dz",
        "5.1.1",
        "<0199@elamana.dz>",
    )
    assert "No such user" in found.diagnostic


@pytest.mark.parametrize(
    ("action", "status", "delivery"),
    [
        ("delayed", "4.4.1", Delivery.DELAYED),
        ("delivered", "2.0.0", Delivery.DELIVERED),
        ("odd", "4.2.2", Delivery.DELAYED),
    ],
)
def test_not_every_report_is_bad_news(action: str, status: str, delivery: Delivery) -> None:
    content = REPORT.replace(b"failed", action.encode()).replace(b"5.1.1", status.encode())
    found = read(content).bounce
    assert found is not None
    assert found.delivery is delivery


def test_a_bounce_in_words_is_read() -> None:
    words = "Échec de la remise à karim@exemple.dz : 550 boîte inconnue\n\nMessage-ID: <7@elamana.dz>\n"
    message = letter()
    message.replace_header("From", "Mailer-Daemon <mailer-daemon@exemple.dz>")
    message.replace_header("Subject", "Undeliverable: Votre dossier")
    message.set_content(words)
    found = read(message.as_bytes()).bounce
    assert found is not None
    assert (found.delivery, found.recipient, found.original_id) == (
        Delivery.FAILED,
        "karim@exemple.dz",
        "<7@elamana.dz>",
    )


def test_what_has_to_be_known_before_a_mail_is_read() -> None:
    content = letter().as_bytes()
    assert message_id_of(content) == "<42@exemple.dz>"
    assert sender_of(content) == "karim@exemple.dz"
    assert body_of(b"Received: x\r\n" + content) == body_of(content)
    assert message_id_of(b"") is None
    assert sender_of(b"\xff\xfe") is None
