import os
import stat
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from anyio import create_task_group

from crm_api.core.storage import LOGOS, FolderStorage, Stored, sniff
from crm_api.core.svg import is_harmless_svg
from crm_api.kit.errors import NotFound

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(17)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(20)
PDF = b"%PDF-1.7\n" + bytes(20)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{}</svg>'

pytestmark = pytest.mark.anyio


@pytest.fixture
def storage(tmp_path: Path) -> FolderStorage:
    return FolderStorage(tmp_path / "files")


async def test_what_is_put_is_got_with_its_type(storage: FolderStorage) -> None:
    for data in (PNG, b"", b"\n\n", os.urandom(100_000)):
        await storage.put("org/logo/1", data, "image/png")
        assert await storage.get("org/logo/1") == Stored(data, "image/png")


async def test_what_is_deleted_is_gone_and_may_be_deleted_again(storage: FolderStorage) -> None:
    await storage.put("org/logo/1", PNG, "image/png")
    await storage.delete("org/logo/1")
    await storage.delete("org/logo/1")
    with pytest.raises(NotFound):
        await storage.get("org/logo/1")
    with pytest.raises(NotFound):
        await storage.get("org/logo")


@pytest.mark.parametrize(
    "key",
    [
        *("", "/etc/passwd", "../x", "a/../x", "a/./x", "a//x", "a/", ".hidden", "a\\x", "A", "é"),
        *("a\x00", "a\n", "a" * 101, "a/" * 9 + "a"),
    ],
)
async def test_a_key_cannot_leave_the_folder(storage: FolderStorage, key: str) -> None:
    with pytest.raises(ValueError, match="not a storage key"):
        await storage.put(key, PNG, "image/png")
    with pytest.raises(ValueError, match="not a storage key"):
        await storage.get(key)
    with pytest.raises(ValueError, match="not a storage key"):
        await storage.delete(key)


@pytest.mark.parametrize("media_type", ["", "png", "image/png\n", "image/png; charset=x", "image/\r\nx"])
async def test_a_media_type_is_one_word(storage: FolderStorage, media_type: str) -> None:
    with pytest.raises(ValueError, match="not a media type"):
        await storage.put("a", PNG, media_type)


async def test_a_file_is_private_and_no_draft_stays(storage: FolderStorage, tmp_path: Path) -> None:
    await storage.put("org/logo", PNG, "image/png")
    folder = tmp_path / "files" / "org"
    assert os.listdir(folder) == ["logo"]
    assert stat.S_IMODE(os.stat(folder / "logo").st_mode) == 0o600


async def test_a_write_that_fails_leaves_the_old_file_whole(
    storage: FolderStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await storage.put("logo", PNG, "image/png")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        await storage.put("logo", JPEG, "image/jpeg")
    assert await storage.get("logo") == Stored(PNG, "image/png")
    assert len(list((tmp_path / "files").iterdir())) == 1


async def test_who_reads_while_another_writes_sees_one_whole_file(storage: FolderStorage) -> None:
    versions = [Stored(bytes([n]) * 200_000, f"image/x{n}") for n in range(2)]
    await storage.put("logo", versions[0].data, versions[0].media_type)

    async def write(version: Stored) -> None:
        for _ in range(10):
            await storage.put("logo", version.data, version.media_type)

    async with create_task_group() as group:
        for version in versions:
            group.start_soon(write, version)
        for _ in range(20):
            assert await storage.get("logo") in versions


async def test_a_file_is_what_its_bytes_say() -> None:
    assert sniff(PNG, LOGOS) == "image/png"
    assert sniff(JPEG, LOGOS) == "image/jpeg"
    assert sniff(SVG.format("<path d='M0 0'/>").encode(), LOGOS) == "image/svg+xml"


async def test_what_is_not_on_the_list_is_refused() -> None:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.writestr("a", "b")
    html = b"<!doctype html><script>alert(1)</script>"
    for data in (b"", b"x", html, b"MZ" + bytes(100), b"GIF89a" + bytes(20), archive.getvalue(), PDF):
        assert sniff(data, LOGOS) is None


@pytest.mark.parametrize(
    "drawing",
    [
        '<g id="a" transform="scale(2)"><circle cx="1" cy="1" r="1" fill="#0b5cab"/></g>',
        '<defs><linearGradient id="g"><stop offset="0" stop-color="red"/></linearGradient></defs>'
        '<rect width="9" height="9" fill="url(#g)" style="opacity:.5;fill:url(#g)"/>',
        "<title>Alliance &amp; Cie</title><text x='1' y='2'>شركة</text><!-- a comment -->",
    ],
)
async def test_a_plain_drawing_is_harmless(drawing: str) -> None:
    assert is_harmless_svg(SVG.format(drawing).encode())
    declared = '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n' + SVG.format(drawing)
    assert is_harmless_svg(declared.encode("utf-8-sig"))


@pytest.mark.parametrize(
    "danger",
    [
        "<script>alert(1)</script>",
        "<SCRIPT/>",
        '<path onload="alert(1)"/>',
        '<path ONCLICK="alert(1)"/>',
        '<a href="https://evil.example"><path/></a>',
        '<a xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="javascript:alert(1)"/>',
        '<image href="https://evil.example/x.png"/>',
        '<use href="#a"/>',
        "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'/></foreignObject>",
        '<script xmlns="http://www.w3.org/1999/xhtml">alert(1)</script>',
        '<path xmlns=""/>',
        "<animate attributeName='href' values='javascript:alert(1)'/>",
        "<set attributeName='onload' to='alert(1)'/>",
        "<style>@import 'https://evil.example/x.css'</style>",
        '<rect fill="url(https://evil.example/x#a)"/>',
        "<rect fill=\"url('https://evil.example/x#a')\"/>",
        '<rect style="fill:url(//evil.example)"/>',
        '<rect style="fill:u\\72l(//evil.example)"/>',
        '<rect style="background:URL(data:image/png;base64,AA)"/>',
        '<rect style="width:expression(alert(1))"/>',
        '<rect style="x/**/y"/>',
        '<rect fill="java&#115;cript:alert(1)"/>',
        "<![CDATA[<script>]]>",
        "<?xml-stylesheet href='https://evil.example/x.css'?>",
        '<path xml:base="https://evil.example"/>',
    ],
)
async def test_an_svg_that_does_more_than_draw_is_refused(danger: str) -> None:
    assert not is_harmless_svg(SVG.format(danger).encode())


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>',
        b'<!DOCTYPE svg SYSTEM "file:///etc/passwd"><svg xmlns="http://www.w3.org/2000/svg"/>',
        '<!DOCTYPE svg><svg xmlns="http://www.w3.org/2000/svg"/>'.encode("utf-16"),
        SVG.format("").encode("utf-16"),
        b'<?xml version="1.0" encoding="UTF-7"?>' + SVG.format("").encode(),
        b'<?xml version="1.0" encoding="iso-2022-jp"?>' + SVG.format("").encode(),
        b'<svg viewBox="0 0 1 1"/>',
        b'<html xmlns="http://www.w3.org/1999/xhtml"/>',
        b"<svg",
        b"",
        b"\xff\xfe",
        SVG.format(" " * 1024 * 1024).encode(),
    ],
)
async def test_an_svg_of_a_strange_form_is_refused(data: bytes) -> None:
    assert not is_harmless_svg(data)
