"""Requests about a photo that waits: covering, preview, answers, and its export."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from imu_imageprep.decision import chosen_areas
from imu_imageprep.domain.errors import ImageprepError, UsageProblem
from imu_imageprep.domain.lines import excerpt
from imu_imageprep.domain.needs import Need, Reason
from imu_imageprep.domain.receipt import Outcome
from imu_imageprep.front.web import bodies, refusals, views
from imu_imageprep.front.web.entry import Given, State, given_of
from imu_imageprep.front.web.refusals import wrong_state
from imu_imageprep.front.web.site import handed_of, in_thread, named, session_of, site_of
from imu_imageprep.request import Request as Wish

if TYPE_CHECKING:
    from starlette.requests import Request

    from imu_imageprep.domain.answers import Dismissal
    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.front.web.entry import Entry
    from imu_imageprep.front.web.site import Site


async def cover(request: Request) -> Response:
    """Keep what a person chose to cover, and the credit line."""
    site = site_of(request)
    told = await bodies.values(request, site.settings.bounds)
    chosen = Wish.of(
        bodies.texts(told, "redact"),
        bodies.boxes(told, "boxes"),
        bodies.text(told, "style", needed=False) or "solid",
        bodies.text(told, "credit", needed=False) or None,
    )
    entry = site.album.get(request.path_params["photo"])
    async with entry.lock:
        receipt = _waiting(entry)
        chosen_areas(receipt, chosen)  # refuses what is not there
        entry.request = chosen
        entry.said += 1
        await site.judge(entry)
        site.album.changed(entry)
        site.refresh_soon(entry)
    return JSONResponse(views.photo(entry))


async def preview(request: Request) -> Response:
    """The pixels that would leave now."""
    site = site_of(request)
    entry = site.album.get(request.path_params["photo"])
    _waiting(entry)
    handed, bench, session = handed_of(entry), site.dispatch.bench, site.session
    said = entry.said
    shown = await site.dispatch.now(bench.preview(handed, session, entry.request))
    await site.learn(entry, shown.receipt, said)
    if request.method == "GET":
        digest = hashlib.sha256(shown.data).hexdigest()
        entry.sight(session_of(request)).preview = said, session.policy, digest
    told = {
        "width": shown.size.width,
        "height": shown.size.height,
        "bytes": len(shown.data),
        "open": views.open_needs(shown.receipt),
    }
    return Response(
        shown.data,
        media_type=f"image/{shown.format.value}",
        headers={"X-Preview": json.dumps(told)},
    )


async def codes(request: Request) -> Response:
    """What the codes of a photo say, for whoever decides about them; it is kept nowhere."""
    site = site_of(request)
    entry = site.album.get(request.path_params["photo"])
    found = {
        finding.id: finding.box
        for finding in _waiting(entry).findings
        if finding.kind == "code" and finding.box is not None
    }
    if not found:
        return JSONResponse({"codes": {}})
    handed, bench, boxes = handed_of(entry), site.dispatch.bench, list(found.values())
    said = await site.dispatch.now(bench.codes(handed, site.policy, boxes, entry.sha256))
    told = (None if text is None else excerpt(text) for text in said)
    return JSONResponse({"codes": dict(zip(found, told, strict=True))})


async def draw(request: Request) -> Response:
    """Record what a person saw and no detector found, and look again."""
    site, by = site_of(request), named(request)
    told = await bodies.values(request, site.settings.bounds)
    box, kind = bodies.box(told.get("box")), bodies.text(told, "kind")
    entry = site.album.get(request.path_params["photo"])
    async with entry.lock:
        receipt = _waiting(entry)
        drawn = await in_thread(site.desk.draw, receipt, box, kind=kind, by=by)
        given = Given(drawn.ref, "drawn", None, None, by=by, at=drawn.at)
        entry.answers = (*entry.answers, given)
        entry.said += 1
        await site.refresh(entry)
    return JSONResponse(views.photo(entry))


async def answer(request: Request) -> Response:
    """Answer one need of some findings, of one photo or of several that were seen."""
    site, by = site_of(request), named(request)
    told = await bodies.values(request, site.settings.bounds)
    items = told.get("items")
    if not isinstance(items, list) or not items:
        raise UsageProblem("Name the findings that are answered.", "Load the page again.")
    results: list[dict[str, Any]] = []
    changed: dict[str, Entry] = {}
    for item in items:
        chosen = item if isinstance(item, dict) else {}
        ident, finding = bodies.text(chosen, "photo"), bodies.text(chosen, "finding")
        result: dict[str, Any] = {"photo": ident, "finding": finding, "refs": [], "error": None}
        results.append(result)
        try:
            entry = site.album.get(ident)
            async with entry.lock:
                given = await in_thread(_answered, site, _waiting(entry), finding, told, by)
                entry.answers = (*entry.answers, *given)
                entry.said += 1
            changed[ident] = entry
            result["refs"] = [one.ref for one in given]
        except ImageprepError as problem:
            result["error"] = refusals.of_problem(problem).to_json()["error"]
        except refusals.Refusal as refusal:
            result["error"] = refusal.to_json()["error"]
    for entry in changed.values():
        async with entry.lock:
            await site.refresh(entry)
    photos = [views.photo(entry) for entry in changed.values()]
    return JSONResponse({"results": results, "photos": photos})


def _answered(
    site: Site, receipt: Receipt, finding: str, told: dict[str, Any], by: str
) -> tuple[Given, ...]:
    """Enter an answer into the ledger; in a thread."""
    if (dismissed := told.get("dismiss")) is not None:
        if not isinstance(dismissed, dict):
            raise UsageProblem("A false alarm names a need and a reason.", "Load the page again.")
        return (given_of(_dismissed(site, receipt, finding, dismissed, by), finding),)
    if told.get("clinical") is True:
        one = site.desk.say_clinical(receipt, finding=finding, by=by)
        return (given_of(one, finding),)
    patients = told.get("patients")
    captured = bodies.text(told, "captured", needed=False)
    bindings = site.desk.answer(
        receipt,
        bodies.texts(told, "records"),
        findings=[finding],
        by=by,
        patients=patients if type(patients) is int else None,
        captured=bodies.day(captured) if captured else None,
        nobody_excluded=told.get("nobody_excluded") is True,
    )
    return tuple(given_of(binding, finding) for binding in bindings)


def _dismissed(
    site: Site, receipt: Receipt, finding: str, told: dict[str, Any], by: str
) -> Dismissal:
    try:
        need, reason = Need(bodies.text(told, "needs")), Reason(bodies.text(told, "reason"))
    except ValueError:
        raise UsageProblem(
            "This need or reason does not exist here.", "Choose one that is offered."
        ) from None
    return site.desk.dismiss(receipt, finding=finding, need=need, reason=reason, by=by)


async def undo(request: Request) -> Response:
    """Withdraw an answer that was given here."""
    site, by = site_of(request), named(request)
    ref = request.path_params["ref"]
    if not any(one.ref == ref for entry in site.album.all() for one in entry.answers):
        raise refusals.not_found()
    await in_thread(site.desk.withdraw, ref, reason="undone at the page", by=by)
    changed = await site.withdrawn([ref])
    return JSONResponse({"photos": [views.photo(entry) for entry in changed]})


async def export(request: Request) -> Response:
    """Let a photo leave, where nothing holds it any more."""
    site = site_of(request)
    entry = site.album.get(request.path_params["photo"])
    async with entry.lock:
        _waiting(entry)
        prepared = await site.work(entry, dataclasses.replace(entry.request, look_first=True))
        failure = prepared.receipt.failure
        if prepared.receipt.outcome is Outcome.FAILED and failure is not None:
            # Whatever was answered stands; the photo waits on, so that it can be tried again.
            status = 507 if failure.code == 5 else 422  # noqa: PLR2004
            raise refusals.Refusal(status, "export", failure.message, failure.advice)
        site.take(entry, prepared)
        if entry.state is State.HELD:
            await site.learn(entry, prepared.receipt, entry.said)
        if entry.stage == "look":
            raise refusals.look_first()
    return JSONResponse(views.photo(entry))


async def fitting(request: Request) -> Response:
    """The records that could answer a need."""
    site = site_of(request)
    entry = site.album.get(request.path_params["photo"])
    receipt = _waiting(entry)
    try:
        need = Need(request.query_params.get("needs", ""))
    except ValueError:
        raise UsageProblem("This need does not exist here.", "Load the page again.") from None
    finding = request.query_params.get("finding", "")
    found = await in_thread(site.session.offers, receipt, entry.request, finding, need)
    return JSONResponse(
        {
            "records": [
                {
                    **views.record(offer.listed),
                    "fits": not offer.why,
                    "why": [unfit.value for unfit in offer.why],
                    "asks": list(offer.asks),
                }
                for offer in found
            ]
        }
    )


def _waiting(entry: Entry) -> Receipt:
    """The receipt of a photo that waits for a person.

    Raises:
        Refusal: it does not.
    """
    if entry.stage in (None, "releasing") or entry.receipt is None:
        raise wrong_state()
    return entry.receipt


ROUTES = [
    Route("/api/photos/{photo}/covering", cover, methods=["PUT"]),
    Route("/api/photos/{photo}/preview", preview),
    Route("/api/photos/{photo}/codes", codes),
    Route("/api/photos/{photo}/drawn", draw, methods=["POST"]),
    Route("/api/photos/{photo}/export", export, methods=["POST"]),
    Route("/api/photos/{photo}/fitting", fitting),
    Route("/api/answers", answer, methods=["POST"]),
    Route("/api/answers/{ref}", undo, methods=["DELETE"]),
]
