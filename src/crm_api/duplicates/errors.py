from crm_api.kit.errors import DomainError


class SurvivorNotOfPair(DomainError):
    """The record that stays must be one of the two."""

    status = 422


class UnknownChoice(DomainError):
    """Of these fields no side can be chosen: {fields}."""

    status = 422
