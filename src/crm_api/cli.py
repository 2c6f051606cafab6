"""The commands: `crm run`, `crm serve`, `crm worker`, `crm migrate`, `crm audit verify`, ..."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import typer
import uvicorn
from rich.console import Console
from sqlalchemy import URL

from crm_api.assistant.evaluation import figures, labelled_questions, put, table
from crm_api.core import migrate
from crm_api.core.context import Context, Origin
from crm_api.core.embedded_postgres import EmbeddedPostgres
from crm_api.core.identity import Identity
from crm_api.core.pool import Database
from crm_api.core.principal import system
from crm_api.core.rewrapping import rewrap_all
from crm_api.core.seal import BlindRole, refuse_blind, verify_all
from crm_api.core.settings import Settings, app_url
from crm_api.core.tools import Tools, kek_path, make_tools
from crm_api.core.vault import Vault, add_kek, forget_older_keks, load_keks
from crm_api.demo.companies import DemoSize
from crm_api.demo.company import how_to_get_in
from crm_api.kit.errors import DomainError
from crm_api.organizations.service import OrganizationService
from crm_api.registry import LISTENERS, OBJECTS

app = typer.Typer(help="ASSURA-CRM: the CRM of insurance companies.", no_args_is_help=True)
keys = typer.Typer(help="The keys that sign access tokens, and the key of keys.", no_args_is_help=True)
audit = typer.Typer(help="The audit log.", no_args_is_help=True)
organizations = typer.Typer(help="The companies of this installation.", no_args_is_help=True)
dev = typer.Typer(help="Only with CRM_ENV=test.", no_args_is_help=True)
app.add_typer(audit, name="audit")
app.add_typer(keys, name="keys")
app.add_typer(organizations, name="organizations")
app.add_typer(dev, name="dev")
assistant = typer.Typer(help="The assistant of the knowledge base.", no_args_is_help=True)
app.add_typer(assistant, name="assistant")
say = Console(soft_wrap=True)
API = "crm_api.main:from_environment"
Move = Callable[[OrganizationService], Awaitable[None]]
Port = Annotated[int, typer.Option(envvar="PORT", help="Where to listen.")]
Size = Annotated[DemoSize, typer.Option(envvar="CRM_DEMO_SIZE", help="small: ready at once, for scripts.")]
OrganizationId = Annotated[UUID, typer.Argument(help="As `crm organizations list` shows it.")]
Host = Annotated[str, typer.Option(help="127.0.0.1 keeps it to this machine.")]


class Announced(uvicorn.Server):
    """Says when it listens: scripts wait for the line."""

    def __init__(self, config: uvicorn.Config, words: list[str]) -> None:
        super().__init__(config)
        self._words = words

    def handle_exit(self, sig: int, frame: Any) -> None:
        """/readyz says no from this moment on, while what has begun is finished."""
        loaded = getattr(self.config, "loaded_app", None)
        while loaded is not None and not hasattr(loaded, "state"):
            loaded = getattr(loaded, "app", None)
        if loaded is not None:
            loaded.state.draining = True
        super().handle_exit(sig, frame)

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(*self._words, sep="\n", flush=True)  # noqa: T201 - read by scripts


@app.command()
def run(
    port: Port = 8000,
    host: Host = "127.0.0.1",
    demo: Annotated[bool, typer.Option(help="Seed the demo companies into an empty database.")] = True,
    demo_size: Size = DemoSize.FULL,
) -> None:
    """Start PostgreSQL if none is given, migrate, seed the demo company, serve."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    address = f"http://{host}:{port}"
    os.environ.setdefault("CRM_BASE_URL", address)
    os.environ.setdefault("CRM_REQUESTS_PER_MINUTE", "30000")  # a demo is tried with scripts
    settings = Settings()
    with _database(settings) as owner:
        say.print(f"PostgreSQL runs; data in {settings.data_dir}")
        asyncio.run(migrate.upgrade(owner))
        if demo:
            _seed(owner, demo_size)
        _serve(host, port, [f"READY {address}", f"Try it: {address}/docs", *how_to_get_in(settings)])


