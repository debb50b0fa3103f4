"""Ask others whether a file that our own ``verify`` passes holds nothing but a picture.

    uv run python tools/second_mind.py --runs 100000
    uv run python tools/second_mind.py --runs 1 --start 4711 --keep FOLDER      # repeat one run

Every run changes an export (``changed_exports.py``) and has it checked. What passes is shown to
ExifTool and, where it is there, to a checker that somebody else wrote (``--other FILE``: a module
with ``jpeg``, ``png`` and ``webp``, each a function of the bytes and its options that lists what is
left over). Whatever they find in such a file is printed as a disagreement, with its run. What is
refused is counted by reason, and how much of it the others would have passed. Exit code 1 where
they disagree.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from changed_exports import changed

from imu_imageprep.domain.errors import InputProblem
from imu_imageprep.stages.verify import inspect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Other = Callable[[bytes], list[str]]

OTHER = Path(__file__).resolve().parents[2] / "shared" / "tools" / "leftover.py"
AT_ONCE = 2000  # files that ExifTool is shown together
SHOWN = 20  # disagreements of one kind

# What ExifTool tells of any picture: how it is made, not what somebody put in.
STRUCTURE = re.compile(
    r"(System|Composite):|SourceFile$|ExifTool:ExifToolVersion$"
    r"|File:(FileType|FileTypeExtension|MIMEType|ImageWidth|ImageHeight|EncodingProcess"
    r"|BitsPerSample|ColorComponents|YCbCrSubSampling)$"
    r"|JFIF:(JFIFVersion|ResolutionUnit|XResolution|YResolution)$"
    r"|PNG:(ImageWidth|ImageHeight|BitDepth|ColorType|Compression|Filter|Interlace|Palette"
    r"|Transparency)$"
    r"|PNG-pHYs:PixelUnits$|PNG-pHYs:PixelsPerUnit[XY]$"
    r"|RIFF:(ImageWidth|ImageHeight|VP8Version|HorizontalScale|VerticalScale|WebP_Flags"
    r"|AlphaIsUsed|AlphaPreprocessing|AlphaFiltering|AlphaCompression)$"
)


def exiftool(files: Mapping[str, bytes]) -> dict[str, list[str]]:
    """What ExifTool finds besides structure in files given by name; all are asked at once."""
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            (Path(folder) / name).write_bytes(data)
        command = ["exiftool", "-json", "-G1", "-a", "-u", "-ee", "-ext", "*", folder]
        done = subprocess.run(command, capture_output=True, check=False)
    told = json.loads(done.stdout.decode("utf-8", "replace")) if done.stdout.strip() else []
    found = {
        Path(one["SourceFile"]).name: [
            f"ExifTool: {tag}={str(value)[:40]}"
            for tag, value in one.items()
            if not STRUCTURE.match(tag)
        ]
        for one in told
    }
    return {name: found.get(name, ["ExifTool says nothing of it"]) for name in files}


def other(file: Path) -> Other:
    """The checker of a file, as a function of the bytes."""
    spec = importlib.util.spec_from_file_location("other_checker", file)
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    options = SimpleNamespace(
        allow_icc=False, allow_adobe=False, allow_animation=False, any_density=True
    )

    def ask(data: bytes) -> list[str]:
        if data.startswith(b"\xff\xd8"):
            return list(module.jpeg(data, options))
        return list((module.png if data.startswith(b"\x89PNG") else module.webp)(data, options))

    return ask


def leftovers(data: bytes) -> tuple[str, ...]:
    """What our own check says; numbers are left out, so that reasons can be counted."""
    try:
        return tuple(re.sub(r"\d+ bytes", "bytes", one) for one in inspect(data))
    except InputProblem:
        return ("not a JPEG, PNG or WebP file",)


def compare(
    files: Mapping[str, bytes], others: Sequence[Other]
) -> tuple[list[tuple[str, str]], Counter[str], Counter[str]]:
    """Compare both minds.

    Args:
        files: contents by name.
        others: checkers that are asked besides ExifTool.

    Returns:
        Name and finding of each file that ours passed and others do not; how often each reason for
        a refusal was given; how often when none of ``others`` (without ExifTool) had an objection.
    """
    refused: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    passed = {}
    disagreements = []
    for name, data in files.items():
        reasons = leftovers(data)
        objections = [found for ask in others for found in _asked(ask, data)]
        if not reasons:
            passed[name] = data
            disagreements += [(name, found) for found in objections]
            continue
        refused[reasons[0]] += 1
        if others and not objections:
            alone[reasons[0]] += 1
    told = exiftool(passed) if passed else {}
    disagreements += [(name, found) for name, all_found in told.items() for found in all_found]
    return disagreements, refused, alone


def _asked(ask: Other, data: bytes) -> list[str]:
    try:
        return ask(data)
    except Exception as problem:  # noqa: BLE001  (it was not written for files like these)
        return [f"the other checker failed: {type(problem).__name__}"]


def batches(seed: int, runs: range) -> Iterator[dict[str, bytes]]:
    """Changed exports by the numbers of their runs."""
    for first in range(runs.start, runs.stop, AT_ONCE):
        some = range(first, min(first + AT_ONCE, runs.stop))
        yield {str(run): changed(seed, run) for run in some}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=10_000, metavar="N")
    parser.add_argument("--start", type=int, default=0, metavar="RUN")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument("--other", type=Path, default=OTHER if OTHER.exists() else None)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="write disagreements there")
    options = parser.parse_args(arguments)
    others = [other(options.other)] if options.other else []
    print("asked:", ", ".join(["ExifTool", *([options.other.name] if others else [])]))
    refused: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    began = time.monotonic()
    for files in batches(options.seed, range(options.start, options.start + options.runs)):
        found, more_refused, more_alone = compare(files, others)
        refused += more_refused
        alone += more_alone
        for name, what in found:
            kind = re.sub(r"\d+", "N", what)
            kinds[kind] += 1
            if kinds[kind] <= SHOWN:
                print(f"run {name}: {what}", flush=True)
                if options.keep:
                    options.keep.mkdir(parents=True, exist_ok=True)
                    (options.keep / name).write_bytes(files[name])
    passed = options.runs - refused.total()
    print(f"{options.runs} changed exports in {time.monotonic() - began:.0f} s: {passed} passed")
    print(f"{refused.total()} refused, {alone.total()} of them by ours alone, by first reason:")
    for reason, number in refused.most_common():
        print(f"{number:7} {alone[reason]:7} {reason}")
    print(f"{kinds.total()} disagreements about what passed")
    for kind, number in kinds.most_common():
        print(f"{number:7} {kind}")
    return 1 if kinds else 0


if __name__ == "__main__":
    sys.exit(main())
