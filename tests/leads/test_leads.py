from uuid import uuid4

import httpx
import pytest

from leads.people import administrator, lead

pytestmark = pytest.mark.anyio
OURS = uuid4()
ADMIN = administrator(OURS)
THEIRS = administrator(uuid4())


async def test_a_lead_is_recorded_read_and_changed(client: httpx.AsyncClient) -> None:
    made = await lead(client, ADMIN, email="Karim+auto@Example.com", product_interest=["AUTO_P"])
    assert (made["status"], made["phone"], made["email"]) == (
        "new",
        "+213550123456",
        "karim+auto@example.com",
    )
    assert made["duplicates"] == []
    read = await client.get(f"/v1/leads/{made['id']}", headers=ADMIN)
    assert read.headers["etag"] == '"1"'
    assert read.json() == {name: value for name, value in made.items() if name != "duplicates"}
    changed = await client.patch(
        f"/v1/leads/{made['id']}",
        json={"first_name": "Karim", "last_name": "BENALI", "need": "Tous risques"},
        headers=ADMIN | {"If-Match": '"1"'},
    )
    assert changed.status_code == 200, changed.text
    assert (changed.json()["full_name"], changed.json()["version"]) == ("Karim BENALI", 2)
