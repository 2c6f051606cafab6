"""Articles over HTTP: written, approved, read, translated, voted on, and who may."""

from datetime import timedelta

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from chores import done
from company import open_company
from crm_api.kit.clock import today
from crm_api.knowledge.jobs import tell_of_due_reviews
from knowledge.shelf import THEFT, Shelf

pytestmark = pytest.mark.anyio
PAGE = "/v1/kb/pages/fr/mon-vehicule-a-ete-vole"


async def test_a_new_edition_keeps_the_address_and_readers_keep_the_old_one_meanwhile(shelf: Shelf) -> None:
    article = await shelf.written()
    assert (article["slug"], article["status"], article["edition"]) == ("mon-vehicule-a-ete-vole", "draft", 0)
    assert (await shelf.client.get(PAGE, headers=shelf.admin)).json()["code"] == "kb_page_unknown"
    await shelf.act(article, "submit")
    live = (await shelf.act(article, "publish")).json()
    assert (live["status"], live["live_edition"]) == ("published", 1)
    page = (await shelf.client.get(PAGE, headers=shelf.site)).json()
    assert (page["number"], page["title"], page["body"]) == (1, THEFT["title"], THEFT["body"])

    draft = (await shelf.act(article, "take-back", {})).json()
    assert (draft["status"], draft["live_edition"]) == ("draft", 1)
    path = f"/v1/kb/articles/{article['id']}"
    moved = await shelf.company.send("PATCH", path, {"slug": "autre"}, version=draft["version"])
    assert (moved.status_code, moved.json()["code"]) == (409, "kb_slug_fixed")
    changed = await shelf.company.send("PATCH", path, {"body": "Quatre jours."}, version=draft["version"])
    assert changed.status_code == 200, changed.text
    assert (await shelf.client.get(PAGE, headers=shelf.site)).json()["number"] == 1  # still
    await shelf.act(article, "submit")
    closed = await shelf.company.send("PATCH", path, {"body": "Cinq."}, version=changed.json()["version"] + 1)
    assert closed.json()["code"] == "kb_article_not_draft"
    await shelf.act(article, "publish")
    page = (await shelf.client.get(PAGE, headers=shelf.site)).json()
    assert (page["number"], page["body"]) == (2, "Quatre jours.")
    assert await shelf.slugs("quatre") == ["mon-vehicule-a-ete-vole"]
    assert await shelf.slugs("clés") == []  # a word of the edition before

    editions = (await shelf.client.get(f"{path}/editions", headers=shelf.admin)).json()["data"]
    assert [(one["number"], one["is_live"]) for one in editions] == [(2, True), (1, False)]
    await shelf.act(article, "archive")
    assert (await shelf.client.get(PAGE, headers=shelf.admin)).status_code == 404
    assert await shelf.slugs("volé") == []


async def test_an_article_sent_back_says_why_to_who_answers_for_it(
    shelf: Shelf, owner: asyncpg.Connection
) -> None:
    editor = await shelf.company.hire("editor")
    article = await shelf.written(owner_id=str(editor.id))
    await shelf.act(article, "submit", by=editor.headers)
    sent = await shelf.act(article, "take-back", {"reason": "Préciser le délai."})
    assert sent.json()["send_back_reason"] == "Préciser le délai."
    told = await owner.fetch("SELECT title, body FROM notifications WHERE recipient_id = $1", editor.id)
    assert [tuple(row) for row in told] == [
        ("Article renvoyé : Mon véhicule a été volé", "Motif : Préciser le délai.")
    ]


async def test_languages_of_one_article_know_each_other(shelf: Shelf) -> None:
    french = await shelf.published()
    arabic = {"language": "ar", "title": "سرقة سيارتي", "slug": "vol", "translates_id": french["id"]}
    made = await shelf.published(**arabic, body="صرح بالسرقة خلال ثلاثة أيام عمل.", keywords=[])
    assert made["family_id"] == french["family_id"]
    page = (await shelf.client.get(PAGE, headers=shelf.site)).json()
    assert page["translations"] == [{"language": "ar", "slug": "vol"}]
    again = await shelf.company.send("POST", "/v1/kb/articles", THEFT | arabic | {"slug": "autre"})
    assert (again.status_code, again.json()["code"]) == (409, "kb_translation_there")
    taken = await shelf.company.send("POST", "/v1/kb/articles", THEFT)
    assert taken.json()["code"] == "kb_slug_taken"
    assert (await shelf.slugs("السرقة"))[0] == "vol"


async def test_readers_see_what_is_for_them(shelf: Shelf) -> None:
    for audience in ("public", "portal", "internal"):
        await shelf.published(title=f"Vol {audience}", audience=audience)
    listed = [
        {page["audience"] for page in (await shelf.client.get("/v1/kb/pages", headers=who)).json()["data"]}
        for who in (shelf.admin, shelf.site)
    ]
    assert listed == [{"public", "portal", "internal"}, {"public"}]
    assert await shelf.slugs("vol", shelf.site) == ["vol-public"]
    hidden = await shelf.client.get("/v1/kb/pages/fr/vol-internal", headers=shelf.site)
    assert hidden.status_code == 404
    assert (await shelf.client.get("/v1/kb/articles", headers=shelf.site)).status_code == 403


