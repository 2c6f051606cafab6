"""What is asked: five kinds of request on leads, each as the application and as the bare handler know it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from urllib.parse import quote
from uuid import UUID

from benchmarks.data import ORGANIZATIONS, PERCENT, SIZES, people
from benchmarks.load import Ask

PATCHED = 400
"""Leads that each connection changes in turn."""
ASIDE = ("create, both seek duplicates", "get, organizations in turn")
"""Measured too, without a target."""
KINDS = ("get", "list 50", "create", "patch", "prefix search")


@dataclass(frozen=True, slots=True)
class Variant:
    """`real` carries a token; `raw` names the organization in its path."""

    name: str
    tokens: Mapping[UUID, str] | None = None

    def request(
        self, method: str, organization: UUID, path: str, body: object = None, version: int | None = None
    ) -> bytes:
        prefix = "" if self.tokens else f"/raw/{organization}"
        lines = [f"{method} {prefix}/v1/leads{path} HTTP/1.1", "Host: 127.0.0.1", "Accept: application/json"]
        if self.tokens:
            lines.append(f"Authorization: Bearer {self.tokens[organization]}")
        if version is not None:
            lines.append(f'If-Match: "{version}"')
        content = b"" if body is None else json.dumps(body).encode()
        if content:
            lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
        return "\r\n".join([*lines, "", ""]).encode() + content


class Asks:
    """Makes requests at random, the same ones in every run."""

    def __init__(self, size: str) -> None:
        self._random = Random(7)  # noqa: S311 - a benchmark
        self._count = {
            organization: SIZES[size] * percent // 100
            for organization, percent in zip(ORGANIZATIONS, PERCENT, strict=True)
        }
        self._people = people()
        self._versions: dict[UUID, int] = {}
        self._turns: dict[tuple[str, int], int] = {}
        self._made = 0

    def of(self, kind: str, variant: Variant) -> Ask:
        asks: dict[str, Ask] = {
            "get": lambda _: self.get(variant),
            "list 50": lambda _: self.page(variant),
            "create": lambda _: self.create(variant),
            "patch": lambda at: self.patch(variant, at),
            "prefix search": lambda _: self.search(variant),
            "create, both seek duplicates": lambda _: self.create(variant, "" if variant.tokens else "?seek"),
            "get, organizations in turn": lambda _: self.get(variant, self._random.choice(ORGANIZATIONS)),
        }
        return asks[kind]

    def get(self, variant: Variant, organization: UUID = ORGANIZATIONS[0]) -> bytes:
        return variant.request("GET", organization, f"/{self._lead(organization)}")

    def page(self, variant: Variant) -> bytes:
        status = self._random.choice(("new", "assigned", "contacted", "qualified", "disqualified"))
        return variant.request("GET", ORGANIZATIONS[0], f"?status={status}&limit=50")

    def search(self, variant: Variant) -> bytes:
        _, first, last, _ = self._random.choice(self._people)
        prefix = quote(f"{first} {last}"[: len(first) + 4].lower())
        return variant.request("GET", ORGANIZATIONS[0], f"?name_prefix={prefix}&sort=full_name&limit=20")

    def create(self, variant: Variant, query: str = "") -> bytes:
        self._made += 1
        return variant.request("POST", ORGANIZATIONS[0], query, self.body(self._made))

    def body(self, number: int) -> dict[str, object]:
        _, first, last, _ = self._random.choice(self._people)
        return {
            "full_name": f"{first} {last}",
            "phone": f"+2136{number % 10**8:08d}",
            "email": f"new{number}@example.com",
            "source": "phone",
            "wilaya_code": f"{number % 20 + 2:02d}",
            "product_interest": ["AUTO"],
            "need": "Souhaite un devis pour son véhicule",
        }

    def patch(self, variant: Variant, at: int) -> bytes:
        """Each connection changes leads of its own, so that it knows their versions."""
        turn = self._turns[variant.name, at] = self._turns.get((variant.name, at), -1) + 1
        half = self._count[ORGANIZATIONS[0]] // 2
        number = (half if variant.tokens else 1) + at + 16 * (turn % min(PATCHED, half // 16 - 1))
        lead = UUID(int=1 << 120 | number)
        version = self._versions[lead] = self._versions.get(lead, 0) + 1
        changes = {"best_time": f"après {turn % 12 + 8} h", "current_insurer": f"Assureur {turn % 50}"}
        return variant.request("PATCH", ORGANIZATIONS[0], f"/{lead}", changes, version)

    def _lead(self, organization: UUID) -> UUID:
        return UUID(int=1 << 120 | self._random.randint(1, self._count[organization]))
