"""The storage port on an S3-compatible store: any process of the installation reads what another wrote."""

from collections.abc import AsyncIterable, AsyncIterator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crm_api.core.settings import Settings
from crm_api.core.storage import CHUNK, KEY, MEDIA_TYPE, Kept, Stored
from crm_api.kit.errors import NotFound, Unavailable
from crm_api.kit.later import later

if TYPE_CHECKING:
    import obstore
    from obstore import exceptions
    from obstore import store as stores
else:
    obstore = later("obstore")
    exceptions = later("obstore.exceptions")
    stores = later("obstore.store")

PART = 5 * 1024 * 1024
"""Bytes: the smallest part that S3 takes of a large object; two are under way at once."""


class BucketStorage:
    def __init__(self, store: "stores.S3Store") -> None:
        self._store = store

    async def put(self, key: str, data: bytes, media_type: str) -> None:
        if not MEDIA_TYPE.fullmatch(media_type):
            raise ValueError(f"not a media type: {media_type!r}")
        with _told():
            await obstore.put_async(
                self._store, _checked(key), data, attributes={"Content-Type": media_type}, use_multipart=False
            )

    async def get(self, key: str) -> Stored:
        with _told():
            found = await obstore.get_async(self._store, _checked(key))
            media_type = str(found.attributes.get("Content-Type", "application/octet-stream"))
            return Stored(bytes(await found.bytes_async()), media_type)

    async def delete(self, key: str) -> None:
        try:
            with _told():
                await obstore.delete_async(self._store, _checked(key))
        except NotFound:
            return

    async def write(self, key: str, chunks: AsyncIterable[bytes]) -> None:
        """obstore gives up the parts of an upload that fails."""
        with _told():
            await obstore.put_async(self._store, _checked(key), chunks, chunk_size=PART, max_concurrency=2)

    async def read(self, key: str, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        if length is not None and length <= 0:
            return
        wanted = {"offset": start} if length is None else (start, start + length)
        with _told():
            whole = not start and length is None
            options = {} if whole else {"range": wanted}
            found = await obstore.get_async(self._store, _checked(key), options=options)  # type: ignore[arg-type]
            async for chunk in found.stream(min_chunk_size=CHUNK):
                yield bytes(chunk)

    async def keys(self, prefix: str) -> AsyncIterator[Kept]:
        with _told():
            async for found in obstore.list(self._store, _checked(prefix), chunk_size=1000):
                for one in found:
                    yield Kept(str(one["path"]), one["last_modified"])


def bucket_of(settings: Settings) -> BucketStorage:
    """As configured; plain HTTP only where the address says so."""
    secret = settings.s3_secret_access_key
    return BucketStorage(
        stores.S3Store(
            settings.s3_bucket,
            region=settings.s3_region,
            endpoint=settings.s3_endpoint,
            access_key_id=settings.s3_access_key_id,
            secret_access_key=secret.get_secret_value() if secret else None,
            client_options={
                "allow_http": bool(settings.s3_endpoint and settings.s3_endpoint.startswith("http:")),
                "connect_timeout": "3s",
                "timeout": "60s",
            },
            retry_config=None,
        )
    )


def _checked(key: str) -> str:
    if not KEY.fullmatch(key):
        raise ValueError(f"not a storage key: {key!r}")
    return key


@contextmanager
def _told() -> Iterator[None]:
    """What the store refuses, in words of ours."""
    try:
        yield
    except (exceptions.NotFoundError, FileNotFoundError) as error:
        raise NotFound from error
    except exceptions.BaseError as error:
        raise Unavailable from error