async def test_who_sees_a_part_of_the_company_writes_their_own_articles(shelf: Shelf) -> None:
    agency_id = await shelf.company.agency()
    seller = await shelf.company.hire("user", agency_id=agency_id)
    own = await shelf.company.send("POST", "/v1/kb/articles", THEFT, by=seller.headers)
    assert own.status_code == 201, own.text
    assert (await shelf.act(own.json(), "submit", by=seller.headers)).status_code == 200
    refused = await shelf.act(own.json(), "publish", by=seller.headers)
    assert refused.json()["code"] == "insufficient_scope"
    other = await shelf.written(slug="autre")
    refused = await shelf.act(other, "submit", by=seller.headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "kb_article_of_another")


async def test_the_last_word_of_each_reader_counts(shelf: Shelf) -> None:
    await shelf.published()
    votes = f"{PAGE}/votes"
    for visitor, helpful in (("visitor-1", True), ("visitor-2", True), ("visitor-2", False)):
        body = {"is_helpful": helpful, "visitor": visitor}
        assert (await shelf.client.post(votes, json=body, headers=shelf.site)).status_code == 204
    await shelf.client.post(votes, json={"is_helpful": True}, headers=shelf.admin)
    page = (await shelf.client.get(PAGE, headers=shelf.site)).json()
    assert (page["helpful"], page["not_helpful"]) == (2, 1)
    nobody = await shelf.client.post(votes, json={"is_helpful": True}, headers=shelf.site)
    assert nobody.json()["errors"][0]["code"] == "visitor_required"


async def test_who_answers_for_an_article_is_told_once_that_its_review_is_due(
    shelf: Shelf, app: FastAPI, owner: asyncpg.Connection
) -> None:
    editor = await shelf.company.hire("editor")
    await shelf.published(owner_id=str(editor.id), review_due_on=str(today()))
    await shelf.published(slug="plus-tard", review_due_on=str(today() + timedelta(days=1)))
    for _ in range(2):
        ctx = shelf.company.context()
        await tell_of_due_reviews(ctx, {})
        await ctx.commit()
        await ctx.close()
    await done(app, owner)
    titles = await owner.fetch("SELECT title FROM notifications WHERE recipient_id = $1", editor.id)
    assert [row[0] for row in titles] == ["Article à relire : Mon véhicule a été volé"]


async def test_articles_of_who_leaves_go_to_who_takes_over(shelf: Shelf) -> None:
    leaving, heir = [await shelf.company.hire("editor") for _ in range(2)]
    article = await shelf.written(owner_id=str(leaving.id))
    version = await shelf.company.version(leaving.id)
    path = f"/v1/users/{leaving.id}/deactivate"
    gone = await shelf.company.send("POST", path, {"reassign_to": str(heir.id)}, version=version)
    assert gone.status_code == 200, gone.text
    read = await shelf.client.get(f"/v1/kb/articles/{article['id']}", headers=shelf.admin)
    assert read.json()["owner_id"] == str(heir.id)


async def test_another_company_finds_nothing(shelf: Shelf, app: FastAPI, client: httpx.AsyncClient) -> None:
    article = await shelf.published()
    other = Shelf(await open_company(app, client))
    assert await other.slugs("volé") == []
    assert (await client.get(PAGE, headers=other.admin)).status_code == 404
    unseen = await client.get(f"/v1/kb/articles/{article['id']}", headers=other.admin)
    assert unseen.status_code == 404


async def test_lists_filter_sort_and_page(shelf: Shelf) -> None:
    await shelf.published()
    await shelf.written(slug="deux", category="voyage", tags=["visa"], review_due_on="2027-01-01")
    await shelf.written(slug="trois", language="en", audience="internal")

    async def listed(**params: str) -> list[str]:
        answer = await shelf.client.get("/v1/kb/articles", params=params, headers=shelf.admin)
        assert answer.status_code == 200, answer.text
        return [one["slug"] for one in answer.json()["data"]]

    assert await listed(sort="created_at") == ["mon-vehicule-a-ete-vole", "deux", "trois"]
    assert await listed(status="published") == ["mon-vehicule-a-ete-vole"]
    assert await listed(tag="visa") == ["deux"]
    assert await listed(review_due_on_lte="2027-01-01") == ["deux"]
    assert await listed(language="en", audience="internal") == ["trois"]
    assert await listed(category="voyage") == ["deux"]
    first = await shelf.client.get("/v1/kb/articles", params={"limit": 2}, headers=shelf.admin)
    assert first.json()["has_more"]
    rest = await listed(limit="2", cursor=first.json()["next_cursor"])
    assert rest == ["mon-vehicule-a-ete-vole"]
