"""Photos in a store: a file that cannot be looked at costs itself."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from imu_imageprep import storage
from imu_imageprep.batch.choice import Choice, LeftOut
from imu_imageprep.batch.made import Made
from imu_imageprep.batch.stored import Walk
from imu_imageprep.domain.errors import ImageprepError, InputProblem, OutputProblem
from imu_imageprep.domain.place import Remote, place
from imu_imageprep.storage.port import Entry, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TREE = {
    "": [Entry("MANIFEST", Kind.FILE, 9), Entry("a.jpg", Kind.FILE, 9), Entry("b", Kind.FOLDER)],
    "b": [Entry("c.jpg", Kind.FILE, 9)],
}


class Bucket:
    """A store in which a file without a suffix cannot be read."""

    def __init__(self, trouble: Exception) -> None:
        self.trouble = trouble

    def pages(self, folder: Remote) -> Iterator[list[Entry]]:
        yield TREE[folder.key]

    def beginning(self, where: Remote, count: int) -> bytes:
        del where, count
        raise self.trouble


@pytest.mark.parametrize(
    "trouble",
    [InputProblem("s3://bucket refused (InvalidObjectState).", "Ask."), FileNotFoundError()],
)
def test_a_file_that_cannot_be_looked_at_hides_no_other(
    trouble: ImageprepError | OSError, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "store_of", lambda _: Bucket(trouble))
    top = place("s3://bucket")
    assert isinstance(top, Remote)
    got = list(Walk(top, None, Choice(), None, lambda *_: None).photos())
    assert [str(where) for where, _ in got] == [
        "s3://bucket/MANIFEST",
        "s3://bucket/a.jpg",
        "s3://bucket/b/c.jpg",
    ]
    assert [problem is None for _, problem in got] == [False, True, True]


class Growing:
    """A store whose pages are asked for one by one, and that grows while it is listed.

    Args:
        pages: names and bytes; ``write`` adds to the page that comes next.
    """

    def __init__(self, *pages: dict[str, bytes]) -> None:
        self._pages = list(pages)
        self._files: dict[str, bytes] = {}

    def write(self, name: str, data: bytes) -> None:
        self._pages[0][name] = data

    def pages(self, folder: Remote) -> Iterator[Sequence[Entry]]:
        del folder
        while self._pages:
            page = self._pages.pop(0)
            self._files |= page
            yield [Entry(name, Kind.FILE, len(data)) for name, data in sorted(page.items())]

    def digest(self, where: Remote) -> str:
        return hashlib.sha256(self._files[where.name]).hexdigest()


class Book:
    """A ledger that exports are recorded in, before they are written; it can be out of reach."""

    def __init__(self) -> None:
        self.exports: list[bytes] = []
        self.away = False

    def _look(self) -> None:
        if self.away:
            raise OutputProblem("The ledger's server cannot be reached.")

    def made(self, sha256: str) -> bool:
        self._look()
        return sha256 in {hashlib.sha256(data).hexdigest() for data in self.exports}

    def sizes(self, after: int = 0) -> tuple[int, frozenset[int]]:
        self._look()
        return len(self.exports), frozenset(map(len, self.exports[after:]))


def test_what_a_run_wrote_since_the_page_before_is_no_photo(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store, book = Growing({"a.jpg": b"photo a"}, {"b.jpg": b"photo b"}), Book()
    monkeypatch.setattr(storage, "store_of", lambda _: store)
    top = place("s3://bucket")
    assert isinstance(top, Remote)
    told: list[tuple[str, LeftOut]] = []

    def tell(where: Remote, why: LeftOut) -> None:
        told.append((where.name, why))

    photos = Walk(top, top, Choice(), Made(book), tell).photos()
    assert next(photos)[0].name == "a.jpg"
    book.exports.append(b"the export of a")
    store.write("a-web.jpg", b"the export of a")
    assert [where.name for where, _ in photos] == ["b.jpg"]
    assert told == [("a-web.jpg", LeftOut.EXPORT)]


def test_a_ledger_that_does_not_answer_makes_no_photo_of_an_export(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book = Book()
    book.exports.append(b"an export")
    store = Growing({"a.jpg": b"an export"}, {"b.jpg": b"an export"}, {"c.jpg": b"photo c"})
    monkeypatch.setattr(storage, "store_of", lambda _: store)
    top = place("s3://bucket")
    assert isinstance(top, Remote)
    photos = Walk(top, top, Choice(), Made(book), lambda *_: None).photos()
    book.away = True
    where, problem = next(photos)
    assert (where.name, type(problem)) == ("a.jpg", OutputProblem)
    book.away = False
    assert [(where.name, problem) for where, problem in photos] == [("c.jpg", None)]
