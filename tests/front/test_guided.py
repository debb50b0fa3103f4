"""The conversation about photos that wait, driven by lines as a person would type them."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from front.scripted import MIDDLE, RIGHT, Scene, face, photo
from unit.ledger import office

from imu_imageprep import api
from imu_imageprep.domain.box import Box
from imu_imageprep.domain.case import Suggestion
from imu_imageprep.domain.consent import Kind, Purpose
from imu_imageprep.domain.finding import DidNotLook, Finding
from imu_imageprep.domain.needs import Need
from imu_imageprep.domain.recognition import Recognition, labelled
from imu_imageprep.domain.trail import Listed, State
from imu_imageprep.front.cli.guided.rows import Row
from imu_imageprep.request import Request
from imu_imageprep.shell import quoted

SAMPLES = Path(__file__).parents[2] / "samples"

WARD = Finding("clinical", 0.9, None, "ward")
DOUBT = Finding("doubt", 0.4, None, "clinical")
SOURCE = Finding("source", 1.0, None, "credit")
STAFF = replace(office.PATIENT, kind=Kind.STAFF, subject="NURSE-7", channels=("web",), expires=None)
EVENT = replace(office.EVENT, opt_outs="the person in red")


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path / "ledger.db")


def answers(scene: Scene, kind: str = "answer") -> list[Listed]:
    """What was said, as it stands in the ledger."""
    ledger = api.Desk.at(scene.ledger).ledger
    shas = [(name.encode().hex() * 64)[:64] for name in ("a.jpg", "b.jpg", "c.jpg", "d.jpg")]
    found = {one.ref: one for sha in shas for one in ledger.records(sha)}
    return [one for one in found.values() if one.kind == kind]


def test_faces_are_covered_and_the_photo_goes_out(scene: Scene) -> None:
    terminal = scene.talk([photo("a.jpg", face(), face(RIGHT))], "c", "")
    assert scene.exported == {"a.jpg": Request(redact=("faces",))}
    assert (
        "  1  1 face (face-1, top left): needs the consent of each person shown, or covering"
        in terminal.said
    )
    assert "  same as: adding --redact faces" in terminal.said


def test_one_face_is_covered_and_the_other_one_is_not_a_face(scene: Scene) -> None:
    terminal = scene.talk([photo("a.jpg", face(), face(RIGHT))], "f", "c 2", "f", "Tan", "")
    assert "Say which one: f 1, f 2, or f all." in terminal.said
    assert scene.exported == {"a.jpg": Request(redact=("face-2",))}
    (said,) = answers(scene, "dismissal")
    assert said.state is State.IN_FORCE
    assert 'dismiss a.jpg --finding face-1 --need person-consent --reason "not a face"' in (
        terminal.heard
    )


def test_only_records_that_fit_are_offered(scene: Scene) -> None:
    desk = api.Desk.at(scene.ledger)
    fits = desk.add(STAFF).ref
    teaching = desk.add(replace(STAFF, purpose=(Purpose.TEACHING,))).ref
    expired = desk.add(replace(STAFF, signed=date(2020, 1, 1), expires=date(2020, 2, 1))).ref
    gone = desk.add(STAFF).ref
    desk.withdraw(gone, reason="", by="A Clerk")
    terminal = scene.talk([photo("a.jpg", face())], "u", "1", "Tan", "")
    assert f"  1  {fits}  staff NURSE-7" in terminal.said
    assert not any(ref in terminal.heard for ref in (teaching, expired, gone))
    assert "Needle Giver" not in terminal.heard
    assert f"consent use {fits} --photo a.jpg --finding face-1 --by Tan" in terminal.heard
    (said,) = answers(scene)
    assert said.state is State.IN_FORCE
    assert scene.exported == {"a.jpg": Request()}


def test_a_consent_is_entered_now_and_undone(scene: Scene) -> None:
    entered = (
        *("a", "staff", "NURSE-7", "n", "y", "Needle Giver", "o", "publication", "web", "y"),
        *("", "2026-13-01", "2026-01-02", "", "Desk"),
    )
    terminal = scene.talk([photo("a.jpg", face())], *entered, "Tan", "z", "z", "l")
    asked = [prompt for prompt in terminal.asked if prompt.startswith("  ")]
    assert len(asked) == 13  # one of them twice
    assert not any("come of age" in prompt or "sha256" in prompt for prompt in asked)
    assert "  That is a day, written like 2026-03-04." in terminal.said
    (said,) = answers(scene)
    assert said.state is State.WITHDRAWN
    (record,) = answers(scene, "consent")
    assert record.state is State.WITHDRAWN
    assert scene.exported == {}
    assert terminal.asked.count("Your name, for the record: ") == 1


def test_a_record_that_cannot_be_entered_is_asked_again(scene: Scene) -> None:
    place = ("a", "", "Ward 7", "director", "Tan", "2026-01-02", "", "tan")
    again = ("", "", "A Director", "", "", "")
    dismissed = ("n", "Tan")
    terminal = scene.talk([photo("a.jpg", WARD)], *dismissed, *place, *again, "")
    assert any("cannot be the one who gives it. Enter keeps" in line for line in terminal.said)
    assert scene.exported == {"a.jpg": Request()}


def test_a_ward_needs_patient_and_place(scene: Scene) -> None:
    desk = api.Desk.at(scene.ledger)
    refs = [desk.add(replace(office.PATIENT, subject=f"P-{n}", expires=None)).ref for n in "123"]
    desk.add(replace(office.PLACE, photo="", first=date(2026, 1, 1), last=date(2026, 1, 9)))
    lines = ("u 1", "2", "1 9", "3 1", "Tan", "u 2", "1", "2026-01-05", "")
    terminal = scene.talk([photo("a.jpg", WARD)], *lines)
    assert "Choose 2 from the list." in terminal.said
    assert f"{refs[0]} {refs[2]} --photo a.jpg --finding clinical-1 --patients 2" in terminal.heard
    assert "--captured 2026-01-05" in terminal.heard
    assert scene.exported == {"a.jpg": Request()}


def test_a_signed_sheet_answers_all_faces_of_some_photos(scene: Scene) -> None:
    api.Desk.at(scene.ledger).add(replace(EVENT, first=date(2026, 3, 1), last=date(2026, 3, 1)))
    photos = [photo("a.jpg", face(), face(MIDDLE), face(RIGHT))]
    terminal = scene.talk(photos, "u 1", "1", "y", "2026-03-01", "y", "Tan", "")
    assert "Opted out: the person in red" in terminal.said
    assert any("Does it answer all 3 here?" in prompt for prompt in terminal.asked)
    assert "--finding face-3 --captured 2026-03-01 --nobody-excluded" in terminal.heard
    assert scene.exported == {"a.jpg": Request()}


def test_a_sheet_is_not_used_unless_someone_looked(scene: Scene) -> None:
    api.Desk.at(scene.ledger).add(EVENT)
    scene.talk([photo("a.jpg", face())], "u", "1", "", "l")
    assert answers(scene) == []


def test_the_same_answer_for_others_each_named(scene: Scene) -> None:
    photos = [photo(name, WARD) for name in ("a.jpg", "b.jpg", "c.jpg", "d.jpg")]
    lines = ("n", "Tan", "1 3", "k", "y", "", "", "l", "")
    terminal = scene.talk(photos, *lines)
    assert "3 more photos wait for the same answer. Look at each one first:" in terminal.said
    assert "  2  c.jpg: a scene that looks clinical (ward)" in terminal.said
    assert sorted(scene.exported) == ["a.jpg", "b.jpg", "d.jpg"]
    assert len(answers(scene, "dismissal")) == 3 + 4
    assert terminal.asked.count("Your name, for the record: ") == 1


def test_undoing_takes_back_what_was_shared(scene: Scene) -> None:
    photos = [photo(name, face()) for name in ("a.jpg", "b.jpg")]
    terminal = scene.talk(photos, "f", "Tan", "y", "z", "l", "c", "")
    assert [one.state for one in answers(scene, "dismissal")] == [State.WITHDRAWN] * 2
    assert "b.jpg: the last answer is undone." in terminal.said
    assert scene.exported == {"b.jpg": Request(redact=("faces",))}


def test_what_went_out_stays_out_when_a_shared_answer_is_undone(scene: Scene) -> None:
    photos = [photo(name, face()) for name in ("a.jpg", "b.jpg")]
    scene.talk(photos, "c", "y", "", "z", "l")
    assert scene.exported == {"a.jpg": Request(redact=("faces",))}


def test_a_credit_line_that_identifies_is_refused(scene: Scene) -> None:
    lines = ("t", "call 012-345 6789", "t", "", "t", "Photo: A. Maker", "")
    terminal = scene.talk([photo("a.jpg", SOURCE)], *lines)
    assert scene.exported == {"a.jpg": Request(credit="Photo: A. Maker")}
    assert "6789" not in terminal.heard
    assert f"  same as: adding --credit {quoted('Photo: A. Maker')}" in terminal.said


def test_own_work_needs_no_credit(scene: Scene) -> None:
    scene.talk([photo("a.jpg", SOURCE)], "o", "Tan", "")
    assert scene.exported == {"a.jpg": Request()}


def test_a_doubt_is_answered_with_one_key(scene: Scene) -> None:
    terminal = scene.talk([photo("a.jpg", DOUBT)], "d", "Tan", "")
    assert (
        "  1  a scene that may be clinical (doubt-1): needs a person to look at it" in terminal.said
    )
    assert scene.exported == {"a.jpg": Request()}
    (said,) = answers(scene, "dismissal")
    assert said.state is State.IN_FORCE
    assert (
        'dismiss a.jpg --finding doubt-1 --need look --reason "nothing clinical" --by Tan'
        in terminal.heard
    )


def test_a_doubt_that_is_none_asks_for_both_permissions(scene: Scene) -> None:
    terminal = scene.talk([photo("a.jpg", DOUBT)], "y", "Tan", "n", "k", "")
    assert "consent clinical a.jpg --finding doubt-1 --by Tan" in terminal.heard
    assert "(clinical-1): needs the consent of each patient shown" in terminal.heard
    assert "(clinical-1): needs the place's permission" in terminal.heard
    assert len(answers(scene, "confirmation")) == 1
    assert len(answers(scene, "dismissal")) == 2
    assert scene.exported == {"a.jpg": Request()}


def test_a_yes_can_be_undone_and_the_doubt_is_back(scene: Scene) -> None:
    terminal = scene.talk([photo("a.jpg", DOUBT)], "y", "Tan", "z", "d", "")
    assert "a.jpg: the last answer is undone." in terminal.said
    (yes,) = answers(scene, "confirmation")
    assert yes.state is State.WITHDRAWN
    assert scene.exported == {"a.jpg": Request()}


def test_the_same_doubt_of_others_is_answered_with_it(scene: Scene) -> None:
    photos = [photo(name, DOUBT) for name in ("a.jpg", "b.jpg", "c.jpg")]
    terminal = scene.talk(photos, "y", "Tan", "1", "l", "l", "d", "")
    assert "  1  b.jpg: a scene that may be clinical" in terminal.said
    assert len(answers(scene, "confirmation")) == 2
    assert scene.exported == {"c.jpg": Request()}


def test_what_shows_only_after_covering_can_only_be_covered(scene: Scene) -> None:
    scene.results = [photo("a.jpg", face(), second=[face(RIGHT)])]
    terminal = scene.talk([photo("a.jpg", face())], "c", "", "f", "c", "")
    assert "It is still waiting:" in terminal.said
    assert "f answers nothing here; ? shows the choices." in terminal.said
    box = RIGHT.grown().to_pixels(1000, 800)
    assert scene.exported == {"a.jpg": Request(redact=("faces",), boxes=(box,))}


def test_what_could_not_be_looked_at_waits(scene: Scene) -> None:
    blind = photo("a.jpg", face(), scan=DidNotLook("the model is missing"))
    terminal = scene.talk([blind])
    assert "No answer here can release it; it stays waiting." in terminal.said
    assert scene.exported == {}


def test_leaving_one_and_leaving_all(scene: Scene) -> None:
    photos = [photo(name, face()) for name in ("a.jpg", "b.jpg", "c.jpg")]
    terminal = scene.talk(photos, "l", "q")
    assert "b.jpg (2 of 3)" in terminal.said
    assert "c.jpg (3 of 3)" not in terminal.said
    assert scene.exported == {}


@pytest.mark.parametrize("end", ["", "^C"])
def test_breaking_off_keeps_what_was_said_and_exports_nothing_more(scene: Scene, end: str) -> None:
    photos = [photo(name, WARD) for name in ("a.jpg", "b.jpg")]
    lines = ["n", "Tan", "", *([end] if end else [])]
    if end:
        with pytest.raises(KeyboardInterrupt):
            scene.talk(photos, *lines)
    else:
        assert scene.talk(photos, *lines).said[-1] == "(gone)"
    assert scene.exported == {}
    (said,) = answers(scene, "dismissal")
    assert said.state is State.IN_FORCE


def test_a_problem_is_told_and_the_talk_goes_on(scene: Scene) -> None:
    desk = api.Desk.at(scene.ledger)
    for subject in "12":
        desk.add(replace(office.PATIENT, subject=f"P-{subject}", expires=None))
    lines = ("u 1", "1", "1", "Tan", "z", "u 1", "0", "u 1", "2", "1 2", "l")
    terminal = scene.talk([photo("a.jpg", WARD)], *lines)
    assert any("Type a number, 1 or more." in line for line in terminal.said)
    assert len([one for one in answers(scene) if one.state is State.IN_FORCE]) == 1


def test_nothing_typed_makes_no_answer(scene: Scene) -> None:
    terminal = scene.talk([photo("a.jpg", face())], "", "99", "c 7", "z", "v", "?", "l")
    assert "You can type: c 1." in terminal.said
    assert "There is no answer to undo here." in terminal.said
    assert 'This terminal cannot show pictures; "imageprep app" can.' in terminal.said
    assert scene.exported == {}
    assert not scene.ledger.exists()


def test_it_fits_eighty_columns_and_any_encoding() -> None:
    from imu_imageprep.front.cli.terminal import Console  # noqa: PLC0415

    raw = io.BytesIO()
    output = io.TextIOWrapper(raw, "ascii", newline="\n", write_through=True)
    console = Console(output, io.StringIO("  typed  \n"))
    console.say("  1  " + "a place that needs permission " * 5, indent="     ")
    console.show("600×600 → out/photo.jpg · © …")
    assert console.ask("→ ") == "typed"
    with pytest.raises(EOFError):
        console.ask("? ")
    lines = raw.getvalue().decode("ascii").split("\n")
    assert max(map(len, lines)) < 80
    assert lines[0].startswith("  1  a place")
    assert lines[1].startswith("     ")
    assert "600x600 -> out/photo.jpg - (c) ..." in lines


def test_rows_tell_where_a_face_is() -> None:
    boxes = [Box(x, y, 0.1, 0.1) for y in (0.1, 0.45, 0.8) for x in (0.1, 0.45, 0.8)]
    told = [
        Row(1, replace(face(box), id="face-1"), Need.PERSON_CONSENT).told().split(", ")[1]
        for box in boxes
    ]
    assert [where.split(")")[0] for where in told] == [
        *("top left", "top middle", "top right", "left", "middle", "right"),
        *("bottom left", "bottom middle", "bottom right"),
    ]


def test_a_suggestion_is_confirmed_by_a_person_for_one_face_at_a_time(scene: Scene) -> None:
    desk = api.Desk.at(scene.ledger)
    theirs, other = desk.add(STAFF).ref, desk.add(replace(STAFF, subject="TUTOR-2")).ref
    known = tuple(
        Suggestion(f"face-{number}", "NURSE-7", 0.3, refs)
        for number, refs in ((1, (theirs,)), (2, ("C-000-000-000",)))
    )
    held = photo("a.jpg", face(), face(RIGHT))
    told = labelled(held, Recognition(known))

    plain = scene.talk([held], "w", "l")
    assert "w answers nothing here; ? shows the choices." in plain.said

    terminal = scene.talk([told], "w all", "n", "w 2", "w 1", "y", "Tan", "c 2", "")
    needs = "needs the consent of each person shown, or covering"
    assert f"  1  1 face, like NURSE-7 (face-1, top left): {needs}" in terminal.said
    assert "One at a time; it is used for the first." in terminal.said
    assert "No consent of NURSE-7 answers this; u shows those that do." in terminal.said
    assert f"consent use {theirs} --photo a.jpg --finding face-1 --by Tan" in terminal.heard
    assert other not in terminal.heard
    (said,) = answers(scene)
    assert said.state is State.IN_FORCE
    # The face whose consent was confirmed stays as it is.
    assert scene.exported == {"a.jpg": Request(redact=("face-2",))}


def test_a_photo_that_cannot_be_judged_any_more_waits_and_the_next_one_is_talked_about(
    scene: Scene, tmp_path: Path
) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "imageprep.toml").write_text('[flags]\nface = "perhaps"\n', "utf-8")
    first = replace(photo("a.jpg", face()), path=str(folder / "a.jpg"))
    terminal = scene.talk([first, photo("b.jpg", face())], "c", "")
    assert "imageprep.toml" in terminal.heard
    assert f"{first.path} is waiting." in terminal.said
    assert scene.exported == {"b.jpg": Request(redact=("faces",))}


def test_an_answer_that_was_withdrawn_is_named_and_not_its_consent(scene: Scene) -> None:
    desk = api.Desk.at(scene.ledger)
    ref = desk.add(STAFF).ref
    receipt = photo("a.jpg", face())
    (answer,) = desk.answer(receipt, [ref], findings=["face-1"], by="Tan")
    desk.withdraw(answer.ref, reason="", by="Tan")
    terminal = scene.talk([receipt], "l")
    assert f"     {answer.ref} was withdrawn" in terminal.said
    assert f"{ref} was withdrawn" not in terminal.heard
