"""Printed pages: a Typst template of ours, filled with data, becomes PDF (or PNG, to look at).

Data reaches the template as JSON and is only ever text there: nothing that a user typed is read as Typst.
The compiler sees one folder that is made for the page and holds its pictures, and no fonts but its own, so
that a page looks the same on every machine.
"""

import io
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from anyio import CapacityLimiter, to_thread
from pydantic_core import to_json

from crm_api.kit.later import later

if TYPE_CHECKING:
    import segno
    import typst
else:
    segno = later("segno")
    typst = later("typst")

_AT_ONCE = 2
_limiter: CapacityLimiter | None = None
Format = Literal["pdf", "png"]


@cache
def _fonts() -> "typst.Fonts":
    return typst.Fonts(include_system_fonts=False)


async def printed(
    template: str, data: Mapping[str, Any], pictures: Mapping[str, bytes], *, as_: Format = "pdf"
) -> bytes:
    """In a thread. The template finds `data` in `sys.inputs.data`, and each picture under its name."""
    global _limiter  # noqa: PLW0603 - a limiter can only be made where an event loop runs
    _limiter = _limiter or CapacityLimiter(_AT_ONCE)
    return await to_thread.run_sync(_compile, template, data, pictures, as_, limiter=_limiter)


def qr_code(text: str) -> bytes:
    """As SVG, without margin."""
    drawing = io.BytesIO()
    segno.make_qr(text, error="m").save(drawing, kind="svg", border=0)
    return drawing.getvalue()


def _compile(template: str, data: Mapping[str, Any], pictures: Mapping[str, bytes], as_: Format) -> bytes:
    with tempfile.TemporaryDirectory(prefix="crm-paper-") as folder:
        root = Path(folder)
        for name, picture in pictures.items():
            (root / name).write_bytes(picture)
        main = root / "main.typ"
        main.write_text(template, "utf-8")
        compiler = typst.Compiler(
            main, root=root, font_paths=_fonts(), package_path=root, package_cache_path=root
        )
        inputs = {"data": to_json(data).decode()}
        page = compiler.compile(format=as_, sys_inputs=inputs)
    return bytes(page[0]) if isinstance(page, list) else bytes(page or b"")
