"""How a word is typed so that the shell in use takes it as one, and what a typed path means."""

from __future__ import annotations

import functools
import glob
import os
import re
import shlex
import sys
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Shell(StrEnum):
    """The kinds of shells that people type commands into."""

    POSIX = "posix"
    CMD = "cmd"
    POWERSHELL = "powershell"


# Shells of Windows leave "*" and "~" in paths to the programs.
_LEFT_TO_US = sys.platform == "win32"
# What no shell of Windows gives a meaning to; "~" and "@" do not begin a word here.
_PLAIN = re.compile(r"[A-Za-z0-9_./:\\+-][A-Za-z0-9_./:\\+~@-]*")


@functools.cache
def here() -> Shell:
    """The shell that this process was started from, as far as the system tells."""
    if sys.platform != "win32":
        return Shell.POSIX
    import shellingham  # noqa: PLC0415  (typer brings it; it reads the list of processes)

    try:
        name, _ = shellingham.detect_shell()
    except (shellingham.ShellDetectionFailure, OSError):
        return Shell.CMD
    known = {"powershell": Shell.POWERSHELL, "pwsh": Shell.POWERSHELL, "cmd": Shell.CMD}
    return known.get(name, Shell.POSIX)


def quoted(word: str, shell: Shell | None = None) -> str:
    """A word as it is typed.

    cmd.exe keeps ``%NAME%`` between quotes where there is such a variable; nothing that is typed
    there prevents it.

    Args:
        word: any printable text.
        shell: where it is typed; by default the shell that this process was started from.
    """
    shell = shell or here()
    if shell is Shell.POSIX:
        return shlex.quote(word)
    if _PLAIN.fullmatch(word):
        return word
    # Windows programs split their command line themselves: a quote inside is escaped by a
    # backslash, and so are backslashes in front of a quote.
    inner = re.sub(r'(\\*)"', r'\1\1\\"', word)
    inner = re.sub(r"(\\+)$", r"\1\1", inner)
    if shell is Shell.CMD:
        return f'"{inner}"'
    return f"'{inner.replace(chr(39), chr(39) * 2)}'"


def joined(words: Iterable[str], shell: Shell | None = None) -> str:
    """Words as they are typed, one after the other."""
    return " ".join(quoted(word, shell) for word in words)


def called(program: str, shell: Shell | None = None) -> str:
    """A program as it is called: PowerShell would print a quoted name."""
    shell = shell or here()
    written = quoted(program, shell)
    return f"& {written}" if shell is Shell.POWERSHELL and written != program else written


def paths(words: Iterable[str]) -> list[str]:
    """The files and folders that typed paths stand for; a path itself where there are none.

    Shells of POSIX have seen to that. No name of Windows has a ``*`` or ``?``, so none is taken for
    a pattern; ``[`` is no pattern in its shells.
    """
    found: list[str] = []
    for word in map(at_home, words):
        pattern = _LEFT_TO_US and {"*", "?"} & set(word)
        matches = glob.glob(word.replace("[", "[[]")) if pattern else []  # noqa: PTH207
        found += sorted(matches) or [word]
    return found


def at_home(word: str) -> str:
    """A typed path, with the home folder for a ``~`` in front that the shell left there."""
    left = _LEFT_TO_US and (word == "~" or word.startswith(("~/", "~\\")))
    return os.path.expanduser(word) if left else word  # noqa: PTH111  (a text, as it is typed)


def both(first: str, then: str, shell: Shell | None = None) -> str:
    """Two commands, the second where the first went well."""
    if (shell or here()) is Shell.POWERSHELL:  # Windows PowerShell 5.1 knows no "&&"
        return f"{first}; if ($?) {{ {then} }}"
    return f"{first} && {then}"
