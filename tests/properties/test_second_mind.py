"""What our own check passes is clean for others as well: a short run, and that it can fail."""

from __future__ import annotations

import shutil

import changed_exports
import containers as c
import pytest
import second_mind
from changed_exports import apart, begin, changed, together

from imu_imageprep.stages.verify import inspect

RUNS = range(400)

needs_exiftool = pytest.mark.skipif(
    not shutil.which("exiftool"), reason="ExifTool is not installed"
)


@needs_exiftool
def test_what_passes_is_clean_for_others() -> None:
    others = [second_mind.other(second_mind.OTHER)] if second_mind.OTHER.exists() else []
    files = {str(run): changed(1, run) for run in RUNS}
    disagreements, refused, _ = second_mind.compare(files, others)
    assert disagreements == []
    passed = len(files) - refused.total()
    assert passed > len(RUNS) / 10, "hardly anything was compared"
    assert refused.total() > len(RUNS) / 10, "hardly anything was changed"


@needs_exiftool
def test_a_disagreement_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    hidden = {
        "comment": c.jpeg(c.segment(0xFE, b"a comment")),
        "text": c.png(c.chunk(b"tEXt", b"Author\0Somebody")),
        "exif": c.webp(c.riff(b"EXIF", c.EXIF)),
        "clean": begin()[0],
    }
    monkeypatch.setattr(second_mind, "inspect", lambda _: ())
    disagreements, refused, _ = second_mind.compare(hidden, [])
    assert {name for name, _ in disagreements} == {"comment", "text", "exif"}
    assert not refused


def test_another_checker_is_asked_and_may_fail() -> None:
    def sees(_: bytes) -> list[str]:
        return ["something"]

    def fails(_: bytes) -> list[str]:
        raise IndexError

    files = {"hidden": begin()[0] + b"after"}
    _, refused, alone = second_mind.compare(files, [sees, fails])
    assert refused == {"bytes after the end of the picture": 1}
    assert not alone
    _, _, alone = second_mind.compare(files, [lambda _: []])
    assert alone == refused


@pytest.mark.parametrize("number", range(0, 133, 7))
def test_a_file_is_put_together_as_it_was(number: int) -> None:
    assert together(*apart(begin()[number])) == begin()[number]


def test_what_it_begins_with_is_clean_but_for_what_no_export_is() -> None:
    # The last ones are there for the fuzzer: exports have neither CMYK nor other densities.
    assert all(inspect(data) == () for data in begin()[:120])


def test_a_run_depends_on_its_seed_and_number_alone() -> None:
    first = [changed(7, run) for run in RUNS]
    changed_exports.begin.cache_clear()
    assert [changed(7, run) for run in reversed(RUNS)] == first[::-1]
    assert [changed(8, run) for run in RUNS] != first
