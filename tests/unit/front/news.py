"""Waiting for what the page's windows are told."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from imu_imageprep.front.web.site import Site


async def until(site: Site, holds: Callable[[], bool]) -> None:
    """Wait for the windows to be told of it."""
    stream = site.events.stream({})
    async with asyncio.timeout(60):
        async for _ in stream:
            if holds():
                break
    await stream.aclose()  # type: ignore[attr-defined]
