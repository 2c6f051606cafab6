"""What a file is, by its bytes; its name must say the same. Whatever is not on the list is refused."""

import re
import zipfile
from collections.abc import Mapping
from typing import BinaryIO

import filetype

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV, EML = "text/csv", "message/rfc822"
ENDINGS: Mapping[str, str] = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "heic": "image/heic",
    "docx": DOCX,
    "xlsx": XLSX,
    "csv": CSV,
    "eml": EML,
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
}
"""Ending of the name -> the media type that the content must have."""
HEAD = 8 * 1024
"""Bytes that tell the type, but for ZIP archives: their directory stands at the end."""
MOST_MEMBERS, MOST_UNPACKED = 10_000, 200 * 1024 * 1024
_MACROS = re.compile(r"vbaProject\.bin|activeX/|embeddings/oleObject", re.IGNORECASE)
_MARKUP = re.compile(rb"<\s*(?:!doctype|html|head|body|script|svg|iframe|\?xml|\?php|%)", re.IGNORECASE)
_HEADER = re.compile(rb"(?:[!-9;-~]+:[ \t]?[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*\r?\n)+")
_OF_A_MAIL = re.compile(
    rb"^(?:from|received|return-path|date|subject|message-id):", re.IGNORECASE | re.MULTILINE
)
_CONTROLS = bytes(c for c in range(32) if c not in b"\t\n\r\f")


def media_type_of(file: BinaryIO, name: str) -> str | None:
    """The media type; None when it is not one of ours, or not the one that the name ends with.

    Reads the beginning of `file`, and the directory of a ZIP archive, from wherever it stands.
    """
    wanted = ENDINGS.get(name.rpartition(".")[2].lower()) if "." in name else None
    if wanted is None:
        return None
    file.seek(0)
    head = file.read(HEAD)
    found = _of_bytes(file, head, wanted)
    return found if found == wanted else None


def _of_bytes(file: BinaryIO, head: bytes, wanted: str) -> str | None:
    if head.startswith(b"PK"):
        return _office(file)
    if (known := filetype.guess_mime(head)) is not None:
        return str(known)
    if wanted == CSV:
        return CSV if _is_table(head) else None
    return EML if wanted == EML and _is_mail(head) else None


def _office(file: BinaryIO) -> str | None:
    """DOCX and XLSX are archives with a part of a known name; one with macros is neither."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
            unpacked = sum(member.file_size for member in members)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return None
    if len(members) > MOST_MEMBERS or unpacked > MOST_UNPACKED:
        return None
    if "[Content_Types].xml" not in names or any(map(_MACROS.search, names)):
        return None
    kinds = [kind for part, kind in (("word/document.xml", DOCX), ("xl/workbook.xml", XLSX)) if part in names]
    return kinds[0] if len(kinds) == 1 else None


def _is_table(head: bytes) -> bool:
    """Text without control characters that no browser could take for a page."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16, as Excel may write it
        try:
            head = head[: len(head) // 2 * 2].decode("utf-16").encode()
        except UnicodeDecodeError:
            return False
    return head.translate(None, _CONTROLS) == head and not _MARKUP.search(head)


def _is_mail(head: bytes) -> bool:
    header = _HEADER.match(head)
    return header is not None and _OF_A_MAIL.search(header[0]) is not None and b"\0" not in head