@app.command()
def serve(port: Port = 8000, host: Host = "0.0.0.0") -> None:  # noqa: S104 - what an image listens on
    """Serve the API on the database of CRM_DATABASE_URL; `crm migrate` and `crm worker` are run apart."""
    _serve(host, port, [f"READY http://{host}:{port}"])


@app.command()
def worker() -> None:
    """Run the jobs, beside API processes with CRM_EMBED_WORKER=false."""
    os.execv(sys.executable, [sys.executable, "-m", "crm_api.worker"])  # noqa: S606 - becomes that process


@app.command()
def mail(
    port: Annotated[int, typer.Option(envvar="CRM_MAIL_PORT", help="Where to listen.")] = 8024,
    host: Host = "127.0.0.1",
    smtp: Annotated[bool, typer.Option("--smtp", help="Speak SMTP; LMTP otherwise.")] = False,
) -> None:
    """Take in what the company's mail server hands over (LMTP): keep it within your own network."""
    words = [sys.executable, "-m", "crm_api.mailroom", "smtp" if smtp else "lmtp", host, str(port)]
    os.execv(sys.executable, words)  # noqa: S606 - becomes that process


@app.command()
def openapi() -> None:
    """Write the OpenAPI documents into openapi/."""
    os.execv(sys.executable, [sys.executable, "-m", "crm_api.contract"])  # noqa: S606 - becomes that process


@app.command("migrate")
def migrate_command() -> None:
    """Bring the database to the revision this code needs."""
    with _database(Settings()) as owner:
        asyncio.run(migrate.upgrade(owner))
    say.print(f"The database is at revision {migrate.head()}.")


@keys.command("rotate")
def rotate() -> None:
    """Sign with a new key from now on; the old one verifies for 24 hours more."""
    kid = _tools(Settings()).keys.rotate()
    say.print(f"Tokens are signed with key {kid} from now on; running servers follow within a second.")


@keys.command("add-kek")
def add_key_of_keys() -> None:
    """A new key of keys, at the end of its file: restart the servers, then `crm keys rewrap`."""
    count = add_kek(kek_path(Settings()))
    say.print(f"The file holds {count} keys now. Restart every server and worker, then: crm keys rewrap")


@keys.command("rewrap")
def rewrap() -> None:
    """Wrap every company's data key with the newest key of keys, and forget the older ones."""
    settings = Settings()
    path = kek_path(settings)
    with _database(settings) as owner, _seeing_all():
        changed = asyncio.run(rewrap_all(owner, Vault(*load_keks(path))))
    forget_older_keks(path)
    say.print(f"{changed} data keys are wrapped anew; the older keys of keys are forgotten.")


@audit.command("verify")
def verify_audit() -> None:
    """Find any line of the audit log that was changed, removed or slipped in; exit 1 when there is one."""
    settings = Settings()
    with _database(settings) as owner, _seeing_all():
        findings = asyncio.run(verify_all(owner, _tools(settings).keys, settings.data_dir, say))
    raise typer.Exit(1 if findings else 0)


@organizations.command("list")
def list_organizations() -> None:
    """Every company: id, state, name."""
    with _database(Settings()) as owner, _seeing_all():
        for id, name, status in asyncio.run(everyone(owner)):
            print(id, status, name)  # noqa: T201 - read by scripts


@organizations.command("suspend")
def suspend_organization(organization_id: OrganizationId) -> None:
    """Nobody of it gets in any more, within five seconds; nothing is lost."""
    _operate(organization_id, OrganizationService.suspend, "suspended")


@organizations.command("resume")
def resume_organization(organization_id: OrganizationId) -> None:
    """It works again as before its suspension."""
    _operate(organization_id, OrganizationService.resume, "active again")


