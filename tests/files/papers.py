"""What the tests of documents have in common: papers of every type, and how to hand them in."""

import json
import zipfile
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx

from actors import Headers

RIGHTS = ("documents:read", "documents:write", "leads:read", "leads:write")
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(17)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(300)
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(300)
MP3 = b"ID3\x03\x00\x00\x00\x00\x00\x00" + bytes(300)
MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(300)
CSV = "nom;téléphone\nAÏSSANI;0550 12 34 56\n".encode()
EML = b"From: a@example.com\r\nTo: b@example.com\r\nSubject: Sinistre\r\n\r\nBonjour.\r\n"


def archive(*members: str, filler: bytes = b"<x/>") -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as bundle:
        for member in members:
            bundle.writestr(member, filler)
    return made.getvalue()


DOCX = archive("[Content_Types].xml", "_rels/.rels", "word/document.xml")
XLSX = archive("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml")


def match(version: int) -> Headers:
    return {"If-Match": f'"{version}"'}


async def handed_in(
    client: httpx.AsyncClient,
    who: Headers,
    content: bytes = PDF,
    name: str = "carte-grise.pdf",
    **sheet: Any,
) -> httpx.Response:
    form = {"kind": "vehicle_registration"} | {key: str(value) for key, value in sheet.items()}
    files = {"file": (name, content, "application/octet-stream")}
    return await client.post("/v1/files", headers=who, data=form, files=files)


async def added(client: httpx.AsyncClient, who: Headers, *given: Any, **sheet: Any) -> dict[str, Any]:
    answer = await handed_in(client, who, *given, **sheet)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def lead(client: httpx.AsyncClient, who: Headers, **more: Any) -> UUID:
    body = {"full_name": f"Karim {uuid4()}", "phone": "0550 12 34 56", "source": "phone"} | more
    answer = await client.post("/v1/leads", json=body, headers=who)
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["id"])


async def content(client: httpx.AsyncClient, who: Headers, file: Any, **headers: str) -> httpx.Response:
    id = file["id"] if isinstance(file, dict) else file
    return await client.get(f"/v1/files/{id}/content", headers=who | headers)


async def queued(owner: asyncpg.Connection, organization_id: UUID, job: str) -> None:
    """As the schedule would."""
    payload = json.dumps({"organization_id": str(organization_id)}).encode()
    await owner.execute(
        """INSERT INTO pgqueuer (priority, status, entrypoint, payload, execute_after)
        VALUES (0, 'queued', $1, $2, now())""",
        job,
        payload,
    )
