"""What a shell asks while a command is typed, put so that typer understands it."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from imu_imageprep.shell import POWERSHELL_DOUBLE as _D
from imu_imageprep.shell import POWERSHELL_SINGLE as _S

if TYPE_CHECKING:
    from collections.abc import MutableMapping

_TYPED = "_TYPER_COMPLETE_ARGS"
_WIDTH = "TERMINAL_WIDTH"
_WIDE = "10000"

# A word of PowerShell is pieces: between quotes, typographic ones too, where a doubled quote is
# one; a backtick and what it is before; plain. The last piece may lack its end.
_PIECE = re.compile(
    rf"[{_S}]((?:[{_S}]{{2}}|[^{_S}])*)[{_S}]?|[{_D}]((?:[{_D}]{{2}}|`.|[^`{_D}])*)[{_D}]?"
    rf"|`.?|[^\s`{_S}{_D}]+",
    re.DOTALL,
)
_WORD = re.compile(f"(?:{_PIECE.pattern})+", re.DOTALL)
_DOUBLED = re.compile(f"[{_S}]([{_S}])")
_ESCAPED = re.compile(f"`(.)|[{_D}]([{_D}])", re.DOTALL)


def understood(asked: str, environment: MutableMapping[str, str]) -> None:
    """Mend the question of a shell.

    typer splits every line as a shell of POSIX does, to which the backslashes in a path of Windows
    are nothing but marks; and it breaks what it says of an offer into lines, each of which a shell
    takes for an offer.

    Args:
        asked: what a shell asks for, which names it: complete_bash.
        environment: where the shell has put it, and typer looks for it.
    """
    environment[_WIDTH] = _WIDE
    if asked in {"complete_powershell", "complete_pwsh"}:
        environment[_TYPED] = shlex.join(powershell_words(environment.get(_TYPED, "")))


def powershell_words(line: str) -> list[str]:
    """The words of a line as PowerShell takes them; variables stay as they are typed.

    Args:
        line: what is typed, which may end within a word, or between quotes.
    """
    return [_PIECE.sub(_meant, word[0]) for word in _WORD.finditer(line)]


def _meant(piece: re.Match[str]) -> str:
    single, double = piece.groups()
    if single is not None:
        return _DOUBLED.sub(r"\1", single)
    return _ESCAPED.sub(r"\1\2", piece[0] if double is None else double)
