"""Cleans real photos with imageprep and with three known tools, and judges what each leaves.

    python tools/compare_cleaners.py CORPUS --judge JUDGE.py [--convert CONVERT] [--list]

CORPUS holds ``manifest.json``, a list of {"file", "expected"}; every JPEG, PNG and WebP in it (by
its bytes) that is expected to export is taken. JUDGE.py is a program that prints, given ``--json``
and files, a list of leftovers for each. Prints a Markdown table:

- refused: no output; unreadable: an output that Pillow cannot open;
- leftovers: the judge found more than a picture's structure. The other tools are allowed what they
  keep on purpose: any density, ICC profiles, the Adobe marker, animation;
- turned: a viewer that obeys EXIF and XMP orientation shows the output otherwise than the original;
- colour-shifted: mean CIEDE2000 over 2 between the output as a colour-managed viewer shows it and
  the original shown the same way, each reduced to 12 by 12 fields, so that the losses of JPEG
  average out and what stays is a colour that became another one. Pictures with a side under 64
  pixels are left out: there JPEG's halved colour resolution alone is over 2.

imageprep runs with every check on "note" and without a watermark, else as it comes. Needs exiftool,
mat2 and ImageMagick (Debian: libimage-exiftool-perl, mat2, imagemagick), and scikit-image.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageCms, ImageFile
from skimage.color import deltaE_ciede2000, rgb2lab

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).parents[1]
SUFFIX = {"JPEG": ".jpg", "MPO": ".jpg", "PNG": ".png", "WEBP": ".webp"}
SIDE = 96
FIELDS = 12
SMALLEST = 64
SHIFTED = 2.0
AT_A_TIME = 25
PEERS_KEEP = ("--any-density", "--allow-icc", "--allow-adobe", "--allow-animation")
CONFIG = """
[flags]
face = "note"
clinical = "note"
source = "note"
code = "note"
[watermark]
text = ""
"""
# EXIF orientation to what Pillow must do to show it upright (Exif 3.0, 4.6.5.1.6).
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

Cleaned = dict[Path, Path]


@dataclass
class Score:
    """What one tool did, by file name."""

    refused: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)
    turned: list[str] = field(default_factory=list)
    shifted: list[str] = field(default_factory=list)


def chosen(corpus: Path, scratch: Path) -> dict[Path, str]:
    """Copies of the files to clean, named by number and real format; with their first names."""
    copies = {}
    manifest = json.loads((corpus / "manifest.json").read_text("utf-8"))
    for number, entry in enumerate(e for e in manifest if e["expected"] == "export"):
        path = corpus / entry["file"]
        try:
            with Image.open(path, formats=("JPEG", "PNG", "WEBP")) as picture:
                suffix = SUFFIX[picture.format or ""]
        except OSError:
            continue
        copy = scratch / f"{number:04d}{suffix}"
        shutil.copyfile(path, copy)
        copies[copy] = entry["file"]
    return copies


def run(*command: str | Path, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, input=stdin, capture_output=True, text=True, errors="replace", check=False
    )


def groups(files: Sequence[Path]) -> list[Sequence[Path]]:
    return [files[n : n + AT_A_TIME] for n in range(0, len(files), AT_A_TIME)]


def ours(files: Sequence[Path], out: Path) -> Cleaned:
    config = out / "config.toml"
    config.write_text(CONFIG, "utf-8")
    command = (sys.executable, "-P", "-m", "imu_imageprep", "--json", "-j", "1")
    options = ("--config", config, "--ledger", out / "ledger.db", "--out", out / "web")
    told: Cleaned = {}
    for group in groups(files):
        for line in run(*command, *options, *group).stdout.splitlines():
            answer = json.loads(line)
            if answer["export"]:
                told[Path(answer["path"])] = Path(answer["export"]["path"])
    return told


def mat2(files: Sequence[Path], out: Path) -> Cleaned:
    for group in groups(files):
        run("mat2", *group)
    for path in files:
        with contextlib.suppress(FileNotFoundError):
            cleaned = path.with_suffix(f".cleaned{path.suffix}")
            cleaned.rename(out / path.name)
    return there(files, out)


def exiftool(files: Sequence[Path], out: Path) -> Cleaned:
    for group in groups(files):
        run("exiftool", "-q", "-q", "-all=", "-o", f"{out}/", *group)
    return there(files, out)


def imagemagick(convert: str) -> Callable[[Sequence[Path], Path], Cleaned]:
    def clean(files: Sequence[Path], out: Path) -> Cleaned:
        for path in files:
            run(convert, path, "-strip", out / path.name)
        return there(files, out)

    return clean


def there(files: Sequence[Path], out: Path) -> Cleaned:
    """The outputs; where a tool writes one file per frame, the first."""
    found: Cleaned = {}
    for path in files:
        for name in (path.name, f"{path.stem}-0{path.suffix}"):
            if (out / name).exists():
                found.setdefault(path, out / name)
    return found


def leftovers(judge: Path, files: Sequence[Path], allowed: Sequence[str]) -> dict[str, list[str]]:
    told: dict[str, list[str]] = {}
    for group in groups(files):
        told |= json.loads(run(sys.executable, judge, "--json", *allowed, *group).stdout)
    return told


def orientations(files: Sequence[Path]) -> dict[Path, int]:
    """EXIF orientation, else XMP's, as ExifTool reads them; 1 where there is none that is valid."""
    tags = ("-IFD0:Orientation", "-XMP-tiff:Orientation")
    listed = run("exiftool", "-j", "-n", "-G1", *tags, "-@", "-", stdin="\n".join(map(str, files)))
    found = {}
    for entry in json.loads(listed.stdout):
        stated = [entry.get("IFD0:Orientation"), entry.get("XMP-tiff:Orientation"), 1]
        found[Path(entry["SourceFile"])] = next(v for v in stated if v in (1, *UPRIGHT))
    return found


