"""Requests about records: listing, entering, withdrawing, erasing, and forms to sign."""

from __future__ import annotations

import dataclasses
import io
import tomllib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import segno
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from imu_imageprep.domain import forms, reference
from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.forms import Shape
from imu_imageprep.front.web import bodies, views
from imu_imageprep.front.web.album import Printed
from imu_imageprep.front.web.catalogue import LANGUAGES
from imu_imageprep.front.web.pages import rendered
from imu_imageprep.front.web.refusals import not_found
from imu_imageprep.front.web.site import handed_of, in_thread, named, site_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from imu_imageprep.front.web.site import Site

_RECORDER = "recorded_by"
_TYPES = {
    Shape.TEXT: "text",
    Shape.CODE: "text",
    Shape.CHOICE: "choice",
    Shape.DAY: "day",
    Shape.NUMBER: "number",
    Shape.DIGEST: "sha256",
}


async def listing(request: Request) -> Response:
    """Consents and permissions, the newest first."""
    records = await in_thread(site_of(request).desk.records)
    days = request.query_params.get("expiring")
    if days is not None:
        if not days.isdecimal():
            raise UsageProblem("expiring is a number of days.", "Load the page again.")
        until = datetime.now(UTC).astimezone().date() + timedelta(days=min(int(days[:6]), 36_500))
        records = tuple(one for one in records if one.ends is not None and one.ends <= until)
    newest = sorted(records, key=lambda one: one.at, reverse=True)
    return JSONResponse({"records": [views.record(one) for one in newest]})


async def show(request: Request) -> Response:
    """One record, and the exports that relied on it."""
    desk, ref = site_of(request).desk, request.path_params["ref"]
    record = await in_thread(desk.record, ref)
    exports = await in_thread(desk.relying_on, ref)
    return JSONResponse(
        {"record": views.record(record), "exports": [views.export(one) for one in exports]}
    )


async def questions(request: Request) -> Response:
    """What a kind of record asks."""
    kind = request.path_params["kind"]
    return JSONResponse({"kind": kind, "questions": asked_of(kind)})


def asked_of(kind: str) -> list[dict[str, Any]]:
    """The questions of a kind of record, with what kind of answer each takes."""
    return [
        {
            "field": question.field,
            "asks": question.asks,
            "usual": tomllib.loads(f"value = {question.usual}")["value"],
            "needed": question.needed,
            "many": question.many,
            "type": _TYPES[question.shape] + ("s" if question.many else ""),
            "choices": list(question.choices) or None,
            "when": {name: list(values) for name, values in question.when.items()},
        }
        for question in forms.questions(kind)
        if question.field != _RECORDER
    ]


async def enter(request: Request) -> Response:
    """Enter a record under the name of the person at the page."""
    site, by = site_of(request), named(request)
    told = await bodies.values(request, site.settings.bounds)
    kind, fields = bodies.text(told, "kind"), told.get("fields")
    if not isinstance(fields, dict):
        raise UsageProblem("The fields of the record are missing.", "Fill in the form.")
    asked = {question.field for question in forms.questions(kind)} - {_RECORDER}
    if unknown := sorted(set(fields) - asked):
        raise UsageProblem(f"This form has no field {unknown[0]}.", "Load the page again.")
    given = {name: value for name, value in fields.items() if value is not None}
    record = forms.record_from({**given, forms.KIND: kind, _RECORDER: by})
    if ref := bodies.text(told, "ref", needed=False):
        record = dataclasses.replace(record, ref=reference.read(ref))
    entered = await in_thread(site.desk.add, record)
    stands = await in_thread(site.desk.record, entered.ref)
    return JSONResponse(views.record(stands), 201)


async def withdraw(request: Request) -> Response:
    """Withdraw a record; results that relied on it are dropped from the list."""
    site, by = site_of(request), named(request)
    told = await bodies.values(request, site.settings.bounds)
    ref = reference.read(request.path_params["ref"])
    reason = bodies.text(told, "reason", needed=False)
    exports = await in_thread(site.desk.withdraw, ref, reason=reason, by=by)
    return await _after(site, ref, exports)


