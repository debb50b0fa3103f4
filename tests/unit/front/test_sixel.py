"""Sixel graphics, read back by a reader of the tests' own."""

from __future__ import annotations

import re

import numpy as np
import pytest
from pictures import scene
from PIL import Image

from imu_imageprep.front.cli.guided.viewing import sixel

_TOKENS = re.compile(r"#(\d+);2;(\d+);(\d+);(\d+)|#(\d+)|!(\d+)(.)|([?-~])|([-$])")


def read(text: str) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    """What a terminal draws; -1 where nothing was drawn."""
    head = re.match(r'\x1bP[\d;]*q"1;1;(\d+);(\d+)', text)
    assert head
    assert text.endswith("\x1b\\")
    width, height = int(head[1]), int(head[2])
    drawn = np.full((height + 6, width, 3), -1, np.int16)
    colours, colour, x, top = {}, 0, 0, 0
    body = text[head.end() : -2]
    assert _TOKENS.sub("", body) == ""
    for register, r, g, b, chosen, count, repeated, single, control in _TOKENS.findall(body):
        if register:
            colours[int(register)] = [round(int(part) * 2.55) for part in (r, g, b)]
        elif chosen:
            colour = int(chosen)
        elif control:
            x, top = 0, top + 6 * (control == "-")
        else:
            bits = ord(repeated or single) - 63
            end = x + int(count or 1)
            for row in range(6):
                if bits >> row & 1:
                    assert (drawn[top + row, x:end] == -1).all()
                    drawn[top + row, x:end] = colours[colour]
            x = end
    assert (drawn[height:] == -1).all()
    return drawn[:height]


@pytest.mark.parametrize(("width", "height"), [(60, 40), (7, 6), (1, 1), (33, 13)])
def test_a_terminal_draws_every_pixel_once_and_nearly_as_it_was(width: int, height: int) -> None:
    picture = scene(width, height)
    drawn = read(sixel(picture))
    assert (drawn >= 0).all()
    assert np.abs(drawn - np.asarray(picture.quantize(128).convert("RGB"), np.int16)).max() <= 2


def test_runs_are_shortened() -> None:
    assert len(sixel(Image.new("RGB", (600, 6)))) < 100
