"""What the columns of a file mean: guessed from their names, remembered, checked."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from crm_api.imports.columns import Columns
from crm_api.imports.models import ImportMode
from crm_api.imports.rows import Options
from crm_api.imports.sheets import fold
from crm_api.imports.targets import Target
from crm_api.kit.errors import ValidationFailed

Fault = dict[str, Any]
_CONSENT = ("consent", "optin", "rgpd", "marketing", "موافقه")
"""What the names of columns with consents begin with or hold, folded."""


def suggested(columns: Columns, header: Sequence[str]) -> dict[str, str]:
    """Header -> field, by the names that each field goes by; of two that mean one the first."""
    vocabulary = columns.vocabulary()
    found: dict[str, str] = {}
    for name in header:
        meaning = vocabulary.get(fold(name))
        if meaning is not None and meaning not in found.values():
            found[name] = meaning
    return found


def header_key(header: Sequence[str]) -> str:
    """Equal for files with the same columns, in whatever order."""
    names = "\n".join(sorted(filter(None, map(fold, header))))
    return hashlib.sha256(names.encode()).hexdigest()[:32]


def checked(
    target: Target,
    columns: Columns,
    header: Sequence[str],
    mapping: Mapping[str, str],
    options: Options,
) -> dict[str, str]:
    """Raises ValidationFailed that names every column or field that does not fit."""
    faults = [
        *_faults_of_names(columns, header, mapping),
        *_faults_of_options(target, mapping, options),
    ]
    if faults:
        raise ValidationFailed(*faults)
    return dict(mapping)


def consents(header: Sequence[str]) -> list[str]:
    """Columns that speak of consent: never read, marketing starts refused (domain.md E-13)."""
    return [name for name in header if any(word in fold(name) for word in _CONSENT)]


def _faults_of_names(columns: Columns, header: Sequence[str], mapping: Mapping[str, str]) -> list[Fault]:
    faults = []
    fields = list(mapping.values())
    for name, field in mapping.items():
        where = "/mapping/" + name.replace("~", "~0").replace("/", "~1")
        if name not in header or not name:
            faults.append(_fault(where, "unknown_column", "The file has no such column."))
        elif field not in columns.by_name:
            faults.append(_fault(where, "unknown_import_field", "There is no such field to fill."))
        elif fields.count(field) > 1:
            faults.append(_fault(where, "repeated_field", "Two columns fill this field."))
    return faults


def _faults_of_options(target: Target, mapping: Mapping[str, str], options: Options) -> list[Fault]:
    faults = []
    fields = {*mapping.values()}
    if options.mode not in target.modes:
        faults.append(_fault("/mode", "mode_not_offered", "These cannot be taken in so."))
    if options.mode is not ImportMode.CREATE:
        if options.match_on is None or options.match_on not in target.keys:
            faults.append(_fault("/match_on", "unknown_match_field", "Records cannot be matched on this."))
        elif options.match_on not in fields:
            faults.append(_fault("/match_on", "match_field_not_mapped", "No column fills this field."))
    if options.mode is ImportMode.CREATE:
        for group in target.columns.required:
            if not group & fields:
                names = " / ".join(sorted(group))
                detail = f"No column fills {names}."
                faults.append(_fault("/mapping", "required_field_not_mapped", detail, fields=names))
    return faults


def _fault(pointer: str, code: str, detail: str, **values: str) -> Fault:
    return {"pointer": pointer[:500], "location": "body", "code": code, "detail": detail, "values": values}
