"""What domains above segments let rules ask about people."""

from collections.abc import Mapping

from crm_api.segments.catalogue import Group
from crm_api.surveys.audience import SURVEY

AUDIENCE: Mapping[str, Group] = {group.code: group for group in (SURVEY,)}
