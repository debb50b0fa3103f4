"""The words a person reads; JSON keeps the terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imu_imageprep.domain import lines
from imu_imageprep.domain.metadata import NO_CAMERA_DATA

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeAlias

    from imu_imageprep.domain.finding import Finding

    # Says English words in another language; what it has no words for it says as it is.
    Say: TypeAlias = Callable[[str], str]

REMINDER = "The check can miss things. Look at every picture before you post it."
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
    "text": "readable names and numbers",
    "doubt": "scenes that may be clinical",
    "unknown_source": "pictures without camera data",
    "min_face": "the smallest faces",
    "person": "people whose face is not found",
}

# Somebody of whom no face is found: one, and many.
PERSON = ("person from behind or in part", "people from behind or in part")

# What stands in the ledger, by Listed.kind; of a person's consent the kind of person says enough.
ENTRY = {
    "consent": "",
    "event-consent": "event",
    "place-permission": "permission of",
    "recognition-consent": "recognition of",
    "answer": "answer",
    "dismissal": "false alarm",
    "drawn": "drawn by hand",
    "confirmation": "clinical",
    "look": "last look",
}

NEED = {
    "person-consent": "the consent of each person shown, or covering",
    "patient-consent": "the consent of each patient shown",
    "place-permission": "the place's permission",
    "credit": "a credit line",
    "look": "a person to look at it",
}
# Why a record does not answer, by the code of fitting.Unfit; the words follow its reference.
UNFIT = {
    "unknown": "is not on record",
    "withdrawn": "was withdrawn",
    "erased": "was erased",
    "wrong-kind": "is a consent of another kind",
    "purpose": "does not permit publication",
    "channel": "does not cover this channel",
    "identifiable": "does not permit that the person is recognisable",
    "unsigned": "has no day of signing, or one that lies ahead",
    "expired": "has expired",
    "of-age": "was given for a minor who has come of age, or whose day of majority is not known",
    "age-unknown": "does not say whether the person is a minor",
    "capacity": "was not given by someone who could decide, or may decide for the person",
    "not-written": "is not in writing, which a patient's consent must be",
    "not-told": "does not say that the patient was told that recall is not possible",
    "no-subject": "does not say whose it is",
    "used": "answers for another face of this photo",
    "patients": "does not come with one consent for each visible patient",
    "date-unknown": "is for days of capture, and the photo's day is not known",
    "outside": "is for other days of capture, or another photo",
    "other-place": "is for another place",
    "self-given": "was given by the person who recorded it",
    "clinical": "is for an event, and this may be a clinical scene",
    "not-checked": "needs someone's word that nobody shown is excluded",
}

# Why something stays open when many photos are answered together, by ``selecting.Stays``.
STAYS = {
    "not-shown": "This photo was not on the screen in that size, so nobody looked at it.",
    "state": "This photo does not wait for an answer now.",
    "nothing": "Nothing in this photo needs this answer.",
    "excepted": "You left this one out.",
    "second": "This shows after covering: only covering answers it.",
    "no-place": "This has no place in the picture, so it cannot be covered.",
    "not-looked": "Nobody looked at this picture as it would be exported now.",
    "open": "Something in this photo has to be answered first.",
    "released": "This photo was exported meanwhile.",
}

# What readable text is, by its category; the text itself is told nowhere.
TEXT = {
    "identity-number": "readable identity number",
    "record-number": "readable record number",
    "record": "readable form, card, list or screen about people",
    "name": "readable name",
    "plate": "readable number plate",
    "phone": "readable phone number",
    "email": "readable e-mail address",
    "long-number": "readable long number",
    "small-text": "readable text under a face",
}
_MANY = {
    "record": "readable forms, cards, lists or screens about people",
    "email": "readable e-mail addresses",
    "small-text": "readable texts under faces",
}

printable = lines.printable

# Findings of these kinds are told by their labels.
_BY_LABEL = frozenset({"code", "source", "text"})


def english(words: str) -> str:
    """Say words as they are."""
    return words


def listed(words: Iterable[str], say: Say = english) -> str:
    """Words as a list in a sentence: "a, b and c"."""
    *rest, last = list(words) or [""]
    return f"{', '.join(rest)} {say('and')} {last}" if rest else last


def counted(number: int, one: str, many: str | None = None, say: Say = english) -> str:
    """A number with its noun: "1 face", "3 faces"; Malay has one form for one and for many."""
    if (noun := say(one)) != one:
        return f"{number} {noun}"
    return f"{number} {one if number == 1 else many or one + 's'}"


# How alike two words must be (difflib) for one to be meant by the other.
_NEARLY = 0.7


def meant(written: str, known: Iterable[str]) -> str:
    """The word that a person meant by another that is nearly the same; empty for none."""
    from difflib import get_close_matches  # noqa: PLC0415  (only a mistake needs it)

    return next(iter(get_close_matches(written, list(known), 1, _NEARLY)), "")


def found(findings: Iterable[Finding], say: Say = english) -> str:
    """What was found, in plain words: "2 faces and a scene that looks clinical (ward)"."""
    kinds: dict[tuple[str, str | None, bool], list[Finding]] = {}
    for finding in findings:
        label = finding.label if finding.kind in _BY_LABEL else None
        kinds.setdefault((finding.kind, label, finding.noted), []).append(finding)
    return listed((_kind(kind, group, say) for (kind, _, _), group in kinds.items()), say)


def _kind(kind: str, group: list[Finding], say: Say) -> str:
    one = group[0]
    why = listed((say(part) for part in (one.reason or "").split(" and ")), say)
    number = len(group)
    noted = f" ({say('not asked about')})" if one.noted else ""
    match kind:
        case "face":
            text = counted(number, "small face" if one.noted else "face", say=say) + noted
        case "clinical":
            besides = f", {why}" if why else ""
            text = f"{say('a scene that looks clinical')}{_like(one, say)}{besides}"
        case "doubt":
            besides = f" ({why})" if why else ""
            text = f"{say('a scene that may be clinical')}{besides}"
        case "source" if one.label == NO_CAMERA_DATA:
            text = say("no camera data, as in a picture that was forwarded or downloaded")
        case "source":
            fields = (say(field) for field in (one.label or "").split(", "))
            said = f" ({listed(fields, say)})" if one.label else ""
            text = say("someone else's picture") + said
        case "code":
            text = counted(number, one.label or kind, say=say)
        case "text":
            one_text = TEXT.get(one.label or "", "readable text")
            text = counted(number, one_text, _MANY.get(one.label or ""), say) + noted
        case "person":
            text = counted(number, *PERSON, say) + noted
        case "place":  # its label is a name
            besides = f": {why}" if why else ""
            named = f" ({one.label})" if one.label else ""
            text = f"{say('a place that needs permission')}{named}{besides}"
        case _:
            text = counted(number, kind.replace("_", " "), say=say) + _like(one, say)
    return text


def _like(finding: Finding, say: Say) -> str:
    """What a finding looks like."""
    return f" ({say(finding.label.replace('_', ' '))})" if finding.label else ""
