from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from imu_imageprep import atomic


def test_a_file_is_written_whole_and_alone(tmp_path: Path) -> None:
    atomic.write(tmp_path / "a.jpg", b"picture")
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"a.jpg": b"picture"}


def test_an_existing_file_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"older")
    with pytest.raises(FileExistsError):
        atomic.write(tmp_path / "a.jpg", b"newer")
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"a.jpg": b"older"}


def test_an_existing_file_is_replaced_when_asked(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"older")
    atomic.write(tmp_path / "a.jpg", b"newer", replace=True)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"a.jpg": b"newer"}


@pytest.mark.usefixtures("links")
def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "original.jpg").write_bytes(b"original")
    (tmp_path / "a.jpg").symlink_to(tmp_path / "original.jpg")
    with pytest.raises(FileExistsError):
        atomic.write(tmp_path / "a.jpg", b"newer")
    atomic.write(tmp_path / "a.jpg", b"newer", replace=True)
    assert (tmp_path / "original.jpg").read_bytes() == b"original"


@pytest.mark.posix(reason="Windows has no modes: a folder says who may read")
def test_the_mode_is_for_others_to_read_less_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        atomic.write(tmp_path / "a.jpg", b"picture")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.jpg").stat().st_mode) == 0o640


def test_a_missing_folder_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        atomic.write(tmp_path / "none" / "a.jpg", b"picture")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_is_a_file(tmp_path: Path) -> None:
    atomic.write(tmp_path / "a", b"")
    assert (tmp_path / "a").read_bytes() == b""
