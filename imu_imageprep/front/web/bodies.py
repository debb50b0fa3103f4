"""Reading what a browser sends, within bounds of size and time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from starlette.requests import ClientDisconnect

from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.front.web.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from imu_imageprep.front.web.settings import Bounds

_LABEL = 200
_PARTS = 12
# Bytes of a refused JSON body that are read, and thrown away, before the refusal.
_HEARD_OUT = 1 << 20


def announced(request: Request, most: int) -> int:
    """How many bytes come, as the browser says; the most that are taken where it does not.

    Raises:
        Refusal: more than ``most``.
    """
    told = request.headers.get("content-length", "")
    size = int(told) if told.isdecimal() else most
    if size > most:
        raise too_large(most)
    return size


async def body(request: Request, most: int, bounds: Bounds) -> bytes:
    """The body, read as it comes.

    Args:
        request: the request.
        most: the largest body that is taken, in bytes.
        bounds: the longest pause, and the slowest upload.

    Raises:
        Refusal: too large, too slow, or cut off.
    """
    return b"".join([chunk async for chunk in _chunks(request, most, bounds)])


async def heard_out(request: Request, most: int, bounds: Bounds) -> None:
    """Read a body that is refused, up to ``most`` bytes, and throw it away.

    Whoever is still sending when the connection closes may never hear the answer.
    """
    with contextlib.suppress(Refusal):
        async for _ in _chunks(request, most, bounds):
            pass


async def _chunks(request: Request, most: int, bounds: Bounds) -> AsyncIterator[bytes]:
    size = 0
    stream = request.stream()
    loop = asyncio.get_running_loop()
    begun = loop.time()
    try:
        while True:
            patience = begun + bounds.pause_seconds + size / bounds.slowest - loop.time()
            async with asyncio.timeout(min(bounds.pause_seconds, max(0.0, patience))):
                chunk = await anext(stream, None)
            if chunk is None:
                return
            size += len(chunk)
            if size > most:
                raise too_large(most)
            yield chunk
    except TimeoutError:
        raise Refusal(
            408, "slow", "The file came too slowly, so it was not added.", "Try it again."
        ) from None
    except ClientDisconnect:
        raise Refusal(400, "usage", "Only a part of the file came.", "Try it again.") from None


def too_large(most: int) -> Refusal:
    """The refusal of a body that is too large."""
    return Refusal(
        413,
        "too-large",
        f"This is larger than the limit of {most / 1e6:g} MB.",
        "Save it smaller, or raise limits.bytes in the configuration.",
    )


async def values(request: Request, bounds: Bounds) -> dict[str, Any]:
    """The JSON object of a body; an empty body is an empty object.

    Raises:
        Refusal: too large, too slow, or no JSON object.
    """
    try:
        announced(request, bounds.json_bytes)
    except Refusal:
        await heard_out(request, _HEARD_OUT, bounds)
        raise
    data = await body(request, bounds.json_bytes, bounds)
    if not data:
        return {}
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        raise Refusal(415, "type", "This is not JSON.", "Load the page again.")
    try:
        read = json.loads(data)
        # Half of a character, as "\ud83d", can be neither written down nor sent back.
        json.dumps(read, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise UsageProblem("This is not a JSON object.", "Load the page again.")
    return read


def text(told: dict[str, Any], name: str, *, needed: bool = True) -> str:
    """A text among the values.

    Raises:
        UsageProblem: it is missing, or something else.
    """
    value = told.get(name)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or (needed and not value.strip()):
        raise UsageProblem(f"{name} is missing.", "Fill it in.")
    return value.strip()


def texts(told: dict[str, Any], name: str) -> tuple[str, ...]:
    """A list of texts among the values; missing is empty.

    Raises:
        UsageProblem: it is something else.
    """
    value = told.get(name) or []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise UsageProblem(f"{name} must be a list of texts.", "Load the page again.")
    return tuple(value)


def whole(told: dict[str, Any], name: str, least: int, most: int) -> int:
    """A whole number among the values.

    Raises:
        UsageProblem: it is missing, something else, or outside of the bounds.
    """
    value = told.get(name)
    if type(value) is not int or not least <= value <= most:
        raise UsageProblem(f"{name} is a number from {least} to {most}.", "Load the page again.")
    return value


def day(text: str) -> date:
    """A day, like 2026-03-04.

    Raises:
        UsageProblem: something else.
    """
    with contextlib.suppress(ValueError):
        return date.fromisoformat(text)
    raise UsageProblem("This is not a day.", "Write it like 2026-03-04.")


def box(value: object) -> tuple[int, int, int, int]:
    """Four whole numbers.

    Raises:
        UsageProblem: something else.
    """
    if isinstance(value, list) and len(value) == 4 and all(_is_pixel(n) for n in value):  # noqa: PLR2004
        x, y, w, h = (round(n) for n in value)
        return x, y, w, h
    raise UsageProblem("A box is four numbers: left, top, width, height.", "Draw it again.")


def boxes(told: dict[str, Any], name: str) -> list[tuple[int, int, int, int]]:
    """A list of boxes among the values; missing is empty.

    Raises:
        UsageProblem: it is something else.
    """
    value = told.get(name) or []
    if not isinstance(value, list):
        raise UsageProblem(f"{name} must be a list of boxes.", "Load the page again.")
    return [box(one) for one in value]


def _is_pixel(value: object) -> bool:
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1_000_000  # noqa: PLR2004
    )


def label(told: str) -> tuple[str, str]:
    """Folder and name of a dropped file, for people to read: never used as a path.

    Args:
        told: the relative path as the browser says it, percent-encoded.
    """
    parts = [_clean(part) for part in re.split(r"[/\\]", unquote(told, errors="replace"))]
    parts = [part for part in parts if part.strip(". ")]
    *folders, name = parts or ["photo"]
    return "/".join(folders[-_PARTS:]), name


def _clean(part: str) -> str:
    return "".join(char for char in part if char.isprintable())[:_LABEL].strip()
