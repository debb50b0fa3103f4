"""One export's receipt as a page to hand on: why the picture may be posted, and nobody's name."""

from __future__ import annotations

from datetime import datetime
from html import escape
from string import Template
from typing import TYPE_CHECKING

from imu_imageprep.batch.report.markup import asset, digest, text
from imu_imageprep.domain import words
from imu_imageprep.domain.grounds import grounds
from imu_imageprep.domain.needs import Need
from imu_imageprep.domain.trail import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from imu_imageprep.domain.grounds import Ground
    from imu_imageprep.domain.trail import Listed, StoredReceipt

# By this a card is known that may be written anew.
MARK = b'<meta name="generator" content="imageprep card">'

# More would not fit on a page of paper; the receipt lists all.
_MOST_REFS, _MOST_POSTS, _MOST_GROUNDS = 4, 3, 7

_NEED = {
    Need.PERSON_CONSENT: "the person's consent, or covering",
    Need.PATIENT_CONSENT: "the consent of every patient shown",
    Need.PLACE_PERMISSION: "the place's permission",
    Need.CREDIT: "a credit line",
    Need.LOOK: "a person's look",
}


def card(receipt: StoredReceipt, entries: Mapping[str, Listed], *, others: int, today: date) -> str:
    """The page as HTML; it loads nothing, and prints on one sheet of A4.

    Args:
        receipt: of one export.
        entries: what has the references that it relied on.
        others: how many other exports of the same file the ledger has.
        today: tells whether a consent has ended since.
    """
    body, fallen = receipt.body, _fallen(entries, today)
    heading = "This picture must not be posted" if fallen else "Why this picture may be posted"
    style = asset("card.css")
    return Template(asset("card.html")).substitute(
        policy=escape(
            f"default-src 'none'; style-src '{digest(style)}'; base-uri 'none'; form-action 'none'"
        ),
        title=f"{heading}: {receipt.export.sha256[:8]}",
        heading=heading,
        style=style,
        when=_when(receipt.at),
        channel=text(receipt.channel or "a channel that is not named"),
        profile=(
            "for an official page: the receipt names who is responsible"
            if body["receipt"]["responsible"]
            else "for a personal page"
        ),
        standing="\n".join(_standing(receipt, fallen, today)),
        grounds="\n".join(_grounds(receipt, entries)),
        removed="\n".join(f"<li>{line}</li>" for line in _removed(receipt)),
        posted="\n".join(_posted(receipt)),
        proof="\n".join(
            f'<tr><th scope="row">{name}</th><td>{value}</td></tr>'
            for name, value in _proof(receipt, others)
        ),
    )


def _fallen(entries: Mapping[str, Listed], today: date) -> dict[str, list[str]]:
    """The references that do not stand any more, by what became of them."""
    became: dict[str, list[str]] = {}
    for ref, one in entries.items():
        if one.state is not State.IN_FORCE:
            became.setdefault(f"was {one.state.value}", []).append(ref)
        elif one.ends is not None and one.ends < today:
            became.setdefault("has ended", []).append(ref)
    return became


def _standing(
    receipt: StoredReceipt, fallen: Mapping[str, list[str]], today: date
) -> Iterator[str]:
    """Whether everything that it relied on still stands."""
    if not fallen:
        yield '<div class="standing stands">'
        yield f"<p>On {today.isoformat()}, everything that it relied on stood.</p>"
    else:
        yield '<div class="standing fallen">'
        yield "<p>Do not post this picture, and take it down where it was posted.</p>"
        for what, refs in fallen.items():
            yield f"<p>{_refs(refs)} {what}.</p>"
        yield "<p>Recall is not guaranteed: what was online may have been copied.</p>"
    if not receipt.finished:
        yield "<p>The run was cut off: the file may not be there.</p>"
    yield "</div>"
    off = [words.CHECK.get(name, name) for name in receipt.body["not_checked"]]
    if off:
        yield f'<p class="warn">NOT CHECKED, by policy: {text(words.listed(off))}.</p>'


