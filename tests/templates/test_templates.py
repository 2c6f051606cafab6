"""Templates from the draft to the letter: versions, refusals, previews, mails to try them, costs."""

from typing import Any

import pytest

from actors import actor
from crm_api.templates.models import TEMPLATE
from surveys.desk import Answer, Desk

pytestmark = pytest.mark.anyio
FOOTER = "{{ organization.name }} {{ organization.address }} {{ reason }} {{ unsubscribe_url }}"
MAIL: Answer = {
    "code": "offre",
    "channel": "email",
    "name": "Offre",
    "subject": "Bonjour {{ first_name }}",
    "body": f"Bonjour {{{{ first_name }}}} {FOOTER}",
}
SMS: Answer = {
    "code": "rappel",
    "channel": "sms",
    "name": "Rappel",
    "purpose": "transactional",
    "body": "Votre contrat {{ policy.number }} arrive à échéance.",
}


async def made(desk: Desk, like: Answer = MAIL, /, **changed: Any) -> Answer:
    return await desk.call("POST", "/v1/templates", like | changed)


async def test_a_template_is_written_approved_and_revised(desk: Desk) -> None:
    first = await made(desk)
    assert (first["status"], first["revision"]) == ("draft", 1)
    assert "unsubscribe_url" in first["variables"]
    path = f"/v1/templates/{first['id']}"
    changed = await desk.call("PATCH", path, {"name": "Offre de rentrée"}, version=1)
    approved = await desk.call("POST", f"{path}/approve", version=changed["version"])
    assert approved["approved_by_id"] is not None
    late = await desk.company.send("PATCH", path, {"name": "X"}, version=approved["version"])
    assert late.json()["code"] == "template_sealed"
    second = await desk.call("POST", f"{path}/revisions", {"subject": "Bonsoir"})
    assert (second["revision"], second["subject"], second["status"]) == (2, "Bonsoir", "draft")
    twice = await desk.company.send("POST", f"{path}/revisions", {})
    assert twice.json()["code"] == "template_draft_there"
    await desk.call("POST", f"/v1/templates/{second['id']}/approve", version=1)
    assert (await desk.got(path))["status"] == "retired"


async def test_a_code_is_taken_once_in_a_channel_and_language(desk: Desk) -> None:
    await made(desk)
    await made(desk, language="ar")
    again = await desk.company.send("POST", "/v1/templates", MAIL)
    assert (again.status_code, again.json()["code"]) == (409, "template_draft_there")
    approved = await made(desk, code="tenue")
    await desk.call("POST", f"/v1/templates/{approved['id']}/approve", version=1)
    again = await desk.company.send("POST", "/v1/templates", MAIL | {"code": "tenue"})
    assert (again.status_code, again.json()["code"]) == (409, "template_code_taken")


async def test_a_template_goes_where_its_state_lets_it_and_nowhere_else(desk: Desk) -> None:
    path = f"/v1/templates/{(await made(desk))['id']}"
    for current in TEMPLATE.states:
        for step, wanted in (("approve", "approved"), ("retire", "retired")):
            sealed = "NULL" if current == "draft" else "now()"
            await desk.owner.execute(
                f"UPDATE templates SET status = $1, approved_at = {sealed} WHERE code = 'offre'", current
            )
            version = (await desk.got(path))["version"]
            answer = await desk.company.send("POST", f"{path}/{step}", version=version)
            if wanted in TEMPLATE.allowed(current):
                assert answer.json()["status"] == wanted
            else:
                assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")


@pytest.mark.parametrize(
    ("changed", "pointer", "code"),
    [
        ({"body": "Bonjour"}, "/body", "template_footer"),
        ({"body": FOOTER + "\n{{ nobody }}"}, "/body", "template_field"),
        ({"subject": "{{ nobody }}"}, "/subject", "template_field"),
        ({"subject": None}, "/subject", "template_subject"),
        ({"format": "mjml"}, "/body", "template_layout"),
        ({"channel": "sms", "subject": None}, "/body", "template_footer"),
        ({"channel": "sms"}, "/subject", "template_subject"),
        ({"channel": "letter", "format": "html"}, "/format", "template_format"),
    ],
)
async def test_a_template_that_must_not_be_sent_is_refused(
    desk: Desk, changed: Answer, pointer: str, code: str
) -> None:
    answer = await desk.company.send("POST", "/v1/templates", MAIL | changed)
    assert answer.status_code == 422, answer.text
    fault = answer.json()["errors"][0]
    assert (fault["pointer"], fault["code"]) == (pointer, code)
    if code == "template_field":
        assert f"Ligne {2 if pointer == '/body' else 1}" in str(fault)


