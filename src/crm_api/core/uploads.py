"""An upload sent again with its key is one upload: for endpoints that read their body themselves."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any, BinaryIO

from anyio import to_thread
from fastapi import Request, Response, UploadFile
from pydantic import BaseModel

from crm_api.core.context import Context
from crm_api.core.route import again, kept_of, once_of
from crm_api.kit.schemas import Json


async def uploaded(
    ctx: Context,
    request: Request,
    file: UploadFile,
    told: BaseModel | str,
    make: Callable[[], Awaitable[Json[Any]]],
) -> Response:
    """201 with where the object is; the first answer again for the same key, file and words.

    With a key the transaction is open while the content is stored, as it holds equal requests off.
    """
    words = told if isinstance(told, str) else told.model_dump_json(exclude={"file"})
    digest = await to_thread.run_sync(_digest, file.file)
    once = once_of(request, ctx, request.url.path, f"{words}|{file.filename}|{digest}".encode())
    if once and (kept := await once.earlier_answer()):
        return again(kept)
    made = await make()
    headers = {"Location": f"{request.url.path}/{made.id}", "ETag": f'"{made.version}"'}
    response = Response(made.body, 201, headers, "application/json")
    if once:
        once.keep(kept_of(response))
    return response


def _digest(file: BinaryIO) -> str:
    found = hashlib.sha256()
    while part := file.read(1 << 16):
        found.update(part)
    file.seek(0)
    return found.hexdigest()
