"""Follows the event log for all listeners of this process, and tells each of them what they may know.

One connection listens (`core.wake`); when it is lost, it comes back and the gap is read from the log. A fact
may become readable some time after its NOTIFY (an older transaction was still running: `core.feed`), so a
call is followed by some more looks; and every room is looked at now and then anyway.
"""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import current_thread, main_thread
from time import monotonic
from types import FrameType
from typing import Any
from uuid import UUID

import asyncpg
from pydantic_core import to_json

from crm_api.core import telemetry
from crm_api.core.event_stream import RESET, Subscriber
from crm_api.core.feed import Fact, Mark, after, cursor_at, end, mark_of
from crm_api.core.pool import Database
from crm_api.core.principal import Principal
from crm_api.core.sight import Sight
from crm_api.core.tools import Tools
from crm_api.core.wake import CHANNEL
from crm_api.kit.bounded import Bounded
from crm_api.kit.cursors import CursorMismatch
from crm_api.kit.errors import DomainError, Unavailable
from crm_api.kit.schemas import in_utc

LONGEST = 600.0
"""Seconds that one stream lasts; then the client comes back, with a credential that is looked at again."""
PING = 15
MOST_STREAMS = 10_000
"""Of this process."""
MOST_OF_ONE = 20
"""Of one principal."""
MOST_REPLAYED = 1_000
"""Facts; who is further behind reads everything anew."""
AT_ONCE = 200
LOOKS = (0.0, 0.25, 1.0, 3.0)
"""Seconds after a call."""
LISTENING, BLIND = 10.0, 1.0
"""Seconds between two looks at a room, while calls come in and while they cannot."""
HELLO = b"retry: 3000\nid: %s\n\n"
PERSONAL_ENDS = frozenset({"user.suspended", "user.deactivated", "user.locked", "user.role_changed"})
ENDS_ALL = frozenset({"role", "group"})
Lines = Sequence[tuple[Fact, bytes]]
"""Each fact, and how it is written."""


class TooManyStreams(DomainError):
    """You have too many streams open; close some first."""

    status = 429


class Room:
    """The listeners of one organization, and how far they have been told."""

    def __init__(self, organization_id: UUID, mark: Mark) -> None:
        self.organization_id, self.mark = organization_id, mark
        self.subscribers: set[Subscriber] = set()
        self.looks = [monotonic()]


