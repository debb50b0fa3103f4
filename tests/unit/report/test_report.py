from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from fakes import FixedClock
from pictures import encoded, exif, scene
from PIL import Image
from unit.report import receipts as made

from imu_imageprep.domain.box import Box
from imu_imageprep.domain.errors import AlreadyThere, OutputProblem, UsageProblem
from imu_imageprep.domain.finding import Finding
from imu_imageprep.domain.receipt import Failure, Outcome, Receipt
from imu_imageprep.report import folder as reports
from imu_imageprep.report.page import write_html
from imu_imageprep.report.record import Entry, LastRun
from imu_imageprep.report.tables import COLUMNS, safe

HOSTILE = str(Path('"><script>alert(1)</script>\u202e\udcff =1+1.jpg'))
VOID = {"meta", "link", "img", "input", "br", "rect"}


class Page(HTMLParser):
    """What a page is made of; closing tags must fit."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, str] = {}
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        tag = self.open[-1] if self.open else ""
        self.text[tag] = self.text.get(tag, "") + data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def report(tmp_path: Path, *receipts: Receipt, full_paths: bool = False) -> Path:
    """The folder of a report of these receipts."""
    folder = tmp_path / "report"
    (tmp_path / "day").mkdir(exist_ok=True)
    with reports.recorded(
        [tmp_path / "day"], made.POLICY, FixedClock(), ledger=tmp_path / "l.db"
    ) as record:
        for receipt in receipts:
            record.add(receipt)
    reports.claim(folder, made.last_run(tmp_path).begun.exports)
    reports.write(made.last_run(tmp_path), folder, full_paths=full_paths)
    return folder


def every_kind(tmp_path: Path) -> tuple[Receipt, ...]:
    day, web = tmp_path / "day", tmp_path / "day-web"
    picture = encoded(scene(300, 200))
    return (
        made.exported(day / "ready.jpg", web / "ready.jpg", picture),
        made.held(day / "face.jpg", made.FACE),
        made.held(day / "ward.jpg", made.WARD),
        made.failed(day / HOSTILE),
        made.exported(day / "again.jpg", web / "again.jpg", picture, Outcome.SKIPPED),
        made.seen(day / "clear.jpg", Outcome.CLEAR),
    )


def page(folder: Path) -> Page:
    return Page((folder / "report.html").read_text("utf-8"))


def test_the_page_loads_nothing_and_runs_only_its_own_script(tmp_path: Path) -> None:
    got = page(report(tmp_path, *every_kind(tmp_path)))
    assert got.all("link") == got.all("iframe") == got.all("base") == []
    assert all("src" not in attrs for attrs in got.all("script"))
    assert all((attrs["src"] or "").startswith("data:image/jpeg;") for attrs in got.all("img"))
    assert all((attrs["href"] or "").startswith("#") for attrs in got.all("a"))
    assert "url(" not in got.text["style"]
    assert "@import" not in got.text["style"]
    policies = [m for m in got.all("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    (policy,) = [m["content"] or "" for m in policies]
    assert policy.startswith("default-src 'none'; img-src data:;")
    for tag in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256(got.text[tag].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert not [attrs for _, attrs in got.tags if "style" in attrs or "onclick" in attrs]


def test_the_summary_comes_first_then_what_waits(tmp_path: Path) -> None:
    got = page(report(tmp_path, *every_kind(tmp_path)))
    sections = [attrs.get("id") for attrs in got.all("section")]
    assert sections == [None, "held", "exported", "clear", "failed", "skipped"]
    assert len(got.all("h1")) == len(got.all("main")) == len(got.all("header")) == 1
    ids = {attrs["id"] for _, attrs in got.tags if "id" in attrs}
    assert {attrs["aria-labelledby"] for attrs in got.all("section")} <= ids
    assert {(attrs["href"] or "#")[1:] for attrs in got.all("a")} <= ids
    assert [attrs["role"] for attrs in got.all("table")] == ["table"] * 5
    assert "2 waiting for you, 1 ready" in got.text["title"]
    assert "Press office" in got.text["p"]


def test_a_held_photo_is_an_outline_with_its_boxes(tmp_path: Path) -> None:
    folder = report(tmp_path, made.held(tmp_path / "day" / "a.jpg", made.FACE))
    got = page(folder)
    assert got.all("img") == []
    (svg,) = got.all("svg")
    assert svg["aria-label"] == "Outline of the photo, boxes: face-1"
    assert (svg["width"], svg["height"]) == ("80", "60")
    (box,) = [attrs for attrs in got.all("rect") if attrs["class"] == "box"]
    assert [box[side] for side in ("x", "y", "width", "height")] == ["20.0", "30.0", "8.0", "12.0"]


def test_only_an_unchanged_export_is_shown(tmp_path: Path) -> None:
    day, web = tmp_path / "day", tmp_path / "day-web"
    hidden = encoded(scene(300, 200), exif=exif(artist="Needle"))
    same, gone, changed = (
        made.exported(day / f"{name}.jpg", web / f"{name}.jpg", hidden)
        for name in ("same", "gone", "changed")
    )
    (web / "gone.jpg").unlink()
    (web / "changed.jpg").write_bytes(encoded(scene(400, 300)))
    got = page(report(tmp_path, same, gone, changed))
    (image,) = got.all("img")
    small = base64.b64decode((image["src"] or "").partition(",")[2])
    assert b"Needle" not in small
    with Image.open(io.BytesIO(small)) as picture:
        assert picture.size == (160, 107)
        assert dict(picture.getexif()) == {}
    assert (image["width"], image["height"]) == ("80", "53")
    assert got.text["p"].count("gone or changed since") == 2


def test_thumbnails_end_at_their_number_and_it_is_said(tmp_path: Path) -> None:
    day, web = tmp_path / "day", tmp_path / "day-web"
    picture = encoded(scene(300, 200))
    report(
        tmp_path, *(made.exported(day / f"{n}.jpg", web / f"{n}.jpg", picture) for n in range(5))
    )
    file = io.StringIO()
    write_html(made.last_run(tmp_path), file, full_paths=False, most_thumbnails=3)
    assert len(Page(file.getvalue()).all("img")) == 3
    assert "The first 3 exports are shown in small, 2 are not." in file.getvalue()


@pytest.mark.parametrize("name", ["report.html", "report.csv", "report.json"])
def test_nothing_hidden_and_no_absolute_path_is_told(tmp_path: Path, name: str) -> None:
    def written(path: Path) -> str:
        return json.dumps(str(path))[1:-1] if name.endswith("json") else str(path)

    folder = report(tmp_path, *every_kind(tmp_path))
    text = (folder / name).read_text("utf-8")
    assert made.NEEDLE not in text
    assert written(tmp_path) not in text
    assert written(Path("day/ready.jpg")) in text
    assert written(Path("day-web/ready.jpg")) in text
    report(tmp_path, *every_kind(tmp_path), full_paths=True)
    assert written(tmp_path / "day" / "ready.jpg") in (folder / name).read_text("utf-8")


def test_a_hostile_name_is_only_text(tmp_path: Path) -> None:
    folder = report(tmp_path, made.failed(tmp_path / "day" / HOSTILE))
    got = page(folder)
    assert len(got.all("script")) == 1
    escaped = HOSTILE.encode("ascii", "backslashreplace").decode()
    assert "<script>alert(1)" in escaped
    assert escaped in got.text["th"]
    (photo,) = json.loads((folder / "report.json").read_text("utf-8"))["photos"]
    assert photo["path"] == str(Path("day", HOSTILE))


def test_the_table_has_a_row_for_each_photo(tmp_path: Path) -> None:
    folder = report(tmp_path, *every_kind(tmp_path))
    text = (folder / "report.csv").read_bytes().decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(text))
    assert tuple(head) == COLUMNS
    assert [row[1] for row in rows] == ["exported", "held", "held", "failed", "skipped", "clear"]
    face = dict(zip(head, rows[1], strict=True))
    assert face["why"] == "1 face"
    assert face["commands"] == f"imageprep {Path('day/face.jpg')} --redact faces"
    assert face["removed"] == "location and camera"


@pytest.mark.parametrize("name", ["report.html", "report.csv"])
def test_whatever_is_told_is_only_text(tmp_path: Path, name: str) -> None:
    """Names, notes, reasons, finds and commands: a template cannot forget one."""
    evil = "<script>alert(1)</script>&\"'\x1b\u202e"
    if os.sep != "/":  # what cannot be in a path there may still be in every text
        evil = evil.replace("/", "")
    bad = Finding("code", 1.0, Box(0.1, 0.1, 0.1, 0.1), evil, evil)
    day, web = tmp_path / "day", tmp_path / "day-web"
    gone = made.exported(day / f"{evil}2.jpg", web / "gone.jpg", b"gone")
    assert gone.export is not None
    noted = [
        made.held(day / f"{evil}.jpg", bad),
        replace(gone, export=replace(gone.export, path=str(web / f"{evil}2.jpg"))),
        made.seen(day / f"{evil}3.jpg", Outcome.CLEAR, bad),
        replace(made.failed(day / f"{evil}4.jpg"), failure=Failure(4, "X", evil, evil)),
    ]
    folder = report(tmp_path, *(replace(one, notes=(evil,)) for one in noted))
    text = (folder / name).read_text("utf-8-sig")
    assert "\x1b" not in text
    assert "\u202e" not in text
    if name == "report.html":
        got = page(folder)
        assert [attrs for tag, attrs in got.tags if tag == "script"] == [{}]
        told = " ".join(got.text.values()) + " ".join(
            svg["aria-label"] or "" for svg in got.all("svg")
        )
        escaped = evil.replace("\x1b", "\\x1b").replace("\u202e", "\\u202e")
        assert told.count(escaped) >= len(noted) * 2
        assert "&amp;lt;" not in text  # not twice


def test_rows_are_written_as_they_are_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report(tmp_path, *(made.failed(tmp_path / "day" / f"{number}.jpg") for number in range(50)))
    file = io.StringIO()
    read = LastRun.entries
    written = []

    def entries(run: LastRun, outcome: Outcome | None = None) -> Iterator[Entry]:
        for entry in read(run, outcome):
            written.append(len(file.getvalue()))
            yield entry

    monkeypatch.setattr(LastRun, "entries", entries)
    write_html(made.last_run(tmp_path), file, full_paths=False)
    assert len(written) == 50
    rows = [after - before for before, after in pairwise(written)]
    assert min(rows) > 50  # each was in the file before the next one was read


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "＋1", "－1", "＠x"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "cell"), [(None, ""), (0, "0"), ("a=b", "a=b"), ("\t=1", "\\t=1"), ("\r", "\\r")]
)
def test_other_cells_are_as_they_are(value: object, cell: str) -> None:
    assert safe(value) == cell


def test_the_json_keeps_the_terms(tmp_path: Path) -> None:
    folder = report(tmp_path, *every_kind(tmp_path))
    whole = json.loads((folder / "report.json").read_text("utf-8"))
    assert whole["report"] == "imageprep"
    assert whole["run"]["counts"]["held"] == 2
    held = whole["photos"][1]
    assert held["held_for"] == [{"finding": "face-1", "needs": "person-consent"}]
    assert held["findings"][0]["box"] == [1000, 1500, 400, 600]
    assert whole["photos"][0]["export"]["path"] == str(Path("day-web/ready.jpg"))
    assert "exports" not in whole["run"]


def test_an_interrupted_run_and_unchecked_things_are_said(tmp_path: Path) -> None:
    with reports.recorded(
        [tmp_path], made.POLICY, FixedClock(), ledger=tmp_path / "l.db", report=tmp_path / "r"
    ) as record:
        receipt = made.held(tmp_path / "a.jpg", made.FACE)
        record.add(Receipt(receipt.outcome, receipt.path, not_checked=("clinical",)))
        record.interrupted = True
    text = page(tmp_path / "r").text["p"]
    assert "NOT CHECKED, by policy: clinical scenes." in text
    assert "The run was interrupted" in text


def refused(folder: Path, report: str) -> None:
    """A run of the photos in ``day`` does not begin with this report."""
    with (
        pytest.raises(UsageProblem, match="upload whole"),
        reports.recorded(
            [folder / "day"],
            made.POLICY,
            FixedClock(),
            ledger=folder / "l.db",
            report=folder / report,
        ),
    ):
        raise AssertionError  # never begun


def test_a_report_never_lies_among_exports(tmp_path: Path) -> None:
    (tmp_path / "day").mkdir()
    (tmp_path / "day-web").mkdir()
    for inside in ("day-web", "day-web/report", "day/../day-web/x"):
        refused(tmp_path, inside)
    assert list((tmp_path / "day-web").iterdir()) == []
    reports.claim(tmp_path, [str(tmp_path / "day-web")])


@pytest.mark.usefixtures("links")
def test_nor_does_a_link_lead_it_there(tmp_path: Path) -> None:
    (tmp_path / "day").mkdir()
    (tmp_path / "day-web").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "day-web")
    refused(tmp_path, "link/report")
    assert list((tmp_path / "day-web").iterdir()) == []


def test_an_out_folder_is_a_folder_of_exports(tmp_path: Path) -> None:
    with (
        pytest.raises(UsageProblem),
        reports.recorded(
            [tmp_path / "a.jpg"],
            made.POLICY,
            FixedClock(),
            out=tmp_path / "out",
            report=tmp_path / "out" / "report",
        ),
    ):
        raise AssertionError  # never begun


@pytest.mark.parametrize("name", ["report.html", "report.csv", "report.json"])
def test_only_an_earlier_report_is_replaced(tmp_path: Path, name: str) -> None:
    folder = report(tmp_path, made.failed(tmp_path / "day" / "a.jpg"))
    report(tmp_path, made.failed(tmp_path / "day" / "b.jpg"))
    assert re.search(r"day\W+b.jpg", (folder / name).read_text("utf-8"))
    (folder / name).write_text("mine", "utf-8")
    with pytest.raises(AlreadyThere):
        report(tmp_path, made.failed(tmp_path / "day" / "c.jpg"))
    assert (folder / name).read_text("utf-8") == "mine"


@pytest.mark.parametrize("name", ["r.html", "r.HTM", "r.csv", "r.json", "r.pdf"])
def test_no_folder_is_made_where_somebody_wants_a_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageProblem, match=re.escape(name)) as refusal:
        reports.claim(tmp_path / name, [])
    assert refusal.value.advice.endswith(str(tmp_path / "r"))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_called_like_a_file_is_one(tmp_path: Path) -> None:
    (tmp_path / "r.html").mkdir()
    reports.claim(tmp_path / "r.html", [])
    reports.claim(tmp_path / "week.48", [])
    assert (tmp_path / "week.48").is_dir()


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "report").write_bytes(b"")
    with pytest.raises(OutputProblem):
        reports.claim(tmp_path / "report", [])
