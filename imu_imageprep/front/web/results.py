"""Requests about what came out: downloads, the ZIP, reports, where it was posted."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import html
import io
import json
import re
import zipfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from imu_imageprep.domain.caption import Words
from imu_imageprep.domain.errors import InputProblem, UsageProblem
from imu_imageprep.domain.identifiers import identifier_in
from imu_imageprep.domain.receipt import Outcome
from imu_imageprep.domain.recognition import unlabelled
from imu_imageprep.front.web import bodies, views
from imu_imageprep.front.web.entry import State
from imu_imageprep.front.web.refusals import Refusal, not_found, wrong_state
from imu_imageprep.front.web.site import in_thread, named, session_of, site_of
from imu_imageprep.report import listing, templates
from imu_imageprep.report.card import card_of
from imu_imageprep.windows import reachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from starlette.requests import Request

    from imu_imageprep.domain.receipt import ExportRecord
    from imu_imageprep.front.web.entry import Entry
    from imu_imageprep.front.web.site import Site

_COLUMNS = (
    "photo",
    "state",
    "hidden data removed",
    "found",
    "open",
    "export",
    "export sha256",
    "relied on",
    "posted",
    "problem",
)
_NEUTRAL = re.compile(r"photo-[0-9a-f]{8}\.[a-z]+")


async def download(request: Request) -> Response:
    """One result, to keep or (``show=1``) to look at."""
    entry = site_of(request).album.get(request.path_params["photo"])
    record = _ready(entry)
    data = await in_thread(_bytes, entry)
    headers = {}
    if request.query_params.get("show") != "1":
        headers["Content-Disposition"] = attachment(Path(record.path).name)
    return Response(data, media_type=f"image/{record.format.value}", headers=headers)


async def everything(request: Request) -> Response:
    """All results, or those that are named, as one ZIP."""
    album = site_of(request).album
    chosen = request.query_params.getlist("photo")
    entries = [album.get(ident) for ident in chosen] if chosen else album.all()
    ready = [entry for entry in entries if entry.state is State.READY]
    if not ready:
        raise not_found()
    names = numbered(_member(entry) for entry in ready)
    await in_thread(_check, [entry for entry in ready if entry.export is None])
    members = [(name, partial(_bytes, entry)) for name, entry in zip(names, ready, strict=True)]
    return StreamingResponse(
        zipped(members),
        media_type="application/zip",
        headers={"Content-Disposition": attachment("imageprep.zip")},
    )


def _check(entries: list[Entry]) -> None:
    """See that every file is there before the first byte is sent; in a thread."""
    for entry in entries:
        _bytes(entry)


def _member(entry: Entry) -> str:
    """A result's name in the ZIP: a neutral one is not told by its folder either."""
    name = Path(_ready(entry).path).name
    parts = [_plain(part) for part in entry.folder.split("/") if part]
    folder = "/".join(part for part in parts if identifier_in(part) is None)
    return name if not folder or _NEUTRAL.fullmatch(name) else f"{folder}/{name}"


def _plain(part: str) -> str:
    kept = "".join(char for char in part if char not in ':*?"<>|').strip(" .")
    return kept or "folder"


def _bytes(entry: Entry) -> bytes:
    """The bytes of a result, only if they are those that were recorded.

    Raises:
        InputProblem: its file was changed or removed meanwhile.
    """
    record = _ready(entry)
    if entry.export is not None:
        return entry.export
    try:
        data = reachable(Path(record.path)).read_bytes()
    except OSError:
        data = b""
    if hashlib.sha256(data).hexdigest() != record.sha256:
        raise InputProblem(
            "The exported file was changed or removed.", "Add the photo again to export it again."
        )
    return data


def _ready(entry: Entry) -> ExportRecord:
    receipt = entry.receipt
    if entry.state is not State.READY or receipt is None or receipt.export is None:
        raise wrong_state()
    return receipt.export


async def posted(request: Request) -> Response:
    """Record where a result was posted."""
    site, _ = site_of(request), named(request)
    told = await bodies.values(request, site.settings.bounds)
    entry = site.album.get(request.path_params["photo"])
    await _post(site, [(entry, bodies.text(told, "url"))])
    return JSONResponse(views.photo(entry))


async def posted_many(request: Request) -> Response:
    """Record where results were posted: all at one address, or each at its own; all or none."""
    site, _ = site_of(request), named(request)
    told = await bodies.values(request, site.settings.bounds)
    entries = [site.album.get(ident) for ident in dict.fromkeys(bodies.texts(told, "photos"))]
    urls = bodies.texts(told, "urls") or (bodies.text(told, "url"),) * len(entries)
    if not entries or len(urls) != len(entries):
        raise UsageProblem("Name the photos, and an address for each.", "Load the page again.")
    await _post(site, list(zip(entries, urls, strict=True)))
    return JSONResponse({"photos": [views.photo(entry) for entry in entries]})


async def _post(site: Site, posts: list[tuple[Entry, str]]) -> None:
    """Record posts; only of bytes that are those of the export."""
    files = [(await in_thread(_bytes, entry), url) for entry, url in posts]
    await in_thread(site.desk.posted_many, files)
    for entry, url in posts:
        entry.posted = (*entry.posted, url)
        site.album.changed(entry)


async def write(request: Request) -> Response:
    """Keep what somebody wrote to go with a picture; nothing that would identify anyone."""
    site = site_of(request)
    told = await bodies.values(request, site.settings.bounds)
    entry = site.album.get(request.path_params["photo"])
    said = [bodies.text(told, name, needed=False) for name in ("caption", "alt")]
    entry.words = Words(*said) if any(said) else None
    site.album.changed(entry)
    return JSONResponse(views.photo(entry))


