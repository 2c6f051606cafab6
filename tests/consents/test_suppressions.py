"""Addresses that nothing goes to: added, brought as a list, lifted with a reason; only hashes are kept."""

import pytest

from consents.desk import Desk
from crm_api.consents.gate import Refusal

pytestmark = pytest.mark.anyio
KARIM = {"channel": "email", "address": "Karim@Example.test", "reason": "dnc", "source": "Registre"}


async def test_an_address_is_suppressed_once_and_never_shown(desk: Desk) -> None:
    made = await desk.call("POST", "/v1/suppressions", KARIM)
    again = await desk.call("POST", "/v1/suppressions", KARIM | {"reason": "legal"})
    assert (again["id"], again["reason"]) == (made["id"], "dnc")
    assert "karim" not in str(made).lower()
    for table in ("suppressions", "audit_log", "event_log"):
        rows = await desk.owner.fetch(f"SELECT t::text AS whole FROM {table} t")
        assert not [row for row in rows if "karim@" in row["whole"].lower()], table
    checked = await desk.call(
        "POST", "/v1/suppressions/check", {"channel": "email", "address": "karim@example.test"}
    )
    assert (checked["suppressed"], checked["suppression"]["id"]) == (True, made["id"])
    other = await desk.call("POST", "/v1/suppressions/check", {"channel": "sms", "address": "0550123456"})
    assert other == {"suppressed": False, "suppression": None}


async def test_it_is_lifted_with_a_reason_and_may_come_back(desk: Desk) -> None:
    made = await desk.call("POST", "/v1/suppressions", KARIM)
    path = f"/v1/suppressions/{made['id']}/lift"
    assert (await desk.company.send("POST", path, {}, version=1)).status_code == 422
    lifted = await desk.call("POST", path, {"lift_reason": "Redemandé par écrit"}, version=1)
    assert lifted["lifted_at"]
    twice = await desk.company.send("POST", path, {"lift_reason": "Encore"}, version=lifted["version"])
    assert twice.json()["code"] == "suppression_lifted_already"
    back = await desk.call("POST", "/v1/suppressions", KARIM | {"reason": "complaint"})
    assert (back["id"], back["reason"], back["lifted_at"]) == (made["id"], "complaint", None)


async def test_a_list_is_brought_and_survives_who_had_the_address(desk: Desk) -> None:
    karim = await desk.customer("Karim")
    await desk.said(karim["id"])
    await desk.call("POST", "/v1/suppressions", KARIM)
    table = "channel;address;reason\nemail;KARIM@example.test;legal\nsms;0661 00 11 22;dnc\n"
    table += (
        "email;pas une adresse;dnc\npigeon;x@example.test;dnc\nsms;0661001122;dnc\nemail;n@example.test;\n"
    )
    headers = desk.company.admin.headers | {"Content-Type": "text/csv"}
    answer = await desk.company.client.post(
        "/v1/suppressions/import", content=table.encode(), headers=headers
    )
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "read": 6,
        "added": 2,
        "known": 2,
        "refused": [
            {"line": 4, "code": "suppression_address"},
            {"line": 5, "code": "suppression_line"},
        ],
    }
    await desk.owner.execute("UPDATE contacts SET anonymised_at = now(), primary_email = NULL, emails = '[]'")
    again = await desk.customer("Karim")  # the same mailbox, brought by another list
    await desk.said(again["id"])
    assert await desk.gate(again) is Refusal.SUPPRESSED
    unknown = await desk.company.client.post(
        "/v1/suppressions/import", content=b"adresse\nx@y.z\n", headers=headers
    )
    assert unknown.status_code == 422