@organizations.command("close")
def close_organization(
    organization_id: OrganizationId,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """For good: nobody of it gets in any more. Its data stays until it is taken out of the database."""
    yes or typer.confirm("This cannot be undone. Close it?", abort=True)
    _operate(organization_id, OrganizationService.close, "closed")


@assistant.command("evaluate")
def evaluate_assistant(
    organization_id: Annotated[UUID | None, typer.Option(help="Whose articles; else the oldest's.")] = None,
) -> None:
    """Put the labelled questions to the articles for the public, and print how good the answers are."""
    settings = Settings()
    with _database(settings) as owner, _seeing_all():
        whose = organization_id or next(iter(asyncio.run(everyone(owner))))[0]
        say.print(asyncio.run(_evaluated(app_url(settings, owner), _tools(settings), whose)))


async def _evaluated(url: URL, tools: Tools, organization_id: UUID) -> str:
    database = Database(url, connections=1)
    await database.open()
    try:
        outcomes = await put(Context(system(organization_id), database, tools), labelled_questions())
    finally:
        await database.close()
    held_out = [one for one in outcomes if one.labelled.held_out]
    return table({"all": figures(outcomes), "held out": figures(held_out)})


@dev.command("mint-token")
def mint_token(claims: Annotated[str, typer.Argument(help="The claims, as JSON.")]) -> None:
    """Sign the given claims with the current key: for tests of expired or foreign tokens."""
    settings = Settings()
    if settings.env != "test":
        raise typer.BadParameter("tokens are minted with CRM_ENV=test only")
    print(_tools(settings).tokens.sign(json.loads(claims)))  # noqa: T201 - read by scripts


@contextmanager
def _seeing_all() -> Iterator[None]:
    try:
        yield
    except BlindRole as refusal:
        say.print("CRM_DATABASE_URL must name a superuser (or BYPASSRLS role): others see no rows here.")
        raise typer.Exit(2) from refusal


def _operate(organization_id: UUID, step: Move, said: str) -> None:
    settings = Settings()
    with _database(settings) as owner:
        try:
            asyncio.run(move(app_url(settings, owner), _tools(settings), organization_id, step))
        except DomainError as refusal:
            say.print(f"Refused ({refusal.code}): {refusal}")
            raise typer.Exit(1) from refusal
    say.print(f"{organization_id} is {said}.")


async def move(url: URL, tools: Tools, organization_id: UUID, step: Move) -> None:
    """One step of its life, with its line in the audit log; running servers follow within five seconds.

    `url` is the restricted role's. Raises NotFound, InvalidTransition.
    """
    database = Database(url, connections=1)
    await database.open()
    ctx = Context(system(organization_id), database, tools, Origin("operator"))
    try:
        await step(OrganizationService(ctx))
        await ctx.commit()
    finally:
        await ctx.close()
        await database.close()


async def everyone(owner_url: URL) -> Sequence[tuple[UUID, str, str]]:
    """Id, name and state of every organization, the oldest first. Raises BlindRole."""
    connection = await asyncpg.connect(
        owner_url.set(drivername="postgresql").render_as_string(hide_password=False)
    )
    try:
        await refuse_blind(connection)
        found = await connection.fetch("SELECT id, name, status FROM organizations ORDER BY created_at, id")
        return [(row[0], row[1] or "", row[2]) for row in found]
    finally:
        await connection.close()


def _tools(settings: Settings) -> Tools:
    return make_tools(settings, Identity(), LISTENERS, OBJECTS)


def _serve(host: str, port: int, words: list[str]) -> None:
    proxies = Settings().trusted_proxies
    config = uvicorn.Config(
        API,
        factory=True,
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        ws="none",
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=20,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
    )
    Announced(config, words).run()


def _seed(owner: URL, size: DemoSize) -> None:
    """In a process of its own, which is gone with its memory before we serve."""
    address = {"CRM_DATABASE_URL": owner.render_as_string(hide_password=False)}
    command = [sys.executable, "-m", "crm_api.demo", size.value]
    seeding = subprocess.Popen(  # noqa: S603 - our own module
        command, env=os.environ | address, start_new_session=True
    )
    try:
        if seeding.wait():
            raise typer.Exit(seeding.returncode)
    finally:
        with suppress(ProcessLookupError):  # it is over, and nothing of it is left
            os.killpg(seeding.pid, signal.SIGTERM)  # itself and the processes it seeds by


@contextmanager
def _database(settings: Settings) -> Iterator[URL]:
    """The owner's address: the configured server, or the embedded one for as long as we run."""
    if settings.owner_url is not None:
        yield settings.owner_url
        return
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    postgres = EmbeddedPostgres(Path(settings.data_dir).resolve() / "postgres")
    try:
        owner = postgres.start(keep_alive=True)
        os.environ["CRM_DATABASE_URL"] = owner.render_as_string(hide_password=False)
        yield owner
    finally:
        postgres.stop()
