"""No container engine is at hand in CI: what can be read off the Dockerfile is checked here."""

import json
import os
import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

ROOT = Path(__file__).parents[2]
Instruction = tuple[str, str]


def stages() -> list[list[Instruction]]:
    text = (ROOT / "Dockerfile").read_text()
    text = re.sub(r"(?m)^\s*#.*\n", "", text).replace("\\\n", " ")
    found: list[list[Instruction]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        word, _, rest = line.partition(" ")
        if word == "FROM":
            found.append([])
        found[-1].append((word, rest.strip()))
    return found


def final(word: str) -> list[str]:
    return [rest for name, rest in stages()[-1] if name == word]


def test_the_tools_of_the_build_stay_in_the_build() -> None:
    build, last = stages()
    assert build[0] == ("FROM", "python:3.13-slim-bookworm AS build")
    assert last[0] == ("FROM", "python:3.13-slim-bookworm")
    assert final("COPY") == ["--from=build /opt/crm /opt/crm"]
    assert ("RUN", "python -m venv --without-pip /opt/crm") in build
    assert "pip uninstall" in final("RUN")[0]


def test_it_is_installed_from_the_hashed_locks() -> None:
    commands = [part for word, rest in stages()[0] if word == "RUN" for part in rest.split("&&")]
    installs = [command for command in commands if "pip" in command.split()]
    assert len(installs) == 4
    for install in installs:
        assert "--require-hashes" in install or "--no-deps" in install, install


def test_it_runs_as_an_ordinary_user_under_an_init() -> None:
    [user] = final("USER")
    assert int(user.split(":")[0]) >= 10000
    entry = json.loads(final("ENTRYPOINT")[0])
    assert entry == ["tini", "--", "crm"]
    assert re.search(r"apt-get install .*\btini\b", final("RUN")[0])
    after_user = stages()[-1][[name for name, _ in stages()[-1]].index("USER") :]
    assert "RUN" not in dict(after_user)


def test_it_writes_only_into_its_volume() -> None:
    settings = final("ENV")[0]
    assert "PYTHONDONTWRITEBYTECODE=1" in settings
    assert "CRM_DATA_DIR=/data" in settings
    assert final("VOLUME") == final("WORKDIR") == ["/data"]


def test_no_secret_is_built_in() -> None:
    for stage in stages():
        for word, rest in stage:
            assert word != "ARG"
            names = re.findall(r"(\w+)=", rest) if word == "ENV" else []
            assert not [name for name in names if re.search("PASSWORD|SECRET|TOKEN|KEK|KEY|URL", name)]


def copied() -> list[str]:
    return [
        source
        for word, rest in stages()[0]
        if word == "COPY"
        for source in rest.split()[:-1]
        if not source.startswith("--")
    ]


@pytest.mark.parametrize("source", copied())
def test_what_is_copied_exists_and_is_not_ignored(source: str) -> None:
    assert (ROOT / source).exists()
    assert f"!{source}" in (ROOT / ".dockerignore").read_text().splitlines()


def test_nothing_but_what_is_copied_reaches_the_builder() -> None:
    rules = [
        line
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    assert rules[0] == "*"
    assert {rule[1:] for rule in rules if rule.startswith("!")} == set(copied())
    ignored = [rule.removeprefix("**/") for rule in rules if rule.startswith("**/")]
    for name in ("private.pem", "kek.key", ".env", ".env.production"):
        assert any(fnmatch(name, rule) for rule in ignored), name


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False)])
def test_the_health_check_asks_livez(status: int, healthy: bool) -> None:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/livez" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    [check] = final("HEALTHCHECK")
    command = json.loads(check[check.index("CMD") + 3 :])
    assert command[:2] == ["python", "-c"]
    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        environment = os.environ | {"PORT": str(server.server_port)}
        result = subprocess.run(  # noqa: S603 - the Dockerfile's own words
            [sys.executable, *command[1:]], env=environment, capture_output=True, check=False
        )
        server.shutdown()
    assert (result.returncode == 0) is healthy


def test_a_wheel_carries_the_migrations() -> None:
    """core/migrate.py looks for them there when there is no checkout."""
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["data-files"]
    carried = {
        f"{folder}/{path.name}": path
        for folder, globs in patterns.items()
        for pattern in globs
        for path in ROOT.glob(pattern)
    }
    frozen = [path for revision in revisions() for path in revision.parent.glob(f"{revision.stem}*.sql")]
    needed = ["env.py", "script.py.mako", *(f"versions/{path.name}" for path in [*revisions(), *frozen])]
    assert {f"share/crm-api/migrations/{name}" for name in needed} | {"share/crm-api/alembic.ini"} == set(
        carried
    )


def revisions() -> list[Path]:
    return sorted((ROOT / "migrations" / "versions").glob("*.py"))
