"""The commands: `crm run`, `crm worker`, `crm migrate`, `crm audit verify`, `crm keys rotate`, ..."""

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn
from rich.console import Console
from sqlalchemy import URL

from crm_api.core import migrate
from crm_api.core.embedded_postgres import EmbeddedPostgres
from crm_api.core.keys import SigningKeys
from crm_api.core.settings import Settings
from crm_api.core.tokens import Tokens

app = typer.Typer(help="ASSURA-CRM: the CRM of insurance companies.", no_args_is_help=True)
keys = typer.Typer(help="The keys that sign access tokens.", no_args_is_help=True)
dev = typer.Typer(help="Only with CRM_ENV=test.", no_args_is_help=True)
app.add_typer(keys, name="keys")
app.add_typer(dev, name="dev")
say = Console()
FACTORY = "crm_api.main:from_environment"


class Announced(uvicorn.Server):
    """Says when it listens, and to whom it may be shown."""

    def __init__(self, config: uvicorn.Config, words: list[str]) -> None:
        super().__init__(config)
        self._words = words

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        for line in self._words:
            print(line, flush=True)  # noqa: T201 - scripts wait for this line


@app.command()
def run(
    port: Annotated[int, typer.Option(envvar="PORT", help="Where to listen.")] = 8000,
    host: Annotated[str, typer.Option(help="127.0.0.1 keeps it to this machine.")] = "127.0.0.1",
    demo: Annotated[bool, typer.Option(help="Seed the demo companies into an empty database.")] = True,
) -> None:
    """Start PostgreSQL if none is given, migrate, seed the demo company, serve."""
    os.environ.setdefault("CRM_BASE_URL", f"http://{host}:{port}")
    settings = Settings()
    with _database(settings) as owner:
        asyncio.run(migrate.upgrade(owner))
        serve(host, port, [f"READY http://{host}:{port}"])
    _ = demo


def serve(host: str, port: int, words: list[str]) -> None:
    config = uvicorn.Config(
        FACTORY,
        factory=True,
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=20,
        proxy_headers=False,
    )
    Announced(config, words).run()


@app.command("migrate")
def migrate_command() -> None:
    """Bring the database to the revision this code needs."""
    with _database(Settings()) as owner:
        asyncio.run(migrate.upgrade(owner))
    say.print(f"The database is at revision {migrate.head()}.")


@keys.command("rotate")
def rotate() -> None:
    """Sign with a new key from now on; the old one verifies for 24 hours more."""
    kid = SigningKeys(Settings().data_dir / "keys").rotate()
    say.print(f"Tokens are signed with key {kid} from now on.")


@dev.command("mint-token")
def mint_token(claims: Annotated[str, typer.Argument(help="The claims, as JSON.")]) -> None:
    """Sign the given claims with the current key: for tests of expired or foreign tokens."""
    settings = Settings()
    if settings.env != "test":
        raise typer.BadParameter("only with CRM_ENV=test")
    print(Tokens(SigningKeys(settings.data_dir / "keys")).sign(json.loads(claims)))  # noqa: T201 - for scripts


@contextmanager
def _database(settings: Settings) -> Iterator[URL]:
    """The owner's address: the configured server, or the embedded one for as long as we run."""
    if settings.owner_url is not None:
        yield settings.owner_url
        return
    signal.signal(signal.SIGTERM, _stop)
    postgres = EmbeddedPostgres(_absolute(settings.data_dir) / "postgres")
    try:
        owner = postgres.start(keep_alive=True)
        os.environ["CRM_DATABASE_URL"] = owner.render_as_string(hide_password=False)
        yield owner
    finally:
        postgres.stop()


def _stop(*_: object) -> None:
    raise SystemExit(0)


def _absolute(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder.resolve()
