from crm_api.kit.errors import Conflict, DomainError, Duplicate


class ProductCodeTaken(Duplicate):
    """A product with this code exists already."""


class PlanCodeTaken(Duplicate):
    """This product has a plan with this code already."""


class CoverageCodeTaken(Duplicate):
    """A coverage with this code exists already."""


class TaxProfileTaken(Duplicate):
    """This tax profile has a version that begins on this day already."""


class TariffRowsOverlap(Conflict):
    """Another row says what the same figure is on some of these days."""

    # extra: existing_id


class TariffRowBegun(Conflict):
    """A figure that has begun is never changed: end it, and add a row from another day on."""


class ProductIncomplete(Conflict):
    """A product is sold with at least one plan."""


class UnknownProduct(DomainError):
    """There is no such product."""

    status = 422


class UnknownCoverage(DomainError):
    """There is no such coverage: {codes}."""

    status = 422
    # extra: codes


class UnknownBranch(DomainError):
    """There is no such branch."""

    status = 422


class UnknownTaxProfile(DomainError):
    """There is no such tax profile."""

    status = 422
