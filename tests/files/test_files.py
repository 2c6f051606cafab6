"""A document is handed in, found on its object, given out, replaced and thrown away."""

import os
from hashlib import sha256
from uuid import uuid4

import asyncpg
import httpx
import pytest

from actors import actor
from files.papers import (
    CSV,
    DOCX,
    EML,
    HEIC,
    JPEG,
    MP3,
    MP4,
    PDF,
    PNG,
    RIGHTS,
    XLSX,
    added,
    archive,
    content,
    handed_in,
    lead,
    match,
)

pytestmark = pytest.mark.anyio
OURS = uuid4()
ANNA = actor(OURS, *RIGHTS)
ADMIN = actor(OURS, *RIGHTS, "documents:delete")
STRANGER = actor(uuid4(), *RIGHTS, "documents:delete")


async def test_a_document_is_handed_in_and_given_out_again(client: httpx.AsyncClient) -> None:
    person = await lead(client, ANNA)
    answer = await handed_in(
        client,
        ANNA,
        title="Carte grise Clio",
        object_type="lead",
        object_id=person,
        issued_on="2024-03-02",
        expires_on="2034-03-01",
        language="fr",
    )
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert answer.headers["location"] == f"/v1/files/{made['id']}"
    assert answer.headers["etag"] == f'"{made["version"]}"'
    assert (made["name"], made["media_type"], made["size"]) == (
        "carte-grise.pdf",
        "application/pdf",
        len(PDF),
    )
    assert made["sha256"] == sha256(PDF).hexdigest()
    assert (made["pii_class"], made["retention_class"]) == ("P2", "contract")
    assert (made["scan_status"], made["scanner"]) == ("clean", "none")
    assert made["links"] == [{"object_type": "lead", "object_id": str(person)}]
    assert (made["version_number"], made["series_id"]) == (1, made["id"])

    given = await content(client, ANNA, made)
    assert given.status_code == 200
    assert given.content == PDF
    assert given.headers["content-type"] == "application/pdf"
    assert given.headers["content-disposition"] == "attachment; filename*=UTF-8''carte-grise.pdf"
    assert given.headers["x-content-type-options"] == "nosniff"
    assert given.headers["content-length"] == str(len(PDF))
    assert given.headers["etag"] == f'"{made["sha256"]}"'

    listed = await client.get(
        "/v1/files", headers=ANNA, params={"object_type": "lead", "object_id": str(person)}
    )
    assert [one["id"] for one in listed.json()["data"]] == [made["id"]]


