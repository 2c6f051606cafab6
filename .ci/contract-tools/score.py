#!/usr/bin/env python3
"""How well programs and agents find their way: `score.py REDOCLY openapi.json...`.

`discoverability` is 100 less a tenth of a point for each operation, and nothing else: no document of more
than 20 operations reaches the 98 of the contract. So a document must reach 98, or what its size allows.
"""

import json
import subprocess
import sys
from pathlib import Path

READINESS, DISCOVERABILITY = 85, 98


def main(redocly: str, *documents: str) -> int:
    reached = [
        _reached(redocly, Path(document)) for document in documents
    ]  # all are shown, also after a miss
    return 0 if all(reached) else 1


def _reached(redocly: str, document: Path) -> bool:
    scored = [redocly, "score", str(document), "--format", "json"]
    scores = json.loads(subprocess.run(scored, capture_output=True, text=True, check=True).stdout)
    operations = scores["rawMetrics"]["operationCount"]
    least = {
        "agentReadiness": READINESS,
        "discoverability": min(DISCOVERABILITY, 100 - round(operations / 10)),
    }
    print(f"{document.name}: {operations} operations")
    for name, wanted in least.items():
        mark = "ok    " if scores[name] >= wanted else "MISSED"
        print(f"  {mark} {scores[name]:5.1f}    {name} (at least {wanted})")
    return all(scores[name] >= wanted for name, wanted in least.items())


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
