"""A person at a terminal: lines said and lines typed."""

from __future__ import annotations

import os
import select
import shutil
import signal
import sys
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from imu_imageprep.front.cli import summary

if TYPE_CHECKING:
    from typing import TextIO

_COLUMNS = 80


class Terminal(Protocol):
    """Where a conversation takes place."""

    def say(self, text: str = "", indent: str = "") -> None:
        """Show a paragraph, folded to the width; lines after its first begin with the indent."""
        ...

    def show(self, line: str) -> None:
        """Show a line as it is, such as a command that a person may copy."""
        ...

    def ask(self, prompt: str) -> str:
        """Show a prompt and wait for a line; returns it without spaces around it.

        Raises:
            EOFError: there is nobody any more.
        """
        ...


@dataclass(frozen=True, slots=True)
class Console:
    """The terminal that the program runs in: says on stderr, so that results keep stdout."""

    output: TextIO
    input: TextIO

    @classmethod
    def there(cls) -> Console | None:
        """The console, where a person sits at it."""
        there = sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()
        return cls(sys.stderr, sys.stdin) if there else None

    def say(self, text: str = "", indent: str = "") -> None:
        """Show a paragraph, folded to the width of the terminal, at most 80 columns."""
        width = min(_COLUMNS, shutil.get_terminal_size((_COLUMNS, 24)).columns) - 1
        folded = textwrap.wrap(
            text,
            max(width, 30),
            subsequent_indent=indent,
            drop_whitespace=True,
            break_on_hyphens=False,
            break_long_words=False,
        )
        # The spaces that a paragraph begins with are meant.
        summary.shown(folded or [""], self.output)

    def show(self, line: str) -> None:
        """Show a line as it is."""
        summary.shown([line], self.output)

    def ask(self, prompt: str) -> str:
        """Show a prompt and wait for a line."""
        # Not input(): with stdout in a pipe it would write the prompt there, among the results.
        self.output.write(summary.writable(prompt, self.output))
        self.output.flush()
        if self.input.isatty():
            wait_for_line(self.input)
        line = self.input.readline()
        if not line:
            self.output.write("\n")
            raise EOFError
        return line.strip()


def wait_for_line(terminal: TextIO) -> None:
    """Wait until a line was typed, or Ctrl-C was pressed.

    A signal that arrives when a read is about to begin does not end it: Ctrl-C would go unheard
    until another key. Python writes every signal to the wakeup descriptor, which is waited for too.
    Windows waits for neither, and its reads do end.
    """
    if sys.platform == "win32":
        return
    heard, wakeup = os.pipe()
    os.set_blocking(wakeup, False)
    before = signal.set_wakeup_fd(wakeup)
    try:
        select.select([terminal.fileno(), heard], [], [])
    finally:
        signal.set_wakeup_fd(before)
        os.close(heard)
        os.close(wakeup)