async def receipt(request: Request) -> Response:
    """Why a result may be posted, or must not be any more, as a card without names."""
    site = site_of(request)
    entry = site.album.get(request.path_params["photo"])
    if entry.state not in (State.READY, State.GONE) or not (entry.receipt and entry.receipt.export):
        raise wrong_state()
    language = session_of(request).language
    return _document(await in_thread(_card, site, entry.receipt.export.sha256, language))


def _card(site: Site, sha256: str, language: str) -> str:
    """The card of an export (hex sha256) in a language; in a thread.

    Raises:
        Refusal: the ledger does not know it.
    """
    found = site.desk.ledger.receipts(sha256)
    if not found:
        raise not_found()
    return card_of(found, site.desk.ledger, language=language)


async def report_html(request: Request) -> Response:
    """The list as a page to keep."""
    site = site_of(request)
    rows = [row for entry in site.album.all() if (row := _row(entry)) is not None]
    language = session_of(request).language
    page = await in_thread(
        listing.html, rows, site.desk.ledger.clock, site.policy.owner.contact, language
    )
    headers = {"Content-Disposition": attachment("imageprep-report.html")}
    return _document(page, headers)


def _row(entry: Entry) -> listing.Row | None:
    """A photo of the list as the report tells it; one that waits to be looked at is left out."""
    told = entry.receipt
    if told is None or entry.state in (State.WAITING, State.LOOKING):
        return None
    if entry.state is State.HELD and not entry.opens:
        told = dataclasses.replace(told, outcome=Outcome.CLEAR, held_for=())
    gone = entry.state is State.GONE
    return listing.Row(entry.label, told, lambda: _bytes_or_none(entry), gone=gone)


def _bytes_or_none(entry: Entry) -> bytes:
    try:
        return _bytes(entry)
    except (InputProblem, Refusal):
        return b""


def _document(page: str, headers: dict[str, str] | None = None) -> Response:
    """A page that the report makes: it loads nothing, and is nobody's origin."""
    policy = f"{html.unescape(templates.sources(page))}; frame-ancestors 'none'; sandbox"
    scripts = " allow-scripts" if "script-src" in policy else ""
    return HTMLResponse(
        page, headers={"Content-Security-Policy": f"{policy}{scripts}", **(headers or {})}
    )


async def report_json(request: Request) -> Response:
    """The receipts of the list."""
    rows = [_receipt(entry) for entry in site_of(request).album.all() if entry.receipt]
    return Response(
        json.dumps(rows, indent=1),
        media_type="application/json",
        headers={"Content-Disposition": attachment("imageprep-report.json")},
    )


async def report_csv(request: Request) -> Response:
    """The list as a table."""
    buffer = io.StringIO()
    table = csv.writer(buffer)
    table.writerow(_COLUMNS)
    table.writerows(_rows(site_of(request)))
    return Response(
        "\ufeff" + buffer.getvalue(),  # so that spreadsheets read it as UTF-8
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": attachment("imageprep-report.csv")},
    )


def _rows(site: Site) -> Iterator[list[str]]:
    for entry in site.album.all():
        told = views.photo(entry)
        export: dict[str, Any] = told["export"] or {}
        row = [
            entry.label,
            told["state"],
            ", ".join(told["hidden"]),
            ", ".join(finding["id"] for finding in told["findings"]),
            ", ".join(need["needs"] for need in told["needs"]),
            export.get("name", ""),
            export.get("sha256", ""),
            ", ".join(told["relied_on"]),
            " ".join(entry.posted),
            (told["error"] or {}).get("message", ""),
        ]
        # A cell that begins so is a formula to a spreadsheet, and names come from anywhere.
        yield [f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t")) else cell for cell in row]


def _receipt(entry: Entry) -> dict[str, Any]:
    assert entry.receipt is not None
    told = unlabelled(entry.receipt) if entry.receipt.suggestions else entry.receipt
    return {**told.to_json(names=False), "path": entry.label, "posted": list(entry.posted)}


def attachment(name: str) -> str:
    """The header that makes a browser keep a file under a name (RFC 6266)."""
    plain = "".join(char if char.isascii() and char not in '"\\%' else "_" for char in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


# The earliest that the format can say; the real times are nobody's business.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


class _Sent:
    """Takes what is written and hands it on; it cannot seek."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is kept back."""

    def taken(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data


def zipped(members: Iterable[tuple[str, Callable[[], bytes]]]) -> Iterator[bytes]:
    """A ZIP of members, piece by piece; each is read when it comes up.

    Args:
        members: name within the ZIP, and what reads its bytes.
    """
    sent = _Sent()
    with zipfile.ZipFile(sent, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]
        for name, read in members:
            entry = zipfile.ZipInfo(name, _NO_TIME)
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, read())
            yield sent.taken()
    yield sent.taken()


def numbered(names: Iterable[str]) -> Iterator[str]:
    """Names, the second of each kind numbered; capitals do not make a name another one."""
    taken: set[str] = set()
    for name in names:
        free, number = name, 1
        while free.casefold() in taken:
            number += 1
            stem, dot, suffix = name.rpartition(".")
            free = f"{stem}-{number}{dot}{suffix}" if dot else f"{name}-{number}"
        taken.add(free.casefold())
        yield free


ROUTES = [
    Route("/api/results.zip", everything),
    Route("/api/report.html", report_html),
    Route("/api/report.json", report_json),
    Route("/api/report.csv", report_csv),
    Route("/api/photos/{photo}/export", download),
    Route("/api/posted", posted_many, methods=["POST"]),
    Route("/api/photos/{photo}/posted", posted, methods=["POST"]),
    Route("/api/photos/{photo}/captions", write, methods=["PUT"]),
    Route("/api/photos/{photo}/receipt", receipt),
]
