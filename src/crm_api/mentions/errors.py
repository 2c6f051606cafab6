from crm_api.kit.errors import Duplicate, NotFound, Unauthenticated


class SocialAccountTaken(Duplicate):
    """This page of this network is known."""


class MentionDoorUnknown(NotFound):
    """Nobody listens at this address."""


class MentionUnsigned(Unauthenticated):
    """The signature of the body is missing, wrong or too old."""
