"""`python -m benchmarks.mailings [people] [mails]`: an audience frozen and queued, and mails handed over.

The audience: so many contacts with a consent, put into a send in one statement (100,000 unless told; asked:
1,000,000 in 60 s). The mails: rendered, links signed and led through us, DKIM-less unless a key is there,
handed to a mail server on loopback in a process of its own (3,000 unless told; asked: 300 a second).
"""

import multiprocessing
import socket
import sys
from time import perf_counter, sleep
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import uvloop
from aiosmtpd.controller import Controller
from sqlalchemy import URL, Select, Uuid, bindparam, select
from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks.data import BUILD
from crm_api.contacts.models import Contact
from crm_api.core.context import Context
from crm_api.core.db import Base
from crm_api.core.embedded_postgres import EmbeddedPostgres
from crm_api.core.identity import Identity
from crm_api.core.plain import table_of
from crm_api.core.pool import Database
from crm_api.core.principal import system
from crm_api.core.settings import Settings, app_url
from crm_api.core.tools import Tools, make_tools
from crm_api.core.worker import PATIENT
from crm_api.mailings.carrying import carry_send
from crm_api.mailings.models import MailingChannel, MessageProvider, ProviderSecurity, SendSource
from crm_api.mailings.ordering import Content, SendOrder
from crm_api.mailings.service import Mailings
from crm_api.registry import LISTENERS, OBJECTS

ORGANIZATION = UUID(int=0x0E << 120 | 1)
HTML = (
    "<html><body><h1>Bonjour {{ first_name }}</h1>"
    + "<p>Votre agence {{ agency.name }} vous propose une offre.</p>" * 20
    + '<a href="https://offres.example/auto">Voir</a> <a href="https://offres.example/habitation">Voir</a>'
    + '<a href="{{ unsubscribe_url }}">Partir</a></body></html>'
)
WORDS = Content("Bonjour {{ first_name }}", "Bonjour {{ first_name }}, https://offres.example/auto", HTML)
HOUSE = """INSERT INTO organizations (organization_id, id, version, name, status, timezone, locale, currency)
    VALUES ($1, $1, 1, 'Alliance', 'active', 'Africa/Algiers', 'fr-DZ', 'DZD')"""
PEOPLE = """INSERT INTO contacts (organization_id, id, civility, last_name, first_name, display_name, emails,
    phones, addresses, primary_email, preferred_language, do_not_contact, account_links, registered_on,
    is_deceased, version)
SELECT $1, gen_random_uuid(), 'm', 'Client ' || n, 'Karim', 'Karim Client ' || n, '[]', '[]', '[]',
    'client' || n || '@example.test', 'fr', false, '[]', current_date, false, 1
FROM generate_series(1, $2::int) AS n"""
CONSENTS = """INSERT INTO consent_states (organization_id, subject_type, subject_id, purpose, brand, status,
    consent_id, captured_at)
SELECT organization_id, 'contact', id, 'marketing_email', '', 'granted', gen_random_uuid(), now()
FROM contacts WHERE organization_id = $1"""


class Silent:
    async def handle_DATA(self, *_: Any) -> str:  # noqa: N802 - as aiosmtpd calls it
        return "250 OK"


def _serve(port: int) -> None:
    Controller(Silent(), hostname="127.0.0.1", port=port).start()
    while True:
        sleep(60)


def main() -> int:
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    mails = int(sys.argv[2]) if len(sys.argv) > 2 else 3_000
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    catcher = multiprocessing.get_context("spawn").Process(target=_serve, args=(port,), daemon=True)
    catcher.start()
    server = EmbeddedPostgres(BUILD / "bench-mailings", {"shared_buffers": "512MB", "max_wal_size": "8GB"})
    try:
        queued, carried = uvloop.run(_measured(server.start(), people, mails, port))
    finally:
        server.stop()
        catcher.kill()
    print(
        f"| queued | seconds | a second |\n|---|---|---|\n| {people} | {queued:.1f} | {people / queued:.0f} |"
    )
    print(
        f"| handed over | seconds | a second |\n|---|---|---|\n| {mails} | {carried:.1f} | {mails / carried:.0f} |"  # noqa: E501
    )
    return int(mails / carried < 300 or people / queued < 1_000_000 / 60)


async def _measured(url: URL, people: int, mails: int, port: int) -> tuple[float, float]:
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        await connection.exec_driver_sql("CREATE SCHEMA public")
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()
    address = url.render_as_string(hide_password=False)
    settings = Settings(env="test", data_dir=BUILD / "bench-mailings-data", database_url=address)
    tools = make_tools(settings, Identity(_nobody), LISTENERS, OBJECTS)
    database = Database(app_url(settings, url), connections=4, limits=PATIENT)
    await database.open()
    owner = await asyncpg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))
    try:
        await owner.execute(HOUSE, ORGANIZATION)
        await owner.execute(PEOPLE, ORGANIZATION, people)
        await owner.execute(CONSENTS, ORGANIZATION)
        await owner.execute("ANALYZE")
        print("filled", file=sys.stderr, flush=True)
        started = perf_counter()
        await _queued(database, tools, None, port)
        queued = perf_counter() - started
        print(f"queued {people} in {queued:.1f} s", file=sys.stderr, flush=True)
        await owner.execute("UPDATE messages SET counts_from = NULL")
        send_id = await _queued(database, tools, mails, port)
        started = perf_counter()
        await carry_send(Context(system(ORGANIZATION), database, tools), {"send_id": str(send_id)})
        carried = perf_counter() - started
        sent = await owner.fetchval("SELECT count(*) FROM messages WHERE status = 'sent'")
        if sent != mails:
            raise RuntimeError(f"{sent} of {mails} were handed over")
        return queued, carried
    finally:
        await owner.close()
        await database.close()


async def _queued(database: Database, tools: Tools, most: int | None, port: int) -> UUID:
    def chosen() -> Select[Any]:
        contact = table_of(Contact).c
        found = select(contact.id).where(
            contact.organization_id == bindparam("organization_id", type_=Uuid())
        )
        return found if most is None else found.limit(most)

    ctx = Context(system(ORGANIZATION), database, tools)
    if most is not None:
        ctx.session.add(
            MessageProvider(
                name="bench",
                channel=MailingChannel.EMAIL,
                host="127.0.0.1",
                port=port,
                security=ProviderSecurity.NONE,
            )
        )
    order = SendOrder(
        *(SendSource.CAMPAIGN, uuid4(), "A", "Bench", MailingChannel.EMAIL, {"fr": WORDS}),
        "marketing_email",
        sender="offres@assura.example",
        respects_hours=False,
    )
    send_id = await Mailings(ctx).open_send(order)
    await Mailings(ctx).queue(send_id, chosen)
    await ctx.commit()
    await ctx.close()
    return send_id


async def _nobody(*_: Any) -> None:
    """Nobody signs in here."""


if __name__ == "__main__":
    sys.exit(main())
