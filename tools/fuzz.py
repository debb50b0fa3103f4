"""Feed damaged files to the stages and report whatever they do besides answering.

    python tools/fuzz.py CORPUS --runs 100000 --seed 1
    python tools/fuzz.py CORPUS --runs 1 --seed 1 --start 4711 --keep FOLDER     # repeat one run

Every run takes a file from the folder CORPUS, damages it (bits, lengths, cuts, splices, parts that
come twice) and hands it to the stages: inspect, sniff, describe, decode, and export, which is
decode to a small picture, encode and verify. Answering or raising InputProblem is fine; anything
else is printed as found, an answer that takes more than 10 seconds too. The same corpus, seed and
number of a run always give the same bytes, whatever the other runs were. Should a codec take the
process with it, the file named by --trace holds the number of the run under way. Exit code 1 if
anything was found.
"""

from __future__ import annotations

import argparse
import faulthandler
import io
import random
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from imu_imageprep.domain.errors import InputProblem
from imu_imageprep.domain.photo import EXPORT_FORMATS, Photo, Size
from imu_imageprep.domain.policy import ExportRules, Limits
from imu_imageprep.stages.decode import decode
from imu_imageprep.stages.encode import encode
from imu_imageprep.stages.fit import fit
from imu_imageprep.stages.metadata import describe
from imu_imageprep.stages.read import from_bytes, sniff
from imu_imageprep.stages.verify import inspect, verify

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType

HANG = 10  # seconds
LARGEST = 2_000_000  # bytes of a corpus file; larger ones only make the runs slower
LIMITS = Limits(megapixels=40, bytes=20_000_000, seconds=8)
LONG_SIDE = 320  # pixels
SMALL = Size(160, 120)

# Values that length fields and counters go wrong at.
NUMBERS = (
    *range(9),
    *(edge - off for edge in (1 << 7, 1 << 8, 1 << 15, 1 << 16, 1 << 31) for off in (0, 1)),
    (1 << 32) - 1,
)

# Where parts of pictures start: JPEG markers, PNG and WebP chunks, HEIF boxes, TIFF headers.
STARTS = (
    b"\xff\xe0", b"\xff\xe1", b"\xff\xe2", b"\xff\xed", b"\xff\xc0", b"\xff\xc2", b"\xff\xc4",
    b"\xff\xdb", b"\xff\xda", b"\xff\xdd", b"\xff\xd9", b"\xff\xfe", b"IHDR", b"IDAT", b"iTXt",
    b"eXIf", b"iCCP", b"IEND", b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"EXIF", b"XMP ", b"ANMF",
    b"ftyp", b"meta", b"iloc", b"iinf", b"iprp", b"mdat", b"II*\0", b"MM\0*", b"http://ns.adobe",
)  # fmt: skip

