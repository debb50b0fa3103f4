"""Why a photo waits and what would release it; on what grounds a picture left, and who said so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from imu_imageprep.domain import words
from imu_imageprep.domain.cover import cover_of
from imu_imageprep.domain.errors import ExitCode
from imu_imageprep.domain.finding import SECOND, DidNotLook
from imu_imageprep.domain.metadata import NO_CAMERA_DATA
from imu_imageprep.domain.needs import GROUPS, KINDS, Need, needs_of, rule_of, rules_of
from imu_imageprep.domain.place import is_url
from imu_imageprep.domain.reference import EVENT, PLACE, letter_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from imu_imageprep.domain.finding import Finding
    from imu_imageprep.domain.needs import Rule
    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.domain.trail import Listed
    from imu_imageprep.domain.words import Say

    # The entries of "answered" in a receipt that are about one need of one finding.
    Told = Sequence[Mapping[str, Any]]

# Records that are nobody's alone.
_NAMED = {EVENT: "event", PLACE: "place"}

# Of a picture without camera data.
_OWN = "a credit line, or your answer that you took it (imageprep dismiss)"
# Of readable text: much of it is meant to be read.
_TEXT = "covering, or an answer that it is public or of nobody (imageprep dismiss)"
# Of somebody without a face: a back is nobody's, a tattoo may be.
_PERSON = "covering, or an answer that nobody can be identified by it (imageprep dismiss)"
# Of a code: anyone may read the one on a poster.
_CODE = "covering, or an answer that anyone may read it (imageprep dismiss)"

DISMISS_DOUBTS = "imageprep dismiss PHOTO --doubts --by NAME"
# Of a scene that may be clinical: one look is enough.
_DOUBT = "a person to say whether it is clinical"


@dataclass(frozen=True, slots=True)
class Ground:
    """What answered a need of some findings that are alike.

    Attributes:
        kind: of the findings.
        label: what they look like; None where there is nothing to say.
        need: which of their needs.
        answer: what answered it, in plain words without a name.
        refs: references of the records and answers.
        count: how many findings.
    """

    kind: str
    label: str | None
    need: Need
    answer: str
    refs: tuple[str, ...] = ()
    count: int = 1


def hidden(receipt: Receipt, say: Say = words.english) -> str:
    """The kinds of hidden data that the source held: "location and camera"; empty for none."""
    there = receipt.metadata.by_category() if receipt.metadata else {}
    kinds = (say(words.CATEGORY[name]) for name, present in there.items() if present)
    return words.listed(kinds, say)


def why(receipt: Receipt, say: Say = words.english) -> Iterator[str]:
    """Why a held photo waits: what could not be looked at, what was found, or a person's word."""
    for exam in receipt.examinations:
        if isinstance(exam.scan, DidNotLook):
            what = words.CHECK.get(exam.flag or "", exam.detector)
            yield f"{say('could not be checked for')} {say(what)}: {exam.scan.reason}"
    waiting = _waiting(receipt)
    if waiting:
        still = f" {say('can still be seen after covering')}" if _second(waiting) else ""
        yield f"{words.found(waiting, say)}{still}"
    elif all(need.scan is None for need in receipt.held_for):
        yield say("asked to wait (--hold)")


def needs(receipt: Receipt, say: Say = words.english) -> Iterator[str]:
    """What would answer a held photo's findings, and why the records meant for that do not."""
    scans = [exam.scan for exam in receipt.examinations]
    if any(isinstance(scan, DidNotLook) and scan.code == ExitCode.MODEL for scan in scans):
        yield say("to see what is missing: imageprep doctor")
    if not _waiting(receipt):
        return
    open_needs = dict.fromkeys(
        say(_answer(need.finding, need.needs)) for need in receipt.held_for if need.finding
    )
    yield f"{say('needs')} {words.listed(open_needs, say)}"
    for ref, unfit in dict.fromkeys(pair for need in receipt.held_for for pair in need.why):
        yield f"{ref} {say(words.UNFIT[unfit])}"


