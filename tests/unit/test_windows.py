"""What Windows and macOS do otherwise than Linux, each behind a seam: tried anywhere."""

from __future__ import annotations

import io
import os
import signal
import socket
import sys
from concurrent import futures
from concurrent.futures import Future
from pathlib import Path, PureWindowsPath
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from pictures import encoded, scene

from imu_imageprep import assets, atomic, doctor, files, windows
from imu_imageprep.batch import workers
from imu_imageprep.batch.choice import LeftOut
from imu_imageprep.batch.names import beside
from imu_imageprep.batch.plan import Plan
from imu_imageprep.domain.errors import InputProblem
from imu_imageprep.domain.policy import Limits
from imu_imageprep.front.cli import process, watch
from imu_imageprep.front.disk import EventBell
from imu_imageprep.front.watch import Wishes
from imu_imageprep.front.web import serving
from imu_imageprep.ledger.sqlite import network_share
from imu_imageprep.stages.read import read

if TYPE_CHECKING:
    from collections.abc import Callable


def refusing(times: int, then: Callable[..., Any]) -> Callable[..., Any]:
    """Another program has the file open for so many tries."""
    left = iter(range(times))

    def tried(*given: Any) -> Any:
        if next(left, None) is not None:
            raise PermissionError(13, "used by another process")
        return then(*given)

    return tried


def never_replaces(old: Path, new: Path) -> None:
    """``os.rename`` as it is on Windows."""
    os.link(old, new)
    old.unlink()


@pytest.fixture
def on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atomic, "_RENAME_NEVER_REPLACES", True)
    monkeypatch.setattr(atomic, "_SCANNED_PAUSES", (0, 0, 0))
    monkeypatch.setattr(atomic, "_unnamed", lambda *_: None)


@pytest.mark.usefixtures("on_windows")
def test_an_export_that_a_virus_scanner_looks_at_is_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "rename", refusing(3, never_replaces))
    atomic.write(tmp_path / "a.jpg", b"whole")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"whole"]
    real = Path.replace
    monkeypatch.setattr(Path, "replace", refusing(3, real))
    atomic.write(tmp_path / "a.jpg", b"new", replace=True)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"new"]


@pytest.mark.usefixtures("on_windows")
def test_what_stays_open_elsewhere_is_a_failure_that_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "rename", refusing(4, never_replaces))
    with pytest.raises(PermissionError):
        atomic.write(tmp_path / "a.jpg", b"whole")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("on_windows")
def test_a_rename_replaces_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "rename", never_replaces)
    (tmp_path / "a.jpg").write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        atomic.write(tmp_path / "a.jpg", b"whole")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"mine"]


@pytest.mark.parametrize(
    ("folder", "exports"),
    [
        ("E:/", "E:/imageprep-web"),
        ("//nas/photos/", "//nas/photos/imageprep-web"),
        ("E:/DCIM", "E:/DCIM-web"),
    ],
)
def test_exports_of_a_whole_drive_go_into_it(folder: str, exports: str) -> None:
    found: object = beside(cast("Path", PureWindowsPath(folder)))
    assert found == PureWindowsPath(exports)


