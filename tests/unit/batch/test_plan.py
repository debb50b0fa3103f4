from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import pytest

from imu_imageprep.batch.choice import Choice, LeftOut
from imu_imageprep.batch.made import Made
from imu_imageprep.batch.plan import Plan, check_out
from imu_imageprep.domain.errors import OutputProblem, UsageProblem
from imu_imageprep.domain.place import Place, here


def touch(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())


def planned(plan: Plan, root: Path) -> dict[str, str]:
    return {
        here(task.path).relative_to(root).as_posix(): (
            (here(task.target.folder) / (task.target.stem or "?")).relative_to(root).as_posix()
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
    told: dict[str, LeftOut] = {}
    plan = Plan([tmp_path / "t"], passed_over=lambda path, why: told.update({path.name: why}))
    assert list(planned(plan, tmp_path)) == ["t/a.jpg"]
    assert told == {".hidden.jpg": LeftOut.OTHER, "notes.txt": LeftOut.OTHER}


class Known:
    """Says that some bytes are exports, and counts what it is asked."""

    def __init__(self, *exports: bytes) -> None:
        self.exports = list(exports)
        self.asked = 0

    def made(self, sha256: str) -> bool:
        self.asked += 1
        return sha256 in {hashlib.sha256(data).hexdigest() for data in self.exports}

    def sizes(self, after: int = 0) -> tuple[int, frozenset[int]]:
        return len(self.exports), frozenset(map(len, self.exports[after:]))


class Unusable(Known):
    def sizes(self, after: int = 0) -> tuple[int, frozenset[int]]:
        del after
        raise OutputProblem("The ledger is in use by another program.")


def left_out(folder: Path, *paths: Path, out: Path | None = None, known: Known) -> dict[str, str]:
    told: dict[str, str] = {}

    def tell(path: Place, why: LeftOut) -> None:
        told[here(path).relative_to(folder).as_posix()] = why.name

    for _ in Plan(paths or [folder], out, passed_over=tell, made=Made(known)):
        pass
    return told


def test_exports_are_known_by_their_bytes_wherever_they_lie(tmp_path: Path) -> None:
    touch(tmp_path, "t/a.jpg", "t/a-web.jpg", "t/old/renamed.png", "t/b.jpg", "t/no picture.txt")
    known = Known(b"t/a-web.jpg", b"t/old/renamed.png")
    plan = Plan([tmp_path / "t"], made=Made(known))
    assert list(planned(plan, tmp_path)) == ["t/a.jpg", "t/b.jpg"]
    assert left_out(tmp_path / "t", known=known) == {
        "a-web.jpg": "EXPORT",
        "no picture.txt": "OTHER",
        "old/renamed.png": "EXPORT",
    }


@pytest.mark.parametrize("replace", [False, True])
def test_exports_among_photos_that_are_named_are_left_out(tmp_path: Path, replace: bool) -> None:
    touch(tmp_path, "a.jpg", "a-web.jpg", "b.jpg", "c-web.jpg")
    known = Known(b"a-web.jpg")
    named = sorted(tmp_path.iterdir())
    assert planned(Plan(named, None, replace, made=Made(known)), tmp_path) == {
        "a.jpg": "a-web",
        "b.jpg": "b-web",
        "c-web.jpg": "c-web-web",
    }
    assert left_out(tmp_path, *named, known=known) == {"a-web.jpg": "EXPORT"}


def test_an_export_that_is_named_alone_is_taken(tmp_path: Path) -> None:
    touch(tmp_path, "a-web.jpg", "b-web.jpg")
    made = Made(Known(b"a-web.jpg", b"b-web.jpg"))
    named = sorted(tmp_path.iterdir())
    assert len(planned(Plan(named[:1], made=made), tmp_path)) == 1
    assert len(planned(Plan(named, made=made), tmp_path)) == 2


def test_a_photo_that_is_called_like_an_export_is_a_photo(tmp_path: Path) -> None:
    touch(tmp_path, "t/x.jpg", "t/x-web.jpg")
    same = tmp_path / "t"
    assert planned(Plan([same], made=Made(Known())), tmp_path) == {
        "t/x-web.jpg": "t-web/x-web",
        "t/x.jpg": "t-web/x",
    }
    for replace in (False, True):  # neither photo's name is given to the other's export
        plan = Plan([same], same, replace, made=Made(Known()))
        assert planned(plan, tmp_path) == {
            "t/x-web.jpg": "t/x-web-web",
            "t/x.jpg": "t/x-web-2",
        }
        plan = Plan([same], same, replace, made=Made(Known(b"t/x-web.jpg")))
        assert planned(plan, tmp_path) == {"t/x.jpg": "t/x-web"}


def test_a_photo_is_not_read_to_know_that_it_is_no_export(tmp_path: Path) -> None:
    touch(tmp_path, *(f"t/{number}.jpg" for number in range(9)), "t/as long as another.jpg")
    known = Known(b"an export", bytes(24))
    assert len(list(Plan([tmp_path / "t"], made=Made(known)))) == 10
    assert known.asked == 1  # about the one that has as many bytes as an export


def test_an_export_that_is_made_meanwhile_is_known(tmp_path: Path) -> None:
    touch(tmp_path, "t/a.jpg", "t/z/b.jpg")
    known = Known()
    tasks = iter(Plan([tmp_path / "t"], made=Made(known)))
    assert next(tasks).path.name == "a.jpg"
    known.exports.append(b"t/z/an export.jpg")
    touch(tmp_path, "t/z/an export.jpg")
    assert [task.path.name for task in tasks] == ["b.jpg"]


def test_a_ledger_that_cannot_be_used_ends_no_walk(tmp_path: Path) -> None:
    touch(tmp_path, "t/a.jpg")
    assert len(list(Plan([tmp_path / "t"], made=Made(Unusable())))) == 1


def test_folders_of_exports_are_told(tmp_path: Path) -> None:
    touch(
        tmp_path, "t/a.jpg", "t/day/b.jpg", "t/day-web/own.jpg", "t/lone-web/c.jpg", "t/out/d.jpg"
    )
    out = tmp_path / "t" / "out"
    told = left_out(tmp_path / "t", out=out, known=Known())
    assert told == {"day-web": "FOLDER", "out": "FOLDER"}


@pytest.mark.parametrize(
    "name", ["result.jpg", "RESULT.JPG", "a/b.webp", "x.png ", "", "n\0n", "file"]
)
def test_what_cannot_be_meant_as_a_folder_of_exports(tmp_path: Path, name: str) -> None:
    touch(tmp_path, "file")
    with pytest.raises(UsageProblem) as refused:
        check_out(tmp_path / name if name else name)
    assert "ame" in refused.value.advice or "spelling" in refused.value.advice


def test_a_folder_that_is_there_may_be_called_like_a_picture(tmp_path: Path) -> None:
    (tmp_path / "album.jpg").mkdir()
    assert check_out(tmp_path / "album.jpg") == tmp_path / "album.jpg"
    assert check_out(tmp_path / "2024.05") == tmp_path / "2024.05"


def test_names_that_say_what_is_in_them(tmp_path: Path) -> None:
    touch(tmp_path, "t/a.jpg", "t/day/b.jpg", "t/day-web/b.jpg", "t/spider-web.jpg")
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


@pytest.mark.usefixtures("links")
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
    told: list[str] = []
    plan = Plan(
        [tmp_path / "t"],
        passed_over=lambda path, _: told.append(path.name),
        choice=Choice.of(["jpg", ".png"], []),
    )
    assert list(planned(plan, tmp_path)) == ["t/a.jpg", "t/b.PNG", "t/d/e.JPG"]
    assert told == ["c.heic"]


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


def test_a_pipe_that_is_called_like_an_export_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sys.platform == "win32":
        pytest.skip("there are no named pipes in folders")

    def whole(path: Path) -> bytes:
        raise AssertionError(path)  # a pipe would wait for a writer, a film fill the memory

    monkeypatch.setattr(Path, "read_bytes", whole)
    touch(tmp_path, "t/a.jpg")
    os.mkfifo(tmp_path / "t/photo-12345678.jpg")
    data = b"an export"
    digest = hashlib.sha256(data).hexdigest()
    (tmp_path / f"t/photo-{digest[:8]}.jpg").write_bytes(data)
    assert list(planned(Plan([tmp_path / "t"]), tmp_path)) == ["t/a.jpg", "t/photo-12345678.jpg"]
