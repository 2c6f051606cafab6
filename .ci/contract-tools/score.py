#!/usr/bin/env python3
"""How well programs and agents find their way: `score.py REDOCLY openapi.json...`.

`discoverability` is 100 less a tenth of a point for each operation, and nothing else: no document of more
than 20 operations reaches the 98 of the contract. So a document must reach 98, or what its size allows.

`agentReadiness` is nine tenths the median of the operations, one tenth that figure. The contract asks for 85
beside 98, which is a median of 83.6. The size is judged above; the median is judged here, against more than
that: what the house reached with 399 operations, less one point. See docs/decisions/0013-size-and-scores.md.
"""

import json
import subprocess
import sys
from pathlib import Path
from statistics import median

READINESS, DISCOVERABILITY = 87, 98


def main(redocly: str, *documents: str) -> int:
    reached = [
        _reached(redocly, Path(document)) for document in documents
    ]  # all are shown, also after a miss
    return 0 if all(reached) else 1


def _reached(redocly: str, document: Path) -> bool:
    scored = [redocly, "score", str(document), "--format", "json"]
    scores = json.loads(subprocess.run(scored, capture_output=True, text=True, check=True).stdout)
    operations = scores["rawMetrics"]["operationCount"]
    readiness = median(operation["agentReadiness"] for operation in scores["operationScores"].values())
    print(f"{document.name}: {operations} operations, agentReadiness {scores['agentReadiness']}")
    judged = [
        _judged("median readiness of an operation", readiness, READINESS),
        _judged(
            "discoverability", scores["discoverability"], min(DISCOVERABILITY, 100 - round(operations / 10))
        ),
    ]
    return all(judged)


def _judged(name: str, reached: float, wanted: float) -> bool:
    print(f"  {'ok    ' if reached >= wanted else 'MISSED'} {reached:5.1f}    {name} (at least {wanted})")
    return reached >= wanted


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
