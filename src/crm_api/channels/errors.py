from crm_api.kit.errors import Conflict, Duplicate, NotFound, Unauthenticated


class InboxNameTaken(Duplicate):
    """Another inbox is called so."""


class ChannelAddressTaken(Duplicate):
    """Another channel of this kind has this address."""


class MailboxKnown(Duplicate):
    """This folder is read already."""


class MailDomainKnown(Duplicate):
    """This domain has a key of that name already."""


class UnknownChannelPart(NotFound):
    """What the body names does not exist, or is not yours to see."""

    # extra: what


class ChannelNotMail(Conflict):
    """Only a mail channel has a mailbox."""


class ChannelHasNoCounter(Conflict):
    """Only the counter of an agency has a QR code."""


class RawMessageGone(NotFound):
    """The message as it came is no longer kept, or it was no mail."""


class ChannelSignatureWrong(Unauthenticated):
    """The signature, its time or the channel is not right."""

    code = "channel_signature_wrong"


class CounterUnknown(NotFound):
    """No counter has this link any more."""


class CounterBusy(Conflict):
    """Too many visits were announced here within an hour; please ask at the counter."""
