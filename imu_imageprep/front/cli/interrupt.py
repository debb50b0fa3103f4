"""What Ctrl-C does: while a command loads it ends it at once, later it is a KeyboardInterrupt.

An exception in the middle of an import may be swallowed, told as a traceback, or taken for a
damaged installation. Nothing has been written then, so nothing has to be ended well.
"""

from __future__ import annotations

import contextlib
import os
import signal

TYPE_CHECKING = False  # typing takes longer to load than all of this
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

_INTERRUPTED = 130  # domain.errors.ExitCode, which is not loaded yet


def at_once() -> None:
    """Let Ctrl-C end the process from now on, unless someone else has a say in it."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _leave)


def as_usual() -> None:
    """Let Ctrl-C be a KeyboardInterrupt again."""
    if signal.getsignal(signal.SIGINT) is _leave:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextlib.contextmanager
def loading() -> Iterator[None]:
    """For what a command loads before it begins anything."""
    at_once()
    try:
        yield
    finally:
        as_usual()


@contextlib.contextmanager
def remembered() -> Iterator[Callable[[], None]]:
    """For long work: a Ctrl-C that other code swallows is heard all the same.

    Python swallows every exception in a finaliser, and one may run whenever Ctrl-C comes.

    Yields:
        What raises a KeyboardInterrupt if there was one.
    """
    heard = False

    def hear(number: int, frame: FrameType | None) -> None:
        nonlocal heard
        heard = True
        signal.default_int_handler(number, frame)

    def again() -> None:
        if heard:
            raise KeyboardInterrupt

    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield again  # someone else has a say in it
        return
    signal.signal(signal.SIGINT, hear)
    try:
        yield again
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _leave(number: int, frame: FrameType | None) -> None:
    del number, frame
    os._exit(_INTERRUPTED)
