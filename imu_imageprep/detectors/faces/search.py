"""Where a picture has faces: upright, closer where there is doubt, and in the turn that shows more.

Faces that are not sure are asked about: somebody must be there who could have one.

Every constant below was chosen on annotated pictures; docs/models.md tells which, and what each
step of the search bought and cost. Faces are rows of (score, x, y, w, h), float32, best first, in
fractions of the picture.
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from imu_imageprep.detectors.faces.centerface import (
    Response,
    distinct,
    respond,
    scaled,
    turned,
    unturned,
)
from imu_imageprep.detectors.faces.persons import persons

if TYPE_CHECKING:
    from imu_imageprep.detectors.faces.centerface import Pixels, Values

# Long side, in pixels, at which a picture is searched, and at which its turns are glanced at.
SEARCH_SIDE = 704
GLANCE_SIDE = 416
# A picture has faces from ALONE on; once it has one, others are likely and COMPANY is enough.
ALONE = 0.25
COMPANY = 0.20
# From DOUBTFUL on, the likeliest FEW are looked at again, each in a part of the picture of AROUND
# times its own side, enlarged to CLOSE_SIDE pixels: a mean of CONFIRMED in both looks is a face.
DOUBTFUL = 0.15
CONFIRMED = 0.30
FEW = 3
AROUND = 4.0
CLOSE_SIDE = 192
# Below SURE the picture may be stored on its side: its turns are glanced at, and the best of them
# is searched if it shows a face of TURNED or better.
SURE = 0.70
TURNED = 0.45
# Where nothing at all responds, no turn shows a face either: of 678 turned pictures whose faces
# only a turn shows, the weakest responded with 0.043 as it was.
NOTHING = 0.03
# Where the best face is under UNSURE, the network for people is asked too: faces in a picture where
# it sees nobody of SOMEBODY or better are none, unless one is LARGE, in sides of the picture: a
# face close to the camera leaves nothing of a person to see.
UNSURE = 0.40
SOMEBODY = 0.08
LARGE = 0.40
# Where less than FAINT responds, the turns are glanced at only if somebody of HARDLY or better is
# there: of the 678 turned pictures none is lost, and of two glances at such pictures one is spared.
FAINT = 0.05
HARDLY = 0.05
# Somebody of SURELY or better is told where no face is found. Unless photos are to wait for that,
# it is asked only where less than WEAK responds: this costs what the spared glances save, and shows
# more than half of those people.
SURELY = 0.50
WEAK = 0.10

NO_FACES: Values = np.zeros((0, 5), np.float32)


class People:
    """Who is in a picture; its network is asked once, and only if somebody wants to know."""

    def __init__(self, pixels: Pixels) -> None:
        """Ask nothing yet.

        Args:
            pixels: uint8 RGB, shape (height, width, 3).
        """
        self._pixels = pixels

    @functools.cached_property
    def seen(self) -> Values:
        """Who may be there, best first.

        Raises:
            ModelProblem: the network is missing or damaged.
        """
        return persons(self._pixels, min(HARDLY, SOMEBODY))

    def any(self, least: float) -> bool:
        """Whether somebody of a score or better is there."""
        return bool((self.seen[:, 0] >= least).any())


class Seen(NamedTuple):
    """What a search saw.

    Attributes:
        best: the strongest response, counted as a face or not.
        faces: those that count as found, best first.
        crowd: who is there.
        doubted: whether faces were found of which none is sure.
    """

    best: float
    faces: Values
    crowd: People
    doubted: bool = False

    def people(self, *, thoroughly: bool) -> Values:
        """The people of whom no face was found.

        A photo with sure faces waits for these anyway, so that nobody is asked for in it.

        Args:
            thoroughly: asked for wherever no face is sure, and not only where it costs nothing.
        """
        asked = not len(self.faces) and (thoroughly or NOTHING <= self.best < WEAK)
        if not asked and not self.doubted:
            return NO_FACES
        return faceless(self.crowd.seen[self.crowd.seen[:, 0] >= SURELY], self.faces)


def search(pixels: Pixels) -> Seen:
    """Search a picture for faces, and drop doubtful ones where nobody is.

    Args:
        pixels: uint8 RGB, shape (height, width, 3).

    Returns:
        The faces that count as found, in fractions of ``pixels``, and the strongest response.

    Raises:
        ModelProblem: a network that is asked is missing or damaged.
    """
    crowd = People(pixels)
    best, faces = found(pixels, crowd)
    if not doubtful(faces):
        return Seen(best, faces, crowd)
    return Seen(best, faces if crowd.any(SOMEBODY) else NO_FACES, crowd, doubted=True)


def doubtful(faces: Values) -> bool:
    """Whether none of the faces (best first) is to be believed without asking for people."""
    return len(faces) > 0 and bool(faces[0, 0] < UNSURE and faces[:, 3:].max() < LARGE)


def faceless(people: Values, faces: Values) -> Values:
    """The people in whose box no face has its middle."""
    middles = faces[:, 1:3] + faces[:, 3:] / 2
    low, high = people[:, None, 1:3], people[:, None, 1:3] + people[:, None, 3:]
    outside = np.any((middles < low) | (middles > high), axis=2)
    return np.asarray(people[np.all(outside, axis=1)])


def found(pixels: Pixels, crowd: People) -> Response:
    """Search a picture for faces, and its best turn where the upright view leaves doubt."""
    image = scaled(pixels, SEARCH_SIDE)
    upright = respond(image, DOUBTFUL)
    if NOTHING <= upright.best < SURE and (upright.best >= FAINT or crowd.any(HARDLY)):
        glance = scaled(image, min(GLANCE_SIDE, max(image.shape)))
        glances = {turns: respond(turned(glance, turns), DOUBTFUL).best for turns in (1, 2, 3)}
        turns = max(glances, key=glances.__getitem__)
        if glances[turns] >= max(TURNED, upright.best):
            view = respond(turned(image, turns), DOUBTFUL)
            if view.best > upright.best:
                return united(Response(view.best, unturned(view.faces, turns)), upright)
    response = looked_at_closer(pixels, upright)
    return response._replace(faces=response.faces[response.faces[:, 0] >= COMPANY])


def united(one: Response, other: Response) -> Response:
    """The faces of one view, and those of another that would count alone, each once."""
    company = one.faces[one.faces[:, 0] >= COMPANY]
    strong = other.faces[other.faces[:, 0] >= ALONE]
    faces = np.concatenate([company, strong])
    faces = faces[np.argsort(-faces[:, 0], kind="stable")]
    return Response(max(one.best, other.best), distinct(faces))


def looked_at_closer(pixels: Pixels, response: Response) -> Response:
    """Where there is no face for sure, look again at the likeliest until one is confirmed.

    Args:
        pixels: uint8 RGB, shape (height, width, 3).
        response: to the picture as it is.

    Returns:
        The response, with the confirmed face where it was seen closer; without faces where there
        is none.
    """
    if response.best >= ALONE:
        return response
    for face in response.faces[:FEW]:
        close = closer(pixels, face)
        close[0] = (face[0] + close[0]) / 2
        if close[0] >= CONFIRMED:
            faces = np.concatenate([close[None], response.faces])
            return Response(float(close[0]), distinct(faces))
    return response._replace(faces=response.faces[:0])


def closer(pixels: Pixels, face: Values) -> Values:
    """The likeliest face where one that may be a face is enlarged with what is around it.

    Returns:
        The face in fractions of ``pixels``; all zeros where nothing responds.
    """
    height, width = pixels.shape[:2]
    x, y, w, h = face[1:] * (width, height, width, height)
    reach = max(w, h, 1) * AROUND / 2
    left, right = max(0, int(x + w / 2 - reach)), min(width, math.ceil(x + w / 2 + reach))
    top, bottom = max(0, int(y + h / 2 - reach)), min(height, math.ceil(y + h / 2 + reach))
    found = respond(scaled(pixels[top:bottom, left:right], CLOSE_SIDE), DOUBTFUL).faces
    if not len(found):
        return np.zeros(5, np.float32)
    share = np.array([(right - left) / width, (bottom - top) / height], np.float32)
    corner = np.array([left / width, top / height], np.float32)
    score, there, size = found[0, :1], found[0, 1:3], found[0, 3:]
    return np.concatenate([score, corner + there * share, size * share])
