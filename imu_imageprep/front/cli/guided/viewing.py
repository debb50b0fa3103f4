"""Pictures on terminals that can show them; they come from memory and leave no file."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TextIO

_CHUNK = 4096  # kitty's graphics protocol: at most so many bytes of base64 in one escape


def shower(environment: Mapping[str, str], output: TextIO) -> Callable[[bytes], None] | None:
    """What shows a JPEG file's bytes on this terminal; None where nothing is known to do it.

    Known by their environment: kitty (its graphics protocol), iTerm2 and WezTerm (iTerm2's inline
    images). Within tmux or screen neither passes through.

    Args:
        environment: of the process.
        output: the terminal.
    """
    if environment.get("TMUX") or environment.get("STY"):
        return None
    if environment.get("TERM") == "xterm-kitty":
        return lambda jpeg: _write(output, kitty(jpeg))
    if environment.get("TERM_PROGRAM") in ("iTerm.app", "WezTerm"):
        return lambda jpeg: _write(output, iterm(jpeg))
    return None


def iterm(jpeg: bytes) -> str:
    """The picture as iTerm2's inline image."""
    data = base64.b64encode(jpeg).decode()
    return f"\x1b]1337;File=inline=1;size={len(jpeg)};preserveAspectRatio=1:{data}\a\n"


def kitty(jpeg: bytes) -> str:
    """The picture in kitty's graphics protocol, which takes PNG (f=100)."""
    from PIL import Image  # noqa: PLC0415  (only a person who asks needs it)

    buffer = io.BytesIO()
    Image.open(io.BytesIO(jpeg)).save(buffer, "PNG", compress_level=1)
    data = base64.b64encode(buffer.getvalue()).decode()
    chunks = [data[start : start + _CHUNK] for start in range(0, len(data), _CHUNK)]
    parts = []
    for number, chunk in enumerate(chunks, 1):
        keys = "a=T,f=100," if number == 1 else ""
        parts.append(f"\x1b_G{keys}m={int(number < len(chunks))};{chunk}\x1b\\")
    return "".join(parts) + "\n"


def _write(output: TextIO, text: str) -> None:
    output.write(text)
    output.flush()
