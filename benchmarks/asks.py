"""What is asked: five kinds of request on leads, each as the application and as the bare handler know it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from urllib.parse import quote
from uuid import UUID

from benchmarks.customers import SECTIONS
from benchmarks.data import ORGANIZATIONS, PERCENT, SIZES, people
from benchmarks.load import Ask

PATCHED = 400
"""Leads that each connection changes in turn."""
ASIDE = ("create, both seek duplicates", "get, organizations in turn")
"""Measured too, without a target."""
KINDS = ("get", "list 50", "create", "patch", "prefix search", "search", "home", "profile")


@dataclass(frozen=True, slots=True)
class Variant:
    """`real` carries a token; `raw` names the organization in its path."""

    name: str
    tokens: Mapping[UUID, str] | None = None

    def request(
        self, method: str, organization: UUID, path: str, body: object = None, version: int | None = None
    ) -> bytes:
        prefix = "" if self.tokens else f"/raw/{organization}"
        whole = path if path.startswith("/v1/") else f"/v1/leads{path}"
        lines = [f"{method} {prefix}{whole} HTTP/1.1", "Host: 127.0.0.1", "Accept: application/json"]
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
            "search": lambda _: self.everything(variant),
            "profile": lambda _: self.profile(variant),
            "home": lambda _: variant.request("GET", ORGANIZATIONS[0], "/v1/home"),
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
        _, first, last = self._random.choice(self._people)
        prefix = quote(f"{first} {last}"[: len(first) + 4].lower())
        return variant.request("GET", ORGANIZATIONS[0], f"?name_prefix={prefix}&sort=full_name&limit=20")

    def everything(self, variant: Variant) -> bytes:
        """What people type into the one field: names, a beginning of one, a telephone, its end, a number."""
        n = self._random.randint(1, self._count[ORGANIZATIONS[0]])
        _, first, last = self._random.choice(self._people)
        called = f"05{n * 7919 % 100_000_000:08d}"
        names = (f"{first} {last}", f"{last} {first[:3]}", last, last[:4], first)
        numbers = (called, called[-6:], f"P-2025-{n:06d}", f"{n:06d}", f"lead{n}@example.com")
        q = self._random.choice((*names, *numbers))
        return variant.request("GET", ORGANIZATIONS[0], f"/v1/search?q={quote(q)}&types=lead")

    def profile(self, variant: Variant) -> bytes:
        """Of somebody, with the six sections that both sides know."""
        n = self._random.randint(1, self._count[ORGANIZATIONS[0]])
        contact = UUID(hashlib.md5(f"c{n}".encode(), usedforsecurity=False).hexdigest())
        asked = "&".join(f"include={name}" for name in SECTIONS)
        return variant.request("GET", ORGANIZATIONS[0], f"/v1/contacts/{contact}/profile?{asked}")

    def create(self, variant: Variant, query: str = "") -> bytes:
        self._made += 1
        return variant.request("POST", ORGANIZATIONS[0], query, self.body(self._made))

    def body(self, number: int) -> dict[str, object]:
        _, first, last = self._random.choice(self._people)
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
