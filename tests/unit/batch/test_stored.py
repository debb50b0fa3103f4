"""Photos in a store: a file that cannot be looked at costs itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imu_imageprep import storage
from imu_imageprep.batch.choice import Choice
from imu_imageprep.batch.stored import Walk
from imu_imageprep.domain.errors import ImageprepError, InputProblem
from imu_imageprep.domain.place import Remote, place
from imu_imageprep.storage.port import Entry, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

TREE = {
    "": [Entry("MANIFEST", Kind.FILE, 9), Entry("a.jpg", Kind.FILE, 9), Entry("b", Kind.FOLDER)],
    "b": [Entry("c.jpg", Kind.FILE, 9)],
}


class Bucket:
    """A store in which a file without a suffix cannot be read."""

    def __init__(self, trouble: Exception) -> None:
        self.trouble = trouble

    def entries(self, folder: Remote) -> Iterator[Entry]:
        yield from TREE[folder.key]

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
