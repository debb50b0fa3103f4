"""The words a person reads; JSON keeps the terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imu_imageprep.domain.finding import Finding

REMINDER = "Nothing found is not nothing there: look at each picture yourself before you post it."
NOT_A_PERMISSION = "This is not a permission to post: it says nothing about who or what is shown."

CATEGORY = {
    "gps": "location",
    "camera": "camera",
    "serial": "serial number",
    "owner": "owner",
    "date": "date",
    "software": "software",
    "caption": "caption",
    "face_regions": "face regions",
    "thumbnail": "thumbnail",
    "comment": "comment",
    "credit": "credit",
    "second_picture": "second picture",
    "motion_video": "motion video",
    "provenance": "provenance record",
    "colour_profile": "colour profile",
    "private": "private data",
    "trailer": "data after the end",
}

CHECK = {
    "face": "faces",
    "clinical": "clinical scenes",
    "source": "other people's copyright",
}

NEED = {
    "person-consent": "their consent, or covering",
    "patient-consent": "the patient's consent",
    "place-permission": "the place's permission",
    "credit": "a credit line",
    "look": "a person's look",
}


def listed(words: Iterable[str]) -> str:
    """Words as a list in a sentence: "a, b and c"."""
    *rest, last = list(words) or [""]
    return f"{', '.join(rest)} and {last}" if rest else last


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: "1 face", "3 faces"."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def found(findings: Iterable[Finding]) -> str:
    """What was found, in plain words: "2 faces and a scene that looks clinical (ward)"."""
    kinds: dict[str, list[Finding]] = {}
    for finding in findings:
        kinds.setdefault(finding.kind, []).append(finding)
    return listed(_kind(kind, group) for kind, group in kinds.items())


def _kind(kind: str, group: list[Finding]) -> str:
    label = f" ({group[0].label.replace('_', ' ')})" if group[0].label else ""
    if kind == "face":
        return counted(len(group), "face")
    if kind == "clinical":
        return f"a clinical-looking scene{label}"
    if kind == "source":
        return f"someone else's {listed((group[0].label or 'credit').split(', '))}"
    if kind == "place":
        return f"a place that needs permission{label}"
    return counted(len(group), f"{kind.replace('_', ' ')}") + label


def printable(text: str) -> str:
    """Text for a terminal: undecodable bytes and control characters escaped."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text
    )
