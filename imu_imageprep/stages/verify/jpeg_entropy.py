"""Follow a sequential JPEG scan's Huffman codes to the last bit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from imu_imageprep.stages.verify.reading import Broken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# Bits looked at together are one longest code (ITU-T T.81, C.2: 16 bits).
_WINDOW = 16

# Coefficient steps besides a run: the end of a block, and a code that the table does not have.
_END_OF_BLOCK, _NO_CODE = 128, 192
_COEFFICIENTS = 64

# Codes passed at once where they fit into one window: three take a third less time than one, with
# the tables laid out for them; a fourth fits too seldom.
_AT_ONCE = 3

# Bytes looked up at once, which bounds memory, and bytes that one unit may need beyond them: at
# most 10 blocks (B.2.3) of 64 codes of 16 bits with 15 more bits each.
_CHUNK, _SLACK = 1 << 15, 4096

_TOO_SHORT = "picture data that ends too early"


@dataclass(frozen=True, slots=True, eq=False)
class HuffmanTable:
    """For each 16 bits at a position: how many bits and coefficients the code there takes.

    Attributes:
        advance: code length plus the extra bits that follow it, 65,536 numbers; 0 where no code
            fits.
        step: coefficients passed, as many.
    """

    advance: bytes = field(repr=False)
    step: bytes = field(repr=False)

    @classmethod
    def build(cls, counts: bytes, symbols: bytes, *, ac: bool) -> HuffmanTable:
        """Lay out a table (T.81, C.2: codes are given in order of length, counting up).

        Args:
            counts: number of codes of each length 1..16.
            symbols: their values; F.1.2 says what they mean for DC and AC coefficients.
            ac: whether it is a table for AC coefficients.

        Raises:
            Broken: there are more codes than fit.
        """
        advance = np.zeros(1 << _WINDOW, np.uint8)
        step = np.full(1 << _WINDOW, _NO_CODE, np.uint8)
        at, values = 0, iter(symbols)
        for length, count in enumerate(counts, 1):
            span = 1 << (_WINDOW - length)
            for symbol in (next(values) for _ in range(count)):
                # The code of all ones is reserved, so the last span always stays free.
                if at + span >= 1 << _WINDOW:
                    raise Broken("a damaged Huffman table")
                run, extra = (symbol >> 4, symbol & 15) if ac else (0, symbol)
                advance[at : at + span] = length + extra
                end_of_block = ac and extra == 0 and run != 15  # noqa: PLR2004  (15 skips 16 zeros)
                step[at : at + span] = _END_OF_BLOCK if end_of_block else run + 1
                at += span
        return cls(advance.tobytes(), step.tobytes())

    def several(self) -> HuffmanTable:
        """The same table with as many whole codes passed at once as a window holds.

        A block's last coefficient ends it without a code, so what follows in the window may belong
        to the next block: then more than all coefficients are passed, and never exactly all.
        """
        first_advance = advance = np.frombuffer(self.advance, np.uint8)
        first_step = step = np.frombuffer(self.step, np.uint8)
        windows = np.arange(1 << _WINDOW, dtype=np.uint32)
        for _ in range(_AT_ONCE - 1):
            # What is shifted in is unknown, so the next code counts only if it ends before that.
            after = (windows << advance).astype(np.uint16)
            next_advance, next_step = first_advance.take(after), first_step.take(after)
            more = (step < _END_OF_BLOCK) & (advance + next_advance <= _WINDOW)
            advance = advance + next_advance * more
            step = step + next_step * more
        return HuffmanTable(advance.tobytes(), step.tobytes())


def follow(
    pieces: Sequence[bytes],
    blocks: Sequence[tuple[HuffmanTable, HuffmanTable]],
    units: Sequence[int],
) -> None:
    """Follow the codes of a sequential scan and compare their end with the data's end.

    Every interval has to end with its picture, but for fewer than 8 padding bits that are all one
    (T.81, F.1.2.3).

    Args:
        pieces: the data of each restart interval, as in the file.
        blocks: DC and AC table of every block of one minimum coded unit, in order.
        units: number of minimum coded units in each restart interval.

    Raises:
        Broken: codes and data do not end together, or a code means nothing.
    """
    plain = [piece.replace(b"\xff\x00", b"\xff") for piece in pieces]
    data = np.frombuffer(b"".join(plain) + bytes(_SLACK), np.uint8)
    total = 8 * (len(data) - _SLACK)
    bit, end, base, limit = 0, 0, 0, 0
    several = {ac: ac.several() for ac in {ac for _, ac in blocks}}
    tables = []
    for dc, ac in blocks:
        many = several[ac]
        tables.append((dc.advance, many.advance, many.step, ac.advance, ac.step))
    windows: memoryview[int] = memoryview(b"").cast("H")
    for piece, count in zip(plain, units, strict=True):
        end += 8 * len(piece)
        for _ in range(count):
            if bit - base >= limit:
                if bit >= end:
                    raise Broken(_TOO_SHORT)
                base = bit & ~7
                limit = min(8 * _CHUNK, total - base)
                windows = _windows(data[base >> 3 :][: _CHUNK + _SLACK])
            bit = base + _unit(tables, windows, bit - base)
        _check_end(piece, end - bit)
        bit = end


def _unit(
    tables: list[tuple[bytes, bytes, bytes, bytes, bytes]], windows: memoryview[int], at: int
) -> int:
    """Pass the blocks of one unit; returns the bit after it."""
    for dc, advance, step, advance_by_one, step_by_one in tables:
        known = dc[windows[at]]
        at += known
        start, k = at, 1
        while k < _COEFFICIENTS:
            window = windows[at]
            k += step[window]
            at += advance[window]
        if k != _COEFFICIENTS and not _END_OF_BLOCK < k < _NO_CODE:
            # The block is damaged, or it ends between two codes that were passed at once.
            at, k = start, 1
            while k < _COEFFICIENTS:
                window = windows[at]
                k += step_by_one[window]
                at += advance_by_one[window]
        if not known or (k != _COEFFICIENTS and not _END_OF_BLOCK < k < _NO_CODE):
            raise Broken("picture data with a code that means nothing")
    return at


def _check_end(piece: bytes, left: int) -> None:
    """Check the bits that an interval has left after its last code."""
    if left < 0:
        raise Broken(_TOO_SHORT)
    if left >= 8:  # noqa: PLR2004  (a whole byte)
        raise Broken("bytes after the last part of the picture data")
    if left and ~piece[-1] & ((1 << left) - 1):
        raise Broken("padding bits that are not plain")


def _windows(data: NDArray[np.uint8]) -> memoryview[int]:
    """The 16 bits at every bit."""
    wide = data.astype(np.uint32)
    three = wide[:-2] << 16 | wide[1:-1] << 8 | wide[2:]
    windows = np.empty((len(three), 8), np.uint16)
    for shift in range(8):
        windows[:, shift] = three >> (8 - shift)
    return memoryview(windows.tobytes()).cast("H")
