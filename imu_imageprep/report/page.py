"""The report as one page: it loads nothing, and is written a row at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from html import escape
from string import Template
from typing import TYPE_CHECKING

from imu_imageprep.report.markup import asset, capital, digest, text
from imu_imageprep.report.pictures import THUMBNAIL_SIDE, outline, thumbnail
from imu_imageprep.report.tables import named
from imu_imageprep.domain import words
from imu_imageprep.domain.receipt import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TextIO

    from imu_imageprep.report.record import Entry, LastRun

# Exports shown in small: 2,000 of about 4 KB each keep the page at some 10 MB.
MOST_THUMBNAILS = 2000


def write_html(
    run: LastRun, file: TextIO, *, full_paths: bool, most_thumbnails: int = MOST_THUMBNAILS
) -> None:
    """Write the page.

    Args:
        run: the run to report on.
        file: text file to write to.
        full_paths: name files by where they lie instead of after the arguments.
        most_thumbnails: how many exports are shown in small; the page says how many were not.
    """
    above, below = asset("page.html").split("$sections\n")
    style, script = asset("report.css"), asset("report.js")
    counts = run.ended.counts
    values = {
        "policy": escape(
            f"default-src 'none'; img-src data:; style-src '{digest(style)}'; "
            f"script-src '{digest(script)}'; base-uri 'none'; form-action 'none'"
        ),
        "title": f"Photo report: {_totals(counts)}",
        "when": _when(run),
        "product": escape(run.begun.product),
        "summary": "\n".join(_summary(run, most_thumbnails)),
        "kinds": "".join(
            f'<option value="{section.outcome.value}">{section.total}</option>'
            for section in SECTIONS
            if counts.get(section.outcome.value)
        ),
        "style": style,
        "script": script,
    }
    file.write(Template(above).substitute(values))
    row = _Row(full_paths, most_thumbnails)
    for section in SECTIONS:
        number = counts.get(section.outcome.value, 0)
        if number:
            file.write(section.opening(number))
            file.writelines(section.rows(row, run.entries(section.outcome)))
            file.write("</tbody></table></section>\n")
    file.write(Template(below).substitute(values))


@dataclass(slots=True)
class _Row:
    """Turns entries into cells, and counts the exports it has shown."""

    full_paths: bool
    thumbnails_left: int

    def held(self, entry: Entry) -> Iterator[str]:
        name, _, commands = named(entry, full_paths=self.full_paths)
        yield f'<td role="cell">{outline(entry)}</td>'
        yield _head(name)
        yield _cell(*map(capital, entry.why), *map(capital, entry.receipt["notes"]))
        needs = "".join(f"<p>{text(capital(need))}</p>" for need in entry.needs)
        typed = "".join(f"<p><code>{text(command)}</code></p>" for command in commands)
        yield f'<td role="cell">{needs}{typed}</td>'

    def exported(self, entry: Entry) -> Iterator[str]:
        name, export_name, _ = named(entry, full_paths=self.full_paths)
        export, covered = entry.receipt["export"], len(entry.receipt["covered"])
        yield f'<td role="cell">{self._picture(entry)}</td>'
        size = f"{export['width']}×{export['height']}, {max(1, round(export['bytes'] / 1000))} KB"
        yield _head(name, f"→ {export_name}", size)
        yield _cell(capital(entry.removed) or "Nothing hidden was in it")
        yield _cell(
            f"Covered: {words.counted(covered, 'area')}" if covered else "",
            f"Found: {entry.found}" if entry.found else "",
            *map(capital, entry.receipt["notes"]),
        )

    def clear(self, entry: Entry) -> Iterator[str]:
        yield _head(named(entry, full_paths=self.full_paths)[0])
        yield _cell(capital(entry.found) or "Nothing found", *map(capital, entry.receipt["notes"]))
        yield _cell(capital(entry.removed) or "Nothing hidden is in it")

    def failed(self, entry: Entry) -> Iterator[str]:
        error = entry.receipt["error"]
        yield _head(named(entry, full_paths=self.full_paths)[0])
        yield _cell(error["message"])
        yield _cell(error["advice"])

    def skipped(self, entry: Entry) -> Iterator[str]:
        name, export_name, _ = named(entry, full_paths=self.full_paths)
        yield _head(name)
        yield _cell(export_name or "")

    def _picture(self, entry: Entry) -> str:
        if self.thumbnails_left <= 0:
            return ""
        self.thumbnails_left -= 1
        address = thumbnail(entry)
        if address is None:
            return '<p class="soft">gone or changed since</p>'
        export = entry.receipt["export"]
        scale = THUMBNAIL_SIDE / 2 / max(export["width"], export["height"])
        width, height = (max(1, round(export[side] * scale)) for side in ("width", "height"))
        return (
            f'<img src="{address}" width="{width}" height="{height}" decoding="async"'
            f' alt="The export, in small">'
        )


@dataclass(frozen=True, slots=True)
class _Section:
    """One outcome's part of the page."""

    outcome: Outcome
    total: str
    title: str
    intro: str
    columns: tuple[str, ...]
    cells: Callable[[_Row, Entry], Iterator[str]]

    def opening(self, number: int) -> str:
        """Everything before the rows."""
        kind = self.outcome.value
        heads = "".join(f'<th role="columnheader" scope="col">{head}</th>' for head in self.columns)
        return (
            f'<section id="{kind}" class="{kind}" data-kind="{kind}"'
            f' aria-labelledby="{kind}-title">'
            f'<h2 id="{kind}-title">{self.title} ({number})</h2><p>{self.intro}</p>\n'
            f'<table role="table" aria-labelledby="{kind}-title">'
            f'<thead role="rowgroup"><tr role="row">{heads}</tr></thead>'
            f'<tbody role="rowgroup">\n'
        )

    def rows(self, row: _Row, entries: Iterable[Entry]) -> Iterator[str]:
        """The rows, made as they are asked for."""
        for entry in entries:
            yield f'<tr role="row">{"".join(self.cells(row, entry))}</tr>\n'


