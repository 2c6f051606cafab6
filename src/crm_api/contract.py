"""The published contract as files: what `crm openapi` runs. It needs no database and leaves no key behind."""

from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import URL

from crm_api.core.identity import Identity
from crm_api.core.openapi import write
from crm_api.core.settings import Settings
from crm_api.core.tools import make_tools
from crm_api.main import create_app
from crm_api.registry import LISTENERS, OBJECTS
from crm_api.roles.catalogue import scope_sentences


def write_contract(folder: Path) -> list[Path]:
    """The three OpenAPI documents of the routes, whatever this installation's settings are."""
    with TemporaryDirectory() as keys:
        settings = Settings(data_dir=Path(keys), env="development", embed_worker=False)
        app = create_app(
            URL.create("postgresql+asyncpg"), make_tools(settings, Identity(), LISTENERS, OBJECTS)
        )
        return write(app, scope_sentences(), folder)


if __name__ == "__main__":
    for file in write_contract(Path("openapi")):
        print(file)  # noqa: T201 - for whoever called it
