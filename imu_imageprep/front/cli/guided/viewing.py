"""Pictures on terminals that can show them; they come from memory and leave no file."""

from __future__ import annotations

import base64
import io
import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TextIO

    from PIL.Image import Image

_CHUNK = 4096  # kitty's graphics protocol: at most so many bytes of base64 in one escape
_SIXEL = ("foot", "mlterm", "contour", "yaft")
_KONSOLE = 220_400  # 22.04 was the first to show sixel
_COLOURS = 128  # terminals promise 256 registers at most, some of which they use themselves
_BAND = 6
_ZERO = 63  # the character of six pixels that are not drawn
_RUN = re.compile(r"(.)\1{3,}")


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

    return sixel(Image.open(io.BytesIO(jpeg)).convert("RGB")) + "\n"


def sixel(picture: Image) -> str:
    """The picture as one sixel sequence: six rows of pixels at a time, one colour after the other.

    DEC's Programmer Reference Manual of the VT330/VT340, chapter 14, describes the format.

    Args:
        picture: in RGB.
    """
    few = picture.quantize(_COLOURS)
    palette = np.asarray(few.getpalette(), np.uint8).reshape(-1, 3)
    indices = np.asarray(few)
    height, width = indices.shape
    # Colours are told in hundredths (Pu = 2: RGB).
    registers = "".join(
        "#{};2;{};{};{}".format(number, *(round(int(value) * 100 / 255) for value in colour))
        for number, colour in enumerate(palette)
    )
    bands = "-".join(_band(indices[top : top + _BAND]) for top in range(0, height, _BAND))
    # P2 = 1: what is not drawn stays as it is; pixels are as wide as high.
    return f'\x1bP0;1;0q"1;1;{width};{height}{registers}{bands}\x1b\\'


def _band(rows: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> str:
    """Up to six rows; each colour of theirs begins at the left again."""
    weights = (1 << np.arange(len(rows), dtype=np.uint8))[:, None]
    lines = []
    for number in np.unique(rows):
        drawn = ((rows == number) * weights).sum(0).astype(np.uint8) + _ZERO
        runs = _RUN.sub(lambda run: f"!{len(run[0])}{run[1]}", drawn.tobytes().decode("ascii"))
        lines.append(f"#{number}{runs}")
    return "$".join(lines)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0


def _write(output: TextIO, text: str) -> None:
    output.write(text)
    output.flush()
