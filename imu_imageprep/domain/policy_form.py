"""A policy as TOML, and the form that a new configuration starts from."""

from __future__ import annotations

import dataclasses
import json
from enum import Enum
from typing import TYPE_CHECKING

from imu_imageprep.domain.policy import Place, Policy
from imu_imageprep.domain.policy_file import keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# What each key is for, in the words of docs/config.md.
ABOUT: Mapping[str, str] = {
    "profile": "Whose page the pictures are for: personal or official.",
    "channel": "Where they go; a short name of your own.",
    "owner.name": "Drawn in the watermark.",
    "owner.responsible": "For official pages: who answers for the content.",
    "owner.role": "Their role.",
    "owner.contact": "Whom to ask about a photo that waits; shown beside it.",
    "export.size": "The export fits inside; for portrait photos, turned. Never enlarged.",
    "export.dpi": "The density written into the file; always 72.",
    "export.format": "jpeg, png or webp.",
    "export.quality": "1 to 95, for jpeg and webp.",
    "export.names": "keep the photo's name, or neutral for photo-1a2b3c4d.jpg.",
    "watermark.text": "{year} and {owner} are filled in; without an owner it forbids reuse.",
    "watermark.logo": "A PNG or WebP file; official pages only, and only if listed below.",
    "watermark.font": "A font file or a family's name; empty: the one that ships.",
    "watermark.position": "top-left, top, top-right, left, center, right, bottom-left, bottom,\n"
    "bottom-right, or tile for all over.",
    "watermark.opacity": "0.1 to 1.",
    "caption.disclaimer": "A sentence in the captions of personal pages.",
    "flags.face": "Faces: hold (the photo waits), note (it is only told) or off (nobody looks).",
    "flags.clinical": "Clinical scenes: hold, note or off.",
    "flags.source": "Other people's credit and copyright: hold, note or off.",
    "flags.code": "Barcodes and QR codes: hold, note or off.",
    "flags.text": "Readable names, numbers, records and plates: hold, note or off.",
    "flags.doubt": "Scenes that may be clinical, so that somebody should look: hold, note or off.",
    "flags.unknown_source": "Pictures without camera data: hold, note (asks who took them) or off.",
    "faces.min_face": "Faces smaller than this, in pixels of the export, are only noted; 0: none.",
    "faces.person": "People whose face is not found, as from behind or in part: note, hold or off.",
    "clinical.threshold": "The score that makes a scene clinical; 0: the model's own (calibrate).",
    "clinical.doubt": "The score from which somebody should look; 0: the model's own (calibrate).",
    "clinical.album": "true: the other photos of a folder may make somebody look at a photo.",
    "text.allow": "Readable texts that are of nobody: your office's own number, a slogan.",
    "limits.megapixels": "A larger photo is refused; half of it for formats that decode whole.",
    "limits.bytes": "A larger file is refused.",
    "limits.seconds": "A photo that takes longer fails.",
    "limits.sandbox": "try, or require: a photo fails if its decoder cannot be shut in (doctor).",
    "official.logo_sha256": "Logos approved by Marketing, by their sha256 (sha256sum FILE).",
    "official.approved_by": "Who approved them.",
    "register.recognise": "true: suggest who a face may be, among people who agreed to that.",
    "register.key_file": "A file for the register's key, on computers without a keyring.",
    "ledger.url": "The ledger: postgresql://HOST/DATABASE, or a file; empty: your own file.",
    "detectors.extra": "Other people's detectors to ask too; if one is missing, photos wait.",
}

_HEAD = """\
# The configuration of imageprep. Every line that begins with # says what counts without it:
# take the # away from a setting to change it. "imageprep policy" shows what is in force.
"""
_PLACES = """\

# Places that need permission, as many sections as there are; a photo taken inside one waits.
# Latitude and longitude are optional: without them the place is only a name for permissions.
#[[places]]
#name = "Teaching clinic"
#authority = "the clinic's director"
#latitude = 3.05
#longitude = 101.69
#radius = 250
"""


def template() -> str:
    """A configuration with every key in a comment, so that nothing differs from the defaults."""
    lines = [_HEAD]
    section = ""
    for key, value in keys(Policy()).items():
        if key == "places":
            continue
        before, _, name = key.rpartition(".")
        if before != section:
            lines.append(f"\n[{before}]\n")
            section = before
        elif not before:
            lines.append("\n")
        lines += [f"# {line}\n" for line in ABOUT.get(key, "").splitlines()]
        lines.append(f"#{name} = {toml(value)}\n")
    return "".join(lines) + _PLACES


def toml(value: object) -> str:
    """A value of a policy as TOML; characters that a terminal would obey are escaped."""
    if isinstance(value, Enum):
        value = value.value
    # JSON's texts, numbers and lists of them are TOML's as well.
    text = json.dumps(value, ensure_ascii=False)
    return "".join(char if char.isprintable() else f"\\U{ord(char):08x}" for char in text)


def place(entry: Place) -> Iterator[str]:
    """The lines of a section ``[[places]]``."""
    yield "[[places]]"
    for name, value in dataclasses.asdict(entry).items():
        if value is not None:
            yield f"{name} = {toml(value)}"
