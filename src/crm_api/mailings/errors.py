from crm_api.kit.errors import Conflict, Duplicate, NotFound, Unauthenticated


class ProviderNameTaken(Duplicate):
    """Another provider has this name."""


class ProviderSignatureWrong(Unauthenticated):
    """The signature is not that of this provider, or is too old."""


class MessageLinkUnknown(NotFound):
    """This link leads nowhere."""


class SendOver(Conflict):
    """This send is over: nobody can be added to it any more."""
