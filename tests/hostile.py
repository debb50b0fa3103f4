"""A decoder that a photo takes over, and what it then tries; also a program.

    python tests/hostile.py decoder [--open]           a process that decodes, for ``Isolation``
    python tests/hostile.py [--open] imageprep ARGS    the whole product with such a decoder

``--open`` leaves the decoder as it was before: nothing is given up. What a photo wants done stands
behind its picture. Where it is done, the photo is decoded as if nothing were; where it is refused,
the error ends the process, as a crash does.
"""

from __future__ import annotations

import ctypes
import json
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

_MARK = b"\n#wants "


def photo(picture: bytes, *wanted: object) -> bytes:
    """A photo that takes its decoder over."""
    return picture + _MARK + json.dumps([*map(str, wanted)]).encode()


def _write(path: str) -> None:
    Path(path).write_bytes(b"taken")


def _connect(port: str) -> None:
    with socket.create_connection(("127.0.0.1", int(port)), 5):
        pass


def _send(port: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.sendto(b"taken", ("127.0.0.1", int(port)))


def _abstract(name: str) -> None:
    if sys.platform == "linux":
        with socket.socket(socket.AF_UNIX) as out:
            out.connect("\0" + name)


def _fork() -> None:
    if sys.platform == "linux":
        if pid := os.fork():
            os.waitpid(pid, 0)
        else:
            os._exit(0)


def _called(name: str, *args: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    if getattr(libc, name)(*map(ctypes.c_long, args)) < 0:
        raise OSError(ctypes.get_errno(), name)


def _trace() -> None:
    seize, detach = 0x4206, 17
    _called("ptrace", seize, os.getppid(), 0, 0)
    _called("ptrace", detach, os.getppid(), 0, 0)


def _peek() -> None:
    """Read a byte of the parent's memory (process_vm_readv)."""
    here = ctypes.create_string_buffer(1)
    maps = Path(f"/proc/{os.getppid()}/maps").read_text("ascii")
    there = int(maps.partition("-")[0], 16)
    ours = (ctypes.c_size_t * 2)(ctypes.addressof(here), 1)
    theirs = (ctypes.c_size_t * 2)(there, 1)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.process_vm_readv(os.getppid(), ours, 1, theirs, 1, 0) < 0:
        raise OSError(ctypes.get_errno(), "process_vm_readv")


def _unlimit() -> None:
    if sys.platform == "linux":
        import resource  # noqa: PLC0415  (Windows has none)

        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def _inherited() -> None:
    """Write to whatever files the parent left open: behind 0 to 2 and the conversation."""
    reached = 0
    for number in range(5, 4096):
        try:
            os.write(number, b"taken")
        except OSError:
            continue
        reached += 1
    if not reached:
        raise OSError("nothing is open")


def _fill_memory() -> None:
    held = []
    for _ in range(40):
        held.append(bytearray(1 << 30))
        held[-1][:: 1 << 21] = bytes(len(held[-1]) >> 21)


ATTACKS: dict[str, Callable[..., Any]] = {
    "read": lambda path: Path(path).read_bytes(),
    "list": os.listdir,
    "write": _write,
    "replace": os.replace,
    "delete": os.unlink,
    "make": os.mkdir,
    "link": os.symlink,
    "mode": lambda path: Path(path).chmod(0o777),
    "connect": _connect,
    "send": _send,
    "abstract": _abstract,
    "fork": _fork,
    "exec": lambda path: os.execv("/bin/sh", ["sh", "-c", f"echo taken > {path}"]),
    "signal": lambda: os.kill(os.getppid(), 0),
    "trace": _trace,
    "peek": _peek,
    "unlimit": _unlimit,
    "inherited": _inherited,
    "memory": _fill_memory,
    "spin": lambda: [None for _ in iter(int, 1)],
}


def taken_over() -> None:
    """Have photos take the decoder of this process over, and of those that it begins."""
    from imu_imageprep import sandbox  # noqa: PLC0415
    from imu_imageprep.domain.photo import Frame, Size  # noqa: PLC0415
    from imu_imageprep.sandbox import child  # noqa: PLC0415

    there = vars(child)
    honest_open, honest_render = there["open_picture"], there["render"]
    lies: list[str] = []

    def open_picture(data: bytes, *args: Any) -> Any:
        _, found, wanted = data.partition(_MARK)
        if found:
            attack, *given = json.loads(wanted)
            if attack == "lie":
                lies.append(given[0])
            else:
                ATTACKS[attack](*given)
        return honest_open(data, *args)

    def render(*args: Any) -> Frame:
        frame: Frame = honest_render(*args)
        if lies:
            sides = {"more": (4000, 3000), "huge": (10**6, 10**6), "less": (1, 1), "none": (0, 0)}
            size = Size(*sides[lies.pop()])
            return Frame(size, frame.rgb, size, frame.notes)
        return frame

    there.update(open_picture=open_picture, render=render)
    program = [sys.executable, "-P", __file__, *(["--open"] * ("--open" in sys.argv)), "decoder"]
    sandbox._isolation._command = tuple(program)  # those that are begun afresh
    if "--open" in sys.argv:
        from imu_imageprep.domain.sandbox import ShutIn  # noqa: PLC0415
        from imu_imageprep.sandbox import kernel  # noqa: PLC0415

        kernel.shut_in = ShutIn


# Workers are begun by multiprocessing, which runs this file in them by another name.
if __name__ in ("__main__", "__mp_main__"):
    taken_over()
if __name__ == "__main__":
    if "--open" in sys.argv:
        sys.argv.remove("--open")
    if sys.argv[1] == "decoder":
        from imu_imageprep.sandbox.child import main

        main()
    else:
        from imu_imageprep.front.cli import command

        del sys.argv[0]
        command()