async def erase(request: Request) -> Response:
    """Erase a record's personal fields for good; the reference has to be typed again."""
    site, _ = site_of(request), named(request)
    told = await bodies.values(request, site.settings.bounds)
    ref = reference.read(request.path_params["ref"])
    if reference.read(bodies.text(told, "confirm")) != ref:
        raise UsageProblem("You typed another reference. Nothing was erased.", "Type it again.")
    exports = await in_thread(site.desk.erase, ref)
    return await _after(site, ref, exports)


async def _after(site: Site, ref: str, exports: Any) -> Response:
    changed = await site.withdrawn([ref])
    return JSONResponse(
        {
            "exports": [views.export(one) for one in exports],
            "photos": [views.photo(entry) for entry in changed],
        }
    )


async def audit(request: Request) -> Response:
    """Whether the ledger is whole."""
    found = await in_thread(site_of(request).desk.audit)
    damage = found.damage and {"what": found.damage.what, "event": found.damage.event}
    return JSONResponse({"events": found.events, "head": found.head, "damage": damage})


async def make_form(request: Request) -> Response:
    """Make a form to print and sign, with a new reference and the final picture."""
    site = site_of(request)
    told = await bodies.values(request, site.settings.bounds)
    kind = request.path_params["kind"]
    forms.questions(kind)
    language = bodies.text(told, "language", needed=False) or "en"
    if language not in LANGUAGES:
        raise UsageProblem("There is no form in this language.", "Choose English or Malay.")
    form = Printed(await in_thread(site.desk.new_reference, kind), kind)
    if ident := bodies.text(told, "photo", needed=False):
        entry = site.album.get(ident)
        handed, bench = handed_of(entry), site.dispatch.bench
        session = site.session
        shown = await site.dispatch.now(bench.preview(handed, session, entry.request))
        media = f"image/{shown.format.value}"
        form = dataclasses.replace(form, photo=ident, picture=shown.data, media=media)
    site.printer.keep(form)
    return JSONResponse({"ref": form.ref, "url": f"/print/{form.ref}?lang={language}"}, 201)


async def form_page(request: Request) -> Response:
    """The form itself."""
    site = site_of(request)
    form = site.printer.get(request.path_params["ref"])
    told = request.query_params.get("lang", "en")
    language = told if told in LANGUAGES else "en"
    values = {
        "ref": form.ref,
        "kind": form.kind,
        "lang": language,
        "photo": form.photo,
        "picture": f"/api/print/{form.ref}/picture" if form.picture else "",
        "qr": f"/api/print/{form.ref}/qr.svg",
        "channel": site.policy.channel,
        "day": datetime.now(UTC).astimezone().date().isoformat(),
    }
    return rendered(
        request, "print.html", language=language, form=values, questions=asked_of(form.kind)
    )


async def form_picture(request: Request) -> Response:
    """The picture on a form."""
    form = site_of(request).printer.get(request.path_params["ref"])
    if not form.picture:
        raise not_found()
    return Response(form.picture, media_type=form.media)


async def form_code(request: Request) -> Response:
    """The QR code on a form: its reference and nothing else."""
    form = site_of(request).printer.get(request.path_params["ref"])
    buffer = io.BytesIO()
    segno.make_qr(form.ref, error="m").save(buffer, kind="svg", scale=4, border=2)
    return Response(buffer.getvalue(), media_type="image/svg+xml")


ROUTES = [
    Route("/api/records", listing),
    Route("/api/records", enter, methods=["POST"]),
    Route("/api/records/{ref}", show),
    Route("/api/records/{ref}", erase, methods=["DELETE"]),
    Route("/api/records/{ref}/withdrawal", withdraw, methods=["POST"]),
    Route("/api/forms/{kind}", questions),
    Route("/api/audit", audit),
    Route("/api/forms/{kind}/print", make_form, methods=["POST"]),
    Route("/api/print/{ref}/qr.svg", form_code),
    Route("/api/print/{ref}/picture", form_picture),
    Route("/print/{ref}", form_page),
]
