"""Columns for the fields that an organization defined: `custom.<key>`, or any of their labels."""

from collections.abc import Mapping

from crm_api.core.context import Context
from crm_api.custom_fields.models import CustomEntity, CustomFieldStatus, CustomFieldType
from crm_api.custom_fields.schemas import CustomFieldRead
from crm_api.custom_fields.service import CustomFieldService
from crm_api.imports.columns import Column, Columns, Kind
from crm_api.imports.sheets import fold
from crm_api.imports.targets import Target

_KINDS: Mapping[CustomFieldType, Kind] = {
    CustomFieldType.TEXT: "text",
    CustomFieldType.NUMBER: "decimal",
    CustomFieldType.INTEGER: "whole",
    CustomFieldType.BOOLEAN: "yes_no",
    CustomFieldType.DATE: "date",
    CustomFieldType.ENUM: "option",
    CustomFieldType.MULTI_ENUM: "options",
    CustomFieldType.MONEY: "amount",
}


async def columns_of(ctx: Context, target: Target) -> Columns:
    """The usual ones of this kind, and those of the organization that are in use."""
    if target.entity not in {*CustomEntity}:
        return target.columns
    definitions = await CustomFieldService(ctx).definitions(target.entity)
    return target.columns.with_more(
        [_column(one) for one in definitions if one.status is CustomFieldStatus.ACTIVE]
    )


def _column(of: CustomFieldRead) -> Column:
    labels = {
        fold(label): option.value
        for option in of.options
        for label in (option.value, option.label_fr, option.label_ar, option.label_en)
        if label
    }
    return Column(
        f"custom.{of.key}",
        of.label_fr,
        ("custom_fields", of.key),
        _KINDS[of.type],
        tuple(filter(None, (of.key, of.label_ar, of.label_en))),
        options=labels,
    )
