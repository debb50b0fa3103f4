"""Watching a folder: the loop in invented time, then the command with a real folder."""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pictures import encoded, scene
from watchdog import events

from imu_imageprep.domain.errors import AlreadyThere, ImageprepError, InputProblem, OutputProblem
from imu_imageprep.domain.receipt import Failure, Outcome, Receipt
from imu_imageprep.front.disk import EventBell, LocalDisk
from imu_imageprep.front.watch import Settling, Sight, Watcher, Wishes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
STOPPED = 0 if os.name == "posix" else 1  # Windows ends a process without asking it


@dataclass
class World:
    """A folder, a clock and events that happen at given times; the watch ends with the last."""

    folder: Path
    plan: list[tuple[float, Callable[[], dict[Path, bool] | None]]]
    time: float = 0.0
    files: dict[Path, Sight] = field(default_factory=dict)
    writers: set[Path] = field(default_factory=set)
    problems: dict[Path, ImageprepError] = field(default_factory=dict)
    begun: list[tuple[float, str]] = field(default_factory=list)
    walks: int = 0
    wishes: Wishes = field(default_factory=Wishes)

    def now(self) -> float:
        return self.time

    def look(self, path: Path) -> Sight | None:
        return self.files.get(path)

    def has_writer(self, path: Path) -> bool | None:
        return path in self.writers

    def wait(self, seconds: float) -> dict[Path, bool] | None:
        if not self.plan:
            self.wishes.stop = True
            return None
        at, act = self.plan[0]
        if at > self.time + seconds:
            self.time += seconds
            return None
        self.plan.pop(0)
        self.time = max(self.time, at)
        return act()

    def prepare(self, wanted: Callable[[Path], bool]) -> Iterator[Receipt]:
        self.walks += 1
        for path in sorted(self.files):
            if wanted(path):
                self.begun.append((self.time, path.name))
                problem = self.problems.get(path)
                outcome = Outcome.FAILED if problem else Outcome.EXPORTED
                failure = Failure.of(problem) if problem else None
                yield Receipt(outcome, path=str(path), failure=failure)

    def put(
        self, name: str, size: int, *, writer: bool = False
    ) -> Callable[[], dict[Path, bool] | None]:
        """An event that leaves a file so large, open or closed."""

        def act() -> dict[Path, bool]:
            path = self.folder / name
            self.files[path] = Sight(size, int(self.time * 1e9), 1)
            (self.writers.add if writer else self.writers.discard)(path)
            return {path: not writer}

        return act

    def run(self) -> list[Receipt]:
        watcher = Watcher(self.folder, self.prepare, Settling(2), self, self, self, self.wishes)
        return list(watcher)


def nothing() -> None:
    return None


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, [])


def test_a_photo_is_taken_once(world: World) -> None:
    world.plan = [(5, world.put("a.jpg", 9)), (500, nothing)]
    world.run()
    (once,) = world.begun
    assert once[1] == "a.jpg"
    assert 7 <= once[0] <= 10


def test_a_slow_copy_is_taken_when_it_is_closed(world: World) -> None:
    pieces = [(5 + 3 * n, world.put("a.jpg", n, writer=True)) for n in range(1, 11)]
    world.plan = [*pieces, (36, world.put("a.jpg", 10)), (500, nothing)]
    world.run()
    (once,) = world.begun
    assert 38 <= once[0] <= 41


def test_an_overwritten_photo_is_taken_in_its_new_state(world: World) -> None:
    world.plan = [(5, world.put("a.jpg", 9)), (50, world.put("a.jpg", 9)), (500, nothing)]
    world.run()
    assert [name for _, name in world.begun] == ["a.jpg", "a.jpg"]


def test_a_half_photo_that_failed_is_taken_when_it_grows(world: World) -> None:
    world.problems[world.folder / "a.jpg"] = InputProblem("It is cut off.")
    world.plan = [(5, world.put("a.jpg", 5)), (400, world.put("a.jpg", 9)), (900, nothing)]
    world.run()
    assert len(world.begun) == 2


def test_what_may_pass_is_tried_again_and_said_once(world: World) -> None:
    world.problems[world.folder / "a.jpg"] = OutputProblem("No space is left.")
    world.plan = [(5, world.put("a.jpg", 5)), (1000, nothing)]
    receipts = world.run()
    assert len(world.begun) == 4
    assert len(receipts) == 1


def test_an_export_that_is_in_the_way_is_said_once(world: World) -> None:
    world.problems[world.folder / "a.jpg"] = AlreadyThere("a.jpg is already there.")
    world.plan = [(5, world.put("a.jpg", 5)), (5000, nothing)]
    assert len(world.run()) == 1
    assert len(world.begun) == 1


