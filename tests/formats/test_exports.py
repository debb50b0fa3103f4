"""Exports of the samples, in every format, read by others: nothing planted comes through."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from imu_imageprep import Outcome, Policy, prepare
from imu_imageprep.domain.photo import EXPORT_FORMATS, Format
from imu_imageprep.domain.policy import ExportRules, Flags, Level
from imu_imageprep.stages.verify import inspect

SAMPLES = sorted(
    path
    for path in (Path(__file__).parents[2] / "samples").iterdir()
    if path.suffix in (".jpg", ".png", ".webp")
)
# What samples/make_samples.py plants.
NEEDLES = (
    "EX100-0042-7781",
    "LENS-0093315",
    "Example University",
    "Example Picture Agency",
    "room number",
    "north wing",
    "front desk",
    "the second before",
    "Exif",
    "http",
    "photoshop",
    "GPS",
)
# What exiftool may say of a picture that holds nothing but itself, besides file system facts.
SAID = {
    "ExifTool": {"ExifToolVersion"},
    "File": {
        *("FileType", "FileTypeExtension", "MIMEType", "ImageWidth", "ImageHeight"),
        *("EncodingProcess", "BitsPerSample", "ColorComponents", "YCbCrSubSampling"),
    },
    "Composite": {"ImageSize", "Megapixels"},
    "JFIF": {"JFIFVersion", "ResolutionUnit", "XResolution", "YResolution"},
    "PNG": {
        *("ImageWidth", "ImageHeight", "BitDepth", "ColorType"),
        *("Compression", "Filter", "Interlace"),
    },
    "PNG-pHYs": {"PixelsPerUnitX", "PixelsPerUnitY", "PixelUnits"},
    "RIFF": {"ImageWidth", "ImageHeight", "VP8Version", "HorizontalScale", "VerticalScale"},
}


@pytest.fixture(scope="module", params=EXPORT_FORMATS, ids=lambda form: form.value)
def exports(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Every sample in one format; findings are only noted, so that all of them leave."""
    form: Format = request.param
    folder = tmp_path_factory.mktemp(form.value)
    policy = Policy(
        export=ExportRules(format=form),
        flags=Flags(face=Level.NOTE, clinical=Level.NOTE, source=Level.NOTE),
    )
    paths = []
    for sample in SAMPLES:
        receipt = prepare(sample, policy=policy, out=folder, ledger=folder / "ledger.db")
        assert receipt.outcome is Outcome.EXPORTED
        assert receipt.export is not None
        paths.append(Path(receipt.export.path))
    return paths


def test_the_samples_hold_what_is_searched_for() -> None:
    everything = b"".join(path.read_bytes() for path in SAMPLES)
    assert [needle for needle in NEEDLES if needle.encode() not in everything] == ["GPS"]


def test_no_needle_comes_through(exports: list[Path]) -> None:
    for path in exports:
        data = path.read_bytes()
        assert inspect(data) == ()
        for needle in NEEDLES:
            for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
                assert needle.encode(encoding) not in data, (path.name, needle)


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")
def test_exiftool_finds_nothing_either(exports: list[Path]) -> None:
    done = subprocess.run(
        ["exiftool", "-json", "-G1", "-a", "-u", "-ee", *exports],
        capture_output=True,
        check=True,
    )
    for told in json.loads(done.stdout):
        tags = [tag.split(":", 1) for tag in told if ":" in tag]
        others = [
            (group, tag)
            for group, tag in tags
            if group != "System" and tag not in SAID.get(group, set())
        ]
        assert others == []
