#!/usr/bin/env python3
"""Start the application as `make run` does, on an empty folder, and let `.ci/contract live` try it.

Everything comes from demo.json: the users of the first organization (an administrator tries the calls, a
user without a second factor the documentation page, another user is what calls are tried on) and its
`objects`, one identifier of each kind: `{"lead": "01936e2a-...", ...}`.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import sleep, time
from typing import Any

import httpx
from pyotp import TOTP
from smoke import ROOT, expect, fail, free_port, running

MANY = "1000000"


def in_role(organization: dict[str, Any], role: str) -> list[dict[str, Any]]:
    fit = [user for user in organization["users"] if user["role"] == role]
    return fit or fail(f"demo.json has no {role}")


def tokens_of(address: str, user: dict[str, Any]) -> dict[str, str]:
    """TOKEN, and REFRESH_TOKEN to go on with when it is ten minutes old.

    A code serves once, and the seed has used one: the next may have to be waited for.
    """
    form = {"grant_type": "password", "username": user["email"], "password": user["password"]}
    factor = TOTP(user["totp_secret"])
    sleep(factor.interval - time() % factor.interval + 0.5)
    answer = httpx.post(f"{address}/v1/auth/token", data=form | {"otp": factor.now()})
    answered = expect(answer, 200)
    return {"TOKEN": answered["access_token"], "REFRESH_TOKEN": answered["refresh_token"]}


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="crm-contract-") as folder:
        settings = {
            "PORT": str(free_port()),
            "CRM_DATA_DIR": folder,
            "CRM_DEMO_SIZE": "small",
            "CRM_REQUESTS_PER_MINUTE": MANY,
            "CRM_REGISTRATION_LIMIT": MANY,
        }
        with running(settings) as (_, address):
            organization = json.loads((Path(folder) / "demo.json").read_text())["organizations"][0]
            reader, *_, tried = in_role(organization, "user")
            objects = {f"{kind}_id": id_ for kind, id_ in organization["objects"].items()}
            ids = Path(folder) / "ids.json"
            ids.write_text(json.dumps(objects | {"user_id": tried["id"]}))
            given = {
                "BASE_URL": address,
                **tokens_of(address, in_role(organization, "administrator")[0]),
                "DOCS_USER": reader["email"],
                "DOCS_PASSWORD": reader["password"],
                "IDS": str(ids),
            }
            command = [ROOT / ".ci" / "contract", "live"]
            return subprocess.run(command, env=os.environ | given, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
