"""Compares the categories that ``describe`` reports with what ExifTool finds, file by file.

    python tools/compare_metadata.py FOLDER [--list CATEGORY]

Prints per category: in how many files ExifTool finds it, in how many of those we report it, the
misses, and in how many files we report it where ExifTool shows nothing. Values that say nothing
(blank, zero, "unknown") do not count on either side. Needs ``exiftool`` (Debian:
libimage-exiftool-perl).
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
from pathlib import Path

from imu_imageprep.domain.errors import ImageprepError
from imu_imageprep.domain.metadata import Category
from imu_imageprep.domain.naming import placeholder
from imu_imageprep.domain.policy import Limits
from imu_imageprep.stages.metadata import describe
from imu_imageprep.stages.read import read

# Groups that speak of the file on disk or of other formats, or that ExifTool computes itself.
_IGNORED = re.compile(r"^(System|ExifTool|Composite|ICC-.*|PDF|ZIP|SVG.*|PostScript|JSON):")
# ExifTool calls the strips of a JPEG-compressed TIFF file a preview.
_STRIPS = re.compile(r"^IFD0:PreviewImage")
_TAGS: dict[Category, tuple[str, ...]] = {
    Category.GPS: (r"^GPS:(?!GPSVersionID)", r"^XMP-.*:GPS(?!VersionID)"),
    Category.CAMERA: (r"^(IFD0|XMP-tiff):(Make|Model)$", r"^ExifIFD:(ExposureTime|FNumber|Lens)"),
    Category.SERIAL: (r":\w*SerialNumber$",),
    Category.OWNER: (
        r"^(IFD\d|XMP-tiff|XMP-exif):(Artist|XPAuthor)$",
        r":(Camera)?OwnerName$",
        r":CameraOwner$",
        r"^IPTC\d?:(By-line|Contact)",
        r"^XMP-(dc|dcterms):Creator$",
        r"^XMP-plus:ImageCreatorName$",
        r"^PNG:Author",
    ),
    Category.CREDIT: (
        r"^(IFD\d|XMP-tiff|XMP-exif):(Artist|XPAuthor|Copyright)$",
        r"^IPTC\d?:(By-line|Credit|Source|CopyrightNotice)$",
        r"^XMP-(dc|dcterms):(Creator|Rights|RightsHolder)$",
        r"^XMP-photoshop:(Credit|Source)$",
        r"^XMP-plus:(ImageCreatorName|CopyrightOwnerName|LicensorName|ImageSupplierName)$",
        r"^XMP-xmpRights:(Owner|WebStatement)$",
        r"^PNG:(Author|Copyright|Source)",
        r"^Ducky:Copyright",
    ),
    Category.DATE: (r"^(IFD0|ExifIFD|XMP-\w+|IPTC\d?|PNG|GPS):.*(Date|CreationTime)",),
    Category.SOFTWARE: (r"^(IFD0|XMP-tiff|PNG):Software$", r":(CreatorTool|HistorySoftwareAgent)$"),
    Category.CAPTION: (
        r"^IFD0:(ImageDescription|XPTitle|XPKeywords|XPSubject|DocumentName)",
        r"^IPTC:(Keywords|Headline|Caption-Abstract|City)",
        r"^XMP-dc:(Title|Description|Subject)$",
        r"^PNG:(Title|Description)",
    ),
    Category.FACES: (r"^XMP-(mwg-rs|MP):Region",),
    Category.THUMBNAIL: (
        r":(Thumbnail|Preview)(Image|Offset|Length|ImageStart|ImageLength|TIFF)$",
        r":PhotoshopThumbnail$",
        r"^XMP-xmp:ThumbnailsImage",
        r"^JFXX:",
    ),
    Category.COMMENT: (
        r"^File:Comment$",
        r":(User|XP)Comment$",
        r"^PNG:Comment",
        r"^Ducky:Comment",
    ),
    Category.SECOND_PICTURE: (r"^MPImage[2-9]", r"^XMP-(hdrgm|HDRGainMap|GDepth)"),
    Category.MOTION: (r":EmbeddedVideo", r":(MotionPhoto|MicroVideo)$"),
    Category.PROVENANCE: (r"^JUMBF", r"^CBOR", r"^XMP-dcterms:Provenance"),
    Category.PROFILE: (r"^ICC_Profile",),
    Category.TRAILER: (r"Trailer", r":EmbeddedVideo", r"^MPImage2:MPImage2$"),
}
_NUMBERS = (Category.THUMBNAIL, Category.SERIAL, Category.MOTION)


def theirs(folder: Path) -> dict[Path, dict[str, str]]:
    """What ExifTool finds: values by group and tag, by file."""
    command = ["exiftool", "-j", "-G1", "-a", "-u", "-ee", "-r", str(folder)]
    done = subprocess.run(command, capture_output=True, check=False)
    records = json.loads(done.stdout.decode("utf-8", "replace"))
    return {
        Path(record["SourceFile"]): {
            re.sub(r"^(Track|Doc|Copy)\d+:", "", tag): _flat(value)[:300]
            for tag, value in record.items()
        }
        for record in records
    }


def _flat(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def categories(tags: dict[str, str]) -> set[Category]:
    """The categories that ExifTool's tags amount to."""
    return {
        category
        for tag, value in tags.items()
        if not _IGNORED.match(tag) and not _STRIPS.match(tag)
        for category, patterns in _TAGS.items()
        if _says_something(category, value) and any(re.search(p, tag) for p in patterns)
    }


def _says_something(category: Category, value: str) -> bool:
    if category in (Category.OWNER, Category.CREDIT):
        return not placeholder(value)
    if category is Category.DATE:
        return bool(re.search(r"[1-9]", value))
    if category in _NUMBERS:
        return bool(value.strip("0 .x"))
    return bool(value.strip(" .")) and value != "undef"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--list", choices=[c.value for c in _TAGS], help="also list the reverse")
    options = parser.parse_args()
    found = theirs(options.folder)
    ours = {}
    for path in found:
        try:
            ours[path] = describe(read(path, Limits()))
        except ImageprepError:
            continue
    print(f"{len(ours)} files compared; {len(found) - len(ours)} not of a format that is read")
    print(f"{'category':16} {'exiftool':>8} {'both':>5} {'share':>7} {'only ours':>9}")
    amounts = {path: categories(found[path]) for path in ours}
    misses = []
    for category in _TAGS:
        has = {path for path in ours if category in amounts[path]}
        says = {path for path in ours if category in ours[path].present}
        both, only = has & says, says - has
        share = len(both) / len(has) if has else 1.0
        print(f"{category.value:16} {len(has):8} {len(both):5} {share:7.1%} {len(only):9}")
        misses += [(category, path) for path in sorted(has - says)]
        if options.list == category.value:
            print(*(f"    only ours: {path}" for path in sorted(only)), sep="\n")
    for category, path in misses:
        print(f"miss: {category.value}: {path}")


if __name__ == "__main__":
    main()
