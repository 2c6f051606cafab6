"""Why a message may not go to somebody, asked for one, for many, and as a SELECT."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from consents.desk import EMAIL, Desk
from crm_api.consents.gate import (
    Asked,
    Gate,
    Person,
    Refusal,
    address_hash,
    granted,
    hash_of,
    pepper_of,
    reachable,
)
from crm_api.consents.models import (
    ConsentPurpose,
    ConsentSubject,
    MarketingChannel,
    MessageFrequency,
    MessageTopic,
    SuppressionReason,
)
from crm_api.consents.pressure import Pressure, pressure_of, wished
from crm_api.consents.suppressing import Suppressing
from crm_api.contacts.models import Contact
from crm_api.core.plain import table_of
from crm_api.core.statements import compiled
from plans import recorded

pytestmark = pytest.mark.anyio


async def test_each_refusal_has_its_name_and_the_first_one_is_told(desk: Desk) -> None:
    karim = await desk.customer()
    await desk.said(karim["id"])
    assert await desk.gate(karim) is None
    assert await desk.gate(karim, address=None) is Refusal.NO_ADDRESS
    assert await desk.gate({"id": str(uuid4())}, address="x@example.test") is Refusal.GONE
    for change, undo, refusal in (
        ("do_not_contact = true", "do_not_contact = false", Refusal.DO_NOT_CONTACT),
        ("is_deceased = true", "is_deceased = false", Refusal.DECEASED),
        ("deleted_at = now()", "deleted_at = NULL", Refusal.GONE),
        ("anonymised_at = now()", "anonymised_at = NULL", Refusal.GONE),
    ):
        await desk.owner.execute(f"UPDATE contacts SET {change}")
        assert await desk.gate(karim) is refusal
        await desk.owner.execute(f"UPDATE contacts SET {undo}")
    body = {"channel": "email", "address": "Bouchareb@Example.test", "reason": "dnc"}
    await desk.call("POST", "/v1/suppressions", body)
    assert await desk.gate(karim) is Refusal.SUPPRESSED
    assert await desk.gate(karim, None) is None  # a due notice still goes
    assert await desk.gate(karim, ConsentPurpose.MARKETING_SMS, MarketingChannel.SMS) is Refusal.NOT_GRANTED


async def test_a_contractual_message_needs_no_consent_but_an_address_that_lives(desk: Desk) -> None:
    karim = await desk.customer()
    assert await desk.gate(karim, None) is None
    async with desk.context() as ctx:
        await Suppressing(ctx).suppress(
            MarketingChannel.EMAIL, "bouchareb@example.test", SuppressionReason.HARD_BOUNCE, "smtp"
        )
    assert await desk.gate(karim, None) is Refusal.SUPPRESSED


async def test_wishes_narrow_what_is_allowed(desk: Desk) -> None:
    karim = await desk.customer()
    await desk.said(karim["id"])
    path = await desk.centre(karim)
    for wish, topic, refusal in (
        ({"topics": ["prevention"]}, MessageTopic.OFFERS, Refusal.DECLINED),
        ({"topics": ["prevention"]}, MessageTopic.PREVENTION, None),
        ({"channels": ["sms"]}, None, Refusal.DECLINED),
        ({"frequency": "never"}, None, Refusal.DECLINED),
        ({}, MessageTopic.OFFERS, None),
    ):
        answer = await desk.company.client.put(path, json=wish)
        assert answer.status_code == 200, answer.text
        assert await desk.gate(karim, topic=topic) is refusal, wish


async def test_many_people_are_judged_in_one_round_trip(desk: Desk) -> None:
    people = [await desk.customer(f"Client{n}") for n in "ABC"]
    await desk.said(people[1]["id"])
    asked = [Person(ConsentSubject.CONTACT, UUID(one["id"]), one["primary_email"]) for one in people]
    await desk.gate(people[0])  # the key of the organization is known from here on
    async with desk.context() as ctx:
        with recorded(desk.app) as sent:
            found = await Gate(ctx).allowed(EMAIL, MarketingChannel.EMAIL, asked)
        assert len(sent) == 1
    assert [found[person.subject_id] for person in asked] == [Refusal.NOT_GRANTED, None, Refusal.NOT_GRANTED]


async def test_a_select_says_the_same_as_the_gate(desk: Desk) -> None:
    karim, nadia = await desk.customer("Karim"), await desk.customer("Nadia")
    ilyes = await desk.customer("Ilyes")
    await desk.said(karim["id"])
    await desk.said(nadia["id"])
    await desk.said(ilyes["id"], brand="takaful")
    await desk.call(
        "POST", "/v1/suppressions", {"channel": "email", "address": "nadia@example.test", "reason": "dnc"}
    )
    contact = table_of(Contact).c
    async with desk.context() as ctx:
        pepper = await pepper_of(ctx)
        everybody = select(contact.id)
        for brand, refusals in (
            ("", {"karim": None, "nadia": "suppressed", "ilyes": "not_granted"}),
            ("takaful", {"karim": None, "nadia": "suppressed", "ilyes": None}),
        ):
            statement = reachable(Asked(EMAIL, MarketingChannel.EMAIL, brand), everybody)
            rows = await ctx.fetch(
                compiled(("test reachable", brand), lambda s=statement: s), {"pepper": pepper}
            )
            assert {row[1].partition("@")[0]: row[3] for row in rows} == refusals
            ids = await ctx.fetch(compiled(("test granted", brand), lambda b=brand: granted(EMAIL, b)), {})
            expected = {karim["id"], nadia["id"]} | ({ilyes["id"]} if brand else set())
            assert {str(row[0]) for row in ids} == expected


async def test_python_and_postgresql_hash_an_address_alike(desk: Desk) -> None:
    address = "Été.Bouchareb@EXAMPLE.test "
    contact = table_of(Contact).c
    karim = await desk.customer()
    await desk.owner.execute("UPDATE contacts SET primary_email = $1", address)
    async with desk.context() as ctx:
        pepper = await pepper_of(ctx)
        rows = await ctx.fetch(
            compiled("test hash", lambda: select(hash_of(contact.primary_email))), {"pepper": pepper}
        )
        assert rows[0][0] == address_hash(pepper, address)
    other = address_hash(bytes(32), address)
    assert rows[0][0] != other, karim["id"]


async def test_the_pressure_cap_is_the_organizations_and_a_wish_only_lowers_it(desk: Desk) -> None:
    async with desk.context() as ctx:
        house = await pressure_of(ctx)
    assert (house.messages, house.within.days) == (2, 7)
    assert [house.allows(sent) for sent in (0, 1, 2)] == [True, True, False]
    assert wished(house, MessageFrequency.USUAL) == house
    assert wished(house, MessageFrequency.WEEKLY).messages == 1
    assert wished(house, MessageFrequency.MONTHLY).within.days == 30
    assert not wished(house, MessageFrequency.NEVER).allows(0)
    strict = Pressure(0, house.within)
    assert wished(strict, MessageFrequency.WEEKLY) == strict
    version = (await desk.got("/v1/organization/settings"))["version"]
    changed = await desk.company.send(
        "PATCH", "/v1/organization/settings", {"pressure_cap": {"messages": 1, "days": 10}}, version=version
    )
    assert changed.status_code == 200, changed.text
    async with desk.context() as ctx:
        assert (await pressure_of(ctx)).within.days == 10