def test_the_exports_in_a_drive_are_not_taken_as_photos(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    web = tmp_path / "imageprep-web"
    web.mkdir()
    for folder in (tmp_path, web):
        (folder / "a.jpg").write_bytes(encoded(scene(40, 30)))
    monkeypatch.setattr("imu_imageprep.batch.plan.beside", lambda _: web)
    passed: list[LeftOut] = []
    plan = Plan([tmp_path], passed_over=lambda _, why: passed.append(why))
    assert [task.path for task in plan] == [tmp_path / "a.jpg"]
    assert passed == [LeftOut.FOLDER]


def test_a_walk_does_not_fetch_what_lies_in_a_cloud(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, width in (("here.jpg", 40), ("there.jpg", 50), ("there", 50)):
        (tmp_path / name).write_bytes(encoded(scene(width, 30)))
    size = (tmp_path / "there.jpg").stat().st_size
    assert (tmp_path / "here.jpg").stat().st_size != size
    monkeypatch.setattr(
        "imu_imageprep.batch.plan.lies_elsewhere", lambda status: status.st_size == size
    )
    passed: dict[str, LeftOut] = {}
    plan = Plan([tmp_path], passed_over=lambda path, why: passed.update({path.name: why}))
    assert [task.path.name for task in plan] == ["here.jpg"]
    assert passed == {"there.jpg": LeftOut.ELSEWHERE, "there": LeftOut.OTHER}
    # Who names it wants it.
    assert [task.path.name for task in Plan([tmp_path / "there.jpg"])] == ["there.jpg"]


@pytest.mark.parametrize(
    ("status", "elsewhere"),
    [
        (SimpleNamespace(st_file_attributes=0x20), False),
        (SimpleNamespace(st_file_attributes=0x400020), True),
        (SimpleNamespace(st_file_attributes=0x40000), True),
        (SimpleNamespace(st_file_attributes=0x1000), True),
        (SimpleNamespace(st_flags=0x40000000), True),
        (SimpleNamespace(), False),
    ],
)
def test_what_lies_in_a_cloud(status: Any, elsewhere: bool) -> None:
    assert windows.lies_elsewhere(status) is elsewhere


@pytest.mark.parametrize("name", ["aux", "NUL", "com1", "Lpt9.2026", "con "])
def test_names_that_windows_keeps_for_devices(tmp_path: Path, name: str) -> None:
    (tmp_path / "here").mkdir()
    plan = Plan([tmp_path / "here" / f"{name}.jpg"], tmp_path / "web")
    (place,) = plan._photos(plan.paths[0])
    assert place[1:3] == (tmp_path / "web", f"{name}_")


def test_a_file_that_another_program_has_open_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Locked(PermissionError):
        winerror = 32

    locked = Locked(13, "Permission denied")

    def refuse(*_: object) -> int:
        raise locked

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(InputProblem, match="Another program has this file open") as caught:
        read(tmp_path / "a.jpg", Limits())
    assert "Close it there" in caught.value.advice


def test_a_folder_that_windows_does_not_allow_to_be_read_is_called_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: object, *_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "open", refuse)
    monkeypatch.setattr(Path, "open", refuse)
    for opened in (lambda: read(tmp_path, Limits()), lambda: files.text(tmp_path, "The form a")):
        with pytest.raises(InputProblem) as caught:
            opened()
        assert "his is a folder" in f"{caught.value.message} {caught.value.advice}"
    with pytest.raises(InputProblem, match="permission denied"):
        files.text(tmp_path / "a.toml", "The form a")
    monkeypatch.setattr(os, "access", lambda *_: False)  # nobody may look into it either
    with pytest.raises(InputProblem, match="not allowed to read"):
        read(tmp_path, Limits())


def test_a_ledger_on_a_drive_of_another_computer_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert network_share(tmp_path / "ledger.db", tmp_path / "none") is None
    monkeypatch.setattr(windows, "remote_drive", lambda _: True)
    assert network_share(tmp_path / "ledger.db", tmp_path / "none") is not None


@pytest.mark.parametrize(
    ("path", "share"),
    [
        (r"C:\a\b.db", False),
        (r"Z:\a\b.db", True),
        ("//server/share/a", True),
        (r"\\server\share", True),
        (r"\\localhost\c$\a", True),
        (r"\\?\UNC\server\share\a", True),
        (r"\\?\unc\server\share\a", True),
        (r"\\.\UNC\server\share\a", True),
        (r"\\?\C:\a", False),
        ("//?/c:/a", False),
        (r"\\?\Z:\a", True),
        (r"\\.\Z:\a", True),
        (r"\\.\C:", False),
        (r"\\?\C:", False),
        ("C:relative", False),
        ("Z:relative", True),
        (r"\\?\Volume{4c1b02c1}\a", False),
        (r"\\?\Volume{remote}\a", True),
        (r"\\.\NUL", False),
        (r"\\.\COM1", False),
        (r"\\.\pipe\a", False),
    ],
)
def test_a_share_is_known_by_its_name_or_by_its_drive(path: str, share: bool) -> None:
    remote = {"Z:\\", "\\\\?\\Volume{remote}\\"}
    whole = str(PureWindowsPath(path))
    assert windows.on_share(whole, lambda root: 4 if root in remote else 3) is share


def test_a_library_that_is_there_and_does_not_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    absent = assets.unloadable("onnxruntime", ModuleNotFoundError())
    assert "is not installed" in absent.message
    broken = assets.unloadable("onnxruntime", ImportError("DLL load failed"))
    assert "does not start" in broken.message
    assert "vc_redist" not in broken.advice
    monkeypatch.setattr(sys, "platform", "win32")
    assert "vc_redist" in assets.unloadable("onnxruntime", ImportError("DLL load failed")).advice


def test_doctor_loads_what_was_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("importlib.import_module", broken)
    checks = [doctor._package(name, module) for name, module in doctor._PACKAGES.items()]
    assert {check.code for check in checks} == {3}
    assert doctor._heic().advice != ""


def test_doctor_reads_each_format(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {doctor._format(one).code for one in doctor._FORMATS} == {0}

    def broken(*_: object) -> None:
        raise InputProblem("no")

    monkeypatch.setattr(doctor, "opened", broken)
    assert [bool(doctor._format(one).code) for one in doctor._FORMATS] == [True] * 6


def test_doctor_opens_every_network(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(assets, "network", opened.append)
    assert all(check.code == 0 for check in doctor._models())
    assert len(opened) == sum(one.path.suffix == ".onnx" for one in assets.models().values()) > 4


def test_nobody_else_can_take_the_port_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int, Any]] = []

    class Watched(socket.socket):
        def setsockopt(self, level: int, option: int, value: Any) -> None:  # type: ignore[override]
            asked.append((level, option, value))

    with serving._bound(0) as ours:
        ours.listen()
        with pytest.raises(OSError):
            serving._bound(ours.getsockname()[1])
    monkeypatch.setattr(socket, "SO_EXCLUSIVEADDRUSE", -5, raising=False)
    monkeypatch.setattr(socket, "socket", Watched)
    serving._bound(0).close()
    assert asked == [(socket.SOL_SOCKET, -5, 1)]


def test_everything_that_is_piped_is_in_one_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    heard = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(heard, encoding="cp1252"))
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(io.BytesIO(), encoding="cp1252"))
    process._open_streams()
    sys.stdout.write("800×533 写真")
    sys.stdout.flush()
    assert heard.getvalue().decode("utf-8").strip() == "800×533 写真"


