"""A ZIP that is written as it is sent: stored, and with nothing in it but names and pictures."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# The earliest that the format can say; the real times are nobody's business.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


class _Sent:
    """Takes what is written and hands it on; it cannot seek."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is kept back."""

    def taken(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data


def zipped(members: Iterable[tuple[str, Callable[[], bytes]]]) -> Iterator[bytes]:
    """A ZIP of members, piece by piece; each is read when it comes up.

    Args:
        members: name within the ZIP, and what reads its bytes.
    """
    sent = _Sent()
    with zipfile.ZipFile(sent, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]
        for name, read in members:
            entry = zipfile.ZipInfo(name, _NO_TIME)
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, read())
            yield sent.taken()
    yield sent.taken()


def numbered(names: Iterable[str]) -> Iterator[str]:
    """Names, the second of each kind numbered; capitals do not make a name another one."""
    taken: set[str] = set()
    for name in names:
        free, number = name, 1
        while free.casefold() in taken:
            number += 1
            stem, dot, suffix = name.rpartition(".")
            free = f"{stem}-{number}{dot}{suffix}" if dot else f"{name}-{number}"
        taken.add(free.casefold())
        yield free
