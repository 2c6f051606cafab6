#!/usr/bin/env python3
"""Start the application as `make run` does, on an empty folder, and let `.ci/contract live` try it.

Everything comes from demo.json: the users of the first organization (an administrator without TOTP is
needed) and its `objects`, one identifier of each kind: `{"lead": "01936e2a-...", ...}`.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx
from smoke import ROOT, expect, fail, free_port, running

MANY = "1000000"


def administrator(organization: dict[str, Any]) -> dict[str, Any]:
    fit = [u for u in organization["users"] if u["role"].startswith("admin") and not u.get("totp_secret")]
    if not fit:
        fail("demo.json has no administrator without TOTP")
    return dict(fit[0])


def token_of(address: str, user: dict[str, Any]) -> str:
    form = {"grant_type": "password", "username": user["email"], "password": user["password"]}
    token: str = expect(httpx.post(f"{address}/v1/auth/token", data=form), 200)["access_token"]
    return token


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="crm-contract-") as folder:
        settings = {
            "PORT": str(free_port()),
            "CRM_DATA_DIR": folder,
            "CRM_REQUESTS_PER_MINUTE": MANY,
            "CRM_REGISTRATION_LIMIT": MANY,
        }
        with running(settings) as (_, address):
            organization = json.loads((Path(folder) / "demo.json").read_text())["organizations"][0]
            user = administrator(organization)
            ids = Path(folder) / "ids.json"
            ids.write_text(json.dumps({f"{kind}_id": id_ for kind, id_ in organization["objects"].items()}))
            given = {
                "BASE_URL": address,
                "TOKEN": token_of(address, user),
                "DOCS_USER": user["email"],
                "DOCS_PASSWORD": user["password"],
                "IDS": str(ids),
            }
            command = [ROOT / ".ci" / "contract", "live"]
            return subprocess.run(command, env=os.environ | given, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
