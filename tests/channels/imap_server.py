"""A small IMAP server (RFC 3501, what a reader needs), on a real socket: it can be told to drop."""

import re
import socketserver
from threading import Thread
from typing import Any


class Folder:
    """What the server holds, and how it behaves."""

    def __init__(self) -> None:
        self.mails: dict[int, bytes] = {}
        self.validity, self.password = 7, "ouvre-toi"
        self.drop_after: int | None = None
        """Mails that are given out before the connection is cut."""
        self.claimed_size: int | None = None
        self.seen: list[str] = []

    def add(self, content: bytes) -> int:
        uid = max(self.mails, default=0) + 1
        self.mails[uid] = content
        return uid


class _Session(socketserver.StreamRequestHandler):
    server: "ImapServer"

    def handle(self) -> None:
        folder, given = self.server.folder, 0
        self._say("* OK ready")
        while line := self.rfile.readline().decode("latin-1").strip():
            tag, _, command = line.partition(" ")
            folder.seen.append(command.split(" ")[0].upper())
            verb = command.upper()
            if verb == "CAPABILITY":
                self._say("* CAPABILITY IMAP4REV1", f"{tag} OK done")
            elif verb.startswith("LOGIN"):
                good = folder.password in command
                self._say(f"{tag} OK done" if good else f"{tag} NO [AUTHENTICATIONFAILED] no")
            elif verb.startswith(("EXAMINE", "SELECT")):
                self._say(
                    f"* {len(folder.mails)} EXISTS",
                    f"* OK [UIDVALIDITY {folder.validity}] x",
                    f"{tag} OK done",
                )
            elif verb.startswith("UID SEARCH"):
                start = int(re.search(r"UID (\d+):", command)[1])  # type: ignore[index]
                last = max(folder.mails, default=0)
                found = [uid for uid in folder.mails if uid >= min(start, last)]
                self._say("* SEARCH " + " ".join(map(str, found)), f"{tag} OK done")
            elif verb.startswith("UID FETCH"):
                whole = "RFC822.SIZE" not in verb
                if whole and folder.drop_after is not None and given >= folder.drop_after:
                    return
                given += whole
                self._give(tag, int(command.split(" ")[2]), verb)
            elif verb == "LOGOUT":
                self._say("* BYE bye", f"{tag} OK done")
                return
            else:
                self._say(f"{tag} BAD no")

    def _give(self, tag: str, uid: int, verb: str) -> None:
        """The size of a mail, its headers, or all of it."""
        folder = self.server.folder
        content = folder.mails[uid]
        if "RFC822.SIZE" in verb:
            size = folder.claimed_size or len(content)
            self._say(f"* 1 FETCH (UID {uid} RFC822.SIZE {size})", f"{tag} OK done")
            return
        if "HEADER" in verb:
            content = content.partition(b"\n\n")[0] + b"\r\n\r\n"
        self.wfile.write(b"* 1 FETCH (UID %d BODY[] {%d}\r\n%s)\r\n" % (uid, len(content), content))
        self._say(f"{tag} OK done")

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


class ImapServer(socketserver.ThreadingTCPServer):
    allow_reuse_address, daemon_threads = True, True

    def __init__(self) -> None:
        self.folder = Folder()
        super().__init__(("127.0.0.1", 0), _Session)
        Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_: Any) -> None:
        """The reader hung up."""

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
