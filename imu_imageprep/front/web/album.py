"""What this run keeps in memory, within bounds: the photos of the list, and forms to be signed."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imu_imageprep.front.web import views
from imu_imageprep.front.web.entry import Entry, State
from imu_imageprep.front.web.refusals import NoRoom, not_found

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from imu_imageprep.bench import Handed
    from imu_imageprep.front.web.events import Events
    from imu_imageprep.front.web.settings import Bounds

_COUNTS_SECONDS = 0.25


class Album:
    """The list, and the room in it. Used by one event loop alone.

    Args:
        events: told of every change.
        bounds: how much there may be.
    """

    def __init__(self, events: Events, bounds: Bounds) -> None:
        self._events = events
        self._bounds = bounds
        self._entries: dict[str, Entry] = {}
        self._weights: dict[str, tuple[int, int]] = {}  # in memory, and how much of it waits
        self._held = 0
        self._waiting = 0
        self._coming = 0  # uploads that have room and are being read
        self._coming_bytes = 0
        self._ordered = 0
        self._freed = asyncio.Condition()
        self._telling: asyncio.TimerHandle | None = None

    def all(self) -> list[Entry]:
        """Every photo, in the order in which they came."""
        return list(self._entries.values())

    def get(self, ident: str) -> Entry:
        """A photo by its id.

        Raises:
            Refusal: there is none.
        """
        entry = self.find(ident)
        if entry is None:
            raise not_found()
        return entry

    def find(self, ident: str) -> Entry | None:
        """A photo by its id; None where there is none, or no longer."""
        return self._entries.get(ident)

    def there(self, entry: Entry) -> bool:
        """Whether a photo is still in the list."""
        return entry.id in self._entries

    @property
    def working(self) -> bool:
        """Whether anything waits for the machine."""
        return self._waiting > 0 or any(
            entry.waits or entry.put_off or entry.due or entry.releasing
            for entry in self._entries.values()
        )

    def add(
        self,
        name: str,
        folder: str,
        size: int,
        handed: Handed,
        run: str | None = None,
        *,
        together: str = "",
    ) -> Entry:
        """Put a photo at the end of the list."""
        self._ordered += 1
        entry = Entry(name, folder, self._ordered, size, handed, run, together=together)
        self._entries[entry.id] = entry
        self.changed(entry)
        return entry

    def changed(self, entry: Entry) -> None:
        """Account for a change of a photo and tell the windows."""
        if not self.there(entry):
            return
        self._account(entry.id, entry.weight, entry.weight if entry.waits else 0)
        entry.told = self._events.number + 1  # that of what is told now
        self._events.tell("photo", views.photo(entry))
        self._count_soon()

    def remove(self, entries: Iterable[Entry]) -> int:
        """Forget photos; returns how many there were."""
        ids = [entry.id for entry in entries if self._entries.pop(entry.id, None)]
        for ident in ids:
            self._account(ident, 0, 0)
            del self._weights[ident]
        if ids:
            self._events.tell("gone", {"ids": ids})
            self._count_soon()
        return len(ids)

    def counts(self) -> dict[str, int]:
        """How many photos stand where."""
        states = Counter(entry.state for entry in self._entries.values())
        waiting = states[State.WAITING] + states[State.LOOKING]
        total = len(self._entries)
        return {
            **{state.value: states[state] for state in State},
            "held_bytes": self._held,
            "done": total - waiting,
            "total": total,
        }

    def check_room(self, more: int = 1) -> None:
        """See that the list takes more entries.

        Raises:
            NoRoom: it does not.
        """
        if len(self._entries) + self._coming + more > self._bounds.photos:
            raise NoRoom(
                507,
                "count",
                f"The list is full: it has room for {self._bounds.photos} photos.",
                "Download what is ready, then start again.",
            )

    @asynccontextmanager
    async def room(self, size: int) -> AsyncIterator[None]:
        """Keep room for an upload while it is read; waits while others make some.

        Raises:
            NoRoom: there is no room, and nothing that is being worked on will make any; or it
                took too long.
        """
        self.check_room()
        try:
            async with asyncio.timeout(self._bounds.room_seconds), self._freed:
                while not self._fits(size):
                    await self._freed.wait()
                    self.check_room()
                self._coming += 1
                self._coming_bytes += size
        except TimeoutError:
            raise NoRoom(
                503, "busy", "Other photos are still being checked.", "Wait a moment.", retry=5
            ) from None
        try:
            yield
        finally:
            self._coming -= 1
            self._coming_bytes -= size
            await self._tell_freed()

    def _fits(self, size: int) -> bool:
        coming = self._waiting + self._coming_bytes
        if self._held + self._coming_bytes + size > self._bounds.held_bytes:
            if coming:
                return False  # what is worked on may become small
            raise NoRoom(
                507,
                "full",
                "Too many photos wait for you: the memory for them is full.",
                "Answer some of them, or start again.",
            )
        return coming == 0 or coming + size <= self._bounds.waiting_bytes

    def _account(self, ident: str, held: int, waiting: int) -> None:
        held_before, waiting_before = self._weights.get(ident, (0, 0))
        self._weights[ident] = held, waiting
        self._held += held - held_before
        self._waiting += waiting - waiting_before
        if held < held_before or waiting < waiting_before:
            # Kept by the loop until it has run; it has nothing to say.
            asyncio.get_running_loop().create_task(self._tell_freed())

    async def _tell_freed(self) -> None:
        async with self._freed:
            self._freed.notify_all()

    def _count_soon(self) -> None:
        if self._telling is None:
            loop = asyncio.get_running_loop()
            self._telling = loop.call_later(_COUNTS_SECONDS, self._tell_counts)

    def _tell_counts(self) -> None:
        self._telling = None
        self._events.tell("counts", self.counts())


@dataclass(frozen=True, slots=True)
class Printed:
    """A form that was made to be signed.

    Attributes:
        ref: the reference that its record will have.
        kind: of the record.
        photo: id of the photo in the list; empty for none.
        picture: what would leave, as it was when the form was made.
        media: the picture's type.
    """

    ref: str
    kind: str
    photo: str = ""
    picture: bytes = field(default=b"", repr=False)
    media: str = ""


class Printer:
    """The latest forms; older ones are forgotten."""

    _MOST = 50

    def __init__(self) -> None:
        self._forms: OrderedDict[str, Printed] = OrderedDict()

    def keep(self, form: Printed) -> None:
        """Keep one."""
        self._forms[form.ref] = form
        while len(self._forms) > self._MOST:
            self._forms.popitem(last=False)

    def get(self, ref: str) -> Printed:
        """One by its reference.

        Raises:
            Refusal: there is none.
        """
        if ref not in self._forms:
            raise not_found()
        return self._forms[ref]
