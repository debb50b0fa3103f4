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

from imu_imageprep.domain.lines import printable

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
# PowerShell takes typographic quotes for its own (PowerShell language specification, 2.3.5.2).
POWERSHELL_SINGLE, POWERSHELL_DOUBLE = "'\u2018\u2019\u201a\u201b", '"\u201c\u201d\u201e'
_CMD_OBEYS = re.compile(r'[()%!^"<>&|]')


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
    """A word as it is typed: one word to the shell, and nothing in it is obeyed.

    What is not printable, and would drive the terminal or end the line, is written as an escape.
    Shells of POSIX read it back; those of Windows have no such way, so that the word then names
    nothing.

    Args:
        word: any text.
        shell: where it is typed; by default the shell that this process was started from.
    """
    shell, shown = shell or here(), printable(word)
    if shell is Shell.POSIX:
        # fish lets a backslash escape within single quotes; between double ones all agree on it.
        plain = shlex.quote(word).replace("\\", "'\"\\\\\"'")
        return plain if word == shown else f"$'{_octal(word)}'"
    word = shown
    if _PLAIN.fullmatch(word):
        return word
    # Windows programs split their command line themselves: a quote inside is escaped by a
    # backslash, and so are backslashes in front of a quote.
    inner = re.sub(r'(\\*)"', r'\1\1\\"', word)
    inner = re.sub(r"(\\+)$", r"\1\1", inner)
    if shell is Shell.POWERSHELL:
        inner = re.sub(f"[{POWERSHELL_SINGLE}]", r"\g<0>\g<0>", inner)
        return f"'{inner}'"
    if {'"', "%"} & set(word):
        # To cmd.exe a quote is a quote also behind a backslash, and %NAME% a variable also between
        # quotes: there everything that it obeys has a caret, and nothing is between quotes.
        return _CMD_OBEYS.sub(r"^\g<0>", f'"{inner}"')
    return f'"{inner}"'


def _octal(word: str) -> str:
    """A word between ``$'`` and ``'`` (POSIX 2024; bash, zsh and ksh have it).

    Quotes and backslashes are numbers too: where a shell does not know ``$'``, it still finds the
    end, and the word names nothing.
    """
    return "".join(
        c
        if c == printable(c) and c not in "\\'"
        else "".join(f"\\{byte:03o}" for byte in _bytes(c))
        for c in word
    )


def _bytes(char: str) -> bytes:
    undecodable = "\udc80" <= char <= "\udcff"  # a byte of a name, as Python keeps it
    return char.encode("utf-8", "surrogateescape" if undecodable else "surrogatepass")


def typed(path: str) -> str:
    """The path of a photo or folder as it is typed, never to be taken for an option or a command.

    Args:
        path: as it was typed or found; an address of a store stays as it is.
    """
    bare = path.startswith("-") or not {os.sep, "/", "."} & set(path)
    return quoted(f"./{path}" if bare else path)


def joined(words: Iterable[str], shell: Shell | None = None) -> str:
    """Words as they are typed, one after the other."""
    return " ".join(quoted(word, shell) for word in words)


def called(program: str, shell: Shell | None = None) -> str:
    """A program as it is called: PowerShell would print a quoted name."""
    shell = shell or here()
    if shell is Shell.CMD:  # it looks for the program's end before it reads carets
        return program if _PLAIN.fullmatch(program) else f'"{program}"'
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
