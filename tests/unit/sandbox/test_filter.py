"""The filter of system calls, followed step by step as the kernel does it, for both processors."""

from __future__ import annotations

import errno
import struct

import pytest

from imu_imageprep.sandbox.filter import MACHINES, program

ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
PERM, NOSYS = ERRNO | errno.EPERM, ERRNO | errno.ENOSYS
PID = 4711
X86, ARM = "x86_64", "aarch64"


def verdict(machine: str, number: int, *arguments: int, audit: int | None = None) -> int:
    """What the filter makes of a call."""
    padded = (*arguments, 0, 0, 0, 0, 0, 0)[:6]
    arch = MACHINES[machine].audit if audit is None else audit
    called = struct.pack("<IIQ6Q", number, arch, 0, *padded)
    steps = list(struct.iter_unpack("<HBBI", program(MACHINES[machine], PID)))
    held, at = 0, 0
    while True:
        code, yes, no, value = steps[at]
        at += 1
        if code == 0x06:
            return int(value)
        if code == 0x20:
            (held,) = struct.unpack_from("<I", called, value)
        elif code == 0x54:
            held &= value
        else:
            met = {0x15: held == value, 0x35: held >= value, 0x45: bool(held & value)}[code]
            at += yes if met else no


CALLS = {
    # name: (x86-64, ARM64), arguments, what comes of it
    "read": ((0, 63), (0,), ALLOW),
    "write": ((1, 64), (1,), ALLOW),
    "exit_group": ((231, 94), (0,), ALLOW),
    "openat for reading": ((257, 56), (0, 0, 0o2000000), ALLOW),
    "openat for writing": ((257, 56), (0, 0, 0o1), PERM),
    "openat for both": ((257, 56), (0, 0, 0o2), PERM),
    "openat that makes a file": ((257, 56), (0, 0, 0o100), PERM),
    "openat that empties a file": ((257, 56), (0, 0, 0o1000), PERM),
    "openat of an unnamed file": ((257, 56), (0, 0, 0o20000000), PERM),
    "a thread": ((56, 220), (0x3D0F00,), ALLOW),
    "a fork": ((56, 220), (0x1200011,), PERM),
    "a thread in a new network": ((56, 220), (0x40010000,), PERM),
    "a signal to itself": ((62, 129), (PID, 9), ALLOW),
    "a signal to its parent": ((62, 129), (PID - 1, 9), PERM),
    "a signal to all": ((62, 129), (0xFFFFFFFF, 9), PERM),
    "a signal to a thread of another": ((234, 131), (PID - 1, PID, 9), PERM),
    "to ask for a limit": ((302, 261), (0, 9, 0, 0x7F0000000000), ALLOW),
    "to set a limit": ((302, 261), (0, 9, 0x1000, 0), PERM),
    "to set a limit that lies high": ((302, 261), (0, 9, 0x100000000, 0), PERM),
    "whether it is a terminal": ((16, 29), (0, 0x5401), ALLOW),
    "to type on a terminal": ((16, 29), (0, 0x5412), PERM),
    "socket": ((41, 198), (2, 1, 0), PERM),
    "connect": ((42, 203), (3,), PERM),
    "execve": ((59, 221), (), PERM),
    "ptrace": ((101, 117), (), PERM),
    "process_vm_readv": ((310, 270), (), PERM),
    "unlinkat": ((263, 35), (), PERM),
    "memfd_create": ((319, 279), (), PERM),
    "bpf": ((321, 280), (), PERM),
    "clone3": ((435, 435), (), NOSYS),
    "io_uring_setup": ((425, 425), (), NOSYS),
    "one that is not invented": ((999, 999), (), NOSYS),
}


@pytest.mark.parametrize("machine", [X86, ARM])
@pytest.mark.parametrize("name", CALLS)
def test_a_call_is_allowed_or_refused(machine: str, name: str) -> None:
    numbers, arguments, wanted = CALLS[name]
    assert verdict(machine, numbers[MACHINES[machine].column], *arguments) == wanted


@pytest.mark.parametrize(
    ("number", "flags", "wanted"), [(2, 0o2000000, ALLOW), (2, 0o101, PERM), (85, 0, PERM)]
)
def test_the_older_calls_of_x86(number: int, flags: int, wanted: int) -> None:
    assert verdict(X86, number, 0, flags) == wanted


@pytest.mark.parametrize("machine", [X86, ARM])
def test_calls_by_other_numbers_end_the_process(machine: str) -> None:
    assert verdict(machine, 0, audit=0x40000003) == KILL  # 32 bits
    assert verdict(machine, 0x40000000 + 1) == KILL  # short pointers


@pytest.mark.parametrize("machine", [X86, ARM])
def test_no_jump_leads_out(machine: str) -> None:
    steps = list(struct.iter_unpack("<HBBI", program(MACHINES[machine], PID)))
    assert len(steps) < 4096
    for at, (code, yes, no, _) in enumerate(steps):
        if code in (0x15, 0x35, 0x45):
            assert at + 1 + max(yes, no) < len(steps)