def shown(path: Path, orientation: int) -> Image.Image:
    """The picture as a colour-managed viewer shows it, small: sRGB, on white, upright.

    Raises:
        OSError: it cannot be shown.
    """
    with Image.open(path) as file:
        profile = file.info.get("icc_profile")
        file.draft(None, (4 * SIDE, 4 * SIDE))
        stored = eight_bit(file)
    if max(stored.size) > 16 * SIDE:
        stored = stored.reduce(max(stored.size) // (8 * SIDE))
    if stored.mode == "RGBA":
        alpha = stored.getchannel("A")
        picture = Image.new("RGB", stored.size, "white")
        picture.paste(srgb(stored.convert("RGB"), profile), mask=alpha)
    else:
        picture = srgb(stored, profile)
    return picture.transpose(UPRIGHT[orientation]) if orientation in UPRIGHT else picture


def eight_bit(picture: Image.Image) -> Image.Image:
    """The pixels with 8 bits a channel; RGBA where anything may be transparent."""
    if picture.mode.startswith("I"):
        grey = np.asarray(picture).astype(np.uint32) >> 8
        return Image.fromarray(grey.clip(0, 255).astype(np.uint8))
    if picture.mode in ("P", "PA", "1", "LA") or "transparency" in picture.info:
        return picture.convert("RGBA")
    picture.load()
    return picture.copy()


def srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    if profile:
        # A profile that is broken or of another colour space is ignored, as viewers do.
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError):
            changed = ImageCms.profileToProfile(
                picture,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGB",
                flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
            )
            assert changed is not None
            return changed
    return picture.convert("RGB")


def difference(one: Image.Image, other: Image.Image, side: int) -> float:
    """Mean CIEDE2000 between two pictures reduced to ``side`` by ``side`` pixels."""
    one, other = (
        picture.resize((side, side), Image.Resampling.BOX, reducing_gap=None)
        for picture in (one, other)
    )
    labs = (rgb2lab(np.asarray(picture) / 255) for picture in (one, other))
    return float(deltaE_ciede2000(*labs).mean())


def compared(original: Image.Image, output: Image.Image) -> tuple[bool, bool]:
    """Whether the output is turned, and whether its colours are shifted."""
    straight = difference(original, output, SIDE)
    ways = [output.transpose(way) for way in UPRIGHT.values()]
    nearest = min(ways, key=lambda way: difference(original, way, SIDE))
    # Turned: another way round fits clearly better. Colours are compared the way round that fits.
    turned = straight > SHIFTED and difference(original, nearest, SIDE) < 0.8 * straight
    shift = difference(original, nearest if turned else output, FIELDS)
    return turned, shift > SHIFTED and min(original.size) >= SMALLEST


def versions(convert: str) -> dict[str, str]:
    return {
        "imageprep": run(sys.executable, "-m", "imu_imageprep", "--version").stdout.split()[-1],
        "mat2": run("mat2", "--version").stdout.split()[-1],
        "exiftool -all=": run("exiftool", "-ver").stdout.strip(),
        "ImageMagick -strip": run(convert, "-version").stdout.split()[2],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--judge", type=Path, required=True)
    parser.add_argument("--convert", default="convert", help="ImageMagick's program")
    parser.add_argument("--list", action="store_true", help="name the files behind each figure")
    args = parser.parse_args()
    ImageFile.LOAD_TRUNCATED_IMAGES = True  # viewers show what there is
    Image.MAX_IMAGE_PIXELS = None
    tools: dict[str, Callable[[Sequence[Path], Path], Cleaned]] = {
        "imageprep": ours,
        "mat2": mat2,
        "exiftool -all=": exiftool,
        "ImageMagick -strip": imagemagick(args.convert),
    }
    version = versions(args.convert)
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        names = chosen(args.corpus, scratch)
        files = list(names)
        stored = orientations(files)
        originals = {path: shown(path, stored[path]) for path in files}
        to_turn = sum(orientation != 1 for orientation in stored.values())
        large = sum(min(picture.size) >= SMALLEST for picture in originals.values())
        print(f"{len(files)} files, {to_turn} to be turned, colours compared on {large}\n")
        print("| tool | refused | unreadable | leftovers | turned | colour-shifted |")
        print("|---|---|---|---|---|---|")
        scores = {}
        for number, (tool, clean) in enumerate(tools.items()):
            out = scratch / f"out-{number}"
            out.mkdir()
            cleaned = clean(files, out)
            allowed = () if tool == "imageprep" else PEERS_KEEP
            told = leftovers(args.judge, list(cleaned.values()), allowed)
            now = orientations(list(cleaned.values()))
            score = scores[tool] = Score([names[path] for path in files if path not in cleaned])
            for path, output in cleaned.items():
                if told[str(output)] != []:
                    score.leftovers.append(f"{names[path]}: {told[str(output)]}")
                try:
                    seen = shown(output, now[output])
                except OSError:
                    score.unreadable.append(names[path])
                    continue
                turned, shifted = compared(originals[path], seen)
                score.turned += [names[path]] if turned else []
                score.shifted += [names[path]] if shifted else []
            figures = " | ".join(str(len(entries)) for entries in vars(score).values())
            print(f"| {tool} {version[tool]} | {figures} |", flush=True)
        for tool, score in scores.items() if args.list else ():
            for what, entries in vars(score).items():
                print(f"\n{tool}, {what}:", *entries, sep="\n  ")


if __name__ == "__main__":
    main()