class EmptyTerminal(io.TextIOWrapper):
    """What Windows makes of NUL, and what a terminal is after Ctrl-D."""

    def __init__(self) -> None:
        super().__init__(io.BufferedReader(io.FileIO(os.devnull)))

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("words", [["consent", "erase", "C-JVF-BS8-AP2"], ["consent", "add"]])
def test_where_nobody_answers_a_command_ends_with_a_sentence(
    home: Path,
    words: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["imageprep", *words])
    monkeypatch.setattr(sys, "stdin", EmptyTerminal())
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert process._run() == 2
    assert "Nobody is there to answer, so nothing was done." in capsys.readouterr().err
    assert not list(home.rglob("*.db"))


def test_a_wait_is_cut_into_slices_that_ctrl_c_gets_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imu_imageprep.front.disk.SLICE", 0.001)
    bell = EventBell(tmp_path, None)
    asked: list[float] = []
    real = bell._rang

    def rang(seconds: float) -> bool:
        asked.append(seconds)
        return real(seconds)

    monkeypatch.setattr(bell, "_rang", rang)
    assert bell.wait(0.01) is None
    assert max(asked) <= 0.001
    bell.ring()
    assert bell.wait(60) == {}


def test_a_wait_for_workers_is_cut_into_slices_too(monkeypatch: pytest.MonkeyPatch) -> None:
    first, other = Future[str](), Future[str]()
    asked: list[float | None] = []
    real = futures.wait

    def waited(work: Any, timeout: float | None, return_when: str) -> Any:
        asked.append(timeout)
        if len(asked) == 3:
            first.set_result("done")
        return real(work, timeout, return_when)

    monkeypatch.setattr(futures, "wait", waited)
    monkeypatch.setattr(workers, "SLICE", 0.001)
    assert workers.any_done([first, other]) == {first}
    assert asked == [0.001] * 3


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGBREAK"])
def test_every_signal_to_end_ends_a_watch_cleanly(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not hasattr(signal, "SIGBREAK"):  # it is of Windows alone; any other that is free will do
        monkeypatch.setattr(signal, "SIGBREAK", signal.Signals["SIGUSR2"], raising=False)
    number = getattr(signal, name)
    before, wishes, bell = signal.getsignal(number), Wishes(), EventBell(tmp_path, None)
    with watch._signals(wishes, bell) as received:
        signal.raise_signal(number)
        assert bell.wait(60) == {}
    assert wishes.stop
    assert received == {number}
    assert signal.getsignal(number) is before


def test_elsewhere_nothing_of_windows_is_asked(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("asks Windows itself")
    assert windows.remote_drive(tmp_path) is False
    assert windows.has_writer(tmp_path) is None
    with windows.children_deaf_to_ctrl_c():
        assert not windows.in_use(OSError())
