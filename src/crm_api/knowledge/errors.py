from crm_api.kit.errors import Conflict, DomainError, Forbidden, NotFound


class KbSlugTaken(Conflict):
    """Another article of this language has this address."""


class KbTranslationThere(Conflict):
    """This article exists in that language already."""


class KbSlugFixed(Conflict):
    """The address of an article that was published stays, whatever its edition."""


class KbArticleNotDraft(Conflict):
    """Only a draft changes; take the article back to draft first."""


class KbArticleOfAnother(Forbidden):
    """You write your own articles; this one is somebody else's."""


class UnknownKbOwner(DomainError):
    """There is no such user."""

    status = 422


class KbPageUnknown(NotFound):
    """No article that you may read has this address."""


class CannedResponseOfAnother(Forbidden):
    """Canned responses of others, of a team or of everybody are kept by who sees the whole company."""


class UnknownCannedAgency(DomainError):
    """There is no such agency, or you belong to none."""

    status = 422
