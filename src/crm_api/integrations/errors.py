from crm_api.kit.errors import DomainError


class BatchRefused(DomainError):
    """This is neither a JSON array of objects nor one JSON object a line."""

    status = 422


class EmptyBatch(BatchRefused):
    """There is no message in this batch."""


class BatchTooLong(BatchRefused):
    """A batch has {limit} messages at most; split it."""
