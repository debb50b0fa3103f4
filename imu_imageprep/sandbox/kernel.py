"""What Linux takes from a process that asks for it, by the C library: no package does it for us.

Everything here is for good: neither the process nor what it begins can take any of it back.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import struct
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from imu_imageprep.domain.sandbox import ShutIn
from imu_imageprep.sandbox.filter import MACHINES, program

if TYPE_CHECKING:
    from collections.abc import Iterable

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38  # prctl(2)
_SECCOMP_MODE_FILTER = 2

# landlock(7): the same numbers on every kind of processor.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION, _PATH_BENEATH = 1, 1
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
# Rights to files that each version of the interface knows, of the earlier ones included.
_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
_NEWEST_RIGHTS = (1 << 16) - 1  # from version 5 on
_TCP, _SCOPES = 0b11, 0b11  # to bind and to connect; other processes' abstract sockets and signals
_SINCE_NETWORK, _SINCE_SCOPES = 4, 6

_MOST_FILES = 64
_PACKAGES = ("site-packages", "dist-packages", "lib-dynload")
# Where the loader looks for shared libraries besides those in the packages.
_SHARED = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache")


def shut_in() -> ShutIn:
    """Give up all that decoding does not need, as far as this system lets a process do so.

    Called in a process that has one thread and has not seen a photo yet. Nothing is raised: what
    could not be given up is told.
    """
    if sys.platform != "linux":
        return ShutIn()
    _limit()
    try:
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    except OSError:
        return ShutIn()
    # Landlock first: the filter leaves no call to ask for it.
    files = _succeeds(_keep_to, libraries())
    return ShutIn(files=files, network=_succeeds(_filter))


def die_with_parent(parent: int) -> None:
    """Have the system end this process when the thread that forked it ends, however it does."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            _prctl(_PR_SET_PDEATHSIG, 9)
        if os.getppid() != parent:  # it has ended already
            os._exit(1)


def libraries() -> tuple[Path, ...]:
    """Where Python, its packages and shared libraries lie: what a decoder may have to load yet."""
    ours = (str(Path(__file__).parent.parent), str(Path(os.__file__).parent))
    packages = (one for one in sys.path if one.endswith(_PACKAGES))
    every = dict.fromkeys((*ours, *packages, str(Path(sys.base_prefix, "lib")), *_SHARED))
    return tuple(path for path in map(Path, every) if path.exists())


def landlock() -> int:
    """The version of Landlock that the kernel has.

    Raises:
        OSError: it has none, or it is switched off.
    """
    return _call(_CREATE_RULESET, None, 0, _VERSION)


def _keep_to(folders: Iterable[Path]) -> None:
    """Open files below these folders for reading, and no others."""
    if sys.platform != "linux":
        raise OSError("only Linux has it")
    version = landlock()
    known = _RIGHTS.get(version, _NEWEST_RIGHTS)
    network = _TCP if version >= _SINCE_NETWORK else 0
    scopes = _SCOPES if version >= _SINCE_SCOPES else 0
    asked = struct.pack("=QQQ", known, network, scopes)
    size = 24 if scopes else 16 if network else 8
    rules = _call(_CREATE_RULESET, asked, size, 0)
    try:
        for folder in folders:
            may = _READ_FILE | _READ_DIR if folder.is_dir() else _READ_FILE
            at = os.open(folder, os.O_PATH | os.O_CLOEXEC)
            try:
                _call(_ADD_RULE, rules, _PATH_BENEATH, struct.pack("=Qi", may, at), 0)
            finally:
                os.close(at)
        _call(_RESTRICT_SELF, rules, 0)
    finally:
        os.close(rules)


def _filter() -> None:
    """Refuse every system call that decoding does not need."""
    if sys.platform != "linux":
        raise OSError("only Linux has it")
    machine = MACHINES.get(os.uname().machine)
    if machine is None or sys.byteorder != "little" or sys.maxsize < 1 << 32:
        raise OSError("no list of calls for this kind of processor")
    instructions = program(machine, os.getpid())
    held = ctypes.create_string_buffer(instructions, len(instructions))
    packed = struct.pack("@HP", len(instructions) // 8, ctypes.addressof(held))
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, packed)


def _limit() -> None:
    """No file grows, few are open, and no core dump holds pixels."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415  (Windows has none)

    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, _MOST_FILES),
    ):
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(what, (most, most))


def _succeeds(work: object, *args: object) -> bool:
    assert callable(work)
    try:
        work(*args)
    except OSError:
        return False
    return True


@functools.cache
def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    return libc


def _prctl(option: int, *args: object) -> None:
    libc = _libc()
    padded = [_argument(one) for one in (*args, 0, 0, 0, 0)[:4]]
    if libc.prctl(ctypes.c_int(option), *padded):
        raise OSError(ctypes.get_errno(), "prctl")


def _call(number: int, *args: object) -> int:
    libc = _libc()
    done = int(libc.syscall(ctypes.c_long(number), *map(_argument, args)))
    if done < 0:
        raise OSError(ctypes.get_errno(), "syscall")
    return done


def _argument(value: object) -> object:
    """What the C library takes as a whole register."""
    return ctypes.c_long(value) if isinstance(value, int) else value