def test_a_burst_is_taken_in_few_walks(world: World) -> None:
    burst = [(5 + n / 1000, world.put(f"{n}.jpg", 9)) for n in range(1000)]
    world.plan = [*burst, (30, nothing)]
    world.run()
    assert Counter(Counter(name for _, name in world.begun).values()) == {1: 1000}
    assert world.walks < 10


def test_without_events_the_folder_is_walked_all_the_same(world: World) -> None:
    def silently() -> None:
        world.put("a.jpg", 9)()

    world.plan = [(5, silently), (500, nothing)]
    world.run()
    (once,) = world.begun
    assert once[0] <= 5 + 60 + 3


def test_an_idle_folder_is_left_alone(world: World) -> None:
    world.plan = [(3600, nothing)]
    world.run()
    assert world.walks <= 61


def test_a_stop_begins_no_further_photo(world: World) -> None:
    for name in "abc":
        world.files[world.folder / name] = Sight(9, 9, 9)
    world.plan = [(60, nothing)]
    watcher = Watcher(world.folder, world.prepare, Settling(2), world, world, world, world.wishes)
    for _ in watcher:
        world.wishes.stop = True
    assert [name for _, name in world.begun] == ["a"]


def test_looking_again_takes_what_was_held(world: World) -> None:
    def again() -> dict[Path, bool]:
        world.wishes.look_again = True
        return {}

    world.plan = [(5, world.put("a.jpg", 9)), (50, again), (100, nothing)]
    world.run()
    assert len(world.begun) == 2


def test_a_folder_that_is_gone_ends_the_watch(world: World) -> None:
    world.folder.rmdir()
    with pytest.raises(InputProblem, match="not there any more"):
        world.run()


@pytest.mark.skipif(sys.platform != "linux", reason="leases are Linux's")
def test_a_writer_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    with path.open("wb") as file:
        file.write(b"half")
        assert LocalDisk().has_writer(path) in (True, None)
        open_for_writing = LocalDisk().has_writer(path)
    assert LocalDisk().has_writer(path) is (False if open_for_writing else None)
    assert LocalDisk().has_writer(tmp_path / "none.jpg") is None
    assert LocalDisk().has_writer(tmp_path) is False


def test_the_bell_keeps_one_entry_for_each_file_and_none_for_exports(tmp_path: Path) -> None:
    bell = EventBell(tmp_path, tmp_path / "web")
    for _ in range(1000):
        bell.dispatch(events.FileModifiedEvent(f"{tmp_path}/a.jpg"))
    bell.dispatch(events.FileClosedEvent(f"{tmp_path}/a.jpg"))
    bell.dispatch(events.FileMovedEvent(f"{tmp_path}/b.part", f"{tmp_path}/b.jpg"))
    bell.dispatch(events.FileCreatedEvent(f"{tmp_path}/c.jpg"))
    assert bell.wait(0) == {
        tmp_path / "a.jpg": True,
        tmp_path / "b.jpg": True,
        tmp_path / "c.jpg": False,
    }
    assert bell.wait(0) is None
    bell.dispatch(events.FileClosedEvent(f"{tmp_path}/web/a.jpg"))
    assert bell.wait(0) is None
    bell.dispatch(events.DirMovedEvent(f"{tmp_path}/x", f"{tmp_path}/y"))
    assert bell.wait(0) == {}


class Command:
    """A running ``imageprep watch``, whose answers are waited for and never slept for."""

    def __init__(self, folder: Path, *options: str) -> None:
        args = [sys.executable, "-m", "imu_imageprep", "watch", str(folder), "--settle", "0.3"]
        self.process = subprocess.Popen(
            [*args, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        self.lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.reader = threading.Thread(target=self._read)
        self.reader.start()
        assert self.process.stderr is not None
        assert "Watching" in self.process.stderr.readline()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))

    def next(self) -> str:
        return self.lines.get(timeout=60)

    def answer(self) -> dict[str, Any]:
        return json.loads(self.next())  # type: ignore[no-any-return]

    def end(self, number: int) -> tuple[int, list[str], str]:
        """Exit code, the lines that nobody asked for, and the messages."""
        self.process.send_signal(number)
        code = self.process.wait(timeout=60)
        self.reader.join()
        assert self.process.stderr is not None
        messages = self.process.stderr.read()
        assert "Traceback" not in messages
        rest = []
        while not self.lines.empty():
            rest.append(self.lines.get())
        return code, rest, messages


@contextmanager
def watching(folder: Path, *options: str) -> Iterator[Command]:
    command = Command(folder, *options)
    try:
        yield command
    finally:
        command.process.kill()
        command.process.wait()
        command.reader.join()
        for stream in (command.process.stdout, command.process.stderr):
            assert stream is not None
            stream.close()