class Streams:
    """Nothing runs, and no connection is open, before the first listener comes."""

    def __init__(self, database: Database, tools: Tools, leaving: Callable[[], bool] = lambda: False) -> None:
        """`leaving`: whether this process is about to stop, and keeps nobody."""
        self._database, self._tools, self._leaving = database, tools, leaving
        self._rooms: dict[UUID, Room] = {}
        self._scopes: Bounded[frozenset[str], frozenset[str]] = Bounded(1000)
        self._count = 0
        self._called = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._listening = self._stopping = False
        self._handlers: dict[int, Callable[[int, FrameType | None], object]] = {}

    @property
    def _stops(self) -> bool:
        return self._stopping or self._leaving()

    async def join(self, subscriber: Subscriber, last_event_id: str | None) -> None:
        """From now on, or from where the client stopped. Raises TooManyStreams, Unavailable."""
        self._refuse_too_many(subscriber.principal)
        subscriber.principal = self._shared(subscriber.principal)
        organization_id = subscriber.principal.organization_id
        self._start()
        if organization_id not in self._rooms:
            mark = await end(self._database, organization_id)
            self._rooms.setdefault(organization_id, Room(organization_id, mark))
        room = self._rooms[organization_id]
        room.subscribers.add(subscriber)
        self._count += 1
        subscriber.turn = self._count % PING
        subscriber.left(self._leave)
        try:  # what comes meanwhile waits behind what is made up for
            subscriber.first(await self._made_up(subscriber, last_event_id, room.mark))
        except BaseException:
            self._leave(subscriber)
            raise

    def _refuse_too_many(self, principal: Principal) -> None:
        if self._stops or self._count >= MOST_STREAMS:
            raise Unavailable(retry_after=3)
        room = self._rooms.get(principal.organization_id)
        theirs = [one for one in room.subscribers if one.principal.id == principal.id] if room else ()
        if len(theirs) >= MOST_OF_ONE:
            raise TooManyStreams(most=MOST_OF_ONE, retry_after=3)

    async def _made_up(self, subscriber: Subscriber, last_event_id: str | None, until: Mark) -> bytes:
        organization_id = subscriber.principal.organization_id
        begin = HELLO % self._id(organization_id, until)
        if last_event_id is None:
            return begin
        try:
            mark = mark_of(self._tools.cursors, organization_id, last_event_id)
        except CursorMismatch:
            return begin + RESET % b"unknown"
        missed = await after(self._database, organization_id, mark, MOST_REPLAYED)
        missed = [fact for fact in missed if fact.mark <= until]
        if len(missed) > MOST_REPLAYED:
            return begin + RESET % b"too_old"
        sight = Sight(self._database, self._tools, organization_id)
        await sight.look(missed)
        await sight.ask(subscriber.principal)
        lines = self._lines(organization_id, missed, sight)
        return HELLO % last_event_id.encode() + _said(subscriber, lines, sight)

    def _shared(self, principal: Principal) -> Principal:
        """Thousands hold the same few sets of scopes: one copy of each is kept."""
        return replace(principal, scopes=self._scopes.setdefault(principal.scopes, principal.scopes))

    def _leave(self, subscriber: Subscriber) -> None:
        room = self._rooms.get(subscriber.principal.organization_id)
        if room is not None and subscriber in room.subscribers:
            room.subscribers.discard(subscriber)
            self._count -= 1
            if not room.subscribers:
                del self._rooms[room.organization_id]

    # --- following

    def _start(self) -> None:
        if not self._tasks:
            self._hear_signals()
            self._tasks = [asyncio.create_task(run()) for run in (self._listen, self._follow, self._tick)]

    def _hear_signals(self) -> None:
        """A server waits for open answers before it tells the application that it stops: ours have no end.

        Its own handler is called as before.
        """
        if current_thread() is main_thread():
            for sign in (signal.SIGTERM, signal.SIGINT):
                before = signal.getsignal(sign)
                if callable(before):
                    self._handlers[sign] = before
                    signal.signal(sign, self._signalled)

    def _signalled(self, sign: int, frame: FrameType | None) -> None:
        self._stopping = True
        self._handlers[sign](sign, frame)

    async def _listen(self) -> None:
        """Hears the calls, and comes back whenever the connection is lost."""
        pause = 0.05
        while True:
            lost = asyncio.Event()
            connection: Any = None
            try:
                connection = await asyncpg.connect(
                    self._database.dsn, timeout=3, server_settings={"application_name": "crm-streams"}
                )
                connection.add_termination_listener(lambda *_, lost=lost: lost.set())
                await connection.add_listener(CHANNEL, self._hear)
                self._listening, pause = True, 0.05
                for room in self._rooms.values():  # what was called while nobody heard it
                    self._call(room)
                await lost.wait()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                telemetry.log.warning("streams cannot listen", kind=type(error).__name__, pause=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5)
            finally:
                self._listening = False
                if connection is not None and not connection.is_closed():
                    connection.terminate()

    def _hear(self, _: object, __: int, ___: str, payload: str) -> None:
        room = self._rooms.get(UUID(payload))
        if room is not None:
            self._call(room)

    def _call(self, room: Room) -> None:
        now = monotonic()
        room.looks = [now + seconds for seconds in LOOKS]
        self._called.set()

    async def _follow(self) -> None:
        """One room after the other, as their time comes."""
        while True:
            now = monotonic()
            for room in list(self._rooms.values()):
                if room.looks[0] <= now:
                    room.looks = [at for at in room.looks if at > now] or [
                        now + (LISTENING if self._listening else BLIND)
                    ]
                    await self._look(room)
            following = min((room.looks[0] for room in self._rooms.values()), default=monotonic() + LISTENING)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._called.wait(), max(0.0, following - monotonic()))
            self._called.clear()

    async def _look(self, room: Room) -> None:
        try:
            while True:
                facts = await after(self._database, room.organization_id, room.mark, AT_ONCE)
                if facts:
                    await self._tell(room, facts[:AT_ONCE])
                if len(facts) <= AT_ONCE:
                    return
        except (DomainError, asyncpg.PostgresError, OSError) as error:
            telemetry.log.warning("streams cannot read", kind=type(error).__name__)
        except Exception as error:
            telemetry.broke("streams", error)

    async def _tell(self, room: Room, facts: Sequence[Fact]) -> None:
        sight = Sight(self._database, self._tools, room.organization_id)
        await sight.look(facts)
        while sight.must_ask and (unasked := {one.principal for one in room.subscribers} - sight.asked):
            await sight.ask(unasked.pop())
        # In one breath: who joined before this is told now, who joins after it begins behind these facts.
        room.mark, subscribers = facts[-1].mark, list(room.subscribers)
        lines = self._lines(room.organization_id, facts, sight)
        for number, subscriber in enumerate(subscribers, 1):
            if text := _said(subscriber, lines, sight):
                subscriber.push(text)
            if any(_ends(subscriber.principal, fact) for fact in facts):
                subscriber.end()
            if number % 100 == 0:  # thousands are told without anybody else waiting for it
                await asyncio.sleep(0)

    def _lines(self, organization_id: UUID, facts: Sequence[Fact], sight: Sight) -> Lines:
        return [
            (fact, _line(fact, self._id(organization_id, fact.mark), sight.version(fact))) for fact in facts
        ]

    def _id(self, organization_id: UUID, mark: Mark) -> bytes:
        """The cursor that GET /v1/events/log takes too."""
        return cursor_at(self._tools.cursors, organization_id, mark).encode()

    # --- time

    async def _tick(self) -> None:
        """Each second one in fifteen is pinged, and whose time is over is ended."""
        tick = 0
        while True:
            await asyncio.sleep(1)
            tick, now = tick + 1, monotonic()
            for room in list(self._rooms.values()):
                for subscriber in list(room.subscribers):
                    if now > subscriber.ends_at or self._stops:
                        subscriber.end()
                    elif subscriber.turn == tick % PING:
                        subscriber.push(b": ping\n\n")

    async def close(self) -> None:
        for room in list(self._rooms.values()):
            for subscriber in list(room.subscribers):
                subscriber.end()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        for sign, before in self._handlers.items():
            if signal.getsignal(sign) == self._signalled:
                signal.signal(sign, before)
        self._handlers = {}


def _said(subscriber: Subscriber, lines: Lines, sight: Sight) -> bytes:
    wanted = subscriber.types
    return b"".join(
        line
        for fact, line in lines
        if (wanted is None or fact.object_type in wanted) and sight.shows(subscriber.principal, fact)
    )


def _line(fact: Fact, id: bytes, version: int | None) -> bytes:
    about = {
        "type": fact.kind,
        "resource": fact.object_type,
        "id": fact.object_id,
        "version": version,
        "occurred_at": in_utc(fact.at),
    }
    return b"id: %s\nevent: %s\ndata: %s\n\n" % (id, fact.kind.encode(), to_json(about))


def _ends(principal: Principal, fact: Fact) -> bool:
    """Whether this principal must come in anew: the rights or the session are not what they were."""
    if fact.kind in PERSONAL_ENDS or fact.object_type == "api_client":
        return fact.object_id == principal.id
    if fact.object_type == "session":
        return fact.object_id == principal.session_id and "revoked_at" in fact.data.get("changed", ())
    if fact.object_type == "organization":
        return "status" in fact.data.get("changed", ())
    return fact.object_type in ENDS_ALL
