from crm_api.kit.errors import Conflict, DomainError, Duplicate, Gone, NotFound


class ConsentTextTaken(Duplicate):
    """This version exists in this language; what people were shown never changes. Take another version."""


class ConsentTextUnknown(DomainError):
    """No words of this version are kept in this language: give the words that were shown."""

    status = 422


class ConsentTextDiffers(Conflict):
    """The words given are not those that are kept under this version."""


class ConsentProofNeeded(DomainError):
    """A consent needs its proof: the words that were shown or a document; agencies need the document."""

    status = 422


class ConsentAlreadyGranted(Conflict):
    """This is allowed already; there is nothing to ask for."""


class ConsentAskedLately(Conflict):
    """This person was asked less than a day ago."""


class ConsentNotAsked(Conflict):
    """This person has no address by which they could be asked, or does not wish to be written to."""


class ConsentLinkUnknown(NotFound):
    """This link leads nowhere."""


class ConsentLinkExpired(Gone):
    """This link has expired."""


class ConsentLinkOverridden(Gone):
    """Something else was said since this was asked: the link has no effect any more."""


class SuppressionLiftedAlready(Conflict):
    """This address is not suppressed any more."""