def test_photos_arrive_in_every_way_and_are_exported_once(tmp_path: Path) -> None:
    folder, away = tmp_path / "incoming", tmp_path / "away"
    folder.mkdir()
    (away / "trip").mkdir(parents=True)
    data = encoded(scene(400, 300))
    (folder / "before.jpg").write_bytes(data)
    with watching(folder, "--json", "--out", str(folder / "web")) as command:
        assert command.answer()["path"].endswith("before.jpg")
        # A partial name, renamed into place; a folder made and filled; a folder moved in.
        (folder / ".hidden.part").write_bytes(data)
        (folder / ".hidden.part").rename(folder / "renamed.jpg")
        (folder / "new").mkdir()
        shutil.copy(folder / "before.jpg", folder / "new" / "copied.jpg")
        (away / "trip" / "there.jpg").write_bytes(data)
        (away / "trip").rename(folder / "trip")
        arrived = {Path(command.answer()["path"]).name for _ in range(3)}
        assert arrived == {"renamed.jpg", "copied.jpg", "there.jpg"}
        # Half a photo fails; when it is whole it is exported.
        (folder / "half.jpg").write_bytes(data[: len(data) // 2])
        assert command.answer()["error"]["code"] == 4
        (folder / "half.jpg").write_bytes(data)
        assert command.answer()["outcome"] == "exported"
        # An original that changed does not replace its export.
        export = (folder / "web" / "half.jpg").read_bytes()
        (folder / "half.jpg").write_bytes(encoded(scene(500, 300)))
        assert command.answer()["error"]["type"] == "AlreadyThere"
        assert (folder / "web" / "half.jpg").read_bytes() == export
        code, rest, _ = command.end(signal.SIGTERM)
    assert code == STOPPED
    assert rest == []
    exports = [p.relative_to(folder / "web").as_posix() for p in (folder / "web").rglob("*.jpg")]
    assert sorted(exports) == [
        "before.jpg",
        "half.jpg",
        "new/copied.jpg",
        "renamed.jpg",
        "trip/there.jpg",
    ]


def test_nobody_is_recognised_by_a_watch(tmp_path: Path) -> None:
    setting = tmp_path / "setting.toml"
    setting.write_text("[register]\nrecognise = true\n[clinical]\nalbum = false\n", "utf-8")
    (folder := tmp_path / "in").mkdir()
    with watching(folder, "--out", str(tmp_path / "out"), "--json", "--config", str(setting)) as it:
        shutil.copy(ROOT / "samples" / "portrait.jpg", folder)
        answer = it.answer()
        assert answer["outcome"] == "held"
        # A command with this setting says so in a note, as there is no register.
        assert not any("recognised" in note for note in answer["notes"])


def test_a_slow_copy_is_exported_when_it_is_whole(tmp_path: Path) -> None:
    folder = tmp_path / "incoming"
    folder.mkdir()
    data = encoded(scene(400, 300))
    with watching(folder, "--json", "--settle", "1") as command:
        with (folder / "slow.jpg").open("wb") as slow:
            slow.write(data[:5000])
            slow.flush()
            # Another photo comes and goes through; the one that is still open waits.
            (tmp_path / "moved.jpg").write_bytes(data)
            (tmp_path / "moved.jpg").rename(folder / "moved.jpg")
            assert command.answer()["path"].endswith("moved.jpg")
            slow.write(data[5000:])
        answer = command.answer()
        assert answer["path"].endswith("slow.jpg")
        assert answer["outcome"] == "exported"
        assert command.end(signal.SIGTERM)[:2] == (STOPPED, [])


@pytest.mark.posix(reason="on Windows, Ctrl-C reaches whatever has the same console")
def test_a_second_start_goes_on_and_ctrl_c_is_130(tmp_path: Path) -> None:
    folder = tmp_path / "incoming"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(encoded(scene(400, 300)))
    with watching(folder) as command:
        assert command.next() == str(tmp_path / "incoming-web" / "a.jpg")
        assert command.end(signal.SIGTERM)[:2] == (STOPPED, [])
    (folder / "b.jpg").write_bytes(encoded(scene(300, 300)))
    with watching(folder) as command:
        assert command.next() == str(tmp_path / "incoming-web" / "b.jpg")
        code, rest, messages = command.end(signal.SIGINT)
    assert (code, rest) == (130, [])
    assert "1 ready, 1 skipped" in messages


def test_exports_may_not_land_in_the_folder_that_is_watched(tmp_path: Path) -> None:
    for out in (tmp_path, tmp_path.parent):
        done = subprocess.run(
            [sys.executable, "-m", "imu_imageprep", "watch", tmp_path, "--out", out],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert done.returncode == 2
        assert "would go into the folder" in done.stderr


def test_a_photo_that_is_no_folder(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "imu_imageprep", "watch", tmp_path / "none"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 4
