"""Whatever happens to money, in whatever order: every paid centime is somewhere."""

from random import Random
from typing import Any
from uuid import uuid4

import pytest

from billing.counter import Counter, centimes
from crm_api.kit.clock import today
from policies.portfolio import dinars

pytestmark = pytest.mark.anyio
STEPS = 14


class Walk:
    """Somebody who does at random what people do; what is refused is part of it."""

    def __init__(self, counter: Counter, seed: int) -> None:
        self.counter, self.random = counter, Random(seed)  # noqa: S311 - the same walk every time
        self.policies: list[dict[str, Any]] = []
        self.payments: list[dict[str, Any]] = []

    async def step(self) -> None:
        deeds = [self.issue, self.pay, self.pay, self.cheque, self.bounce]
        deeds += [self.refund, self.end, self.endorse, self.night]
        await (self.random.choice(deeds) if self.policies else self.issue)()

    async def issue(self) -> None:
        plan = self.random.choice(["single", "quarterly", "monthly"])
        body = self.counter.portfolio.body(payment_plan=plan, issue=True)
        answer = await self.counter.portfolio.ask("POST", "/v1/policies", body)
        assert answer.status_code == 201, answer.text
        self.policies.append(dict(answer.json()))

    async def pay(self) -> None:
        amount = f"{self.random.randrange(1, 6_000_000) / 100:.2f}"
        self.payments.append(await self.counter.paid(amount))

    async def cheque(self) -> None:
        amount = f"{self.random.randrange(1, 6_000_000) / 100:.2f}"
        self.payments.append(await self.counter.paid(amount, "cheque"))

    async def bounce(self) -> None:
        cheques = [one for one in self.payments if one["method"] == "cheque"]
        if cheques:
            path = f"/payments/{self.random.choice(cheques)['id']}"
            await self.counter.act(path, "deposit")
            answer = await self.counter.act(path, "bounce", {"reason": "Sans provision"})
            assert answer.status_code in (200, 409), answer.text

    async def refund(self) -> None:
        if not self.payments:
            return
        payment = self.random.choice(self.payments)
        part = max(1, centimes(payment["amount"]) // self.random.choice([1, 2, 3]))
        ask = {"kind": "refund", "amount": dinars(f"{part / 100:.2f}"), "reason": "Trop versé"}
        path = f"/payments/{payment['id']}/returns"
        asked = await self.counter.send("POST", path, ask, idempotency_key=str(uuid4()))
        assert asked.status_code in (201, 409), asked.text
        if asked.status_code == 201:
            await self.counter.done(
                f"/payment-returns/{asked.json()['id']}", "approve", {}, by=self.counter.boss
            )

    async def end(self) -> None:
        policy = self.random.choice(self.policies)
        step = self.random.choice(["terminate", "cancel"])
        answer = await self.counter.portfolio.act(policy, step)
        assert answer.status_code in (200, 409), answer.text

    async def endorse(self) -> None:
        policy = self.random.choice(self.policies)
        if (await self.counter.portfolio.now(policy))["status"] == "in_force":
            net = f"{self.random.randrange(2_000_000, 6_000_000) / 100:.2f}"
            await self.counter.endorsed(policy, net_premium=dinars(net))

    async def night(self) -> None:
        await self.counter.night(today())


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_every_paid_centime_is_somewhere(counter: Counter, seed: int) -> None:
    walk = Walk(counter, seed)
    for _ in range(STEPS):
        await walk.step()
        await counter.somewhere()
    below = await counter.owner.fetchval("SELECT count(*) FROM receivables WHERE balance < 0")
    assert below == 0
