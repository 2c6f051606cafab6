from typing import Annotated, Any

from fastapi import File, Response, UploadFile

from crm_api.core.context import Context
from crm_api.core.http import IfMatch, MergePatch, Router, requires
from crm_api.core.openapi import refusals
from crm_api.organizations.errors import NoLogo
from crm_api.organizations.schemas import OrganizationSheet, OrganizationShown
from crm_api.organizations.service import LARGEST_LOGO, OrganizationService
from crm_api.organizations.settings import OrganizationSettingsPatch, OrganizationSettingsRead

router = Router("organization")
Reader = Annotated[Context, requires("organization:read")]
Writer = Annotated[Context, requires("organization:write")]
Manager = Annotated[Context, requires("settings:manage")]
PICTURES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The picture.",
        "content": {
            media_type: {"schema": {"type": "string", "format": "binary"}}
            for media_type in ("image/png", "image/jpeg", "image/svg+xml")
        },
    }
}
Picture = File(
    description="PNG, JPEG or plain SVG, 1 MiB at most.", json_schema_extra={"maxLength": LARGEST_LOGO}
)
NOTHING_BUT_A_PICTURE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Content-Disposition": 'inline; filename="logo"',
}
"""An SVG opened by itself in a browser can do nothing."""


@router.get("")
async def get_organization(ctx: Reader) -> OrganizationShown:
    """Read the company sheet."""
    return await OrganizationService(ctx).shown()


@router.put("")
async def put_organization(ctx: Writer, body: OrganizationSheet, version: IfMatch) -> OrganizationShown:
    """Fill in the company sheet.

    The whole sheet is replaced. An organization in draft becomes active with it, once an administrator's
    e-mail address is proved: base roles, groups, settings and its own encryption key are made in the same
    transaction. Legal numbers of an unusual form are accepted and named in `warnings`.
    """
    return await OrganizationService(ctx).fill_in(body, version)


@router.get("/settings")
async def get_organization_settings(ctx: Reader) -> OrganizationSettingsRead:
    """Read the settings of the organization."""
    return await OrganizationService(ctx).settings()


@router.patch("/settings")
async def update_organization_settings(
    ctx: Manager, body: Annotated[OrganizationSettingsPatch, MergePatch], version: IfMatch
) -> OrganizationSettingsRead:
    """Change settings of the organization; null puts one back to its default."""
    return await OrganizationService(ctx).change_settings(body, version)


@router.get("/logo", response_class=Response, responses=PICTURES, openapi_extra=refusals(NoLogo))
async def get_organization_logo(ctx: Reader) -> Response:
    """Read the logo."""
    logo = await OrganizationService(ctx).logo()
    return Response(logo.data, media_type=logo.media_type, headers=NOTHING_BUT_A_PICTURE)


@router.put("/logo", status_code=204, response_class=Response)
async def put_organization_logo(
    ctx: Writer,
    file: Annotated[UploadFile, Picture],
    version: IfMatch,
) -> Response:
    """Replace the logo.

    What the picture is, is read from its bytes; an SVG may hold nothing but a drawing. `ETag` is the new
    version of the organization.
    """
    changed = await OrganizationService(ctx).change_logo(await file.read(LARGEST_LOGO + 1), version)
    return Response(status_code=204, headers={"ETag": f'"{changed}"'})


ROUTERS = (router,)