async def test_a_preview_shows_the_examples_or_a_customer_whom_the_reader_may_see(desk: Desk) -> None:
    path = f"/v1/templates/{(await made(desk))['id']}/preview"
    assert (await desk.call("POST", path, {}))["subject"] == "Bonjour Karim"
    nadia = await desk.customer("Haddad", first_name="Nadia")
    shown = await desk.call("POST", path, {"contact_id": nadia["id"]})
    assert shown["subject"] == "Bonjour Nadia"
    assert shown["missing"] == ["reason", "unsubscribe_url"]
    given = {"contact_id": nadia["id"], "fields": [{"code": "first_name", "value": "N."}]}
    assert (await desk.call("POST", path, given))["subject"] == "Bonjour N."
    blind = actor(desk.company.organization_id, "templates:read")
    hidden = await desk.company.send("POST", path, {"contact_id": nadia["id"]}, by=blind)
    assert (hidden.status_code, hidden.json()["code"]) == (403, "insufficient_scope")
    unknown = await desk.company.send("POST", path, {"fields": [{"code": "nobody", "value": "x"}]})
    assert unknown.json()["errors"][0]["code"] == "template_unknown_field"


async def test_a_colleague_gets_the_mail_that_tries_a_template(desk: Desk) -> None:
    path = f"/v1/templates/{(await made(desk))['id']}/test-sends"
    nadia = await desk.customer("Haddad", first_name="Nadia")
    answer = await desk.company.send("POST", path, {"contact_id": nadia["id"]})
    assert answer.status_code == 202, answer.text
    await desk.work()
    assert desk.mails[-1].subject == "[Test] Bonjour Nadia"
    assert desk.mails[-1].to != "haddad@example.test"
    stranger = await desk.company.send("POST", path, {"user_id": nadia["id"]})
    assert stranger.json()["errors"][0]["code"] == "unknown_user"
    sms = await made(desk, SMS)
    refused = await desk.company.send("POST", f"/v1/templates/{sms['id']}/test-sends", {})
    assert refused.json()["code"] == "template_not_email"


async def test_an_sms_is_counted_in_each_language_before_it_is_sent(desk: Desk) -> None:
    french = await made(desk, SMS)
    assert french["sms_segments"] == 1
    await made(desk, SMS, language="ar", body="ينتهي عقدكم رقم {{ policy.number }} قريبا. " * 2)
    costs = await desk.got(f"/v1/templates/{french['id']}/sms-costs", recipients=1000)
    told = {one["language"]: (one["encoding"], one["parts"], one["total"]["amount"]) for one in costs["data"]}
    assert told == {"fr": ("gsm7", 1, "3000.00"), "ar": ("ucs2", 2, "6000.00")}
    version = (await desk.got("/v1/organization/settings"))["version"]
    price = {"sms_segment_price": {"amount": "4.50", "currency": "DZD"}}
    await desk.call("PATCH", "/v1/organization/settings", price, version=version)
    cost = await desk.call("POST", "/v1/sms-costs", {"text": "Êtes-vous prêt ?", "recipients": 10})
    assert (cost["outside"], cost["transliteration"]) == (["Ê", "ê"], "Etes-vous pret ?")
    assert cost["total"]["amount"] == "45.00"
    mail = await made(desk)
    refused = await desk.company.client.get(
        f"/v1/templates/{mail['id']}/sms-costs", headers=desk.company.admin.headers
    )
    assert refused.json()["code"] == "template_not_sms"


@pytest.mark.parametrize("language", ["fr", "ar"])
async def test_a_letter_is_printed(desk: Desk, language: str) -> None:
    body = "السيد {{ full_name }}" if language == "ar" else "Bonjour {{ full_name }},\n\n#eval('1') *x*"
    letter = await made(desk, channel="letter", language=language, body=body, purpose="transactional")
    nadia = await desk.customer("Haddad", first_name="Nadia")
    page = await desk.company.client.get(
        f"/v1/templates/{letter['id']}/letter",
        params={"contact_id": nadia["id"]},
        headers=desk.company.admin.headers,
    )
    assert page.headers["content-type"] == "application/pdf"
    assert page.content.startswith(b"%PDF")
    mail = await made(desk)
    refused = await desk.company.client.get(
        f"/v1/templates/{mail['id']}/letter", headers=desk.company.admin.headers
    )
    assert refused.json()["code"] == "template_not_letter"


async def test_the_merge_fields_are_told_with_examples(desk: Desk) -> None:
    told = {one["code"]: one for one in (await desk.got("/v1/template-fields"))["data"]}
    assert told["first_name"]["personal_class"] == "p1"
    assert told["unsubscribe_url"]["type"] == "url"


async def test_the_usual_texts_are_there_in_both_languages(desk: Desk) -> None:
    listed = (await desk.got("/v1/templates", limit=100))["data"]
    renewals = {one["language"] for one in listed if one["code"] == "renewal_marketing"}
    assert renewals == {"fr", "ar"}
    declared = next(one for one in listed if one["code"] == "claim_declared_sms")
    assert (declared["status"], declared["sms_segments"]) == ("approved", 1)


async def test_templates_are_listed_by_code_state_and_name(desk: Desk) -> None:
    mail = await made(desk, code="zz_offre", name="Zèbre")
    for query in ({"code": "zz_offre"}, {"name_prefix": "zebre"}, {"status": "draft", "channel": "email"}):
        found = (await desk.got("/v1/templates", **query))["data"]
        assert mail["id"] in {one["id"] for one in found}
