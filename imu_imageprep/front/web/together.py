"""Photos that came together, by a drop or a typed folder: the others may make a doubt of one."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING, Any

from imu_imageprep.domain.albums import Turn, evidence
from imu_imageprep.domain.bursts import bursts
from imu_imageprep.domain.doubting import with_evidence
from imu_imageprep.front.web.entry import State
from imu_imageprep.front.web.refusals import wrong_state

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from imu_imageprep.bench import Handed
    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.front.web.album import Album
    from imu_imageprep.front.web.entry import Entry


class Together:
    """Which photos of the list are one album. Used by one event loop alone.

    Args:
        album: the list.
        look: has a photo looked at.
        refresh: judges a held photo again; with its lock held.
        quiet: seconds without a photo after which a drop is whole.
    """

    def __init__(
        self,
        album: Album,
        look: Callable[[Entry], None],
        refresh: Callable[[Entry], Awaitable[None]],
        quiet: float,
    ) -> None:
        self._album, self._look, self._refresh, self._quiet = album, look, refresh, quiet
        self._due: dict[str, asyncio.TimerHandle] = {}
        self._judging: set[asyncio.Task[Any]] = set()

    def turn_of(self, entry: Entry) -> Handed:
        """The photo, with what is known of its album for the turn that it has now.

        Raises:
            Refusal: it is done with, and was let go.
        """
        if entry.handed is None:
            raise wrong_state()
        if entry.together and not entry.put_off:
            entry.handed = dataclasses.replace(entry.handed, turn=Turn(waits=True))
        return entry.handed

    def looked(self, entry: Entry) -> None:
        """A photo had a turn; those that came with it may be complete."""
        name = entry.together
        if not name:
            return
        if (before := self._due.pop(name, None)) is not None:
            before.cancel()
        quiet = self._quiet if entry.run is None else 0.0
        self._due[name] = asyncio.get_running_loop().call_later(quiet, self._settle, name)

    def _settle(self, name: str) -> None:
        del self._due[name]
        entries = {one.id: one for one in self._album.all() if one.together == name}
        if any(one.waits for one in entries.values()):
            return  # the last of them asks again
        self._stand(entries)
        shots = {ident: one.receipt.shot for ident, one in entries.items() if one.receipt}
        for ident, logits in evidence(shots, shots.keys()).items():
            one = entries[ident]
            assert one.receipt is not None
            if one.put_off and one.receipt.put_off is not None:
                _lend(one, dataclasses.replace(one.receipt.put_off, evidence=logits))
                self._look(one)
            elif one.state is State.HELD and one.handed is not None:
                raised = _raises(one.receipt, logits)
                _lend(one, dataclasses.replace(one.handed.turn, waits=False, evidence=logits))
                if raised:
                    task = asyncio.get_running_loop().create_task(self._judge(one))
                    self._judging.add(task)
                    task.add_done_callback(self._judging.discard)

    def _stand(self, entries: Mapping[str, Entry]) -> None:
        """Note which of them are shots of one moment."""
        found = bursts({ident: one.glimpse for ident, one in entries.items() if one.glimpse})
        for ident, one in entries.items():
            if one.burst != found.get(ident):
                one.burst = found.get(ident)
                self._album.changed(one)

    async def _judge(self, entry: Entry) -> None:
        async with entry.lock:
            if self._album.there(entry):
                await self._refresh(entry)


def _lend(entry: Entry, turn: Turn) -> None:
    if entry.handed is not None:
        entry.handed = dataclasses.replace(entry.handed, turn=turn)


def _raises(receipt: Receipt, logits: float) -> bool:
    """Whether an album that grew makes a doubt of a photo that was let wait without one."""
    seen = with_evidence(receipt.examinations, logits)
    return sum(len(exam.findings) for exam in seen) > len(receipt.findings)
