"""Programs: secrets shown once, keys, their limits."""

import base64
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from auth.steps import Person, ask, register, sign_in

pytestmark = pytest.mark.anyio
SERVICE = {"name": "Comparateur", "scopes": ["agencies:read", "leads:write"]}


async def create(client: httpx.AsyncClient, admin: Person, **body: Any) -> dict[str, Any]:
    answer = await client.post("/v1/api-clients", json=SERVICE | body, headers=admin.headers)
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return dict(answer.json())


def by_key(made: dict[str, Any]) -> dict[str, str]:
    return {"X-API-Key": made["api_key"]}


async def act(
    client: httpx.AsyncClient, admin: Person, made: dict[str, Any], verb: str, version: str = '"1"'
) -> httpx.Response:
    headers = admin.headers | {"If-Match": version}
    return await client.post(f"/v1/api-clients/{made['id']}/{verb}", headers=headers)


async def test_a_program_comes_in_by_its_key_and_may_do_what_it_was_given(
    client: httpx.AsyncClient, owner: asyncpg.Connection, admin: Person
) -> None:
    made = await create(client, admin)
    assert made["api_key"].startswith("crm_live_")
    assert (await client.get("/v1/agencies", headers=by_key(made))).status_code == 200
    refused = await client.get("/v1/users", headers=by_key(made))
    assert (refused.status_code, refused.json()["required_scopes"]) == (403, ["users:read"])
    stored = str(await owner.fetch("SELECT * FROM api_clients"))
    assert made["api_key"] not in stored
    assert made["client_secret"] not in stored
    read = (await client.get(f"/v1/api-clients/{made['id']}", headers=admin.headers)).json()
    assert read["last_used_at"] is not None
    assert read["key_hint"] == made["api_key"][-4:]
    assert "secret" not in str(read).replace("client_secret", "")


@pytest.mark.parametrize("way", ["form", "basic"])
async def test_a_program_gets_a_token_by_its_secret(
    client: httpx.AsyncClient, admin: Person, way: str
) -> None:
    made = await create(client, admin)
    name, secret = made["client"]["client_id"], made["client_secret"]
    if way == "form":
        form = {"grant_type": "client_credentials", "client_id": name, "client_secret": secret}
        answer = await ask(client, **form)
    else:
        basic = base64.b64encode(f"{name}:{secret}".encode()).decode()
        answer = await client.post(
            "/v1/auth/token",
            data={"grant_type": "client_credentials", "scope": "agencies:read"},
            headers={"Authorization": f"Basic {basic}"},
        )
    body = answer.json()
    assert (answer.status_code, body["refresh_token"]) == (200, None), answer.text
    assert body["scope"] == ("agencies:read leads:write" if way == "form" else "agencies:read")
    bearer = {"Authorization": f"Bearer {body['access_token']}"}
    assert (await client.get("/v1/agencies", headers=bearer)).status_code == 200
    assert (await client.get("/v1/auth/sessions", headers=bearer)).status_code == 403
    await act(client, admin, made, "revoke")
    assert (await client.get("/v1/agencies", headers=bearer)).status_code == 401


async def test_a_wrong_secret_and_an_unknown_client_get_the_same_answer(
    client: httpx.AsyncClient, admin: Person
) -> None:
    made = await create(client, admin)
    name = made["client"]["client_id"]
    wrong = made["client_secret"][:-2] + "AA"
    for client_id, secret in ((name, wrong), (name[:-2] + "00", made["client_secret"]), (name, "x")):
        answer = await ask(client, grant_type="client_credentials", client_id=client_id, client_secret=secret)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_a_write_key_hands_in_leads_and_nothing_else(
    client: httpx.AsyncClient, app: FastAPI, admin: Person
) -> None:
    made = await create(client, admin, kind="capture", scopes=None)
    assert (made["client_secret"], made["client"]["scopes"]) == (None, ["leads:capture"])
    assert made["api_key"].startswith("wk_")
    refused = await client.get("/v1/agencies", headers={"X-Write-Key": made["api_key"]})
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")
    principal = await app.state.tools.identity.principal(made["api_key"])
    assert principal.scopes == {"leads:capture"}
    assert (principal.kind, principal.data_scope) == ("client", "own")


async def test_a_key_works_only_from_its_networks(
    client: httpx.AsyncClient, app: FastAPI, admin: Person
) -> None:
    made = await create(client, admin, ip_allowlist=["105.96.12.0/24", "2001:db8::/32"])
    refused = await client.get("/v1/agencies", headers=by_key(made))
    assert (refused.status_code, refused.json()["code"]) == (403, "address_not_allowed")
    form = {"client_id": made["client"]["client_id"], "client_secret": made["client_secret"]}
    assert (await ask(client, grant_type="client_credentials", **form)).status_code == 401
    for address in ("105.96.12.77", "2001:db8::1", "::ffff:105.96.12.77"):
        inside = httpx.ASGITransport(app, client=(address, 1))
        async with httpx.AsyncClient(transport=inside, base_url="http://test") as other:
            assert (await other.get("/v1/agencies", headers=by_key(made))).status_code == 200, address


