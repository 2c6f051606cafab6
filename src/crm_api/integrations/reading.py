"""The messages of a batch: one JSON object a line, or one JSON array."""

from collections.abc import Sequence

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from crm_api.core.arguments import refuse_unstorable
from crm_api.core.progress import Line, invalid
from crm_api.core.progress import refused as broken
from crm_api.integrations.errors import BatchRefused, BatchTooLong, EmptyBatch
from crm_api.integrations.models import MOST_ROWS
from crm_api.integrations.schemas import PolicySyncRow
from crm_api.kit.errors import ValidationFailed
from crm_api.policies.bulk import PolicyMessage

PART = 2000
"""Messages that are written together, in one transaction with the bookmark."""


def lines_of(content: bytes) -> bytes:
    """One message a line, whatever way they came. Raises BatchRefused, EmptyBatch, BatchTooLong."""
    if content.lstrip()[:1] == b"[":
        try:
            rows = from_json(content)
        except ValueError as error:
            raise BatchRefused from error
        lines = [to_json(row) for row in rows]
    else:
        lines = [line for line in content.splitlines() if line.strip()]
    if not lines:
        raise EmptyBatch
    if len(lines) > MOST_ROWS:
        raise BatchTooLong(limit=MOST_ROWS)
    if not all(line.lstrip().startswith(b"{") for line in lines):
        raise BatchRefused
    return b"\n".join(lines)


def read(
    lines: Sequence[bytes], first: int, locale: str
) -> tuple[list[tuple[int, PolicyMessage]], list[Line]]:
    """(number, message) of those that the schema takes, and the verdicts on the others."""
    sound: list[tuple[int, PolicyMessage]] = []
    refused: list[Line] = []
    for number, line in enumerate(lines, first):
        try:
            refuse_unstorable(line)
            row = PolicySyncRow.model_validate_json(line, strict=True)
        except ValidationFailed as error:
            refused.append(broken(number, _key(line), error, locale))
        except ValidationError as error:
            refused.append(invalid(number, _key(line), error, locale))
        else:
            sound.append((number, PolicyMessage(row.external_id, row)))
    return sound, refused


def _key(line: bytes) -> str | None:
    try:
        named = from_json(line).get("external_id")
    except (ValueError, AttributeError):
        return None
    return named[:80] if isinstance(named, str) else None
