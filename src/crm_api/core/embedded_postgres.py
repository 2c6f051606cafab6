"""A PostgreSQL 18 of our own in one folder: nothing to install, no port, no password, no administrator.

We drive `initdb` and `postgres` ourselves. The wheel's own launcher gives crash recovery ten seconds, takes
a killed postmaster that nobody reaped for a living one, and as root creates an account and opens every
parent folder to everybody.

    folder/data            the cluster                folder/postgres.log    what the server says
    folder/owner.lock      held by the process whose server it is

Whoever holds the lock starts, restarts and stops the server; everybody else attaches to it. However its
owner ends, kill -9 included, the server is shut down after it.
"""

import fcntl
import hashlib
import logging
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from time import monotonic, sleep
from typing import IO

import psutil
from sqlalchemy import URL

from crm_api.core.postgres_programs import MAJOR, Programs

log = logging.getLogger(__name__)

PORT = 5432  # a name of the socket's file only: the server listens on no network
LONGEST_SOCKET = 103  # bytes; Linux allows 107, macOS 103
RECOVERY_SECONDS = 600.0  # a crash recovery is given time; a server that fails is seen at once
STOP_SECONDS = 60.0
LARGEST_LOG = 10 * 2**20
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "effective_cache_size": "512MB",
    "work_mem": "8MB",
    "jit": "off",  # our statements are short: compiling costs more than it saves
    "random_page_cost": "1.1",  # discs without arms
    "io_method": "sync",  # three processes less than the default; they pay off on cold scans only
    "fsync": "on",
    "synchronous_commit": "on",
    "wal_level": "replica",
    "log_error_verbosity": "terse",  # DETAIL lines quote the rows: personal data
    "log_checkpoints": "off",
}


class PostgresDidNotStart(RuntimeError):
    """The server ended or never answered; the message ends with the last lines of its log."""