SECTIONS = (
    _Section(
        Outcome.HELD,
        "waiting for you",
        "Waiting for you",
        "Nothing of these was written. They are shown as blank outlines with what was found in "
        "them. Type a command in the folder that holds what you gave to imageprep. C-REF and P-REF "
        "stand for references of a consent and of a place's permission: imageprep consent add.",
        ("Outline", "Photo", "Why it waits", "What would answer it"),
        _Row.held,
    ),
    _Section(
        Outcome.EXPORTED,
        "ready",
        "Ready",
        "Small, marked, and free of hidden data. Nothing found is not nothing there: look at each "
        "picture yourself before you post it.",
        ("Export", "Photo", "Removed from it", "Worth knowing"),
        _Row.exported,
    ),
    _Section(
        Outcome.CLEAR,
        "clear",
        "Clear",
        "Only looked at; nothing was written. Nothing found is not nothing there.",
        ("Photo", "Found", "Hidden data in it"),
        _Row.clear,
    ),
    _Section(
        Outcome.FAILED,
        "failed",
        "Failed",
        "These were not exported; their originals are as they were.",
        ("Photo", "What went wrong", "What to do"),
        _Row.failed,
    ),
    _Section(
        Outcome.SKIPPED,
        "done before",
        "Done before",
        "Exported earlier under the same rules and unchanged since.",
        ("Photo", "Export"),
        _Row.skipped,
    ),
)


def _summary(run: LastRun, most_thumbnails: int) -> Iterator[str]:
    ended = run.ended
    yield '<section aria-labelledby="summary-title"><h2 id="summary-title">Summary</h2>'
    if ended.interrupted:
        yield '<p class="warn">The run was interrupted: this is what was done until then.</p>'
    off = [words.CHECK[name] for name in ended.not_checked if name in words.CHECK]
    if off:
        yield f'<p class="warn">NOT CHECKED, by policy: {text(words.listed(off))}.</p>'
    yield '<ul class="counts">'
    for section in SECTIONS:
        kind = section.outcome.value
        if number := ended.counts.get(kind, 0):
            yield f'<li class="{kind}"><b>{number}</b><a href="#{kind}">{section.total}</a></li>'
    if not ended.counts:
        yield "<li><b>0</b>photos</li>"
    yield "</ul>"
    if ended.passed_over:
        passed = words.counted(ended.passed_over, "other file")
        yield f"<p>{passed} in the folders: no photos, or exports made earlier.</p>"
    if run.begun.contact and ended.counts.get(Outcome.HELD.value):
        yield f"<p>Whom to ask about a photo that waits: {text(run.begun.contact)}</p>"
    more = ended.counts.get(Outcome.EXPORTED.value, 0) - most_thumbnails
    if more > 0:
        yield f"<p>The first {most_thumbnails} exports are shown in small, {more} are not.</p>"
    yield "</section>"


def _when(run: LastRun) -> str:
    begun = datetime.fromisoformat(run.begun.begun).astimezone()
    return f'<time datetime="{escape(run.begun.begun)}">{begun:%Y-%m-%d %H:%M} {begun:%z}</time>'


def _totals(counts: dict[str, int]) -> str:
    told = [f"{counts[s.outcome]} {s.total}" for s in SECTIONS if counts.get(s.outcome)]
    return ", ".join(told) or "no photos"


def _head(name: str, *more: str) -> str:
    rest = "".join(f"<p>{text(line)}</p>" for line in more)
    return f'<th role="rowheader" scope="row">{text(name)}{rest}</th>'


def _cell(*lines: str) -> str:
    return f'<td role="cell">{"".join(f"<p>{text(line)}</p>" for line in lines if line)}</td>'
