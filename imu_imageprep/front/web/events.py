"""Server-sent events: what changed, told to every open window."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

# A window that is this far behind is told to ask for everything again.
_MOST = 1000
_COMMENT_SECONDS = 15


class Events:
    """Tells windows what changed; telling never waits for a slow one."""

    def __init__(self) -> None:
        self.number = 0
        self._windows: set[asyncio.Queue[str | None]] = set()

    def tell(self, kind: str, data: Any) -> None:
        """Tell every window."""
        self.number += 1
        if not self._windows:
            return
        message = self._written(kind, data)
        for queue in self._windows:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(self._written("reload", {}))
            queue.put_nowait(message)

    def close(self) -> None:
        """End every stream once it has told what it has to."""
        for queue in self._windows:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(None)

    async def stream(self, hello: dict[str, Any]) -> AsyncIterator[str]:
        """What one window reads, from now on; it begins with the number of the last news before."""
        queue: asyncio.Queue[str | None] = asyncio.Queue(_MOST)
        self._windows.add(queue)
        try:
            yield self._written("hello", {**hello, "event": self.number})
            while True:
                try:
                    message = await asyncio.wait_for(queue.get(), _COMMENT_SECONDS)
                except TimeoutError:
                    yield ": still here\n\n"
                    continue
                if message is None:
                    return
                yield message
        finally:
            self._windows.discard(queue)

    def _written(self, kind: str, data: Any) -> str:
        return f"id: {self.number}\nevent: {kind}\ndata: {json.dumps(data)}\n\n"
