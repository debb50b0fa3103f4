"""What is planned of a store, without a server: fsspec's own store in memory."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import fsspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imu_imageprep.batch.choice import LeftOut
from imu_imageprep.batch.names import Names, Near
from imu_imageprep.batch.plan import Plan
from imu_imageprep.domain.errors import OutputProblem
from imu_imageprep.domain.place import Place, Remote
from imu_imageprep.storage import opening, place, store_of
from imu_imageprep.storage.served import Memory

if TYPE_CHECKING:
    from collections.abc import Iterator

IN, OUT = Remote("memory", "m", PurePosixPath("/in")), Remote("memory", "m", PurePosixPath("/out"))


@pytest.fixture(autouse=True)
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[fsspec.AbstractFileSystem]:
    monkeypatch.setattr(opening, "_opened", {})
    memory = fsspec.filesystem("memory")
    memory.store.clear()
    memory.pseudo_dirs[:] = ["", "/out"]
    yield memory
    memory.store.clear()


def test_photos_keep_their_tree(memory: fsspec.AbstractFileSystem) -> None:
    for name in ("/in/b.jpg", "/in/a/x.jpg", "/in/a/.y.jpg", "/in/z.txt", "/in/a/c/aux.jpg"):
        memory.pipe(name, b"x")
    told: list[tuple[str, LeftOut]] = []

    def passed_over(path: Place, why: LeftOut) -> None:
        told.append((str(path), why))

    tasks = list(Plan([IN], OUT, passed_over=passed_over))
    assert [str(task.path) for task in tasks] == [
        "memory://m/in/b.jpg",
        "memory://m/in/a/x.jpg",
        "memory://m/in/a/c/aux.jpg",
    ]
    goes = [task.target and str(task.target.folder / (task.target.stem or "")) for task in tasks]
    assert goes == ["memory://m/out/b", "memory://m/out/a/x", "memory://m/out/a/c/aux_"]
    assert told == [
        ("memory://m/in/z.txt", LeftOut.OTHER),
        ("memory://m/in/a/.y.jpg", LeftOut.OTHER),
    ]


def test_without_a_place_for_exports_there_is_no_target(memory: fsspec.AbstractFileSystem) -> None:
    memory.pipe("/in/b.jpg", b"x")
    (task,) = Plan([IN])
    assert task.target is None
    assert task.problem is None


def test_two_addresses_share_no_name(memory: fsspec.AbstractFileSystem) -> None:
    memory.pipe("/in/b.jpg", b"x")
    memory.pipe("/more/B.png", b"x")
    more = IN.with_name("more")
    tasks = list(Plan([IN, more, IN], OUT))
    assert [task.target and task.target.stem for task in tasks] == ["b", "B-2"]


# What a folder of a store may hold, in the store's order: names of photos are often alike.
stems = st.text(st.sampled_from("aB-.2/0 _"), min_size=1, max_size=4).filter(
    lambda stem: "/" not in stem and stem.strip(". ") == stem
)
listings = st.sets(st.tuples(stems, st.sampled_from([".jpg", ".png"])), max_size=30)


@given(listings)
def test_names_that_are_near_are_apart_as_if_all_were_remembered(
    listing: set[tuple[str, str]],
) -> None:
    names = sorted(stem + suffix for stem, suffix in listing)
    near = Near()
    given_names: dict[str, list[str]] = {}
    for name in names:
        path = IN / name
        assert near.new(path)
        given_names.setdefault(near.free(path, OUT, path.stem), []).append(path.stem)
    for export, originals in given_names.items():
        # One stem gets every name once; a number may meet another photo's own name, which is seen
        # where the export is written.
        assert originals.count(export) <= 1
        assert len(originals) == 1 or export in originals


def test_a_folder_of_a_million_takes_no_memory() -> None:
    near = Near()
    for number in range(5000):
        path = IN / f"{number:07}.jpg"
        near.new(path)
        near.free(path, OUT, path.stem)
        assert len(near._ends) == 1


def test_names_are_remembered_where_there_are_several_arguments() -> None:
    names = Names(set())
    assert names.new(IN)
    assert not names.new(IN)


def test_what_was_cut_off_is_refused(
    memory: fsspec.AbstractFileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = store_of(OUT)
    monkeypatch.setattr(Memory, "_info", lambda *_, **__: (None, 1, 0.0))
    with pytest.raises(OutputProblem, match="did not keep all"):
        store.put_new(OUT / "a.jpg", b"abc")
    assert memory.find("/out") == []


def test_a_rename_that_fails_leaves_nothing(
    memory: fsspec.AbstractFileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = store_of(OUT)

    def broken(*_: object) -> None:
        raise ConnectionResetError

    monkeypatch.setattr(Memory, "_rename_new", broken)
    with pytest.raises(OutputProblem, match="cannot be reached"):
        store.put_new(OUT / "a.jpg", b"abc")
    assert memory.find("/out") == []
    monkeypatch.undo()
    monkeypatch.setattr(opening, "_opened", {("memory", "m"): store})
    assert store_of(OUT) is not store  # the next who asks connects anew


def test_an_address_is_one_store(memory: fsspec.AbstractFileSystem) -> None:
    assert store_of(IN) is store_of(OUT)
    assert place("memory://m/in") == IN
    assert memory.find("/in") == []
