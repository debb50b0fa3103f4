"""Pictures on terminals that can show them; they come from memory and leave no file."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TextIO

_CHUNK = 4096  # kitty's graphics protocol: at most so many bytes of base64 in one escape
_SIXEL = ("foot", "mlterm", "contour", "yaft")
_KONSOLE = 220_400  # 22.04 was the first to show sixel


def shower(environment: Mapping[str, str], output: TextIO) -> Callable[[bytes], None] | None:
    """What shows a JPEG file's bytes on this terminal; None where nothing is known to do it.

    Known by their environment: kitty (its graphics protocol), iTerm2 and WezTerm (iTerm2's inline
    images), foot, mlterm, Contour, yaft and Konsole (sixel). Others that know sixel would have to
    be asked by an escape whose answer could mix with what a person types. Within tmux or screen
    none passes through.

    Args:
        environment: of the process.
        output: the terminal.
    """
    if environment.get("TMUX") or environment.get("STY"):
        return None
    terminal = environment.get("TERM", "")
    if terminal == "xterm-kitty":
        return lambda jpeg: _write(output, kitty(jpeg))
    if environment.get("TERM_PROGRAM") in ("iTerm.app", "WezTerm"):
        return lambda jpeg: _write(output, iterm(jpeg))
    if terminal.startswith(_SIXEL) or _number(environment.get("KONSOLE_VERSION")) >= _KONSOLE:
        return lambda jpeg: _write(output, sixels(jpeg))
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


def sixels(jpeg: bytes) -> str:
    """The picture as sixel graphics."""
    from PIL import Image  # noqa: PLC0415  (only a person who asks needs it)

    from imu_imageprep.front.cli.guided.sixel import sixel  # noqa: PLC0415

    return sixel(Image.open(io.BytesIO(jpeg)).convert("RGB")) + "\n"


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0


def _write(output: TextIO, text: str) -> None:
    output.write(text)
    output.flush()