Target = Callable[[bytes], object]
Change = Callable[[random.Random, bytearray, bytes], None]


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that a reader should not have done."""

    run: int
    target: str
    what: str
    data: bytes


class Hang(BaseException):
    """The alarm went off; no reader may catch it."""


# --- damage ---------------------------------------------------------------------------------------


def flip_bits(chance: random.Random, data: bytearray, _: bytes) -> None:
    for _times in range(chance.choice((1, 1, 2, 8, 64))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def change_byte(chance: random.Random, data: bytearray, _: bytes) -> None:
    data[_place(chance, data)] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))


def change_number(chance: random.Random, data: bytearray, _: bytes) -> None:
    width = chance.choice((2, 4))
    at = _place(chance, data)
    value = chance.choice(NUMBERS) & ((1 << 8 * width) - 1)
    if chance.random() < 0.3:
        value = (int.from_bytes(data[at : at + width]) + chance.randint(-4, 4)) % (1 << 8 * width)
    data[at : at + width] = value.to_bytes(width, chance.choice(("big", "little")))


def cut_end(chance: random.Random, data: bytearray, _: bytes) -> None:
    del data[chance.randrange(len(data)) :]


def cut_out(chance: random.Random, data: bytearray, _: bytes) -> None:
    at = _place(chance, data)
    del data[at : at + chance.choice((1, 2, 4, 16, 256))]


def repeat_part(chance: random.Random, data: bytearray, _: bytes) -> None:
    first, last = sorted((_place(chance, data), _place(chance, data)))
    part = bytes(data[first : min(last, first + 4096)])
    at = chance.choice((first, _place(chance, data)))
    data[at:at] = part * chance.choice((1, 1, 2, 50))


def splice(chance: random.Random, data: bytearray, other: bytes) -> None:
    start = _place(chance, other)
    at = _place(chance, data)
    if chance.random() < 0.5:
        data[at:] = other[start:]
    else:
        length = chance.choice((4, 64, 1024))
        data[at:at] = other[start : start + length]


def blank(chance: random.Random, data: bytearray, _: bytes) -> None:
    at, length = _place(chance, data), chance.choice((1, 4, 64, 1024))
    length = min(length, len(data) - at)
    data[at : at + length] = bytes([chance.choice((0, 0xFF))]) * length


CHANGES: tuple[Change, ...] = (
    flip_bits, change_byte, change_number, change_number, cut_end, cut_out, repeat_part, splice,
    blank,
)  # fmt: skip


def _place(chance: random.Random, data: bytes | bytearray) -> int:
    """A place in the data, mostly near the start of a part or of the file, where structure is."""
    if not data:
        return 0
    at = chance.randrange(len(data))
    kind = chance.random()
    if kind < 0.4:
        found = data.find(chance.choice(STARTS), chance.choice((0, at)))
        at = found + chance.randint(-8, 24) if found >= 0 else at
    elif kind < 0.6:
        at = chance.randrange(min(len(data), 64))
    return min(max(at, 0), len(data) - 1)


def damaged(corpus: Sequence[bytes], seed: int, run: int) -> bytes:
    """The bytes of one run, the same for the same corpus, seed and number."""
    chance = random.Random(f"{seed}/{run}")  # noqa: S311  (repeatable, not secret)
    data = bytearray(chance.choice(corpus))
    for _ in range(chance.choice((1, 1, 2, 3, 6))):
        if data:
            chance.choice(CHANGES)(chance, data, chance.choice(corpus))
    return bytes(data)


# --- readers --------------------------------------------------------------------------------------


def _describe(data: bytes) -> object:
    return describe(from_bytes(data, LIMITS))


def _decode(data: bytes) -> Photo:
    source = from_bytes(data, LIMITS)
    photo = decode(source, describe(source), LONG_SIDE, LIMITS)
    if photo.pixels.ndim != 3 or photo.pixels.shape[2] != 3 or not photo.pixels.size:
        raise AssertionError("decode answered no picture")
    return photo


def _export(data: bytes) -> None:
    photo = fit(_decode(data), SMALL)
    verify(encode(photo, ExportRules(format=EXPORT_FORMATS[len(data) % len(EXPORT_FORMATS)])))


# Export decodes, so decode alone is only asked for by name.
TARGETS: dict[str, Target] = {
    "inspect": inspect,
    "sniff": sniff,
    "describe": _describe,
    "decode": _decode,
    "export": _export,
}
USUAL = "inspect,sniff,describe,export"


def attempt(target: Target, data: bytes) -> str | None:
    """What a stage did wrong with the data; None where it answered or raised InputProblem."""
    began = time.monotonic()
    try:
        target(data)
    except InputProblem:
        pass
    except Hang:
        return f"no answer within {HANG} seconds"
    except Exception as problem:  # noqa: BLE001  (everything else is what is looked for)
        last = traceback.extract_tb(problem.__traceback__)[-1]
        return f"{type(problem).__name__} in {Path(last.filename).name}:{last.lineno}"
    # C code is not interrupted; it is late when it returns.
    return f"no answer within {HANG} seconds" if time.monotonic() - began > HANG else None


def watched(target: Target) -> Target:
    """The same stage, interrupted when it hangs; for the main thread alone.

    Windows has no alarm: there what hangs is late when it returns, or has to be ended by hand.
    """
    if sys.platform == "win32":
        return target

    def call(data: bytes) -> object:
        signal.alarm(HANG)
        try:
            return target(data)
        finally:
            signal.alarm(0)

    signal.signal(signal.SIGALRM, _alarm)
    return call


def _alarm(_signal: int, _frame: FrameType | None) -> None:
    raise Hang


def fuzz(
    corpus: Sequence[bytes], seed: int, runs: range, targets: dict[str, Target]
) -> Iterator[tuple[int, list[Found]]]:
    """Do the runs; gives the number of each with what was found in it."""
    for run in runs:
        data = damaged(corpus, seed, run)
        tries = ((name, attempt(target, data)) for name, target in targets.items())
        yield run, [Found(run, name, what, data) for name, what in tries if what]


def load(folder: Path) -> list[bytes]:
    """The files of a folder and its subfolders in the order of their names, without large ones."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [path.read_bytes() for path in files if 0 < path.stat().st_size <= LARGEST]


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path, metavar="CORPUS")
    parser.add_argument("--runs", type=int, default=1000, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument(
        "--start", type=int, default=0, metavar="RUN", help="the first run's number"
    )
    parser.add_argument("--only", default=USUAL, help=f"stages, of {','.join(TARGETS)}")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="write what broke them there")
    parser.add_argument("--trace", type=Path, metavar="FILE", help="write each run's number there")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    corpus = load(options.corpus)
    if not corpus:
        print(f"no file of at most {LARGEST} bytes in {options.corpus}", file=sys.stderr)
        return 2
    targets = {name: watched(TARGETS[name]) for name in options.only.split(",")}
    counts: Counter[str] = Counter()
    began = time.monotonic()
    runs = range(options.start, options.start + options.runs)
    with options.trace.open("wb", buffering=0) if options.trace else io.BytesIO() as trace:
        trace.write(b"%12d" % options.start)
        for run, found in fuzz(corpus, options.seed, runs, targets):
            for one in found:
                counts[f"{one.target}: {one.what}"] += 1
                print(f"seed {options.seed} run {one.run}: {one.target}: {one.what}", flush=True)
                if options.keep:
                    options.keep.mkdir(parents=True, exist_ok=True)
                    (options.keep / f"{options.seed}-{one.run}-{one.target}").write_bytes(one.data)
            trace.seek(0)
            trace.write(b"%12d" % (run + 1))
    for what, number in counts.most_common():
        print(f"{number:6} {what}")
    spent = time.monotonic() - began
    print(f"{options.runs} runs over {len(corpus)} files in {spent:.0f} s: {counts.total()} found")
    return 1 if counts else 0


if __name__ == "__main__":
    faulthandler.enable()
    sys.exit(main())
