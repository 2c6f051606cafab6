"""`make migration m="add the colour of a lead"`: a draft of what the models have and the database lacks.

It compares with a fresh embedded PostgreSQL at the newest revision, so no database of yours is touched.
Read the draft: Alembic sees tables, columns, indexes; policies, grants and data moves are written by hand.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from crm_api.core import migrate
from crm_api.core.embedded_postgres import EmbeddedPostgres


def main(message: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder))
        url = server.start()
        try:
            asyncio.run(migrate.upgrade(url))
            path = asyncio.run(migrate.draft(url, message))
        finally:
            server.stop()
    sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].strip():
        sys.exit('say what it does: make migration m="add the colour of a lead"')
    main(sys.argv[1])
