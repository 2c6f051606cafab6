"""Papers on the files of some customers: an identity card about to expire, a carte grise in two versions."""

from datetime import timedelta
from io import BytesIO

from crm_api.core.context import Context
from crm_api.files.models import FileKind
from crm_api.files.schemas import FileSheet
from crm_api.files.service import FileService
from crm_api.kit.clock import today

PAGE = """%PDF-1.4
1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj
2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj
3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 420 595] /Contents 4 0 R
/Resources <</Font <</F1 <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>>>>>>> endobj
4 0 obj <</Length {length}>> stream
{text}
endstream endobj
trailer <</Root 1 0 R>>
%%EOF
"""


async def file_papers(ctx: Context, objects: dict[str, str]) -> dict[str, str]:
    """One id of each kind of object that was made."""
    files, expiry = FileService(ctx), today() + timedelta(days=20)
    contact = {"object_type": "contact", "object_id": objects["contact"]}
    card = FileSheet.model_validate(
        {"kind": FileKind.ID_CARD, "title": "Carte nationale d'identité", "expires_on": expiry, **contact}
    )
    await files.upload(card, "cni.pdf", _page("Carte nationale d'identite (exemple)"))
    lead = {"object_type": "lead", "object_id": objects["lead"]}
    paper = {"kind": FileKind.VEHICLE_REGISTRATION, "title": "Carte grise", **lead}
    first = await files.upload(
        FileSheet.model_validate(paper), "carte-grise.pdf", _page("Carte grise (exemple)")
    )
    again = FileSheet.model_validate({**paper, "supersedes_id": first.id})
    second = await files.upload(again, "carte-grise-2.pdf", _page("Carte grise (exemple), meilleure copie"))
    return {"file": str(second.id)}


def _page(words: str) -> BytesIO:
    text = f"BT /F1 18 Tf 40 520 Td ({words}) Tj ET"
    return BytesIO(PAGE.format(length=len(text), text=text).encode("latin-1"))
