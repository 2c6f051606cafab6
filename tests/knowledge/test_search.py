"""What is found: words in any order, other words for it, slips of the hand; and what nothing answers."""

import httpx
import pytest

from actors import actor
from crm_api.demo.library import stock
from knowledge.shelf import Shelf

pytestmark = pytest.mark.anyio


@pytest.fixture
async def stocked(shelf: Shelf) -> Shelf:
    """With the articles of the demonstration."""
    ctx = shelf.company.context()
    await stock(ctx, shelf.company.admin.id)
    await ctx.commit()
    await ctx.close()
    return shelf


async def test_words_in_any_order_with_or_without_accents(stocked: Shelf) -> None:
    for q in ("carte orange Tunisie", "TUNISIE orange", "orangé cartes tunisie", "orange, carte!"):
        assert (await stocked.slugs(q, stocked.site))[0] == "carte-orange", q
    best = (await stocked.found("résiliation contrat"))[0]
    assert (best["slug"], best["confidence"]) == ("resilier-contrat", 1)
    assert "lettre recommandée" in best["snippet"]
    assert await stocked.slugs("résiliation", limit=1) == ["resilier-contrat"]
    assert await stocked.slugs("de la et") == []


async def test_other_words_for_it_and_a_slip_of_the_hand(stocked: Shelf) -> None:
    assert "vol-vehicule" in await stocked.slugs("bagnole dérobée", limit=3)
    for typed in ("décénnale", "decenale", "decennlae"):
        assert (await stocked.slugs(typed))[0] == "responsabilite-decennale", typed
    assert await stocked.slugs("xylophone") == []


async def test_what_is_for_the_staff_stays_with_the_staff(stocked: Shelf) -> None:
    assert "geste-commercial-interne" in await stocked.slugs("accorder un geste commercial")
    outside = await stocked.found("accorder un geste commercial", stocked.site)
    assert all(hit["audience"] == "public" for hit in outside)


async def test_a_request_is_suggested_its_article_or_noted_as_a_gap(stocked: Shelf) -> None:
    async def suggested(text: str) -> list[str]:
        answer = await stocked.company.send("POST", "/v1/kb/suggestions", {"text": text})
        assert answer.status_code == 200, answer.text
        return [hit["slug"] for hit in answer.json()["data"]]

    assert "bris-de-glace" in await suggested(
        "Bonjour, mon pare-brise est fissuré, merci de me dire quoi faire."
    )
    asked = "Assurez-vous les drones ? Rappelez-moi au 0550 12 34 56 ou karim@example.dz"
    assert await suggested(asked) == []
    assert (
        await suggested("Rappelez moi au 0661 98 76 54, karim@example.dz : assurez-vous les drones ?") == []
    )
    (gap,) = (await stocked.client.get("/v1/kb/gaps", headers=stocked.admin)).json()["data"]
    assert gap["question"] == "Assurez-vous les drones ? Rappelez-moi au [numéro] ou [e-mail]"


async def test_gaps_are_counted_settled_and_opened_again(shelf: Shelf) -> None:
    async def asked(question: str) -> dict[str, object]:
        answer = await shelf.company.send("POST", "/v1/kb/gaps", {"question": question})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    await asked("Assurez-vous les drones ?")
    gap = await asked("les DRONES, assurez vous")
    assert (gap["times"], gap["status"], gap["source"]) == (2, "open", "colleague")
    await asked("Assurez-vous les chevaux ?")
    listed = (await shelf.client.get("/v1/kb/gaps", headers=shelf.admin)).json()["data"]
    assert [one["times"] for one in listed] == [2, 1]
    article = await shelf.published()
    path = f"/v1/kb/gaps/{gap['id']}/settle"
    settled = await shelf.company.send("POST", path, {"article_id": article["id"]}, version=gap["version"])
    assert (settled.json()["status"], settled.json()["article_id"]) == ("answered", article["id"])
    again = await asked("assurez les drones")
    assert (again["times"], again["status"]) == (3, "open")
    dropped = await shelf.company.send("POST", path, {}, version=again["version"])
    assert dropped.json()["status"] == "dismissed"
    assert (await asked("drones assurez"))["status"] == "dismissed"
    wordless = await shelf.company.send("POST", "/v1/kb/gaps", {"question": "et de la"})
    assert wordless.json()["errors"][0]["code"] == "no_words"


async def test_a_suggestion_of_a_gap_needs_no_right_to_write(shelf: Shelf, client: httpx.AsyncClient) -> None:
    reader = actor(shelf.company.organization_id, "kb:read")
    answer = await client.post("/v1/kb/suggestions", json={"text": "un cheval de course"}, headers=reader)
    assert answer.json() == {"data": []}
    assert (await client.get("/v1/kb/gaps", headers=reader)).status_code == 403
