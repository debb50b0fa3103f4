"""The system calls that are left to a decoder, as a program for the kernel (seccomp-BPF).

What is not named here is refused: sockets, programs, processes, other processes' memory and
signals, files opened for writing, and every call that will be invented. A refusal is an error
number and no end, so that a library which only asks gets an answer.
"""

from __future__ import annotations

import errno
import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


class Machine(NamedTuple):
    """What the kernel calls a kind of processor (linux/audit.h), and its column in the table."""

    audit: int
    column: int


MACHINES = {"x86_64": Machine(0xC000003E, 0), "aarch64": Machine(0xC00000B7, 1)}

# The numbers on x86-64 (arch/x86/entry/syscalls/syscall_64.tbl) and on ARM64, which has the
# kernel's generic ones (include/uapi/asm-generic/unistd.h).
_ALLOWED: dict[str, tuple[int | None, int | None]] = {
    # what is open
    "read": (0, 63), "write": (1, 64), "readv": (19, 65), "writev": (20, 66),
    "pread64": (17, 67), "lseek": (8, 62), "close": (3, 57), "fcntl": (72, 25), "dup": (32, 23),
    "fstat": (5, 80), "poll": (7, None), "ppoll": (271, 73), "getdents64": (217, 61),
    # whether its libraries are there
    "stat": (4, None), "lstat": (6, None), "newfstatat": (262, 79), "statx": (332, 291),
    "access": (21, None), "faccessat": (269, 48), "faccessat2": (439, 439),
    "readlink": (89, None), "readlinkat": (267, 78), "getcwd": (79, 17),
    # memory
    "mmap": (9, 222), "mprotect": (10, 226), "munmap": (11, 215), "mremap": (25, 216),
    "brk": (12, 214), "madvise": (28, 233),
    # threads of its own, signals to itself, and time
    "futex": (202, 98), "set_robust_list": (273, 99), "rseq": (334, 293), "membarrier": (324, 283),
    "set_tid_address": (218, 96), "sched_yield": (24, 124), "sched_getaffinity": (204, 123),
    "arch_prctl": (158, None), "getcpu": (309, 168),
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132), "restart_syscall": (219, 128),
    "nanosleep": (35, 101), "clock_nanosleep": (230, 115), "clock_gettime": (228, 113),
    "clock_getres": (229, 114), "gettimeofday": (96, 169), "setitimer": (38, 103),
    # what it is
    "getpid": (39, 172), "gettid": (186, 178), "getppid": (110, 173), "getuid": (102, 174),
    "getgid": (104, 176), "geteuid": (107, 175), "getegid": (108, 177), "uname": (63, 160),
    "getrlimit": (97, 163), "getrusage": (98, 165), "times": (100, 153), "sysinfo": (99, 179),
    "getrandom": (318, 278), "exit": (60, 93), "exit_group": (231, 94),
}  # fmt: skip
_OPEN, _OPENAT = (2, None), (257, 56)
_KILL, _TGKILL = (62, 129), (234, 131)
_CLONE, _IOCTL, _PRLIMIT64 = (56, 220), (16, 29), (302, 261)

# Flags of open(2) with which a file could be written or made; O_TMPFILE without O_DIRECTORY.
_WRITES = 0o3 | 0o100 | 0o1000 | 0o20000000
# Of clone(2): a thread of this process, in the same namespaces.
_THREAD = 0x10000
_NAMESPACES = 0x7E020000
# Of ioctl(2): whether a file is a terminal, and closing it for programs.
_HARMLESS = (0x5401, 0x5451)
# Newer calls than this are asked for with an older one to fall back on, where they are unknown.
_FALL_BACK = 424
_OTHER_ABI = 0x40000000  # x86-64 with short pointers: the same calls by other numbers

_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16  # places in struct seccomp_data
_LOAD, _EQUAL, _AT_LEAST, _SET, _AND, _RETURN = (
    0x20,
    0x15,
    0x35,
    0x45,
    0x54,
    0x06,
)  # linux/bpf_common.h
_KILL_PROCESS, _ERRNO, _ALLOW = 0x80000000, 0x00050000, 0x7FFF0000


def program(machine: Machine, pid: int) -> bytes:
    """Instructions of four numbers each: what to do, where to jump if true and if false, a value.

    Args:
        machine: the kind of processor.
        pid: of the process that is to be shut in: it may signal itself alone.
    """
    return b"".join(struct.pack("=HBBI", *one) for one in _instructions(machine, pid))


def _instructions(machine: Machine, pid: int) -> Iterator[tuple[int, int, int, int]]:
    yield _LOAD, 0, 0, _ARCH
    yield _EQUAL, 1, 0, machine.audit
    yield _RETURN, 0, 0, _KILL_PROCESS
    yield _LOAD, 0, 0, _NUMBER
    yield _AT_LEAST, 0, 1, _OTHER_ABI
    yield _RETURN, 0, 0, _KILL_PROCESS
    for numbers in _ALLOWED.values():
        number = numbers[machine.column]
        if number is not None:
            yield _EQUAL, 0, 1, number
            yield _RETURN, 0, 0, _ALLOW
    for numbers, checks in (
        (_OPEN, _none_of(1, _WRITES)),
        (_OPENAT, _none_of(2, _WRITES)),
        (_KILL, _one_of(0, pid)),
        (_TGKILL, _one_of(0, pid)),
        (_IOCTL, _one_of(1, *_HARMLESS)),
        (_CLONE, [(_LOAD, 0, 0, _low(0)), (_AND, 0, 0, _THREAD | _NAMESPACES), *_equals(_THREAD)]),
        (_PRLIMIT64, _no_pointer(2)),  # limits may be asked for, and not set
    ):
        number = numbers[machine.column]
        if number is not None:
            yield _EQUAL, 0, len(checks) + 1, number
            yield from checks
            yield _RETURN, 0, 0, _ERRNO | errno.EPERM
    yield _AT_LEAST, 0, 1, _FALL_BACK
    yield _RETURN, 0, 0, _ERRNO | errno.ENOSYS
    yield _RETURN, 0, 0, _ERRNO | errno.EPERM


def _low(argument: int) -> int:
    """The place of an argument's lower half; both kinds of processor put it first."""
    return _ARGUMENTS + 8 * argument


def _none_of(argument: int, bits: int) -> list[tuple[int, int, int, int]]:
    return [(_LOAD, 0, 0, _low(argument)), (_SET, 1, 0, bits), (_RETURN, 0, 0, _ALLOW)]


def _one_of(argument: int, *values: int) -> list[tuple[int, int, int, int]]:
    checks = [step for value in values for step in _equals(value)]
    return [(_LOAD, 0, 0, _low(argument)), *checks]


def _no_pointer(argument: int) -> list[tuple[int, int, int, int]]:
    low, high = _low(argument), _low(argument) + 4
    # A lower half that is not 0 stays loaded, and fails the last comparison.
    return [(_LOAD, 0, 0, low), (_SET, 1, 0, 0xFFFFFFFF), (_LOAD, 0, 0, high), *_equals(0)]


def _equals(value: int) -> list[tuple[int, int, int, int]]:
    return [(_EQUAL, 0, 1, value), (_RETURN, 0, 0, _ALLOW)]
