"""Forms to print and sign: a reference, its QR code, and the picture as it would leave."""

from __future__ import annotations

import dataclasses
import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import segno
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from imu_imageprep.domain import forms
from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.front.web import bodies
from imu_imageprep.front.web.catalogue import LANGUAGES
from imu_imageprep.front.web.consents import asked_of
from imu_imageprep.front.web.pages import rendered
from imu_imageprep.front.web.printer import Printed
from imu_imageprep.front.web.refusals import not_found
from imu_imageprep.front.web.site import handed_of, in_thread, site_of

if TYPE_CHECKING:
    from starlette.requests import Request


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
        handed, bench, session = handed_of(entry), site.dispatch.bench, site.session
        shown = await site.dispatch.now(lambda: bench.preview(handed, session, entry.request))
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
    Route("/api/forms/{kind}/print", make_form, methods=["POST"]),
    Route("/api/print/{ref}/qr.svg", form_code),
    Route("/api/print/{ref}/picture", form_picture),
    Route("/print/{ref}", form_page),
]
