"""The conditions of lists of people that no single column answers."""

import re
from collections.abc import Hashable
from typing import Any

from sqlalchemy import ColumnElement, Text, Uuid, bindparam, or_, select

from crm_api.contacts.models import AccountLink, Contact, ContactKey
from crm_api.kit.identifiers import email_key
from crm_api.kit.listing import matching, starts_with

_ARABIC = re.compile(r"[\u0621-\u064A]")
_latin, _arabic = starts_with(Contact.name_folded), starts_with(Contact.name_ar_folded)


def _named(name: str, in_arabic: Hashable) -> ColumnElement[bool]:
    """Arabic may stand in either column, Latin letters only in one: that decides which index is walked."""
    latin = _latin.build(name, None)
    return or_(latin, _arabic.build(name, None)) if in_arabic else latin


def _with_key(name: str, _: Hashable) -> ColumnElement[bool]:
    return Contact.id.in_(
        select(ContactKey.contact_id).where(
            ContactKey.organization_id == bindparam("organization_id"),
            ContactKey.value == bindparam(name, type_=Text()),
        )
    )


def _at_account(name: str, _: Hashable) -> ColumnElement[bool]:
    return Contact.id.in_(
        select(AccountLink.contact_id).where(
            AccountLink.organization_id == bindparam("organization_id"),
            AccountLink.account_id == bindparam(name, type_=Uuid()),
            AccountLink.to_date.is_(None),
        )
    )


def _is_arabic(value: Any) -> bool:
    return _ARABIC.search(value) is not None


named = matching(_named, _is_arabic)
at_account = matching(_at_account)
reached_at_phone = matching(_with_key)
reached_at_email = matching(_with_key, bound=email_key)
