"""The order on paper, and what the house answers to who reads its code."""

import io
import struct
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from typst import TypstError

from company import open_company
from crm_api.core import paper
from crm_api.missions import paper as mission_paper
from missions.people import Directorate

pytestmark = pytest.mark.anyio


def png(width: int = 4, height: int = 2) -> bytes:
    """A picture that can be drawn."""
    rows = b"".join(b"\0" + b"\x0b\x5f\xa5" * width for _ in range(height))
    parts = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))]
    parts += [(b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    out = io.BytesIO(b"\x89PNG\r\n\x1a\n")
    out.seek(8)
    for kind, content in parts:
        out.write(struct.pack(">I", len(content)) + kind + content)
        out.write(struct.pack(">I", zlib.crc32(kind + content)))
    return out.getvalue()


BROKEN = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(17)


async def with_logo(direction: Directorate, content: bytes) -> None:
    version = (await direction.client.get("/v1/organization", headers=direction.admin)).headers["etag"]
    answer = await direction.client.put(
        "/v1/organization/logo",
        files={"file": ("logo.png", content, "image/png")},
        headers=direction.admin | {"If-Match": version},
    )
    assert answer.status_code == 204, answer.text


class Printer:
    """What reaches the page: the real one prints it too."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pages: list[dict[str, Any]] = []
        real = paper.printed

        async def printed(template: str, data: Any, pictures: Any, **how: Any) -> bytes:
            self.pages.append({**data, "pictures": sorted(pictures)})
            return await real(template, data, pictures, **how)

        monkeypatch.setattr(mission_paper.paper, "printed", printed)


@pytest.fixture
def printer(monkeypatch: pytest.MonkeyPatch) -> Printer:
    return Printer(monkeypatch)


async def printed(direction: Directorate, order: dict[str, Any]) -> httpx.Response:
    path = f"/v1/mission-orders/{order['id']}/pdf"
    answer = await direction.client.get(path, headers=direction.ilyes.headers)
    assert answer.status_code == 200, answer.text
    return answer


async def test_the_page_says_who_is_sent_where_and_why(direction: Directorate, printer: Printer) -> None:
    await with_logo(direction, png())
    order = await direction.written(
        objective="Visiter dix entreprises\n\nRemettre les contrats",
        transport_mode="company_car",
        advance_amount={"amount": "15000.00", "currency": "DZD"},
        target_value="10.5",
    )
    await direction.brought(order, "issue")
    answer = await printed(direction, order)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'attachment; filename="{order["number"]}.pdf"'
    assert answer.content.startswith(b"%PDF-")
    (page,) = printer.pages
    assert (page["number"], page["mark"], page["logo"]) == (order["number"], None, "logo.png")
    assert page["pictures"] == ["logo.png", "qr.svg"]
    assert page["organization"]["name"] == "Alliance Assurances SPA"
    assert page["assignee"] == {
        "name": "M./Mme Ilyes AÏSSANI",
        "plain": "Ilyes AÏSSANI",
        "job": "Commercial",
    }
    assert page["issuer"] == "Ilyes AÏSSANI"  # they are all called so here
    assert page["agency"] == "Chéraga (16012)"  # "agence Chéraga", not "agence Agence de Chéraga"
    assert (page["place"], page["wilaya"], page["city"]) == ("Blida, zone industrielle", "Blida", "Alger")
    assert page["objective"] == ["Visiter dix entreprises", "Remettre les contrats"]
    assert (page["type"], page["transport"]) == ("Prospection", "Véhicule de service")
    assert (page["duration"], page["target"]) == ("3 jours", "10,5 visites")
    assert page["advance"] == "15\u00a0000,00\u00a0DA"
    assert page["start"] == "/".join(reversed(order["starts_on"].split("-")))


async def test_a_draft_and_a_cancelled_order_say_so_and_prove_nothing(
    direction: Directorate, printer: Printer
) -> None:
    order = await direction.written()
    await printed(direction, order)
    await direction.brought(order, "cancel")
    await printed(direction, order)
    assert [(page["mark"], page["proof"]) for page in printer.pages] == [("PROJET", None), ("ANNULÉ", None)]


async def test_a_logo_that_cannot_be_drawn_spoils_no_order(direction: Directorate, printer: Printer) -> None:
    await with_logo(direction, BROKEN)
    answer = await printed(direction, await direction.written())
    assert answer.content.startswith(b"%PDF-")
    assert [page["logo"] for page in printer.pages] == ["logo.png", None]


@pytest.mark.parametrize(
    "typed",
    [
        '#read("/etc/passwd")',
        "#panic()",
        "$ x^2 $ *gras* _italique_ <label> @ref",
        '"]; #import "@preview/cetz:0.3.1"',
        "\\u{1F600} \\ // commentaire /* bloc */",
        "مهمة إلى البليدة",
        "{{7*7}} ${7*7} #{7*7}",
    ],
)
async def test_what_users_type_is_text_and_nothing_else(direction: Directorate, typed: str) -> None:
    order = await direction.written(objective=typed, place=typed, target_metric=typed[:80])
    await direction.brought(order, "issue")
    assert (await printed(direction, order)).content.startswith(b"%PDF-")


async def test_the_longest_objective_still_has_room_to_sign(direction: Directorate) -> None:
    order = await direction.written(objective="Visiter les entreprises de la zone. " * 55)
    assert (await printed(direction, order)).content.startswith(b"%PDF-")


@pytest.mark.parametrize("path", ["/etc/hostname", "../../../../etc/hostname"])
async def test_a_template_reads_no_file_outside_its_own_folder(path: str) -> None:
    with pytest.raises(TypstError):
        await paper.printed(f'#read("{path}")', {}, {})
    assert (await paper.printed('#read("note.txt")', {}, {"note.txt": b"ici"})).startswith(b"%PDF-")


async def test_the_code_on_the_paper_is_verified_without_signing_in(
    direction: Directorate, printer: Printer, client: httpx.AsyncClient
) -> None:
    order = await direction.written()
    await direction.brought(order, "issue")
    await printed(direction, order)
    proof = printer.pages[0]["proof"]
    assert len(proof["code"]) == 9
    code = proof["url"].rpartition("/")[2]
    answer = await client.get(f"/v1/public/mission-orders/{code}")
    assert answer.json() == {
        "number": order["number"],
        "is_valid": True,
        "status": "issued",
        "organization": "Alliance Assurances SPA",
        "assignee": "Ilyes Aïssani",
        "place": "Blida, zone industrielle",
        "starts_on": order["starts_on"],
        "ends_on": order["ends_on"],
    }
    await direction.brought(order, "cancel")
    assert (await client.get(f"/v1/public/mission-orders/{code}")).json()["is_valid"] is False


async def test_a_forged_code_proves_nothing(
    direction: Directorate, printer: Printer, app: FastAPI, client: httpx.AsyncClient
) -> None:
    order, other = (
        await direction.written(),
        await direction.written(starts_on="2027-06-01", ends_on="2027-06-02"),
    )
    await direction.brought(order, "issue")
    await printed(direction, order)
    code = printer.pages[0]["proof"]["url"].rpartition("/")[2]
    raw = urlsafe_b64decode(code)
    foreign = await open_company(app, client)
    forged = {
        "another seal": raw[:-1] + bytes([raw[-1] ^ 1]),
        "another order": raw[:16] + UUID(other["id"]).bytes + raw[32:],
        "another house": foreign.organization_id.bytes + raw[16:],
        "nobody's house": bytes(16) + raw[16:],
    }
    for name, content in forged.items():
        answer = await client.get(f"/v1/public/mission-orders/{urlsafe_b64encode(content).decode()}")
        assert (answer.status_code, answer.json()["code"]) == (404, "mission_proof_unknown"), name
    for text in ("x" * 56, "=" * 56):
        answer = await client.get(f"/v1/public/mission-orders/{text}")
        assert answer.status_code == 404, text
    assert (await client.get("/v1/public/mission-orders/short")).status_code == 422
