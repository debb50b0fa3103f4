"""Requests about typed paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from imu_imageprep.domain.errors import InputProblem
from imu_imageprep.domain.place import here
from imu_imageprep.front.web import bodies, runs
from imu_imageprep.front.web.entry import State
from imu_imageprep.front.web.site import in_thread, site_of
from imu_imageprep.windows import reachable

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

    from imu_imageprep.bench import Task


async def begin(request: Request) -> Response:
    """Work on a folder where it lies."""
    site = site_of(request)
    told = await bodies.values(request, site.settings.bounds)
    roots = site.roots
    path = await in_thread(runs.allowed, bodies.text(told, "path"), roots)
    site.album.check_room()
    most = site.settings.bounds.photos - len(site.album.all())
    tasks = await in_thread(runs.planned, path, site.session, roots, most)
    if not tasks:
        raise InputProblem("There are no photos in this folder.", "Choose another folder.")
    site.album.check_room(len(tasks))
    run = site.runs.begin(path, tasks)
    site.ready = tuple(one for one in site.ready if one.resolve() != path)
    site.events.tell("run", run.to_json())
    for task in tasks:
        folder = "" if task.path == path else _within(here(task.path).parent, path)
        name = task.path.name.encode(errors="replace").decode()
        # A photo that is named alone has no album.
        together = "" if task.named else f"{run.id}/{task.path.parent}"
        entry = site.album.add(name, folder, _size(task), task, run.id, together=together)
        site.look_later(entry)
    return JSONResponse(run.to_json(), 201)


def _within(folder: Path, top: Path) -> str:
    inner = folder.relative_to(top) if folder.is_relative_to(top) else folder
    parts = [top.name, *inner.parts]
    return "/".join(part.encode(errors="replace").decode() for part in parts)


def _size(task: Task) -> int:
    try:
        return reachable(here(task.path)).stat().st_size
    except OSError:
        return 0


async def end(request: Request) -> Response:
    """End a typed path: what waits is dropped."""
    site = site_of(request)
    run = site.runs.get(request.path_params["run"])
    run.cancel()
    site.forget(one for one in site.album.all() if one.run == run.id and one.state is State.WAITING)
    site.events.tell("run", run.to_json())
    return Response(status_code=204)


async def open_folder(request: Request) -> Response:
    """Show the folder of the exports in the system's file viewer."""
    run = site_of(request).runs.get(request.path_params["run"])
    await in_thread(runs.open_in_viewer, run)
    return Response(status_code=204)


ROUTES = [
    Route("/api/runs", begin, methods=["POST"]),
    Route("/api/runs/{run}", end, methods=["DELETE"]),
    Route("/api/runs/{run}/open", open_folder, methods=["POST"]),
]
