"""Exports and posts: who was shown where, and on whose word."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.finding import Flag
from imu_imageprep.domain.identifiers import identifier_in_name
from imu_imageprep.domain.needs import identifying
from imu_imageprep.domain.photo import Format
from imu_imageprep.domain.receipt import ExportRecord
from imu_imageprep.ledger.chain import first_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.domain.trail import StoredReceipt
    from imu_imageprep.ledger.store import Connection, Store

_DONE = "EXISTS (SELECT 1 FROM events d WHERE d.begun = {hash} AND d.kind = 'export-done')"
_EXPORTS_OF = f"""
SELECT b.body FROM events b
WHERE b.source = ? AND b.kind = 'export-begun' AND {_DONE.format(hash="b.hash")}
ORDER BY b.seq DESC
"""  # noqa: S608  (no value in it)
_AT = f"""
SELECT json_extract(b.body, '$.path') FROM events b
WHERE b.kind = 'export-begun' AND json_extract(b.body, '$.export.path') = ?
  AND {_DONE.format(hash="b.hash")}
ORDER BY b.seq DESC LIMIT 1
"""  # noqa: S608  (no value in it)
_MADE = "SELECT 1 FROM events WHERE export = ? AND kind = 'export-begun'"
_WROTE = """
SELECT 1 FROM events
WHERE kind = 'export-begun' AND json_extract(body, '$.caption_sha256') = ? LIMIT 1
"""
_SIZES = """
SELECT max(seq), {size} FROM events WHERE seq > ? AND kind = 'export-begun' GROUP BY {size}
"""
# A run that was cut off before it recorded the end is settled by a later one that found its file.
_SETTLED = f"""EXISTS (
  SELECT 1 FROM events l WHERE l.export = e.export AND l.kind = 'export-begun'
  AND json_extract(l.body, '$.export.path') = json_extract(e.body, '$.export.path')
  AND {_DONE.format(hash="l.hash")}
)"""  # noqa: S608  (no value in it)
_RECEIPT = f"SELECT e.at, e.hash, e.body, {_SETTLED} FROM events e WHERE "  # noqa: S608
_NEWEST = " AND e.kind = 'export-begun' ORDER BY e.seq DESC"

# Kinds whose labels are words of ours; any other detector's label may be text read off the picture.
_OWN_LABELS = frozenset({"clinical", "doubt", "place", "source"})

# What stands in front of an @ there is somebody's name, and maybe a password.
_URL = re.compile(r"https?://[^\s@/?#]{1,300}([/?#]\S{0,2000})?")


def begin(store: Store, receipt: Receipt) -> str:
    """Record that an export is about to be written; returns the head hash."""
    (head,) = begin_many(store, [receipt])
    return head


def begin_many(store: Store, receipts: Sequence[Receipt]) -> tuple[str, ...]:
    """Record that some exports are about to be written, all or none; returns the head after each.

    One transaction, so that many cost little more than one.
    """
    return store.enter([("export-begun", _stored(one.to_json(names=False))) for one in receipts])


def finish(store: Store, begun: str) -> str:
    """Record that the export of the ``begun`` event was written; returns the head hash."""
    (head,) = finish_many(store, [begun])
    return head


def finish_many(store: Store, begun: Sequence[str]) -> tuple[str, ...]:
    """Record that the exports of ``begun`` events were written, all or none, as :func:`finish`."""
    return store.enter([("export-done", {"begun": one}) for one in begun])


def post(store: Store, sha256: str, url: str) -> str:
    """Record where an export was posted; returns the head hash.

    Raises:
        UsageProblem: the file is no export of this ledger, or the address is none.
    """
    return post_many(store, [(sha256, url)])


def post_many(store: Store, posts: Sequence[tuple[str, str]]) -> str:
    """Record where exports were posted, all or none; returns the head hash.

    Args:
        store: where the events lie.
        posts: hex sha256 of an export and the address of its post, at least one.

    Raises:
        UsageProblem: a file is no export of this ledger, or an address is none.
    """
    if not all(_URL.fullmatch(url) and url.isprintable() for _, url in posts):
        raise UsageProblem(
            "The address of a post begins with https:// or http://, and a site.",
            "It is kept for ever: leave out a name or password in front of the site.",
        )
    with store.writing() as writer:
        for sha256, url in posts:
            if writer.connection.execute(_MADE, (sha256,)).fetchone() is None:
                raise UsageProblem(
                    "The ledger does not know this file as an export.",
                    "Name the file that imageprep wrote, unchanged; --ledger names another ledger.",
                )
            event = writer.append("posted", {"export": {"sha256": sha256}, "url": url})
    return event.hash


def exports_of(store: Store, source: str, policy: str, request: str) -> tuple[ExportRecord, ...]:
    """Finished exports of a source under a policy and request (sha256 each), newest first.

    Not those that relied on somebody's word: it may have been withdrawn since, so they are decided
    anew.
    """
    with store.reading() as connection:
        rows = connection.execute(_EXPORTS_OF, (source,)).fetchall() if connection else []
    bodies = [json.loads(body) for (body,) in rows]
    return tuple(
        _record(body["export"])
        for body in bodies
        if body["receipt"]["policy"] == policy
        and body["receipt"]["request"] == request
        and not body["receipt"].get("relied_on")
    )


def clinical_of(store: Store, source: str) -> float | None:
    """The clinical check's own score of a source (sha256) as it was exported last, if any.

    Receipts of older releases tell the score alone, which was the picture's own.
    """
    with store.reading() as connection:
        row = connection.execute(_EXPORTS_OF, (source,)).fetchone() if connection else None
    scans = json.loads(row[0])["scans"] if row else ()
    told = (one.get("own", one["score"]) for one in scans if one["flag"] == Flag.CLINICAL)
    return next(told, None)


def original_at(store: Store, path: str) -> str | None:
    """File name of the original of the last finished export at a path, where it is known.

    Reads every export: it is asked only where a file is in the way.
    """
    with store.reading() as connection:
        row = connection.execute(_AT, (path,)).fetchone() if connection else None
    return None if row is None or row[0] is None else re.split(r"[/\\]", row[0])[-1]


def made(store: Store, sha256: str) -> bool:
    """Whether bytes (hex sha256) are an export's, wherever they lie now.

    Also one of a run that was cut off: what it was about to write is on record.
    """
    return _any(store, _MADE, sha256)


def captioned(store: Store, sha256: str) -> bool:
    """Whether bytes (hex sha256) are those of a caption that was written beside an export.

    Reads every export: it is asked only where a text is in the way.
    """
    return _any(store, _WROTE, sha256)


def sizes(store: Store, after: int = 0) -> tuple[int, frozenset[int]]:
    """How many bytes the exports have, of those recorded after an event.

    Args:
        store: where the events lie.
        after: number of the last event that was read before.

    Returns:
        The number of the last event that was read, and the sizes.
    """
    question = _SIZES.format(size=store.size)
    with store.reading() as connection:
        rows = connection.execute(question, (after,)).fetchall() if connection else []
    return max((seq for seq, _ in rows), default=after), frozenset(size for _, size in rows)


def _any(store: Store, question: str, sha256: str) -> bool:
    with store.reading() as connection:
        row = connection.execute(question, (sha256,)).fetchone() if connection else None
    return row is not None


def receipts(store: Store, sha256: str) -> tuple[StoredReceipt, ...]:
    """The receipts of an export's or an original's bytes (hex sha256), newest first.

    These alone say who answered.
    """
    with store.reading() as connection:
        if connection is None:
            return ()
        rows = connection.execute(
            f"{_RECEIPT}(e.export = ? OR e.source = ?){_NEWEST}", (sha256, sha256)
        ).fetchall()
        found = _receipts(connection, rows)
        return tuple(replace(one, body=_named(connection, one.body)) for one in found)


def relying_on(store: Store, connection: Connection, ref: str) -> tuple[StoredReceipt, ...]:
    """The exports that relied on a reference, newest first; also those that were cut off."""
    rows = connection.execute(
        f"{_RECEIPT}e.relied IS NOT NULL AND {store.relies}{_NEWEST}", (ref,)
    ).fetchall()
    return _receipts(connection, rows)


def _receipts(
    connection: Connection, rows: Iterable[tuple[str, str, str, int]]
) -> tuple[StoredReceipt, ...]:
    from imu_imageprep.domain.trail import StoredReceipt  # noqa: PLC0415  (not for an export)

    found = []
    for at, head, text, finished in rows:
        body = json.loads(text)
        urls = connection.execute(
            "SELECT json_extract(body, '$.url') FROM events "
            "WHERE export = ? AND kind = 'posted' ORDER BY seq",
            (body["export"]["sha256"],),
        ).fetchall()
        first = first_at(body, at)
        body.pop("origin", None)
        found.append(
            StoredReceipt(
                at=first,
                head=head,
                export=_record(body["export"]),
                channel=body["receipt"].get("channel", ""),
                relied_on=tuple(body["receipt"].get("relied_on", ())),
                finished=bool(finished),
                urls=tuple(dict.fromkeys(url for (url,) in urls)),
                body=body,
            )
        )
    return tuple(found)


def _named(connection: Connection, body: dict[str, Any]) -> dict[str, Any]:
    """A receipt with who answered, read from what they said; None where that was erased.

    No name is kept beside the receipt, so that an erasure finds every copy.
    """
    answered, look = body.get("answered", ()), body.get("last_look")
    if not answered and look is None:
        return body
    from imu_imageprep.domain.answers import Binding, Dismissal, Look  # noqa: PLC0415  (not here)
    from imu_imageprep.ledger import entries, rows  # noqa: PLC0415

    refs = list(
        dict.fromkeys(one["said"] for one in (*answered, *([look] if look else [])) if one["said"])
    )
    said = [entries.of_row(row) for row in rows.select(connection, "e.ref", refs)]
    who = {one.ref: one.by for one in said if isinstance(one, Binding | Dismissal | Look)}
    named: dict[str, Any] = {"answered": [{**one, "who": who.get(one["said"])} for one in answered]}
    if look is not None:
        named["last_look"] = {**look, "by": who.get(look["said"])}
    return {**body, **named}


def _stored(body: dict[str, Any]) -> dict[str, Any]:
    """The receipt without what may name a person: the original's file name, and foreign labels."""
    findings = [
        finding if finding["kind"] in _OWN_LABELS else {**finding, "label": None}
        for finding in body["findings"]
    ]
    named = identifying(finding["kind"] for finding in findings) or (
        body["path"] is not None and identifier_in_name(re.split(r"[/\\]", body["path"])[-1])
    )
    return {**body, "findings": findings, "path": None if named else body["path"]}


def _record(export: dict[str, Any]) -> ExportRecord:
    return ExportRecord(**{**export, "format": Format(export["format"])})