def _answer(finding: Finding, need: Need) -> str:
    if finding.kind == "code":
        return _CODE
    if finding.kind == "text":
        return _TEXT
    if rules_of(finding.kind).may_be is not None:
        return _DOUBT
    if finding.kind == "person":
        return _PERSON
    return _OWN if finding.label == NO_CAMERA_DATA else words.NEED[need]


def suggested(receipt: Receipt) -> Iterator[str]:
    """Who faces may be, what would answer if it is them, and how a person says so."""
    for one in receipt.suggestions:
        who = f"{one.finding} is like {one.code} (distance {one.distance:.2f})"
        if not one.records:
            yield f"{who}, but no consent of that person answers it"
            continue
        fit = words.listed(one.records)
        yield f"{who}. If it is that person, {fit} answers it. Look, then type:"
        yield f"imageprep PHOTO --confirm {one.finding}={one.records[0]} --by NAME"


def commands(receipt: Receipt) -> tuple[str, ...]:
    """The commands that would release a photo that waits, in their order.

    PHOTO stands for its name; C-REF, P-REF, N, NAME and, for a photo of a store, EXPORTS are for a
    person to fill in.

    Empty where a scan did not look or a person said hold: no answer releases it then.
    """
    waiting = _waiting(receipt)
    kinds = {finding.kind for finding in waiting}
    if receipt.source is None or not all(need.finding for need in receipt.held_for):
        return ()
    if second := _second(waiting):
        size = receipt.source
        covers = [cover_of(found.box, found.kind) for found in second if found.box]
        boxes = [cover.to_pixels(size.width, size.height) for cover in covers]
        drawn = "".join(f" --redact-box {','.join(map(str, box))}" for box in boxes)
        found = (f for f in receipt.findings if not f.id.startswith(SECOND))
        first = {f.kind for f in found if f.kind != "person" or not f.noted}
        groups = ",".join(name for name, kind in GROUPS.items() if kind in first)
        named = f" --redact {groups}" if groups else ""
        return (f"imageprep PHOTO{_out(receipt)}{named}{drawn}",)
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
    looks = [DISMISS_DOUBTS] if receipt.open_doubts else []
    covered = [name for name, kind in GROUPS.items() if kind in kinds]
    cover = f" --redact {','.join(covered)}" if covered else ""
    credit = ' --credit "Photo: …"' if any(rule.credit for _, rule in rules) else ""
    return (*uses, *looks, f"imageprep PHOTO{_out(receipt)}{cover}{credit}")


def _out(receipt: Receipt) -> str:
    """Where the export goes, which has to be said of a photo in a store."""
    return " -o EXPORTS" if is_url(receipt.path) else ""


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


def grounds(body: Mapping[str, Any], entries: Mapping[str, Listed]) -> tuple[Ground, ...]:
    """The grounds of an export without names, findings that are alike told together.

    Args:
        body: the receipt as it was recorded (docs/json.md).
        entries: what has the references that it relied on.
    """
    told: dict[tuple[str, str | None, Need, str], Ground] = {}
    for finding, need, answers in _by_need(body):
        answer, refs = _ground(body, finding, answers, entries)
        key = (finding["kind"], finding["label"], need, answer)
        before = told.get(key)
        one = Ground(*key, refs)
        told[key] = one if before is None else _together(before, one)
    return tuple(told.values())


def fallen(entries: Mapping[str, Listed], today: date) -> dict[str, list[str]]:
    """The references that do not count any more on a day, by what became of them."""
    from imu_imageprep.domain.trail import State  # noqa: PLC0415  (only of a receipt)

    became: dict[str, list[str]] = {}
    for ref, one in entries.items():
        if one.state is not State.IN_FORCE:
            became.setdefault(f"was {one.state.value}", []).append(ref)
        elif one.ends is not None and one.ends < today:
            became.setdefault("has ended", []).append(ref)
    return became


