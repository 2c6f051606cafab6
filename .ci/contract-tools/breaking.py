#!/usr/bin/env python3
"""Would this document break a client of that one?

    breaking.py check RELEASED CURRENT     exits 1 on a breaking change, or a version not raised for a change
    breaking.py self-test CURRENT          tries the gate itself on mutated copies of the document

`redocly diff` does the work; it does not see a changed default of a parameter, so that is compared here.
Nor does it see that two ways of writing null are one: it is given both documents in the same (nulls.py).
"""

import copy
import json
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from mutations import BREAKING, HARMLESS, Mutation, operations, resolved
from nulls import folded

Node = dict[str, Any]
HERE = Path(__file__).parent
ENOUGH = 20
REFERENCE = re.compile(r'"(#/components/[^"]+)"')
REDOCLY = HERE / "node_modules" / ".bin" / "redocly"


def compared(old: Path, new: Path, *flags: str) -> tuple[bool, str]:
    """Whether a client of the old document can live with the new one, and the report."""
    before, after = json.loads(old.read_text()), json.loads(new.read_text())
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{place}.json" for place in ("released", "current")]
        for file, root in zip(files, (before, after), strict=True):
            file.write_text(json.dumps(folded(root), indent=2))
        config = HERE / "redocly-diff.yaml"
        command = [REDOCLY, "diff", *files, "--config", config, "--fail-on", "major", *flags]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    moved = moved_defaults(before, after)
    report = "\n".join([done.stdout, done.stderr, *moved])
    return done.returncode == 0 and not moved, report


def moved_defaults(old: Node, new: Node) -> list[str]:
    before, after = defaults(old), defaults(new)
    return [
        f"default of {' '.join(place)}: {value!r} became {after[place]!r}"
        for place, value in before.items()
        if place in after and after[place] != value
    ]


def defaults(root: Node) -> dict[tuple[str, str, str], Any]:
    return {
        (method, path, parameter["name"]): parameter.get("schema", {}).get("default")
        for path, method, operation in operations(root)
        for parameter in (resolved(root, p) for p in operation.get("parameters", ()))
    }


def check(released: Path, current: Path) -> int:
    fine, report = compared(released, current, "--check-version")
    print(report)
    return 0 if fine else 1


def self_test(current: Path) -> int:
    """Every breaking mutation must be caught, no harmless one may be, and enough must find a place."""
    root = sample(json.loads(current.read_text()))
    cases = [(mutation, False) for mutation in BREAKING] + [(mutation, True) for mutation in HARMLESS]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        part = Path(folder) / "sample.json"
        part.write_text(json.dumps(root))
        found = list(pool.map(lambda case: tried(root, part, case[0], Path(folder)), cases))
    judged = [(m.__name__, fine, got) for (m, fine), got in zip(cases, found, strict=True)]
    placeless = [name for name, _, got in judged if got is None]
    wrong = [
        f"{name}: {'flagged though harmless' if fine else 'not caught'}"
        for name, fine, got in judged
        if got not in (fine, None)
    ]
    breaks = sum(1 for _, fine, got in judged if not fine and got is not None)
    print(f"{breaks} breaking changes tried, {len(judged)} in all, {len(wrong)} judged wrongly")
    print("\n".join(wrong + [f"no place in this document: {name}" for name in placeless]))
    return 1 if wrong or breaks < ENOUGH else 0


def sample(root: Node) -> Node:
    """Every tenth path and what it refers to: what is tried here is the gate, and each try reads it twice."""
    part = root | {"paths": dict(list(root["paths"].items())[::10])}
    wanted: set[str] = set()
    new = REFERENCE.findall(json.dumps(part["paths"]))
    while new:
        wanted.update(new)
        nodes = [resolved(root, {"$ref": reference}) for reference in new]
        new = sorted(set(REFERENCE.findall(json.dumps(nodes))) - wanted)
    part["components"] = {
        kind: nodes
        if kind == "securitySchemes"
        else {name: node for name, node in nodes.items() if f"#/components/{kind}/{name}" in wanted}
        for kind, nodes in root["components"].items()
    }
    return part


def tried(root: Node, current: Path, mutation: Mutation, folder: Path) -> bool | None:
    """The gate's verdict on the mutated document; None if there is nothing of the kind to mutate."""
    mutated = copy.deepcopy(root)
    try:
        mutation(mutated)
    except StopIteration:
        return None
    path = folder / f"{mutation.__name__}.json"
    path.write_text(json.dumps(mutated))
    return compared(current, path)[0]


def main(verb: str, *files: str) -> int:
    paths = [Path(file).resolve() for file in files]
    return {"check": check, "self-test": self_test}[verb](*paths)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
