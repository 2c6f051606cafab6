from collections.abc import Mapping
from typing import Any
from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.i18n import fault
from crm_api.core.jobs import enqueue
from crm_api.core.repository import ANY_VERSION
from crm_api.core.sealing import vault_of
from crm_api.core.storage import LOGOS, Stored, sniff
from crm_api.kit.errors import VersionConflict
from crm_api.kit.identifiers import usual_shape
from crm_api.kit.ids import new_id
from crm_api.organizations.errors import LogoTooLarge, LogoUnfit, NoLogo
from crm_api.organizations.events import OrganizationActivated
from crm_api.organizations.models import ORGANIZATION, Organization, OrganizationStatus
from crm_api.organizations.repository import OrganizationRepository
from crm_api.organizations.schemas import OrganizationRead, OrganizationSheet, OrganizationShown, SheetWarning
from crm_api.organizations.settings import (
    OrganizationSettings,
    OrganizationSettingsPatch,
    OrganizationSettingsRead,
)

LARGEST_LOGO = 1024 * 1024
LEGAL_NUMBERS = "trade_register_number", "tax_id", "statistical_id", "tax_article"
UNUSUAL = "This number does not have the usual form."


class OrganizationService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.organizations = OrganizationRepository(ctx)

    # --- the sheet

    async def shown(self) -> OrganizationShown:
        """The sheet, with what deserves a second look."""
        sheet: OrganizationRead = (await self.organizations.get(self.ctx.organization_id)).value
        return OrganizationShown(**dict(sheet), warnings=self._warnings(sheet))

    async def fill_in(self, data: OrganizationSheet, version: int) -> OrganizationShown:
        """The whole sheet. A draft becomes active once an administrator's address is proved."""
        organization = await self._loaded(version)
        for name, value in data:
            setattr(organization, name, value)
        await self._activate_when_ready(organization)
        return await self.shown()

    def _warnings(self, sheet: OrganizationRead) -> list[SheetWarning]:
        detail = fault("unusual_form", self.ctx.origin.locale, UNUSUAL, {})
        return [
            SheetWarning(pointer=f"/{name}", code="unusual_form", detail=detail)
            for name in LEGAL_NUMBERS
            if (value := getattr(sheet, name)) and not usual_shape(name, value)
        ]

    # --- its life

    async def register(self) -> UUID:
        """A new organization, in draft: the one that the context names."""
        draft = Organization(id=self.ctx.organization_id, status=OrganizationStatus.DRAFT)
        return (await self.organizations.save(draft)).id

    async def administrator_verified(self) -> None:
        """An administrator's address is proved; the first proof counts."""
        organization = await self.organizations.mine()
        organization.administrator_verified_at = organization.administrator_verified_at or now()
        await self._activate_when_ready(organization)

    async def suspend(self) -> None:
        """By the operator of the installation: nobody of it may sign in."""
        await self._move(OrganizationStatus.SUSPENDED, suspended_at=now())

    async def resume(self) -> None:
        """By the operator of the installation, after a suspension."""
        await self._move(OrganizationStatus.ACTIVE, OrganizationStatus.SUSPENDED, suspended_at=None)

    async def close(self) -> None:
        """By the operator of the installation, for good."""
        await self._move(OrganizationStatus.CLOSED, closed_at=now())

    async def _activate_when_ready(self, organization: Organization) -> None:
        """Who furnishes the house (roles, groups) listens to the event, in the same transaction."""
        draft = organization.status is OrganizationStatus.DRAFT
        if draft and organization.is_complete and organization.administrator_verified_at is not None:
            ORGANIZATION.check(organization.status, OrganizationStatus.ACTIVE)
            organization.status, organization.activated_at = OrganizationStatus.ACTIVE, now()
            organization.settings = _settings(organization).model_dump(mode="json")
            await self.organizations.save(organization)
            await vault_of(self.ctx)  # makes the organization's first data key
            await publish(self.ctx, OrganizationActivated(organization.id))
        else:
            await self.organizations.save(organization)

    async def _move(
        self, status: OrganizationStatus, only_from: OrganizationStatus | None = None, **stamps: Any
    ) -> None:
        organization = await self.organizations.mine()
        ORGANIZATION.check(organization.status, status)
        if only_from not in (None, organization.status):  # a draft opens by itself, when it is ready
            raise ORGANIZATION.refusal(organization.status, status)
        organization.status = status
        for name, moment in stamps.items():
            setattr(organization, name, moment)
        await self.organizations.save(organization)

    # --- settings

    async def settings(self) -> OrganizationSettingsRead:
        settings, version, _ = await self.organizations.kept()
        known = OrganizationSettings.model_validate_json(settings)
        return OrganizationSettingsRead(**dict(known), version=version)

    async def change_settings(
        self, data: OrganizationSettingsPatch, version: int
    ) -> OrganizationSettingsRead:
        organization = await self._loaded(version)
        asked = data.model_dump(mode="json", exclude_unset=True)
        changed = OrganizationSettings.model_validate(
            _merged(_settings(organization).model_dump(mode="json"), asked)
        )
        organization.settings = changed.model_dump(mode="json")
        await self.organizations.save(organization)
        return await self.settings()

    # --- the logo

    async def logo(self) -> Stored:
        """Raises NoLogo."""
        key = (await self.organizations.kept())[2]
        if key is None:
            raise NoLogo
        return await self.ctx.tools.storage.get(key)

    async def change_logo(self, data: bytes, version: int) -> int:
        """The new version of the organization. The file before it is removed by a job, after the commit."""
        if len(data) > LARGEST_LOGO:
            raise LogoTooLarge(limit=LARGEST_LOGO)
        media_type = sniff(data, LOGOS)
        if media_type is None:
            raise LogoUnfit
        organization = await self._loaded(version)
        earlier, key = organization.logo_key, f"{organization.id}/logo/{new_id()}"
        await self.ctx.tools.storage.put(key, data, media_type)
        organization.logo_key, organization.logo_media_type = key, media_type
        await self.organizations.save(organization)
        if earlier:
            await enqueue(self.ctx, "remove_logo", {"key": earlier})
        return organization.version

    async def _loaded(self, version: int) -> Organization:
        organization = await self.organizations.mine()
        if version not in (organization.version, ANY_VERSION):
            raise VersionConflict(current_version=organization.version)
        return organization


def _settings(organization: Organization) -> OrganizationSettings:
    return OrganizationSettings.model_validate(organization.settings)


def _merged(kept: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """RFC 7396: null falls back to the default, objects are merged."""
    merged = dict(kept)
    for name, value in asked.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict):
            merged[name] = _merged(kept.get(name) or {}, value)
        else:
            merged[name] = value
    return merged
