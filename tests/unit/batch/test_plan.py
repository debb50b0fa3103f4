from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from imu_imageprep.batch.plan import Choice, Plan
from imu_imageprep.domain.errors import UsageProblem


def touch(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())


def planned(plan: Plan, root: Path) -> dict[str, str]:
    return {
        str(task.path.relative_to(root)): str(
            (task.target.folder / (task.target.stem or "?")).relative_to(root)
        )
        for task in plan
        if task.target
    }


def test_a_file_goes_beside_itself(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg")
    assert planned(Plan([tmp_path / "a.jpg"]), tmp_path) == {"a.jpg": "a-web"}


def test_a_folder_goes_to_its_sibling_with_its_tree(tmp_path: Path) -> None:
    touch(tmp_path, "trip/b.jpg", "trip/day/a.png")
    assert planned(Plan([tmp_path / "trip"]), tmp_path) == {
        "trip/b.jpg": "trip-web/b",
        "trip/day/a.png": "trip-web/day/a",
    }


def test_out_collects_and_mirrors(tmp_path: Path) -> None:
    touch(tmp_path, "trip/day/a.png", "b.jpg")
    plan = Plan([tmp_path / "trip", tmp_path / "b.jpg"], tmp_path / "out")
    assert planned(plan, tmp_path) == {"trip/day/a.png": "out/day/a", "b.jpg": "out/b"}


def test_out_into_the_photos_own_folder_keeps_the_original_apart(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg")
    assert planned(Plan([tmp_path / "a.jpg"], tmp_path), tmp_path) == {"a.jpg": "a-web"}


def test_clashes_are_numbered_whatever_the_letter_case(tmp_path: Path) -> None:
    touch(tmp_path, "one/a.jpg", "two/A.png", "two/a.webp")
    plan = Plan([tmp_path / "one", tmp_path / "two"], tmp_path / "out")
    assert planned(plan, tmp_path) == {
        "one/a.jpg": "out/a",
        "two/A.png": "out/A-2",
        "two/a.webp": "out/a-3",
    }
    assert [task.renamed for task in plan] == [False, True, True]


def test_other_files_are_passed_over_and_told(tmp_path: Path) -> None:
    touch(tmp_path, "t/a.jpg", "t/notes.txt", "t/.hidden.jpg", "t/.git/b.jpg")
    told: list[Path] = []
    assert list(planned(Plan([tmp_path / "t"], passed_over=told.append), tmp_path)) == ["t/a.jpg"]
    assert sorted(path.name for path in told) == [".hidden.jpg", "notes.txt"]


def test_own_exports_are_not_inputs(tmp_path: Path) -> None:
    touch(tmp_path, "t/a.jpg", "t/a-web.jpg", "t/day/b.jpg", "t/day-web/b.jpg", "t/spider-web.jpg")
    neutral = b"an export"
    name = f"t/photo-{hashlib.sha256(neutral).hexdigest()[:8]}.jpg"
    touch(tmp_path, name, "t/photo-00000000.jpg")
    (tmp_path / name).write_bytes(neutral)
    assert list(planned(Plan([tmp_path / "t"]), tmp_path)) == [
        "t/a.jpg",
        "t/photo-00000000.jpg",
        "t/spider-web.jpg",
        "t/day/b.jpg",
    ]


def test_the_out_folder_is_not_an_input(tmp_path: Path) -> None:
    touch(tmp_path, "t/a.jpg", "t/small/a.jpg")
    plan = Plan([tmp_path / "t"], tmp_path / "t" / "small")
    assert list(planned(plan, tmp_path)) == ["t/a.jpg"]


def test_links_out_of_the_tree_are_not_followed(tmp_path: Path) -> None:
    touch(tmp_path, "t/a.jpg", "secret/b.jpg")
    (tmp_path / "t" / "c.jpg").symlink_to(tmp_path / "secret" / "b.jpg")
    (tmp_path / "t" / "more").symlink_to(tmp_path / "secret")
    (tmp_path / "t" / "loop").symlink_to(tmp_path / "t")
    assert list(planned(Plan([tmp_path / "t"]), tmp_path)) == ["t/a.jpg"]


def test_a_photo_named_twice_is_taken_once(tmp_path: Path) -> None:
    touch(tmp_path, "t/a.jpg")
    plan = Plan([tmp_path / "t" / "a.jpg", tmp_path / "t"])
    assert planned(plan, tmp_path) == {"t/a.jpg": "t/a-web"}


def test_a_missing_path_is_a_problem_of_its_own(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg")
    first, second = Plan([tmp_path / "none.jpg", tmp_path / "a.jpg"])
    assert first.problem is not None
    assert first.target is None
    assert second.problem is None


def test_only_the_endings_that_are_asked_for(tmp_path: Path) -> None:
    touch(tmp_path, "t/a.jpg", "t/b.PNG", "t/c.heic", "t/d/e.JPG")
    told: list[Path] = []
    plan = Plan([tmp_path / "t"], passed_over=told.append, choice=Choice.of(["jpg", ".png"], []))
    assert list(planned(plan, tmp_path)) == ["t/a.jpg", "t/b.PNG", "t/d/e.JPG"]
    assert [path.name for path in told] == ["c.heic"]


def test_an_ending_that_no_picture_has_is_refused() -> None:
    with pytest.raises(UsageProblem, match="txt"):
        Choice.of(["txt"], [])


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("draft*", ["t/a.jpg", "t/d/a.jpg", "t/d/e/b.jpg"]),
        ("DRAFT*", ["t/a.jpg", "t/d/a.jpg", "t/d/e/b.jpg"]),
        ("d", ["t/a.jpg", "t/draft 1.jpg"]),
        ("d/", ["t/a.jpg", "t/draft 1.jpg"]),
        ("d/a.jpg", ["t/a.jpg", "t/draft 1.jpg", "t/d/e/b.jpg"]),
        ("/a.jpg", ["t/draft 1.jpg", "t/d/a.jpg", "t/d/e/b.jpg"]),
        ("d/*", ["t/a.jpg", "t/draft 1.jpg"]),
        ("[ab].jpg", ["t/draft 1.jpg"]),
        ("t", ["t/a.jpg", "t/draft 1.jpg", "t/d/a.jpg", "t/d/e/b.jpg"]),
        ("nothing", ["t/a.jpg", "t/draft 1.jpg", "t/d/a.jpg", "t/d/e/b.jpg"]),
    ],
)
def test_what_a_pattern_leaves_out(tmp_path: Path, pattern: str, left: list[str]) -> None:
    touch(tmp_path, "t/a.jpg", "t/draft 1.jpg", "t/d/a.jpg", "t/d/e/b.jpg")
    plan = Plan([tmp_path / "t"], choice=Choice.of([], [pattern]))
    assert list(planned(plan, tmp_path)) == left


def test_a_file_that_is_named_is_taken_whatever_is_excluded(tmp_path: Path) -> None:
    touch(tmp_path, "draft.jpg")
    plan = Plan([tmp_path / "draft.jpg"], choice=Choice.of(["png"], ["draft*"]))
    assert list(planned(plan, tmp_path)) == ["draft.jpg"]
