#!/usr/bin/env python3
"""How well programs and agents find their way: `score.py REDOCLY openapi.json`."""

import json
import subprocess
import sys

LEAST = {"agentReadiness": 85, "discoverability": 98}


def main(redocly: str, document: str) -> int:
    done = subprocess.run(
        [redocly, "score", document, "--format", "json"], capture_output=True, text=True, check=True
    )
    scores = json.loads(done.stdout)
    found = {"agentReadiness": scores["agentReadiness"], "discoverability": scores["discoverability"]}
    for name, least in LEAST.items():
        mark = "ok    " if found[name] >= least else "MISSED"
        print(f"  {mark} {found[name]:5.1f}    {name} (at least {least})")
    return 0 if all(found[name] >= least for name, least in LEAST.items()) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
