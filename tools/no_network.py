"""Run a command where there is no network, and see whether it asked for one. Linux only.

    uv run python tools/no_network.py imageprep holiday/
    uv run python tools/no_network.py pytest tests/front

The command gets a network namespace of its own: the loopback device, and no route to anywhere.
Every connection beyond this machine is an error there, for Python and for compiled libraries alike,
and the kernel counts each packet that found no route, also where the error was swallowed. Looking
up a name counts too. Exit code: the command's; 3 where it asked for something beyond this machine;
77 where the system does not permit namespaces.
"""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

if sys.platform != "linux":
    raise SystemExit("Only Linux has network namespaces.")

import fcntl

ASKED, NOT_PERMITTED = 3, 77
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000  # sched.h
_SET_FLAGS, _UP, _RUNNING = 0x8914, 0x1, 0x40  # sockios.h, if.h
_NET = Path("/proc/self/net")


class Asked(NamedTuple):
    """What a namespace counted.

    Attributes:
        outside: packets and connections for which there was no route.
        loopback: packets that went from this machine to itself.
    """

    outside: int
    loopback: int


def shut() -> None:
    """Leave this process, and all that it starts, without a network.

    Raises:
        OSError: the system does not permit it.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    user = 0 if os.geteuid() == 0 else _NEW_USER
    if libc.unshare(user | _NEW_NETWORK):
        raise OSError(ctypes.get_errno(), "no namespace")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sH14x", b"lo", _UP | _RUNNING)
        fcntl.ioctl(any_socket, _SET_FLAGS, request)


def asked() -> Asked:
    """What was asked for since the namespace began."""
    names, numbers = (
        line.split() for line in (_NET / "snmp").read_text().splitlines() if line[:3] == "Ip:"
    )
    four = int(dict(zip(names, numbers, strict=True))["OutNoRoutes"])
    six = dict(line.split() for line in (_NET / "snmp6").read_text().splitlines())
    (loopback,) = (
        line.split() for line in (_NET / "dev").read_text().splitlines() if "lo:" in line
    )
    return Asked(four + int(six["Ip6OutNoRoutes"]), int(loopback[2]))


def main(arguments: Sequence[str]) -> int:
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        shut()
    except OSError as problem:
        print(f"no network namespace: {problem}", file=sys.stderr)
        return NOT_PERMITTED
    done = subprocess.run(arguments, check=False)
    found = asked()
    print(f"asked: {found.outside} beyond this machine, {found.loopback} on it", file=sys.stderr)
    return ASKED if found.outside else done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