def who_answered(body: Mapping[str, Any], entries: Mapping[str, Listed]) -> Iterator[str]:
    """What answered each need of an export, who said so and when: a line for each.

    Args:
        body: the receipt as it is read from the ledger, with the names that are there still.
        entries: what has the references that it relied on.
    """
    for finding, need, answers in _by_need(body):
        if not answers:
            continue
        several = len(needs_of(finding["kind"])) > 1
        about = f"{finding['id']}, {need.value}" if several else finding["id"]
        yield f"{about}: {_what(answers, entries)}{_said(answers[0])}"


def _by_need(body: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Need, Told]]:
    """Each need of each finding with what answered it."""
    answered = body.get("answered", ())  # older receipts do not tell
    for finding in body["findings"]:
        for need in needs_of(finding["kind"]):
            about = (finding["id"], need.value)
            yield finding, need, [one for one in answered if (one["finding"], one["need"]) == about]


def _ground(
    body: Mapping[str, Any],
    finding: Mapping[str, Any],
    answers: Told,
    entries: Mapping[str, Listed],
) -> tuple[str, tuple[str, ...]]:
    """What answered a need, in words without a name, and its references."""
    if not answers:
        kinds = {finding["kind"], rules_of(finding["kind"]).may_be}
        if kinds & set(body["not_checked"]) or finding.get("noted"):
            return "only noted: NOT CHECKED, by policy", ()
        return "the receipt does not say", tuple(body["receipt"].get("relied_on", ()))
    one = answers[0]
    refs = (*(each["ref"] for each in answers), one["said"])
    kept = tuple(dict.fromkeys(ref for ref in refs if ref))
    if one["by"] == "covering":
        return "covered", kept
    if one["by"] == "credit":
        return "a credit line is drawn on the picture", kept
    if one["by"] == "dismissal":
        return f"a false alarm, said by a named person: {one['reason']}", kept
    return _records([each["ref"] for each in answers], entries), kept


def _records(refs: Sequence[str], entries: Mapping[str, Listed]) -> str:
    if letter_of(refs[0]) == PLACE:
        return "the place's permission"
    if letter_of(refs[0]) == EVENT:
        return "the signed sheet of an event"
    kinds = {kind for ref in refs if (kind := _kind(ref, entries))}
    whose = f" ({', '.join(sorted(kinds))})" if kinds else ""
    return f"consent on record{whose}" if len(refs) == 1 else f"{len(refs)} consents{whose}"


def _kind(ref: str, entries: Mapping[str, Listed]) -> str | None:
    """What kind of record a reference names; None where it was erased."""
    listed = entries.get(ref)
    if listed is None or listed.entry is None:
        return None
    if letter_of(ref) in _NAMED:
        return _NAMED[letter_of(ref)]
    kind = getattr(listed.entry, "kind", None)
    return None if kind is None else str(kind.value)


def _what(answers: Told, entries: Mapping[str, Listed]) -> str:
    one = answers[0]
    if one["by"] == "covering":
        return "covered"
    if one["by"] == "credit":
        return "a credit line is drawn"
    if one["by"] == "dismissal":
        return f'false alarm "{one["reason"]}"'
    each = [f"{a['ref']} ({_kind(a['ref'], entries) or 'erased'})" for a in answers]
    return f"agreed: {words.listed(each)}"


def _said(answer: Mapping[str, Any]) -> str:
    """Who said it and when; nothing where nobody had to."""
    if answer["said"] is None:
        return ", named for the whole run" if answer["by"] == "record" else ""
    if answer["who"] is None:
        return ", said by somebody whose name was erased"
    return f", said by {words.printable(answer['who'])} on {answer['at'][:10]}"


def _together(one: Ground, other: Ground) -> Ground:
    refs = tuple(dict.fromkeys((*one.refs, *other.refs)))
    return replace(one, refs=refs, count=one.count + other.count)