async def test_a_content_of_any_length_comes_back_byte_for_byte(client: httpx.AsyncClient) -> None:
    for size in (1, 65_535, 65_536, 65_537, 131_072, 262_144, 1_000_003):
        data = PDF + os.urandom(size)
        made = await added(client, ANNA, data)
        assert (await content(client, ANNA, made)).content == data


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [
        ("a.pdf", PDF, "application/pdf"),
        ("a.PNG", PNG, "image/png"),
        ("a.jpg", JPEG, "image/jpeg"),
        ("a.jpeg", JPEG, "image/jpeg"),
        ("a.heic", HEIC, "image/heic"),
        ("a.mp3", MP3, "audio/mpeg"),
        ("a.mp4", MP4, "video/mp4"),
        ("a.csv", CSV, "text/csv"),
        ("a.csv", "الاسم,الهاتف\n".encode("windows-1256"), "text/csv"),
        ("a.csv", "nom;prix\nx;1".encode("utf-16"), "text/csv"),
        ("a.eml", EML, "message/rfc822"),
        ("a.docx", DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("a.xlsx", XLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
async def test_a_file_is_what_its_bytes_and_its_name_say(
    client: httpx.AsyncClient, name: str, data: bytes, media_type: str
) -> None:
    assert (await added(client, ANNA, data, name))["media_type"] == media_type


HTML = b"<!doctype html><script>alert(1)</script>"
OOXML = ("[Content_Types].xml", "word/document.xml")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.html", HTML),
        ("a.pdf", HTML),
        ("a.csv", HTML),
        ("a.csv", b"nom;x\n<svg onload=alert(1)>;2\n"),
        ("a.csv", b"\x00\x01\x02"),
        ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>'),
        ("a.exe", b"MZ" + bytes(100)),
        ("a.pdf", b"MZ" + bytes(100)),
        ("a.pdf", PNG),
        ("a.png", PDF),
        ("a", PDF),
        ("pdf", PDF),
        ("a.pdf.exe", PDF),
        ("a.zip", archive("a.txt")),
        ("a.docx", archive("a.txt")),
        ("a.xlsx", DOCX),
        ("a.docx", XLSX),
        ("a.docx", archive(*OOXML, "word/vbaProject.bin")),
        ("a.docx", archive(*OOXML, "xl/workbook.xml")),
        ("a.docx", b"PK\x03\x04" + bytes(200)),
        ("a.docx", archive(*OOXML, *(f"word/{n}.xml" for n in range(8)), filler=bytes(30_000_000))),
        ("a.eml", b"Bonjour\r\n\r\nceci n'est pas un courriel"),
        ("a.gif", b"GIF89a" + bytes(50)),
        ("a.txt", b"texte"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_whatever_is_not_on_the_list_is_refused(
    client: httpx.AsyncClient, owner: asyncpg.Connection, name: str, data: bytes
) -> None:
    answer = await handed_in(client, ANNA, data, name)
    assert (answer.status_code, answer.json()["code"]) == (415, "file_type_refused")
    assert await owner.fetchval("SELECT count(*) FROM files") == 0


async def test_a_file_that_is_empty_or_too_large_is_refused(client: httpx.AsyncClient) -> None:
    assert (await handed_in(client, ANNA, b"")).json()["code"] in ("file_empty", "file_type_refused")
    fits = await handed_in(client, ANNA, PDF + bytes(20 * 1024 * 1024 - len(PDF)))
    assert fits.status_code == 201
    answer = await handed_in(client, ANNA, PDF + bytes(20 * 1024 * 1024))
    assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")
    huge = await handed_in(client, ANNA, PDF + bytes(27 * 1024 * 1024))
    assert (huge.status_code, huge.json()["code"]) == (413, "payload_too_large")


async def test_somebody_unknown_may_not_even_send_a_large_body(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/files", files={"file": ("a.pdf", PDF + bytes(2_000_000))})
    assert answer.status_code in (401, 413)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\photos\\permis été.pdf", "permis été.pdf"),
        ("رخصة.pdf", "رخصة.pdf"),
        ("a\u202efdp.pdf", "afdp.pdf"),
        ("  .a.pdf", "a.pdf"),
    ],
)
async def test_a_name_is_only_a_name(client: httpx.AsyncClient, name: str, kept: str) -> None:
    made = await added(client, ANNA, PDF, name)
    assert made["name"] == kept
    told = (await content(client, ANNA, made)).headers["content-disposition"]
    assert told.isascii()
    assert told.startswith("attachment; filename*=UTF-8''")


@pytest.mark.parametrize(
    ("sheet", "code"),
    [
        ({"kind": "nonsense"}, 422),
        ({"kind": "export"}, 422),
        ({"object_type": "lead"}, 422),
        ({"object_type": "lead", "object_id": uuid4()}, 404),
        ({"object_type": "weather", "object_id": uuid4()}, 422),
        ({"supersedes_id": uuid4()}, 404),
        ({"issued_on": "2026-01-02", "expires_on": "2026-01-01"}, 422),
        ({"colour": "red"}, 422),
        ({"title": "x" * 161}, 422),
    ],
)
async def test_a_sheet_that_makes_no_sense_is_refused(
    client: httpx.AsyncClient, owner: asyncpg.Connection, sheet: dict[str, object], code: int
) -> None:
    answer = await handed_in(client, ANNA, **sheet)
    assert answer.status_code == code, answer.text
    assert await owner.fetchval("SELECT count(*) FROM files") == 0


async def test_a_part_of_a_content_is_given_out(client: httpx.AsyncClient) -> None:
    data = PDF + os.urandom(200_000)
    made = await added(client, ANNA, data)
    for header, start, end in (
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=65530-65545", 65_530, 65_546),
        ("bytes=65536-131071", 65_536, 131_072),
        ("bytes=199000-", 199_000, len(data)),
        ("bytes=-5", len(data) - 5, len(data)),
        ("bytes=0-99999999", 0, len(data)),
        ("bytes=-99999999", 0, len(data)),
    ):
        part = await content(client, ANNA, made, Range=header)
        assert part.status_code == 206, header
        assert part.content == data[start:end], header
        assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{len(data)}"
        assert part.headers["content-length"] == str(end - start)


async def test_a_range_that_is_not_there_is_told_the_size(client: httpx.AsyncClient) -> None:
    made = await added(client, ANNA)
    for header in (f"bytes={len(PDF)}-", "bytes=-0", "bytes=999-9999"):
        answer = await content(client, ANNA, made, Range=header)
        assert (answer.status_code, answer.json()["code"]) == (416, "range_not_satisfiable")
        assert answer.headers["content-range"] == f"bytes */{len(PDF)}"


@pytest.mark.parametrize(
    "header", ["bytes=5-1", "bytes=-", "items=0-1", "bytes=0-1,3-4", "bytes=x-y", "bytes=" + "1" * 50 + "-"]
)
async def test_a_range_that_is_not_understood_gives_the_whole(client: httpx.AsyncClient, header: str) -> None:
    made = await added(client, ANNA)
    whole = await content(client, ANNA, made, Range=header)
    assert (whole.status_code, whole.content) == (200, PDF)


async def test_who_has_the_content_already_gets_nothing(client: httpx.AsyncClient) -> None:
    made = await added(client, ANNA)
    tag = f'"{made["sha256"]}"'
    for header in (tag, f'"x", {tag}', "*"):
        answer = await content(client, ANNA, made, **{"If-None-Match": header})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    assert (await content(client, ANNA, made, **{"If-None-Match": '"x"'})).status_code == 200
    same = await content(client, ANNA, made, Range="bytes=0-3", **{"If-Range": tag})
    assert same.status_code == 206
    other = await content(client, ANNA, made, Range="bytes=0-3", **{"If-Range": '"x"'})
    assert (other.status_code, other.content) == (200, PDF)


async def test_a_new_version_replaces_the_one_before(client: httpx.AsyncClient) -> None:
    person = await lead(client, ANNA)
    first = await added(client, ANNA, object_type="lead", object_id=person)
    second = await added(client, ANNA, PNG, "carte-grise.png", supersedes_id=first["id"])
    assert (second["version_number"], second["series_id"]) == (2, first["id"])
    assert second["links"] == first["links"]
    again = await handed_in(client, ANNA, supersedes_id=first["id"])
    assert (again.status_code, again.json()["code"]) == (409, "file_superseded")
    assert again.json()["superseded_by_id"] == second["id"]
    everything = await client.get("/v1/files", headers=ANNA, params={"series_id": first["id"]})
    assert [one["version_number"] for one in everything.json()["data"]] == [2, 1]
    last = await client.get(
        "/v1/files", headers=ANNA, params={"series_id": first["id"], "superseded_by_id_null": True}
    )
    assert [one["id"] for one in last.json()["data"]] == [second["id"]]
    assert (await content(client, ANNA, first)).content == PDF

    older = await client.delete(f"/v1/files/{first['id']}", headers=ADMIN | match(first["version"] + 1))
    assert older.json()["code"] == "file_superseded"
    gone = await client.delete(f"/v1/files/{second['id']}", headers=ADMIN | match(second["version"]))
    assert gone.status_code == 204, gone.text
    shown = (await client.get(f"/v1/files/{first['id']}", headers=ANNA)).json()
    assert shown["superseded_by_id"] is None
    third = await added(client, ANNA, supersedes_id=first["id"])
    assert third["version_number"] == 3
    back = await client.post(f"/v1/files/{second['id']}/restore", headers=ADMIN)
    assert (back.status_code, back.json()["code"]) == (409, "file_superseded")


async def test_the_sheet_changes_and_the_content_does_not(client: httpx.AsyncClient) -> None:
    made = await added(client, ANNA)
    path = f"/v1/files/{made['id']}"
    patch = {"kind": "id_card", "title": "Carte nationale", "expires_on": "2030-01-01"}
    changed = await client.patch(path, headers=ANNA | match(made["version"]), json=patch)
    assert changed.status_code == 200, changed.text
    told = changed.json()
    assert (told["kind"], told["pii_class"], told["retention_class"]) == ("id_card", "P3", "identity")
    stale = await client.patch(path, headers=ANNA | match(made["version"]), json={"title": None})
    assert stale.status_code == 412
    late = {"issued_on": "2031-01-01"}
    crossed = await client.patch(path, headers=ANNA | match(told["version"]), json=late)
    assert crossed.json()["code"] == "dates_out_of_order"
    unknown = await client.patch(path, headers=ANNA | match(told["version"]), json={"sha256": "0" * 64})
    assert unknown.status_code == 422
    assert (await content(client, ANNA, made)).content == PDF


async def test_a_document_hangs_on_several_objects(client: httpx.AsyncClient) -> None:
    one, other = await lead(client, ANNA), await lead(client, ANNA)
    made = await added(client, ANNA, object_type="lead", object_id=one)
    name = {"object_type": "lead", "object_id": str(other)}
    linked = await client.post(f"/v1/files/{made['id']}/link", headers=ANNA, json=name)
    assert len(linked.json()["links"]) == 2
    assert linked.json()["version"] > made["version"]
    again = await client.post(f"/v1/files/{made['id']}/link", headers=ANNA, json=name)
    assert again.json()["version"] == linked.json()["version"]
    off = await client.post(f"/v1/files/{made['id']}/unlink", headers=ANNA, json=name)
    assert off.json()["links"] == made["links"]
    twice = await client.post(f"/v1/files/{made['id']}/unlink", headers=ANNA, json=name)
    assert twice.status_code == 404
    nowhere = await client.post(
        f"/v1/files/{made['id']}/link", headers=ANNA, json=name | {"object_id": str(uuid4())}
    )
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "unknown_object")


async def test_lists_filter_and_count(client: httpx.AsyncClient) -> None:
    first = await added(client, ANNA, name="Carte grise.pdf", expires_on="2026-12-10")
    await added(client, ANNA, PNG, "photo.png", kind="damage_photo", visibility="portal")
    ids = {
        "kind": {"kind": "vehicle_registration"},
        "prefix": {"name_prefix": "CARTE g"},
        "words": {"q": "grise carte"},
        "type": {"media_type": "application/pdf"},
        "hash": {"sha256": first["sha256"]},
        "expiry": {"expires_on_lte": "2026-12-31"},
        "visibility": {"visibility": "internal"},
    }
    for what, params in ids.items():
        found = (await client.get("/v1/files", headers=ANNA, params=params)).json()["data"]
        assert [one["id"] for one in found] == [first["id"]], what
        count = await client.get("/v1/files/count", headers=ANNA, params=params)
        assert count.json() == {"count": 1}, what
    body = {"filter": {"all": [{"field": "kind", "op": "in", "value": ["vehicle_registration"]}]}}
    searched = await client.post("/v1/files/search", headers=ANNA, json=body)
    assert [one["id"] for one in searched.json()["data"]] == [first["id"]]
    half = await client.get("/v1/files", headers=ANNA, params={"object_type": "lead"})
    assert half.status_code == 422
    nowhere = {"object_type": "lead", "object_id": str(uuid4())}
    assert (await client.get("/v1/files", headers=ANNA, params=nowhere)).status_code == 404


async def test_another_organization_sees_nothing(client: httpx.AsyncClient) -> None:
    made = await added(client, ANNA)
    path = f"/v1/files/{made['id']}"
    for method, at, body in (
        ("GET", path, None),
        ("GET", f"{path}/content", None),
        ("PATCH", path, {"title": "x"}),
        ("DELETE", path, None),
        ("POST", f"{path}/signed-link", None),
        ("POST", f"{path}/hold", {"reason": "enquête"}),
    ):
        answer = await client.request(method, at, headers=STRANGER | match(1), json=body)
        assert answer.status_code == 404, (method, at)
    assert (await client.get("/v1/files", headers=STRANGER)).json()["data"] == []
    assert (await handed_in(client, STRANGER, supersedes_id=made["id"])).status_code == 404
