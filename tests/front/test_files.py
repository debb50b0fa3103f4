"""Odd names, odd folders and odd disks, through the command as people run it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pictures import encoded, exif, scene
from PIL import Image

import imu_imageprep
from imu_imageprep import atomic
from imu_imageprep.domain.errors import worst
from imu_imageprep.domain.receipt import Outcome
from imu_imageprep.stages.verify import inspect
from imu_imageprep.windows import reachable

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-P", "-m", "imu_imageprep")
ENVIRONMENT = {"PYTHONPATH": str(ROOT)}


def started(*args: object, **options: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*COMMAND, "--json", *map(str, args)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **ENVIRONMENT},
        **options,
    )


def ended(run: subprocess.Popen[bytes]) -> tuple[int, list[dict[str, Any]]]:
    out, err = run.communicate()
    assert b"Traceback" not in err
    return run.returncode, [json.loads(line) for line in out.splitlines()]


def imageprep(*args: object, **options: Any) -> tuple[int, list[dict[str, Any]]]:
    return ended(started(*args, **options))


def prepared(*paths: Path, **options: Any) -> tuple[int, list[dict[str, Any]]]:
    """As the command answers, in this process."""
    receipts = list(imu_imageprep.prepare_many(paths, jobs=1, **options))
    code = worst(receipt.exit_code for receipt in receipts)
    return code, [json.loads(json.dumps(receipt.to_json())) for receipt in receipts]


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


@pytest.fixture(scope="module")
def photo() -> bytes:
    return encoded(scene(400, 300), exif=exif())


@pytest.fixture
def album(tmp_path: Path) -> Path:
    folder = tmp_path / "album"
    folder.mkdir()
    return folder


# --- names ---------------------------------------------------------------------------------------

LONG = "a" * 251 + ".jpg"
LONG_TOO = "a" * 250 + "b.jpg"
WIDE = "\u00e4" * 125 + "x.j2k"  # 255 bytes whose cut must not fall inside a character
# The name, and the export's in a folder; None where only its beginning is known.
NAMES = {
    unicodedata.normalize("NFD", "caf\u00e9.jpg"): unicodedata.normalize("NFD", "caf\u00e9.jpg"),
    "two\nlines.jpg": "two\nlines.jpg",
    "-rf.jpg": "-rf.jpg",
    "--.jpg": "--.jpg",
    "space at the end.jpg ": "space at the end.jpg",
    " .jpg": " .jpg",
    "no suffix": "no suffix.jpg",
    "scan.2024.05": "scan.2024.05.jpg",
    "\udcff\udcfe.jpg": "\udcff\udcfe.jpg",  # two bytes that are no text, as POSIX has them
    "\x1b[31mred\x07.jpg": "\x1b[31mred\x07.jpg",
    "$(touch pwned);`id`.jpg": "$(touch pwned);`id`.jpg",
    "%s %n {0}.jpg": "%s %n {0}.jpg",
    LONG: None,
    LONG_TOO: None,
    WIDE: None,
}
if os.name == "nt":  # names there are text in one line, without these
    NAMES = {
        name: web
        for name, web in NAMES.items()
        if not re.search(r'[\0-\37"*:<>?|\udc80-\udcff]', name)
    }


def test_odd_names_in_a_folder(album: Path, photo: bytes) -> None:
    for name in NAMES:
        reachable(album / name).write_bytes(photo)
    code, answers = imageprep("-j", "2", album)
    assert code == 0
    assert {Path(answer["path"]).name for answer in answers} == set(NAMES)
    for answer in answers:
        export = Path(answer["export"]["path"])
        assert inspect(reachable(export).read_bytes()) == ()
        assert (
            export.name == NAMES[Path(answer["path"]).name] or len(os.fsencode(export.name)) > 200
        )
    assert len(files(album.with_name("album-web"))) == len(NAMES)
    assert files(album) == set(NAMES)


def test_odd_names_one_by_one(album: Path, photo: bytes) -> None:
    for name in NAMES:
        reachable(album / name).write_bytes(photo)
    code, answers = imageprep("-j", "1", "--", *NAMES, cwd=album)
    assert code == 0
    assert [answer["path"] for answer in answers] == list(NAMES)
    exports = {Path(answer["export"]["path"]).name for answer in answers}
    assert all(Path(export).stem.endswith("-web") for export in exports)
    assert files(album) == set(NAMES) | exports
    # The exports are not taken for photos.
    _, again = prepared(album, dry_run=True)
    assert {Path(answer["path"]).name for answer in again} == set(NAMES)


def test_a_long_folder_name(tmp_path: Path, photo: bytes) -> None:
    folder = tmp_path / ("d" * 255)
    folder.mkdir()
    (folder / "a.jpg").write_bytes(photo)
    code, (answer,) = prepared(folder)
    assert code == 0
    web = Path(answer["export"]["path"]).parent
    assert web.parent == tmp_path
    # Walked from above, the exports' folder is not an input.
    code, again = prepared(tmp_path, dry_run=True)
    assert [Path(a["path"]).parent.name for a in again] == ["d" * 255]


def test_a_name_that_no_file_can_have(tmp_path: Path) -> None:
    code, answers = imageprep("n" * 300 + ".jpg", "/dev/null/x.jpg", cwd=tmp_path)
    assert code == 4
    assert [answer["error"]["type"] for answer in answers] == ["InputProblem"] * 2


def test_files_without_suffix_are_taken_by_their_first_bytes(album: Path, photo: bytes) -> None:
    if sys.platform == "win32":
        pytest.skip("there are no named pipes in folders")
    (album / "IMG_0001").write_bytes(photo)
    (album / "IM0001").write_bytes(bytes(128) + b"DICM" + bytes(64))
    (album / "README").write_bytes(b"Dear all, this is text.")
    (album / "letter.doc").write_bytes(photo)  # has a suffix, and it is no picture's
    os.mkfifo(album / "pipe")
    code, answers = prepared(album)
    assert code == 4
    assert {Path(a["path"]).name: a["outcome"] for a in answers} == {
        "IMG_0001": "exported",
        "IM0001": "failed",
    }
    assert "DICOM" in next(a["error"]["message"] for a in answers if a["error"])


def test_names_that_differ_in_case_only(album: Path) -> None:
    (album / "x").write_bytes(b"")
    if (album / "X").exists():
        pytest.skip("this disk does not tell names apart by their case")
    names = ("a.png", "A.jpg", "a.jpg", unicodedata.normalize("NFD", "\u00c4.jpg"), "\u00e4.png")
    for number, name in enumerate(names):
        (album / name).write_bytes(encoded(scene(400 + number, 300)))
    code, answers = prepared(album)
    assert code == 0
    exports = [Path(answer["export"]["path"]).name for answer in answers]
    assert len({unicodedata.normalize("NFC", name).casefold() for name in exports}) == 5
    assert sum("numbered" in note for answer in answers for note in answer["notes"]) == 3


# --- links ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("links")
def test_links_never_lead_out_of_the_folder(album: Path, tmp_path: Path, photo: bytes) -> None:
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "secret.jpg").write_bytes(photo)
    (album / "inside.jpg").write_bytes(photo)
    (album / "link.jpg").symlink_to(tmp_path / "private" / "secret.jpg")
    (album / "relative.jpg").symlink_to("../private/secret.jpg")
    (album / "suffixless").symlink_to(tmp_path / "private" / "secret.jpg")
    (album / "folder").symlink_to(tmp_path / "private")
    (album / "up").symlink_to("..")
    (album / "circle.jpg").symlink_to("circle.jpg")
    (album / "there.jpg").symlink_to("back.jpg")
    (album / "back.jpg").symlink_to("there.jpg")
    (album / "gone.jpg").symlink_to(tmp_path / "private" / "none.jpg")
    code, answers = prepared(album)
    assert [Path(a["path"]).name for a in answers if a["outcome"] == "exported"] == ["inside.jpg"]
    assert {a["outcome"] for a in answers} <= {"exported", "failed"}
    assert code in (0, 4)
    assert files(album.with_name("album-web")) == {"inside.jpg"}


@pytest.mark.usefixtures("links")
def test_an_export_is_never_written_through_a_link(album: Path, photo: bytes) -> None:
    (album / "a.jpg").write_bytes(photo)
    (album / "a-web.jpg").symlink_to("elsewhere.jpg")
    code, (answer,) = prepared(album / "a.jpg")
    assert (code, answer["error"]["type"]) == (5, "AlreadyThere")
    code, (answer,) = prepared(album / "a.jpg", force=True)
    assert (code, answer["error"]["type"]) == (5, "AlreadyThere")
    assert (album / "a-web.jpg").readlink() == Path("elsewhere.jpg")
    assert files(album) == {"a.jpg", "a-web.jpg"}


# --- folders and disks ---------------------------------------------------------------------------


def on_a_disk(options: str, where: Path, *args: object) -> tuple[int, dict[str, Any], list[str]]:
    """Run the command with a disk mounted at ``where``, which nobody else sees.

    Returns:
        Exit code, answer, and the files that are on the disk afterwards.
    """
    if sys.platform == "win32":
        pytest.skip("there are no mount namespaces")
    alone = ["unshare", "--mount", *(["--map-root-user"] if os.getuid() else [])]
    mount = f"mount -t tmpfs -o {options} none {shlex.quote(str(where))}"
    try:
        subprocess.run([*alone, "sh", "-c", mount], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a file system cannot be mounted here")
    look = f"cd {shlex.quote(str(where))} && find . -type f"
    script = f'{mount} && "$@"; code=$?; echo; {look}; exit $code'
    done = subprocess.run(
        [*alone, "sh", "-c", script, "sh", *COMMAND, "--json", *map(str, args)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **ENVIRONMENT},
    )
    assert "Traceback" not in done.stderr
    answer, _, left = done.stdout.partition("\n\n")
    return done.returncode, json.loads(answer), left.split()


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_a_full_disk(tmp_path: Path, force: list[str]) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (600, 800, 3), dtype=np.uint8)
    (tmp_path / "a.jpg").write_bytes(encoded(Image.fromarray(noise)))
    (tmp_path / "disk").mkdir()
    # Noise makes a large file, and whatever a detector takes it for must not hold it.
    rules = tmp_path / "office.toml"
    rules.write_text('[flags]\nface = "note"\nclinical = "note"\ncode = "note"\n')
    options = ["--config", rules, *force, "-o", tmp_path / "disk"]
    code, answer, left = on_a_disk("size=64k", tmp_path / "disk", *options, tmp_path / "a.jpg")
    assert code == 5
    assert "no space left" in answer["error"]["message"]
    assert left == []


def test_a_full_disk_under_the_ledger(tmp_path: Path, photo: bytes) -> None:
    """What cannot be recorded is not exported."""
    (tmp_path / "a.jpg").write_bytes(photo)
    (tmp_path / "disk").mkdir()
    ledger = tmp_path / "disk" / "ledger.db"
    code, answer, _ = on_a_disk(
        "size=8k", tmp_path / "disk", "--ledger", ledger, tmp_path / "a.jpg"
    )
    assert code == 5
    assert answer["error"]["type"] == "OutputProblem"
    assert files(tmp_path) == {"a.jpg"}


@pytest.mark.parametrize("out", ["disk", "disk/new/folder"])
def test_a_disk_that_cannot_be_written(tmp_path: Path, photo: bytes, out: str) -> None:
    (tmp_path / "a.jpg").write_bytes(photo)
    (tmp_path / "disk").mkdir()
    code, answer, left = on_a_disk(
        "ro", tmp_path / "disk", "-o", tmp_path / out, tmp_path / "a.jpg"
    )
    assert code == 5
    assert "could not be written" in answer["error"]["message"]
    assert left == []


def taken_away(folder: Path) -> None:
    """A folder is removed; Windows keeps a file as long as somebody, here a worker, reads it."""
    kept = (OSError,) if os.name == "nt" else ()
    while folder.exists():
        with contextlib.suppress(*kept):
            shutil.rmtree(folder)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_folder_that_vanishes_half_way(album: Path, photo: bytes, jobs: int) -> None:
    for day in ("1", "2", "3"):
        (album / day).mkdir()
        for number in range(4):
            (album / day / f"{number}.jpg").write_bytes(photo)
    receipts = imu_imageprep.prepare_many([album], jobs=jobs)
    first = next(receipts)
    taken_away(album)
    rest = list(receipts)
    assert first.outcome is Outcome.EXPORTED, first.failure
    assert {receipt.exit_code for receipt in rest} <= {0, 4}
    assert any(receipt.exit_code == 4 for receipt in rest)


def test_an_output_folder_that_vanishes_is_made_again(album: Path, photo: bytes) -> None:
    for number in range(3):
        (album / f"{number}.jpg").write_bytes(photo)
    receipts = imu_imageprep.prepare_many([album], jobs=1)
    next(receipts)
    shutil.rmtree(album.with_name("album-web"))
    assert [receipt.outcome for receipt in receipts] == [Outcome.EXPORTED] * 2


# --- what is there already -----------------------------------------------------------------------


def test_two_runs_at_once_share_the_work(album: Path) -> None:
    for number in range(12):
        (album / f"{number}.jpg").write_bytes(encoded(scene(400 + number, 300)))
    results = [ended(run) for run in [started("-j", "2", album) for _ in range(2)]]
    assert [code for code, _ in results] == [0, 0]
    outcomes: dict[str, Counter[str]] = {}
    for _, answers in results:
        for answer in answers:
            outcomes.setdefault(answer["path"], Counter())[answer["outcome"]] += 1
    assert list(outcomes.values()) == [Counter(exported=1, skipped=1)] * 12
    web = album.with_name("album-web")
    assert files(web) == {f"{number}.jpg" for number in range(12)}
    assert all(inspect(path.read_bytes()) == () for path in web.iterdir())


def test_an_export_that_the_ledger_does_not_know_to_the_end(album: Path, photo: bytes) -> None:
    """As after a run that was killed between the picture and the end of its record."""
    (album / "a.jpg").write_bytes(photo)
    other = album.with_name("other.db")
    assert imu_imageprep.prepare(album / "a.jpg").outcome is Outcome.EXPORTED
    settled = imu_imageprep.prepare(album / "a.jpg", ledger=other)
    assert settled.outcome is Outcome.SKIPPED
    assert settled.head is not None  # it is on record now
    assert imu_imageprep.prepare(album / "a.jpg", ledger=other).head is None  # and once only


def test_no_export_replaces_another_input(tmp_path: Path, photo: bytes) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    other = encoded(scene(500, 300))
    for path, data in ((one / "a.jpg", photo), (two / "a.jpg", other), (two / "a-web.jpg", other)):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    code, answers = prepared(one / "a.jpg", two / "a.jpg", two / "a-web.jpg", out=two, force=True)
    assert code == 0
    assert (two / "a.jpg").read_bytes() == other
    assert (two / "a-web.jpg").read_bytes() == other
    assert len({answer["export"]["path"] for answer in answers}) == 3


def test_exports_into_the_photos_own_folder(album: Path, photo: bytes) -> None:
    names = ("a.jpeg", "a.jpg", "b.png")
    for name in names:
        (album / name).write_bytes(photo)
    code, _ = prepared(album, out=album, force=True)
    assert code == 0
    assert files(album) == {*names, "a-web.jpg", "a-web-2.jpg", "b-web.jpg"}
    assert all((album / name).read_bytes() == photo for name in names)


def test_exports_take_nothing_over_from_the_file(album: Path, photo: bytes) -> None:
    if sys.platform != "linux":
        pytest.skip("extended attributes are Linux's")
    path = album / "a.jpg"
    path.write_bytes(photo)
    path.chmod(0o4700)
    try:
        os.setxattr(path, "user.from", b"https://example.org/patient")
    except OSError:
        pytest.skip("no extended attributes here")
    os.utime(path, (1, 1))
    before = time.time_ns() // 10**9
    code, _ = imageprep(path, umask=0o022)
    export = album / "a-web.jpg"
    assert code == 0
    assert os.listxattr(export) == []
    assert export.stat().st_mode & 0o7777 == 0o644
    assert export.stat().st_mtime >= before
    assert path.stat().st_mtime == 1


# --- what killed runs leave ----------------------------------------------------------------------

PART = f"{atomic.PART_PREFIX}0123456789ab{atomic.PART_SUFFIX}"

# Where no lock tells that a run still writes, time alone does.
OLD = 120 if os.name == "posix" else atomic.SURELY_DEAD_SECONDS + 60


def aged(path: Path, seconds: float = OLD) -> Path:
    path.write_bytes(b"half a pic")
    os.utime(path, (time.time() - seconds,) * 2)
    return path


@pytest.fixture
def web(album: Path, photo: bytes) -> Path:
    (album / "day").mkdir()
    (album / "day" / "a.jpg").write_bytes(photo)
    folder = album.with_name("album-web") / "day"
    folder.mkdir(parents=True)
    return folder


def test_the_next_run_cleans_up(album: Path, web: Path) -> None:
    aged(web / PART)
    assert prepared(album, dry_run=True)[0] == 0
    assert files(web) == {PART}  # looking writes nothing
    assert prepared(album)[0] == 0
    assert files(web) == {"a.jpg"}


def test_only_what_is_surely_ours_and_dead_is_removed(web: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("there is no flock")
    import fcntl  # noqa: PLC0415  (Windows has none)

    aged(web / PART.replace("0", "1"), seconds=0)  # another run writes it now
    aged(web / ".imageprep-mine.part")
    aged(web / f"{PART}.jpg")
    (web / PART.replace("0", "2")).mkdir()
    aged(web / "kept")
    (web / PART.replace("0", "3")).symlink_to("kept")
    with aged(web / PART).open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # another run was suspended while it wrote it
        before = files(web)
        assert atomic.sweep(web) == 0
        assert files(web) == before
    assert atomic.sweep(web) == 1
    assert files(web) == before - {PART}


def test_a_folder_that_is_not_there_needs_no_cleaning(tmp_path: Path) -> None:
    assert atomic.sweep(tmp_path / "none") == 0
