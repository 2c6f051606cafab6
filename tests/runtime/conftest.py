from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_api.core.embedded_postgres import EmbeddedPostgres


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """Not started yet; stopped in the end."""
    server = EmbeddedPostgres(tmp_path / "postgres")
    yield server
    server.stop()
