"""Ways to what lists bring: an import, a change of many records, a pair of duplicates."""

from typing import Any

from crm_api.duplicates.finding import find_new_pairs
from horizon import settled


async def brought(estate: Any) -> dict[str, str]:
    files = {"file": ("liste.csv", b"Nom complet;Tel\nKarim BOUCHAREB;0550123456\n", "text/csv")}
    answer = await estate.client.post(
        "/v1/imports", files=files, data={"entity": "lead"}, headers=estate.headers
    )
    assert answer.status_code == 201, answer.text
    return {"import_id": str(answer.json()["id"])}


async def bulk_edit(estate: Any) -> dict[str, str]:
    await estate.one("/v1/leads/{lead_id}")
    condition = {"field": "source", "op": "ne", "value": "event"}
    body = {"filter": {"all": [condition]}, "changes": {"best_time": "soir"}}
    answer = await estate.send(estate.called("bulkEditLeads"), {}, body)
    assert answer.status_code == 202, answer.text
    listed = await estate.client.get("/v1/bulk-edits", headers=estate.headers)
    return {"bulk_edit_id": str(listed.json()["data"][0]["id"])}


async def pair(estate: Any) -> dict[str, str]:
    for _ in range(2):
        await estate.another("/v1/leads/{lead_id}")
    await settled(estate.company)
    ctx = estate.company.context()
    await find_new_pairs(ctx)
    await ctx.commit()
    await ctx.close()
    listed = await estate.client.get("/v1/duplicates?entity=lead", headers=estate.headers)
    return {"pair_id": str(listed.json()["data"][0]["id"])}
