"""Mails that no person wrote to us: out-of-office answers, newsletters, loops. They are never answered."""

import re
from email.message import Message
from enum import StrEnum

from crm_api.channels.mail.headers import parties, raw
from crm_api.channels.mail.limits import MOST_HOPS


class Robot(StrEnum):
    """Why a mail is taken to come from a machine."""

    AUTO_REPLY = "auto_reply"
    BULK = "bulk"
    LOOP = "loop"


OURS = "X-Assura-Mail"
"""Header of every mail that leaves this house: one that comes back is a loop."""
_SUBJECTS = re.compile(
    r"(?:re\s*:\s*)?(?:r[ée]ponse automatique|message automatique|absen(?:ce|t) d[ue] bureau|en congés?\b"
    r"|auto(?:matic)?[ -]?reply|out of (?:the )?office|autoreply|vacation reply|رد تلقائي|خارج المكتب)",
    re.I,
)
_ANSWERERS = ("X-Autoreply", "X-Autorespond", "X-AutoReply-From", "X-Mail-Autoreply", "X-Vacation")
_DAEMONS = re.compile(r"(?:mailer-daemon|postmaster)@", re.I)
_MUTE = re.compile(r"(?:no|do-?not|ne-?pas)[-_.]?(?:reply|repondre|respond)[^@]*@", re.I)


def robot_of(message: Message, subject: str, envelope_from: str | None) -> Robot | None:
    """None for what a person wrote, as far as anybody can tell (RFC 3834, and what programs really send).

    `envelope_from`: "" is the null sender of answers by machines; None, where nobody told it.
    """
    if len(message.get_all("Received", [])) > MOST_HOPS or message.get(OURS) is not None:
        return Robot.LOOP
    submitted = raw(message, "Auto-Submitted").partition(";")[0].strip().lower()
    precedence = raw(message, "Precedence").lower()
    if submitted not in ("", "no") or precedence == "auto_reply" or envelope_from == "":
        return Robot.AUTO_REPLY
    if any(message.get(name) is not None for name in _ANSWERERS) or _SUBJECTS.match(subject):
        return Robot.AUTO_REPLY
    if any(_DAEMONS.match(one.address) for one in parties(message, "From")):
        return Robot.AUTO_REPLY
    if precedence in ("bulk", "junk", "list") or any(
        message.get(name) is not None for name in ("List-Id", "List-Unsubscribe", "Feedback-ID")
    ):
        return Robot.BULK
    return None


def may_be_answered(message_robot: Robot | None, address: str | None) -> bool:
    """Whether an answer by the house itself may go there: not to machines, not to who says not to."""
    return (
        message_robot is None
        and address is not None
        and not (_MUTE.match(address) or _DAEMONS.match(address))
    )