def _grounds(receipt: StoredReceipt, entries: Mapping[str, Listed]) -> Iterator[str]:
    told = grounds(receipt.body, entries)
    if not told:
        yield "<p>Nothing was found. That is not the same as nothing there.</p>"
        return
    yield "<table><thead><tr>"
    for head in ("Found", "Needs", "Answered by", "On record as"):
        yield f'<th scope="col">{head}</th>'
    yield "</tr></thead><tbody>"
    for one in told[:_MOST_GROUNDS]:
        yield (
            f'<tr><th scope="row">{text(_what(one))}</th><td>{_NEED[one.need]}</td>'
            f'<td>{text(one.answer)}</td><td class="refs">{_refs(one.refs) or "the receipt"}</td>'
            "</tr>"
        )
    yield "</tbody></table>"
    if (more := len(told) - _MOST_GROUNDS) > 0:
        yield f"<p>{more} more are in the receipt.</p>"


def _what(one: Ground) -> str:
    label = f" ({one.label.replace('_', ' ')})" if one.label else ""
    if one.kind == "face":
        return words.counted(one.count, "face")
    if one.kind == "source":
        return "someone else's picture"
    names = {"clinical": "clinical-looking scene", "place": "listed place"}
    return words.counted(one.count, names.get(one.kind, one.kind.replace("_", " "))) + label


def _removed(receipt: StoredReceipt) -> Iterator[str]:
    body = receipt.body
    hidden = [words.CATEGORY[name] for name, there in (body["metadata"] or {}).items() if there]
    yield (
        f"Hidden data: {text(words.listed(hidden))}. The finished file was read again: it has none."
        if hidden
        else "Nothing hidden was in it, and nothing hidden is in the export."
    )
    if body["covered"]:
        covered = words.counted(len(body["covered"]), "area")
        yield f"{covered} covered irreversibly; the finished picture was looked at again for faces."
    if body["credit"]:
        yield "A credit line is drawn on it instead."


def _posted(receipt: StoredReceipt) -> Iterator[str]:
    if not receipt.urls:
        yield "<p>No post is recorded (<code>imageprep posted FILE --url URL</code>).</p>"
        return
    yield "<ul>"
    for url in receipt.urls[-_MOST_POSTS:]:
        yield f"<li><code>{text(url)}</code></li>"
    yield "</ul>"
    if (more := len(receipt.urls) - _MOST_POSTS) > 0:
        yield f"<p>{more} earlier posts are in the receipt.</p>"


def _proof(receipt: StoredReceipt, others: int) -> Iterator[tuple[str, str]]:
    body, export = receipt.body, receipt.export
    size = f"{export.width}×{export.height} pixels, {max(1, round(export.bytes / 1000))} KB"
    more = f"; {words.counted(others, 'other export')} of the same photo" if others else ""
    yield "This export", f"{text(export.format.value.upper())}, {size}{more}"
    yield "Its sha256", f"<code>{export.sha256}</code>"
    if body["source"]:
        yield "Original's sha256", f"<code>{text(body['source']['sha256'])}</code>"
    yield "Policy", f"<code>{text(body['receipt']['policy'])}</code>"
    models = ", ".join(f"{name} {model}" for name, model in body["receipt"]["models"].items())
    yield "Versions", text(f"imageprep {body['receipt']['product']}; {models or 'no model'}")
    yield (
        "Ledger's head",
        f"<code>{text(receipt.head)}</code><br><code>imageprep consent audit --expect HEAD</code>",
    )


def _refs(refs: list[str] | tuple[str, ...]) -> str:
    shown = ", ".join(f"<code>{text(ref)}</code>" for ref in refs[:_MOST_REFS])
    more = len(refs) - _MOST_REFS
    return f"{shown} and {more} more" if more > 0 else shown


def _when(at: str) -> str:
    moment = datetime.fromisoformat(at).astimezone()
    return f'<time datetime="{escape(at)}">{moment:%Y-%m-%d %H:%M %z}</time>'
