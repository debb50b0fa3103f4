"""The words a person reads; JSON keeps the terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imu_imageprep.domain.finding import SECOND, DidNotLook
from imu_imageprep.domain.metadata import NO_CAMERA_DATA
from imu_imageprep.domain.needs import GROUPS, KINDS, Need, rule_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from imu_imageprep.domain.finding import Finding
    from imu_imageprep.domain.needs import Rule
    from imu_imageprep.domain.receipt import Receipt

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
    "code": "barcodes and QR codes",
    "unknown_source": "pictures without camera data",
    "min_face": "the smallest faces",
}

NEED = {
    "person-consent": "their consent, or covering",
    "patient-consent": "the patient's consent",
    "place-permission": "the place's permission",
    "credit": "a credit line",
    "look": "a person's look",
}
# Of a picture without camera data.
_OWN = "a credit line, or your word that you took it (imageprep dismiss)"
# Of a code: anyone may read the one on a poster.
_CODE = "covering, or a person's word that anyone may read it (imageprep dismiss)"

# Findings of these kinds are told by their labels.
_BY_LABEL = frozenset({"code", "source"})


def listed(words: Iterable[str]) -> str:
    """Words as a list in a sentence: "a, b and c"."""
    *rest, last = list(words) or [""]
    return f"{', '.join(rest)} and {last}" if rest else last


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: "1 face", "3 faces"."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def found(findings: Iterable[Finding]) -> str:
    """What was found, in plain words: "2 faces and a scene that looks clinical (ward)"."""
    kinds: dict[tuple[str, str | None, bool], list[Finding]] = {}
    for finding in findings:
        label = finding.label if finding.kind in _BY_LABEL else None
        kinds.setdefault((finding.kind, label, finding.noted), []).append(finding)
    return listed(_kind(kind, group) for (kind, _, _), group in kinds.items())


def _kind(kind: str, group: list[Finding]) -> str:
    one = group[0]
    label = f" ({one.label.replace('_', ' ')})" if one.label else ""
    number = len(group)
    match kind:
        case "face":
            small = f"{counted(number, 'small face')} (not asked about)"
            return small if one.noted else counted(number, "face")
        case "clinical":
            besides = f", {one.reason}" if one.reason else ""
            text = f"a clinical-looking scene{label}{besides}"
        case "source" if one.label == NO_CAMERA_DATA:
            text = "no camera data, as in a picture that was forwarded or downloaded"
        case "source":
            text = f"someone else's {listed((one.label or 'credit').split(', '))}"
        case "code":
            text = counted(number, one.label or kind)
        case "place":
            text = f"a place that needs permission{label}"
        case _:
            text = counted(number, kind.replace("_", " ")) + label
    return text


def hidden(receipt: Receipt) -> str:
    """The kinds of hidden data that the source held: "location and camera"; empty for none."""
    there = receipt.metadata.by_category() if receipt.metadata else {}
    return listed(CATEGORY[name] for name, present in there.items() if present)


def why(receipt: Receipt) -> Iterator[str]:
    """Why a held photo waits: what could not be looked at, what was found, or a person's word."""
    for exam in receipt.examinations:
        if isinstance(exam.scan, DidNotLook):
            what = CHECK.get(exam.flag or "", exam.detector)
            yield f"could not be looked at for {what}: {exam.scan.reason}"
    waiting = _waiting(receipt)
    if waiting:
        still = " can still be seen after covering" if _second(waiting) else ""
        yield f"{found(waiting)}{still}"
    elif all(need.scan is None for need in receipt.held_for):
        yield "held by hand (--hold)"


def needs(receipt: Receipt) -> Iterator[str]:
    """What would answer a held photo's findings, and why the records meant for that do not."""
    if not _waiting(receipt):
        return
    open_needs = dict.fromkeys(
        _answer(need.finding, need.needs) for need in receipt.held_for if need.finding
    )
    yield f"needs {listed(open_needs)}"
    for ref, unfit in dict.fromkeys(pair for need in receipt.held_for for pair in need.why):
        yield f"{ref} {unfit}"


def _answer(finding: Finding, need: Need) -> str:
    if finding.kind == "code":
        return _CODE
    return _OWN if finding.label == NO_CAMERA_DATA else NEED[need]


def suggested(receipt: Receipt) -> Iterator[str]:
    """Who faces may be, what would answer if it is them, and how a person says so."""
    for one in receipt.suggestions:
        who = f"{one.finding} is like {one.code} (distance {one.distance:.2f})"
        if not one.records:
            yield f"{who}, but no consent of theirs would fit"
            continue
        yield f"{who}: {listed(one.records)} would fit, if it is them; look, then say so:"
        yield f"imageprep PHOTO --confirm {one.finding}={one.records[0]} --by NAME"


def commands(receipt: Receipt) -> tuple[str, ...]:
    """The commands that would let a held photo go, in their order.

    PHOTO stands for its name; C-REF, P-REF, N and NAME are for a person to fill in.

    Empty where a scan did not look or a person said hold: no answer lets it go then.
    """
    waiting = _waiting(receipt)
    kinds = {finding.kind for finding in waiting}
    if receipt.source is None or not all(need.finding for need in receipt.held_for):
        return ()
    if second := _second(waiting):
        size = receipt.source
        boxes = [f.box.grown().to_pixels(size.width, size.height) for f in second if f.box]
        drawn = "".join(f" --redact-box {','.join(map(str, box))}" for box in boxes)
        return (f"imageprep PHOTO --redact faces{drawn}",)
    if not kinds or not kinds <= KINDS.keys():
        return ()
    rules = [
        (need.finding.id, rule_of(need.finding.kind, need.needs))
        for need in receipt.held_for
        if need.finding
    ]
    uses = [
        f"imageprep consent use {_named(rule)} --by NAME --photo PHOTO --finding {finding}"
        for finding, rule in rules
        if rule.records and not rule.covering
    ]
    covered = [name for name, kind in GROUPS.items() if kind in kinds]
    cover = f" --redact {','.join(covered)}" if covered else ""
    credit = ' --credit "Photo: …"' if any(rule.credit for _, rule in rules) else ""
    return (*uses, f"imageprep PHOTO{cover}{credit}")


def _named(rule: Rule) -> str:
    """How a command names the record that answers a need."""
    (letter,) = rule.letters
    return f"{letter}-REF" + (" --patients N" if rule.need is Need.PATIENT_CONSENT else "")


def _waiting(receipt: Receipt) -> list[Finding]:
    """The findings that hold a photo, each once."""
    return list(dict.fromkeys(need.finding for need in receipt.held_for if need.finding))


def _second(findings: Iterable[Finding]) -> list[Finding]:
    """The findings of the look at the finished picture."""
    return [finding for finding in findings if finding.id.startswith(SECOND)]


def printable(text: str) -> str:
    """Text for a terminal: undecodable bytes and control characters escaped."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text
    )
