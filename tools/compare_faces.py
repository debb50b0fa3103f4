"""CPU a photo of imageprep beside two programs that only look for faces, on the same photos.

    uv run python tools/compare_faces.py PHOTOS_DIR [--rounds 3] [--imageprep CMD] [--deface CMD]
        [--face-detection CMD]

All take the whole folder in one process, in alternating rounds: imageprep the whole way to the
export (one worker, every check on, nothing held), `deface` in its image mode (finds and blurs
faces), `face_detection` (the face_recognition package, finds faces). The CPU is that of every
process that was started. A program that is not there is left out.
"""

from __future__ import annotations

import argparse
import resource
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

if sys.platform == "win32":
    raise SystemExit("This measures with what only POSIX systems have.")


NOTE_ONLY = "".join(
    (
        "[flags]\n",
        *(f'{flag} = "note"\n' for flag in ("face", "clinical", "source", "code", "text")),
    )
)


def spent(command: Sequence[str]) -> float:
    """CPU seconds of a command and all its children; SystemExit where it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{command[0]} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Run all programs in turn and print what each costs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--imageprep", default=f"{sys.executable} -m imu_imageprep")
    parser.add_argument("--deface", default="deface")
    parser.add_argument("--face-detection", default="face_detection")
    given = parser.parse_args()
    photos = sorted(str(path) for path in given.photos.glob("*.jpg"))
    with tempfile.TemporaryDirectory() as place:
        config = Path(place) / "imageprep.toml"
        config.write_text(NOTE_ONLY)
        out = Path(place) / "out"
        out.mkdir()
        ours = shlex.split(given.imageprep)
        ours += ["--config", str(config), "--ledger", f"{place}/ledger.db", "--jobs", "1"]
        ours += ["--quiet", "--force", "--out", str(out), "--", *photos]
        copies = [shutil.copy(photo, place) for photo in photos]  # it writes beside its input
        deface = [*shlex.split(given.deface), *copies]
        looking = [*shlex.split(given.face_detection), "--cpus", "1", str(given.photos)]
        programs = {"imageprep": ours, "deface": deface, "face_detection": looking}
        programs = {name: line for name, line in programs.items() if shutil.which(line[0])}
        rounds: dict[str, list[float]] = {name: [] for name in programs}
        for _ in range(given.rounds):
            for name, line in programs.items():
                rounds[name].append(spent(line) / len(photos))
    for name, seconds in rounds.items():
        ratios = [other / own for other, own in zip(seconds, rounds["imageprep"], strict=True)]
        print(
            f"{name:16s}{statistics.median(seconds) * 1000:8.0f} CPU ms a photo  "
            f"{statistics.median(ratios):6.1f} times imageprep  ({len(photos)} photos)"
        )


if __name__ == "__main__":
    main()
