"""A worker that is killed in the middle of a send: the next one goes on, and everybody gets it once.

What was being handed over in that moment is in doubt, and goes out again under the same Message-ID: by that
name each message arrives once.
"""

import asyncio
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import URL

from crm_api.mailings.carrying import AT_ONCE
from mailings.post import catching, open_post

pytestmark = [pytest.mark.anyio, pytest.mark.fault]
PEOPLE = 400
FILL = """INSERT INTO contacts (organization_id, id, civility, last_name, first_name, display_name, emails,
    phones, addresses, primary_email, preferred_language, do_not_contact, account_links, registered_on,
    is_deceased, version)
SELECT $1, gen_random_uuid(), 'm', 'Client ' || n, 'Karim', 'Karim Client ' || n, '[]', '[]', '[]',
    'client' || n || '@example.test', 'fr', false, '[]', current_date, false, 1
FROM generate_series(1, $2::int) AS n RETURNING id"""


def _hired(folder: Path, owner_url: URL) -> subprocess.Popen[bytes]:
    address = owner_url.render_as_string(hide_password=False)
    environment = os.environ | {"CRM_ENV": "test", "CRM_DATA_DIR": str(folder), "CRM_DATABASE_URL": address}
    script = Path(__file__).with_name("carrier.py")
    return subprocess.Popen([sys.executable, str(script)], env=environment)  # noqa: S603


async def test_a_send_whose_worker_is_killed_reaches_everybody_once(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, owner_url: URL
) -> None:
    folder = app.state.tools.settings.data_dir  # the keys of the house
    with catching() as catcher:
        post = await open_post(app, client, owner, catcher)
        await post.provider()
        rows = await owner.fetch(FILL, post.company.organization_id, PEOPLE)
        send_id = await post.opened(purpose=None)
        assert (await post.queue(send_id, *(row[0] for row in rows))).queued == PEOPLE
        async with asyncio.timeout(400):
            for at_least in (20, 150):  # killed twice, somewhere in a batch
                worker = _hired(folder, owner_url)
                while len(catcher.mails) < at_least:  # noqa: ASYNC110 - it lives in another process
                    await asyncio.sleep(0.002)
                worker.kill()
                worker.wait()
                await owner.execute(  # the minute that the dead one had for itself is over
                    "UPDATE messages SET next_at = now() WHERE status = 'sending'"
                )
            worker = _hired(folder, owner_url)
            try:
                while await owner.fetchval("SELECT status FROM sends WHERE id = $1", send_id) != "done":  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
            finally:
                worker.kill()
                worker.wait()
    assert len(catcher.ledger) == PEOPLE
    to = Counter(mail["To"] for mail in catcher.mails)
    assert len(to) == PEOPLE
    doubted = sum(times - 1 for times in catcher.ledger.values())
    assert doubted <= 2 * AT_ONCE
    assert set(catcher.ledger.values()) <= {1, 2, 3}
    results = await post.results(send_id)
    assert (results["sent"], results["waiting"]) == (PEOPLE, 0)