async def test_a_key_expires(
    client: httpx.AsyncClient, app: FastAPI, owner: asyncpg.Connection, admin: Person
) -> None:
    made = await create(client, admin)
    for wanted in ("2020-01-01T00:00:00Z", "2030-01-01T00:00:00Z"):
        body = SERVICE | {"name": "Autre", "expires_at": wanted}
        answer = await client.post("/v1/api-clients", json=body, headers=admin.headers)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "expiry_out_of_range")
    await owner.execute("UPDATE api_clients SET expires_at = now() - interval '1 second'")
    app.state.tools.identity.forget()
    assert (await client.get("/v1/agencies", headers=by_key(made))).status_code == 401


async def test_new_secrets_replace_the_old_ones_at_once(client: httpx.AsyncClient, admin: Person) -> None:
    made = await create(client, admin)
    assert (await client.get("/v1/agencies", headers=by_key(made))).status_code == 200
    answer = await act(client, admin, made, "rotate")
    assert answer.status_code == 200, answer.text
    assert (await client.get("/v1/agencies", headers=by_key(made))).status_code == 401
    assert (await client.get("/v1/agencies", headers=by_key(answer.json()))).status_code == 200
    stale = await act(client, admin, made, "rotate")
    assert stale.status_code == 412


async def test_a_client_is_suspended_resumed_and_revoked_for_good(
    client: httpx.AsyncClient, admin: Person
) -> None:
    made = await create(client, admin)
    for verb, version, status in (("suspend", 1, 401), ("resume", 2, 200), ("revoke", 3, 401)):
        assert (await act(client, admin, made, verb, f'"{version}"')).status_code == 200
        assert (await client.get("/v1/agencies", headers=by_key(made))).status_code == status
    refused = await act(client, admin, made, "resume", '"4"')
    assert (refused.status_code, refused.json()["allowed"]) == (409, [])
    again = await create(client, admin)  # the name is free again
    assert again["id"] != made["id"]


async def test_nobody_gives_a_program_what_he_does_not_hold(
    client: httpx.AsyncClient, owner: asyncpg.Connection, admin: Person
) -> None:
    unknown = await client.post(
        "/v1/api-clients", json=SERVICE | {"scopes": ["bogus:read"]}, headers=admin.headers
    )
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/scopes/0")
    beyond = await client.post(
        "/v1/api-clients", json=SERVICE | {"scopes": ["health:read"]}, headers=admin.headers
    )
    assert (beyond.status_code, beyond.json()["code"]) == (403, "cannot_grant")
    machine = await client.post(
        "/v1/api-clients", json=SERVICE | {"scopes": ["policies:sync"]}, headers=admin.headers
    )
    assert machine.status_code == 201


async def test_a_client_of_another_organization_is_not_there(
    client: httpx.AsyncClient, app: FastAPI, owner: asyncpg.Connection, admin: Person
) -> None:
    stranger = await register(client, app, owner)
    await sign_in(client, stranger)
    await owner.execute("UPDATE user_sessions SET mfa_level = 2 WHERE user_id = $1", stranger.id)
    made = await create(client, admin)
    headers = stranger.headers | {"If-Match": '"1"'}
    path = f"/v1/api-clients/{made['id']}"
    assert (await client.get(path, headers=headers)).status_code == 404
    assert (await client.post(f"{path}/revoke", headers=headers)).status_code == 404
    assert (await client.patch(path, json={"name": "Pris"}, headers=headers)).status_code == 404
    assert (await client.get("/v1/api-clients", headers=headers)).json()["data"] == []
    assert (await client.get("/v1/agencies", headers=by_key(made))).status_code == 200


async def test_a_client_is_changed_and_listed(client: httpx.AsyncClient, admin: Person) -> None:
    made = await create(client, admin, partner_id="assurfacile")
    assert made["client"]["data_scope"] == "own"
    headers = admin.headers | {"If-Match": '"1"'}
    body = {"scopes": ["leads:read"], "ip_allowlist": ["10.0.0.0/8"], "requests_per_minute": 60}
    answer = await client.patch(f"/v1/api-clients/{made['id']}", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    changed = answer.json()
    assert (changed["scopes"], changed["ip_allowlist"], changed["requests_per_minute"]) == (
        ["leads:read"],
        ["10.0.0.0/8"],
        60,
    )
    page = await client.get("/v1/api-clients?status=active&kind=service", headers=admin.headers)
    assert [line["id"] for line in page.json()["data"]] == [made["id"]]


async def test_a_repeated_creation_never_shows_a_secret_twice(
    client: httpx.AsyncClient, owner: asyncpg.Connection, admin: Person
) -> None:
    headers = admin.headers | {"Idempotency-Key": "3f0c"}
    first = await client.post("/v1/api-clients", json=SERVICE, headers=headers)
    again = await client.post("/v1/api-clients", json=SERVICE, headers=headers)
    assert (first.status_code, again.status_code, again.json()["code"]) == (201, 409, "api_client_name_taken")
    assert await owner.fetchval("SELECT count(*) FROM idempotency_keys") == 0


@pytest.mark.parametrize(
    "key",
    ["crm_live_", "crm_live_x_y", "wk_" + "A" * 66, "Bearer x", "é", "crm_live_" + "A" * 22 + "_" + "A" * 43],
)
async def test_a_key_that_is_none_is_refused(client: httpx.AsyncClient, key: str) -> None:
    answer = await client.get("/v1/agencies", headers={"X-API-Key": key.encode("latin-1")})  # type: ignore[dict-item]
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
