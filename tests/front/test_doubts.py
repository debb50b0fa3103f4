"""Doubts at the command line: one photo or many, asked about once, and always by name."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from command import imageprep
from front.sitting import Sitting
from front.test_consent import PATIENT, PLACE, STAFF, recorded
from pictures import encoded, exif, scene

from imu_imageprep import api
from imu_imageprep.domain.answers import Confirmation, Dismissal
from imu_imageprep.domain.needs import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLES = Path(__file__).parents[2] / "samples"
RETINA = SAMPLES / "clinical.jpg"

ASKED = "[y/N] "


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A check that is sure of nothing: what looks clinical is a doubt."""
    file = tmp_path / "office.toml"
    file.write_text("[clinical]\nthreshold = 1.0\ndoubt = 0.9\n", "utf-8")
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three photos with a doubt, one without, and one that cannot be read."""
    folder = tmp_path / "open day"
    folder.mkdir()
    for number in range(3):
        (folder / f"eye-{number}.jpg").write_bytes(RETINA.read_bytes() + bytes([number]))
    (folder / "lawn.jpg").write_bytes(encoded(scene(640, 480), exif=exif()))
    return folder


def checked(rules: Path, *paths: Path) -> Iterator[dict[str, Any]]:
    for line in imageprep("check", *paths, "--config", rules, "--json").stdout.splitlines():
        yield json.loads(line)


def entries(folder: Path) -> list[Any]:
    """What stands in the ledger about the photos of a folder."""
    desk = api.Desk.at()
    return [one.entry for path in sorted(folder.iterdir()) for one in desk.records(path)]


def test_a_doubt_is_told_with_both_ways_to_answer_it(rules: Path) -> None:
    done = imageprep("check", RETINA, "--config", rules)
    assert done.returncode == 1
    assert "a scene that may be clinical" in done.stdout
    assert "needs a person to say whether it is clinical" in done.stdout
    assert f"imageprep dismiss {RETINA} --doubts --by NAME" in done.stdout
    assert f"imageprep consent clinical {RETINA} --by NAME" in done.stdout
    (told,) = checked(rules, RETINA)
    assert told["held_for"] == [{"finding": "doubt-1", "needs": "look"}]
    assert (told["findings"][0]["kind"], told["findings"][0]["label"]) == ("doubt", "clinical")


def test_many_doubts_are_answered_at_once_and_the_rest_goes_on(rules: Path, folder: Path) -> None:
    (folder / "torn.jpg").write_bytes(b"\xff\xd8\xff\xe0 torn")
    args = ("dismiss", folder, "--doubts", "--config", rules, "--by", "Needle Tan", "-j", 2)
    done = imageprep(*args, "--yes")
    assert done.returncode == 4
    assert "torn.jpg" in done.stderr
    assert "lawn.jpg" not in done.stderr
    assert done.stderr.count("a scene that may be clinical") == 3
    lines = done.stdout.splitlines()
    assert [Path(line).name for line in lines] == ["eye-0.jpg", "eye-1.jpg", "eye-2.jpg"]
    assert all(line.startswith("D-") for line in lines)
    assert "Needle" not in done.stdout + done.stderr
    said = entries(folder)
    assert [type(one) for one in said] == [Dismissal] * 3
    assert {(one.reason, one.by) for one in said} == {(Reason.NOTHING_CLINICAL, "Needle Tan")}
    assert {told["outcome"] for told in checked(rules, folder)} == {"clear", "failed"}
    again = imageprep(*args, "--yes")
    assert (again.returncode, again.stdout) == (4, "")
    assert "No photo here waits because it may be clinical." in again.stderr


def test_after_a_look_the_photos_leave_under_neutral_names(rules: Path, folder: Path) -> None:
    imageprep("dismiss", folder, "--doubts", "--yes", "--config", rules, "--by", "Tan")
    done = imageprep(folder, "-o", folder.parent / "web", "--config", rules, "--json")
    assert done.returncode == 0
    told = [json.loads(line) for line in done.stdout.splitlines()]
    for one in told:
        if one["findings"]:
            assert Path(one["export"]["path"]).name.startswith("photo-")
            (answer,) = one["answered"]
            assert (answer["by"], answer["reason"]) == ("dismissal", "nothing clinical")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--doubts",), "Missing option '--by'"),
        (("--doubts", "--by", " ", "--yes"), "a name is needed"),
        (("--doubts", "--by", "Tan"), "nobody can be asked here"),
        (("--doubts", "--by", "Tan", "--yes", "--finding", "doubt-1"), "takes no --finding"),
        (("--by", "Tan"), "--finding, --need and --reason"),
        (("--by", "Tan", "--yes"), "--finding, --need and --reason"),
    ],
)
def test_nothing_is_answered_without_a_name_or_by_half(
    rules: Path, folder: Path, options: tuple[str, ...], says: str
) -> None:
    done = imageprep("dismiss", folder, *options, "--config", rules)
    assert (done.returncode, says in done.stderr) == (2, True), done.stderr
    assert entries(folder) == []


def test_a_stream_has_nobody_to_list(rules: Path) -> None:
    done = imageprep("dismiss", "-", "--doubts", "--yes", "--by", "Tan", "--config", rules)
    assert (done.returncode, "cannot come from standard input" in done.stderr) == (2, True)


def test_a_folder_that_is_not_there_is_told(rules: Path, tmp_path: Path) -> None:
    done = imageprep(
        "dismiss", tmp_path / "none", "--doubts", "--yes", "--by", "Tan", "--config", rules
    )
    assert done.returncode == 4


@pytest.mark.parametrize(
    ("typed", "code", "answered"), [("y\n", 0, 3), ("n\n", 1, 0), ("\n", 1, 0), ("\x04", 1, 0)]
)
def test_a_person_is_asked_once(
    rules: Path, folder: Path, typed: str, code: int, answered: int
) -> None:
    sitting = Sitting("dismiss", folder, "--doubts", "--by", "Tan", "--config", rules)
    sitting.until(ASKED)
    assert sitting.heard.count("a scene that may be clinical") == 3
    assert "each of these 3 photos" in sitting.heard
    sitting.type(typed)
    assert sitting.end() == code
    assert sitting.heard.count(ASKED) == 1
    assert len(entries(folder)) == answered


def test_an_interruption_leaves_nothing_half(rules: Path, folder: Path) -> None:
    sitting = Sitting("dismiss", folder, "--doubts", "--by", "Tan", "--config", rules)
    sitting.until(ASKED)
    sitting.type("\x03")
    assert sitting.end() == 130
    assert "nothing was recorded" in sitting.heard
    assert "Traceback" not in sitting.heard
    assert entries(folder) == []


def test_a_yes_gives_the_photo_both_needs_until_it_is_withdrawn(rules: Path) -> None:
    done = imageprep("consent", "clinical", RETINA, "--by", "Needle Tan", "--config", rules)
    assert done.returncode == 0
    ref = done.stdout.strip()
    assert ref.startswith("Y-")
    (told,) = checked(rules, RETINA)
    assert [(one["finding"], one["needs"]) for one in told["held_for"]] == [
        ("clinical-1", "patient-consent"),
        ("clinical-1", "place-permission"),
    ]
    assert [(one["kind"], one["reason"]) for one in told["findings"]] == [
        ("clinical", "somebody says so")
    ]
    assert "Needle" not in json.dumps(told)
    again = imageprep("consent", "clinical", RETINA, "--by", "Tan", "--config", rules)
    assert (again.returncode, "There is no doubt-1" in again.stderr) == (2, True)
    none = imageprep("dismiss", RETINA, "--doubts", "--yes", "--by", "Tan", "--config", rules)
    assert "No photo here waits because it may be clinical." in none.stderr
    assert f"{ref}  clinical, in force" in imageprep("consent", "show", ref).stdout
    assert imageprep("consent", "withdraw", ref, "--by", "Tan").returncode == 0
    (told,) = checked(rules, RETINA)
    assert told["held_for"] == [{"finding": "doubt-1", "needs": "look"}]


def test_a_yes_after_the_export_is_not_passed_over(tmp_path: Path) -> None:
    noted = tmp_path / "office.toml"
    noted.write_text('[clinical]\nthreshold = 1.0\ndoubt = 0.9\n[flags]\ndoubt = "note"\n', "utf-8")
    run = (RETINA, "-o", tmp_path / "web", "--config", noted, "--json")
    yes = ("consent", "clinical", RETINA, "--by", "Tan", "--config", noted)

    def outcome() -> str:
        told = json.loads(imageprep(*run).stdout)["outcome"]
        assert isinstance(told, str)
        return told

    assert [outcome(), outcome()] == ["exported", "skipped"]
    ref = imageprep(*yes).stdout.strip()
    assert outcome() == "held"
    assert imageprep("consent", "withdraw", ref, "--by", "Tan").returncode == 0
    assert outcome() == "skipped"


def test_what_was_seen_stands_when_its_name_is_erased_and_in_another_ledger(
    rules: Path, tmp_path: Path
) -> None:
    ref = imageprep(
        "consent", "clinical", RETINA, "--by", "Needle Tan", "--config", rules
    ).stdout.strip()
    exported = tmp_path / "exported.jsonl"
    api.Desk.at().export_to(exported)
    other = tmp_path / "other.db"
    api.Desk.at(other).import_lines(exported.read_text("utf-8").splitlines())
    assert imageprep("consent", "erase", ref, "--yes").returncode == 0
    (told,) = checked(rules, RETINA)
    assert len(told["held_for"]) == 2
    assert api.Desk.at().audit().damage is None
    with sqlite3.connect(api.Desk.at().ledger.place) as connection:
        everything = "".join(connection.iterdump())
    assert "Needle" not in everything
    moved = api.Desk.at(other)
    (one,) = moved.records(RETINA)
    assert isinstance(one.entry, Confirmation)
    assert (one.ref, one.kind, one.entry.by) == (ref, "confirmation", "Needle Tan")
    there = imageprep("check", RETINA, "--config", rules, "--ledger", other, "--json").stdout
    assert len(json.loads(there)["held_for"]) == 2


def test_only_a_doubt_can_be_confirmed() -> None:
    done = imageprep("consent", "clinical", RETINA, "--finding", "clinical-1", "--by", "Tan")
    assert (done.returncode, "Only a doubt can be confirmed." in done.stderr) == (2, True)


@pytest.mark.parametrize("level", ["note", "off"])
def test_where_doubts_do_not_hold_the_photo_leaves_and_that_is_told(
    tmp_path: Path, level: str
) -> None:
    file = tmp_path / "office.toml"
    file.write_text(
        f'[clinical]\nthreshold = 1.0\ndoubt = 0.9\n[flags]\ndoubt = "{level}"\n', "utf-8"
    )
    (told,) = checked(file, RETINA)
    assert told["outcome"] == "clear"
    assert told["not_checked"] == ["doubt"]
    assert bool(told["findings"]) == (level == "note")


def test_records_that_are_named_for_a_doubt_say_yes_and_release_the_photo(
    rules: Path, tmp_path: Path
) -> None:
    def use(ref: str, *options: object) -> int:
        named = ("--photo", RETINA, "--by", "Tan", "--config", rules, *options)
        return imageprep("consent", "use", ref, *named).returncode

    patient, place = recorded(tmp_path, PATIENT), recorded(tmp_path, PLACE)
    assert use(patient, "--finding", "doubt-1", "--patients", 1) == 0
    (told,) = checked(rules, RETINA)
    assert [one["needs"] for one in told["held_for"]] == ["place-permission"]
    assert use(place, "--finding", "clinical-1") == 0
    done = imageprep(RETINA, "-o", tmp_path / "web", "--config", rules, "--json")
    assert done.returncode == 0
    answered = json.loads(done.stdout)["answered"]
    assert {one["ref"] for one in answered} == {patient, place}


def test_a_record_that_answers_nothing_confirms_nothing(rules: Path, tmp_path: Path) -> None:
    staff = recorded(tmp_path, STAFF)
    done = imageprep(
        *("consent", "use", staff, "--photo", RETINA, "--finding", "doubt-1", "--by", "Tan"),
        *("--config", rules),  # without the number of patients it is no answer
    )
    assert done.returncode == 2
    (told,) = checked(rules, RETINA)
    assert told["held_for"] == [{"finding": "doubt-1", "needs": "look"}]