class EmbeddedPostgres:
    """One server per folder. Safe to call from several threads; every call blocks (use a thread in asyncio).

    `settings` are added to, and win over, SETTINGS.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder.resolve()
        self.data = self.folder / "data"
        self.logfile = self.folder / "postgres.log"
        self._settings = SETTINGS | dict(settings or {})
        self._sockets = Path()  # known from the first start on
        self._turn = threading.RLock()
        self._child: subprocess.Popen[bytes] | None = None
        self._heir: subprocess.Popen[bytes] | None = None
        self._ownership: IO[bytes] | None = None
        self._keeper: threading.Thread | None = None
        self._leaving = threading.Event()

    def start(self, *, keep_alive: bool = False) -> URL:
        """Start the server, or attach to the one that runs; the URL is the superuser's and never changes.

        With `keep_alive` a thread restarts a server that died, within about a second.
        """
        with self._turn:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            programs = Programs.for_data(self.data)
            self._sockets = self._socket_folder(programs)
            self._bring_up(programs)
            if keep_alive and self._keeper is None:
                self._leaving.clear()
                self._keeper = threading.Thread(target=self._keep, name="postgres-keeper", daemon=True)
                self._keeper.start()
        query = {"host": str(self._sockets), "port": str(PORT)}
        return URL.create("postgresql+asyncpg", username="postgres", database="postgres", query=query)

    def stop(self) -> None:
        """Stop the server if it is ours: open transactions are rolled back. Doing it twice is fine."""
        self._leaving.set()
        if self._keeper:
            self._keeper.join()
            self._keeper = None
        with self._turn:
            if self._ownership:
                self._shut_down()
                shutil.rmtree(self._sockets, ignore_errors=True)
                self._ownership.close()
                self._ownership = None

    def restart(self) -> URL:
        with self._turn:
            if self._ownership:
                self._shut_down()
            return self.start()

    def is_alive(self) -> bool:
        """Whether a server of this folder runs and takes connections."""
        return self._postmaster() is not None and self._status() == "ready"

    def _keep(self) -> None:
        pause = 0.5
        while not self._leaving.wait(pause):
            pause = 0.5
            if self._postmaster() is None:
                log.warning("PostgreSQL is gone: starting it again")
                try:
                    self.start()
                except (PostgresDidNotStart, OSError):
                    log.exception("PostgreSQL did not come back")
                    pause = 5.0

    def _bring_up(self, programs: Programs) -> None:
        deadline = monotonic() + RECOVERY_SECONDS
        while not self._own():
            if self.is_alive():
                return
            self._wait(deadline)
        if self._child is None or self._child.poll() is not None:
            self._shut_down()  # one whose owner was killed: it is about to end anyway
            self._clear_remains()
            self._create(programs)
            self._child = self._launch(programs)
        while not self.is_alive():
            if self._child.poll() is not None:
                raise PostgresDidNotStart(f"it ended with {self._child.returncode}:\n{self._last_words()}")
            self._wait(deadline)

    def _wait(self, deadline: float) -> None:
        if monotonic() > deadline:
            raise PostgresDidNotStart(f"no answer in {RECOVERY_SECONDS:.0f} s:\n{self._last_words()}")
        sleep(0.02)

    def _own(self) -> bool:
        if self._ownership is None:
            ownership = (self.folder / "owner.lock").open("wb")
            try:
                fcntl.flock(ownership, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                ownership.close()
                return False
            self._ownership = ownership
        return True

    def _create(self, programs: Programs) -> None:
        """A new cluster appears whole or not at all."""
        if self.data.exists():
            found = (self.data / "PG_VERSION").read_text().strip()
            if found != MAJOR:
                raise PostgresDidNotStart(f"{self.data} was written by PostgreSQL {found}, this is {MAJOR}")
            return
        unfinished = self.folder / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        programs.give(unfinished)
        options = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-instructions")
        # The collation is PostgreSQL's own, so an upgrade of the system cannot spoil an index.
        locale = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        with self.logfile.open("ab") as output:
            where = ("-D", _reach(programs, unfinished))
            created = programs.start("initdb", *where, *options, *locale, cwd=unfinished, output=output)
            if created.wait() != 0:
                raise PostgresDidNotStart(f"initdb failed:\n{self._last_words()}")
        unfinished.rename(self.data)

    def _launch(self, programs: Programs) -> subprocess.Popen[bytes]:
        if self.logfile.exists() and self.logfile.stat().st_size > LARGEST_LOG:
            self.logfile.replace(self.logfile.with_suffix(".log.1"))
        settings = self._settings | {"unix_socket_directories": str(self._sockets), "port": str(PORT)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with self.logfile.open("ab") as output:
            where = ("-D", _reach(programs, self.data))
            server = programs.start("postgres", *where, *options, cwd=self.data, output=output)
        # It reads a pipe that only we hold open, so it hears of our end, whatever the end was.
        last_will = ["/bin/sh", "-c", 'read _; kill -INT "$0"', str(server.pid)]
        self._heir = subprocess.Popen(last_will, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603
        return server

    def _dismiss_heir(self) -> None:
        if self._heir:
            self._heir.kill()
            self._heir.communicate()
            self._heir = None

    def _shut_down(self) -> None:
        self._dismiss_heir()
        for order in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            postmaster = self._postmaster()
            if postmaster is None:
                break
            postmaster.send_signal(order)
            deadline = monotonic() + STOP_SECONDS
            while self._postmaster() is not None and monotonic() < deadline:
                sleep(0.02)
        if self._child:
            self._child.wait()  # its pid file goes a moment before it does

    def _clear_remains(self) -> None:
        """After a kill -9 of the postmaster. Its pid file is believed by PostgreSQL as long as anything
        has that pid: a zombie nobody reaps, or a stranger after a restart of the container. Its children
        still share its memory and would keep a new server from starting.
        """
        for process in psutil.process_iter():
            if _works_in(process, self.data):
                process.kill()
                while _works_in(process, self.data):
                    sleep(0.02)
        socket = self._sockets / f".s.PGSQL.{PORT}"
        for remain in (self.data / "postmaster.pid", socket, socket.with_name(f"{socket.name}.lock")):
            remain.unlink(missing_ok=True)

    def _postmaster(self) -> psutil.Process | None:
        """The living postmaster of this folder, ours or another process's."""
        if self._child:
            self._child.poll()  # reaps it
        try:
            process = psutil.Process(int(self._pid_file()[0]))
        except (OSError, IndexError, ValueError, psutil.NoSuchProcess):
            return None
        return process if _works_in(process, self.data) else None

    def _status(self) -> str:
        lines = self._pid_file()
        return lines[7].strip() if len(lines) > 7 else "starting"

    def _pid_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _socket_folder(self, programs: Programs) -> Path:
        """A path of a socket holds some hundred bytes, so it cannot stand in any data folder.

        The same folder has the same one for ever: connection pools survive a restart of the server.
        """
        owner = programs.account.pw_uid if programs.account else os.geteuid()
        name = f"crm-{hashlib.sha256(f'{owner}:{self.data}'.encode()).hexdigest()[:12]}"
        candidates = [Path(parent) / name for parent in (tempfile.gettempdir(), "/tmp")]  # noqa: S108 - see below
        room = LONGEST_SOCKET - len(f"/.s.PGSQL.{PORT}")
        folder = next(path for path in candidates if len(os.fsencode(path)) <= room)
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.is_symlink() or folder.stat().st_uid not in {owner, os.geteuid()}:
            raise PostgresDidNotStart(f"{folder} belongs to somebody else")
        programs.give(folder)
        return folder

    def _last_words(self) -> str:
        return "\n".join(self.logfile.read_text(errors="replace").splitlines()[-12:])


def _reach(programs: Programs, folder: Path) -> str:
    """How PostgreSQL finds its working folder: another account may not be able to walk the path to it."""
    return "/proc/self/cwd" if programs.account else str(folder)


def _works_in(process: psutil.Process, folder: Path) -> bool:
    """Every process of a server has its data folder as working folder; a zombie has none."""
    try:
        return process.name() == "postgres" and Path(process.cwd()) == folder
    except psutil.Error:
        return False
