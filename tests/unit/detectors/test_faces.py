from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imu_imageprep.detectors.faces import Faces, centerface, search
from imu_imageprep.detectors.faces.centerface import Response
from imu_imageprep.detectors.faces.persons import persons
from imu_imageprep.domain.box import Box
from imu_imageprep.domain.errors import ExitCode, ModelProblem
from imu_imageprep.domain.finding import DidNotLook, Flag, Looked
from imu_imageprep.domain.metadata import Metadata
from imu_imageprep.domain.photo import Photo, Size
from imu_imageprep.domain.policy import Level, Policy
from imu_imageprep.stages.look import look as stage_look

# The public-domain portrait that ships; the face fills this part of it.
PORTRAIT = Path(__file__).parents[3] / "samples" / "portrait.jpg"
FACE = Box(0.47, 0.12, 0.26, 0.31)


def photo(pixels: np.ndarray) -> Photo:
    frozen = np.ascontiguousarray(pixels, dtype=np.uint8)
    frozen.setflags(write=False)
    return Photo(frozen, Size(frozen.shape[1], frozen.shape[0]))


def portrait(side: int = 512) -> np.ndarray:
    with Image.open(PORTRAIT) as picture:
        return np.asarray(picture.convert("RGB").resize((side, side)))


def noise(width: int, height: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


def rows(*faces_: tuple[float, ...]) -> np.ndarray:
    return np.array(faces_, np.float32).reshape(-1, 5)


def look(pixels: np.ndarray) -> Looked:
    return Faces().look(photo(pixels), Metadata())


def turned_box(box: Box, turns: int) -> Box:
    """Where a box is after so many quarter turns counterclockwise."""
    for _ in range(turns):
        box = Box(box.y, 1 - box.x - box.w, box.h, box.w)
    return box


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_the_portraits_face_is_found_however_the_photo_is_stored(turns: int) -> None:
    looked = look(np.rot90(portrait(), turns))
    best = looked.findings[0]
    assert best.kind == "face"
    assert best.box is not None
    assert best.box.iou(turned_box(FACE, turns)) > 0.5
    assert looked.score == pytest.approx(best.score)
    assert best.score > search.SURE


def test_a_face_at_the_edge_of_a_panorama_is_found() -> None:
    panorama = np.full((256, 1900, 3), 180, np.uint8)
    panorama[:, -256:] = portrait(256)
    (finding,) = look(panorama).findings
    assert finding.box is not None
    assert finding.box.x > 1644 / 1900


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_blank_picture_has_no_face(level: int) -> None:
    looked = look(np.full((600, 800, 3), level, np.uint8))
    assert looked.findings == ()
    assert 0 <= looked.score < search.ALONE


@pytest.mark.parametrize(
    ("width", "height"), [(1, 1), (1, 4), (4, 1), (2, 3), (4, 4), (3000, 1), (1, 3000)]
)
def test_tiny_and_thin_pictures_are_looked_at(width: int, height: int) -> None:
    looked = look(noise(width, height))
    assert looked.findings == ()
    assert 0 <= looked.score <= 1


def test_a_face_cut_by_the_edge_stays_inside_the_picture() -> None:
    cut = portrait()[:, round(512 * (FACE.x + 0.2 * FACE.w)) :]
    looked = look(cut)
    assert looked.findings
    for finding in looked.findings:
        box = finding.box
        assert box is not None
        assert box == box.clipped()
        assert box.area > 0


def test_threads_find_the_very_same_faces_as_a_serial_run() -> None:
    pictures = [np.rot90(portrait(side), turns) for side in (200, 320) for turns in range(4)]
    serial = [look(picture) for picture in pictures]
    with ThreadPoolExecutor(4) as pool:
        threaded = list(pool.map(look, pictures))
    assert threaded == serial
    assert all(looked.findings for looked in serial)


def test_it_says_what_it_is() -> None:
    detector = Faces()
    assert (detector.name, detector.flag) == ("faces", Flag.FACE)
    assert detector.model is not None
    assert [len(version) for version in detector.model.split("+")] == [12, 12]


def test_maps_are_decoded_to_boxes_best_first() -> None:
    heat = np.zeros((6, 8), np.float32)
    size, offset = np.zeros((2, 6, 8), np.float32), np.zeros((2, 6, 8), np.float32)
    heat[2, 3], heat[4, 1], heat[0, 0] = 0.5, 0.9, 0.1
    size[:, 2, 3] = np.log(5), np.log(4)  # 20 pixels high, 16 wide
    offset[:, 2, 3] = 0.25, -0.5  # centre: y (2 + .5 + .25) * 4 = 11, x (3 + .5 - .5) * 4 = 12
    found = centerface.decoded(heat, size, offset, threshold=0.2)
    assert found == pytest.approx(rows((0.9, 4, 16, 4, 4), (0.5, 4, 1, 16, 20)))


def test_boxes_are_clipped_to_the_picture_and_dropped_outside_it() -> None:
    found = centerface.inside(
        rows((0.9, -10, 50, 30, 100), (0.8, 210, 10, 5, 5)), width=200, height=100
    )
    assert found == pytest.approx(rows((0.9, 0, 0.5, 0.1, 0.5)))


def test_overlap_is_intersection_over_union() -> None:
    one = rows((1, 0, 0, 0.2, 0.2))[0]
    others = rows((1, 0, 0, 0.2, 0.2), (1, 0.1, 0, 0.2, 0.2), (1, 0.5, 0.5, 0.1, 0.1))
    assert centerface.iou(one, others) == pytest.approx([1, 1 / 3, 0])


def test_of_overlapping_boxes_the_best_stays() -> None:
    best, copy, neighbour = (0.9, 0, 0, 0.2, 0.2), (0.8, 0.02, 0, 0.2, 0.2), (0.7, 0.3, 0, 0.2, 0.2)
    assert centerface.distinct(rows(best, copy, neighbour)) == pytest.approx(rows(best, neighbour))
    assert centerface.distinct(rows()).shape == (0, 5)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_box_found_in_a_turned_picture_covers_the_same_pixels_before_the_turn(turns: int) -> None:
    picture = np.zeros((10, 20, 3), np.uint8)
    picture[2:5, 4:12] = 255
    turned = centerface.turned(picture, turns)
    ys, xs = np.nonzero(turned[..., 0])
    height, width = turned.shape[:2]
    x, y = xs.min() / width, ys.min() / height
    w, h = np.ptp(xs + 0.5) + 1, np.ptp(ys + 0.5) + 1
    back = centerface.unturned(rows((1, x, y, w / width, h / height)), turns)
    assert back == pytest.approx(rows((1, 4 / 20, 2 / 10, 8 / 20, 3 / 10)))


def test_two_views_are_united_without_the_other_views_weak_faces() -> None:
    weak = (search.ALONE + search.COMPANY) / 2
    one = Response(0.9, rows((0.9, 0, 0, 0.1, 0.1), (weak, 0.8, 0.8, 0.1, 0.1)))
    other = Response(
        0.5, rows((0.5, 0.01, 0, 0.1, 0.1), (0.4, 0.5, 0.5, 0.1, 0.1), (weak, 0.2, 0.2, 0.1, 0.1))
    )
    united = search.united(one, other)
    assert united.best == 0.9
    assert united.faces[:, 0] == pytest.approx([0.9, 0.4, weak])
    assert united.faces[2, 1] == pytest.approx(0.8)


def test_a_closer_look_shows_the_face_and_nothing_beside_it() -> None:
    picture = np.full((750, 1000, 3), 180, np.uint8)
    picture[300:400, 500:600] = portrait(100)
    face = Box(0.5 + 0.1 * FACE.x, 0.4 + FACE.y / 7.5, 0.1 * FACE.w, FACE.h / 7.5)
    guess = rows((0.2, face.x - 0.005, face.y + 0.005, face.w, face.h))[0]
    score, *box = search.closer(picture, guess).tolist()
    assert score > search.SURE
    assert Box(*box).iou(face) > 0.5
    assert search.closer(picture, rows((0.2, 0.1, 0.1, 0.03, 0.04))[0])[0] < search.DOUBTFUL


@pytest.mark.parametrize(("width", "height"), [(1, 1), (2, 900), (40, 30)])
@pytest.mark.parametrize("box", [(0, 0, 1, 1), (1, 1, 0, 0), (0.99, 0, 0.01, 1), (0.5, 0.5, 0, 0)])
def test_a_closer_look_at_the_edge_stays_inside(
    width: int, height: int, box: tuple[float, ...]
) -> None:
    close = search.closer(noise(width, height), rows((0.2, *box))[0])
    assert close.shape == (5,)
    assert ((close >= 0) & (close <= 1)).all()


class Closer:
    """What closer looks answer, one after the other."""

    def __init__(self, *answers: tuple[float, ...]) -> None:
        self.answers = list(answers)
        self.asked: list[float] = []

    def __call__(self, pixels: np.ndarray, face: np.ndarray) -> np.ndarray:
        assert pixels is PICTURE
        self.asked.append(round(float(face[0]), 3))
        answer: np.ndarray = rows(self.answers[len(self.asked) - 1])[0]
        return answer


PICTURE = np.zeros((3, 4, 3), np.uint8)
HERE, THERE, ELSEWHERE = (0, 0, 0.1, 0.1), (0.5, 0.5, 0.1, 0.1), (0.8, 0.1, 0.1, 0.1)


def closer_look(
    monkeypatch: pytest.MonkeyPatch, closer: Closer, *found: tuple[float, ...]
) -> Response:
    monkeypatch.setattr(search, "closer", closer)
    response = Response(found[0][0] if found else 0.1, rows(*found))
    return search.looked_at_closer(PICTURE, response)


def test_a_doubtful_face_stands_by_the_mean_of_both_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    closer = Closer((0.3, *HERE), (0.6, 0.51, 0.5, 0.1, 0.1))
    seen = closer_look(monkeypatch, closer, (0.24, *HERE), (0.22, *THERE), (0.21, *ELSEWHERE))
    assert closer.asked == [0.24, 0.22]
    assert seen.best == pytest.approx(0.41)
    # Where it was seen closer; and whoever was weak before is company now.
    assert seen.faces == pytest.approx(
        rows((0.41, 0.51, 0.5, 0.1, 0.1), (0.24, *HERE), (0.21, *ELSEWHERE))
    )


def test_what_is_not_confirmed_is_no_face(monkeypatch: pytest.MonkeyPatch) -> None:
    closer = Closer(*[(0.3, *HERE)] * search.FEW)
    found = [(0.24 - number / 100, *HERE) for number in range(search.FEW + 1)]
    seen = closer_look(monkeypatch, closer, *found)
    assert len(closer.asked) == search.FEW
    assert seen.best == 0.24
    assert seen.faces.shape == (0, 5)


@pytest.mark.parametrize("best", [search.ALONE, 0.9])
def test_what_is_sure_alone_is_not_looked_at_again(
    monkeypatch: pytest.MonkeyPatch, best: float
) -> None:
    closer = Closer()
    seen = closer_look(monkeypatch, closer, (best, *HERE))
    assert closer.asked == []
    assert seen.best == best
    assert len(seen.faces) == 1


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((4000, 3000), (704, 528)),
        ((3000, 4000), (528, 704)),
        ((4000, 1000), (996, 249)),
        ((100, 100), (400, 400)),
        ((3, 2), (12, 8)),
    ],
)
def test_a_picture_is_searched_at_this_size(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    height, width, _ = centerface.scaled(np.zeros((size[1], size[0], 3), np.uint8), 704).shape
    assert (width, height) == expected


class People:
    """What the network for people answers, and how often it was asked."""

    def __init__(self, best: float | None) -> None:
        self.best = best
        self.asked = 0

    def __call__(self, pixels: np.ndarray, least: float) -> np.ndarray:
        assert (pixels == PICTURE).all()
        self.asked += 1
        return rows() if self.best is None or self.best < least else rows((self.best, *HERE))


def searched(
    monkeypatch: pytest.MonkeyPatch, people: People, *found: tuple[float, ...]
) -> search.Seen:
    response = Response(found[0][0] if found else search.NOTHING - 0.01, rows(*found))
    monkeypatch.setattr(search, "found", lambda *_: response)
    monkeypatch.setattr(search, "persons", people)
    return search.search(PICTURE)


UNSURE = search.UNSURE - 0.01


def test_doubtful_faces_are_none_where_nobody_is(monkeypatch: pytest.MonkeyPatch) -> None:
    people = People(search.SOMEBODY - 0.01)
    seen = searched(monkeypatch, people, (UNSURE, *HERE), (0.3, *THERE))
    assert seen.faces.shape == (0, 5)
    assert seen.best == pytest.approx(UNSURE)  # still told
    assert people.asked == 1


@pytest.mark.parametrize("best", [search.SOMEBODY, 0.5, 1.0])
def test_no_face_is_dropped_where_somebody_is(monkeypatch: pytest.MonkeyPatch, best: float) -> None:
    seen = searched(monkeypatch, People(best), (UNSURE, *HERE), (0.21, *THERE))
    assert len(seen.faces) == 2


@pytest.mark.parametrize("size", [(search.LARGE, 0.1), (0.1, search.LARGE), (1, 1)])
def test_a_large_face_stays_and_nobody_is_asked(
    monkeypatch: pytest.MonkeyPatch, size: tuple[float, float]
) -> None:
    people = People(None)
    seen = searched(monkeypatch, people, (UNSURE, *HERE), (0.3, 0, 0, *size))
    assert len(seen.faces) == 2
    assert people.asked == 0


@pytest.mark.parametrize("found", [(), ((search.UNSURE, *HERE),), ((0.9, *HERE), (0.21, *THERE))])
def test_the_network_for_people_is_asked_about_doubtful_faces_alone(
    monkeypatch: pytest.MonkeyPatch, found: tuple[tuple[float, ...], ...]
) -> None:
    people = People(None)
    assert len(searched(monkeypatch, people, *found).faces) == len(found)
    assert people.asked == 0


def test_a_person_is_seen_once_and_inside_the_picture() -> None:
    found = persons(portrait(), search.SOMEBODY)
    assert found[0, 0] > 0.5
    x, y, w, h = found[0, 1:].tolist()
    assert Box(x, y, w, h).overlap(FACE) > 0.9 * FACE.area
    assert (found[:, 1:3] >= 0).all()
    assert (found[:, 1:3] + found[:, 3:] <= 1 + 1e-6).all()
    assert (np.diff(found[:, 0]) <= 0).all()


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 900), (900, 1), (300, 300)])
def test_nobody_is_seen_in_a_blank_picture(width: int, height: int) -> None:
    assert persons(np.full((height, width, 3), 128, np.uint8), 0.5).shape == (0, 5)


@pytest.mark.parametrize("best", [UNSURE, 0.9])
def test_where_doubtful_faces_cannot_be_asked_about_nobody_looked(
    monkeypatch: pytest.MonkeyPatch, best: float
) -> None:
    def missing(name: str) -> object:
        raise ModelProblem(f"The model file {name}.onnx is missing.")

    monkeypatch.setattr(search, "found", lambda *_: Response(best, rows((best, *HERE))))
    monkeypatch.setattr("imu_imageprep.detectors.faces.persons.assets.network", missing)
    (exam,) = stage_look(photo(PICTURE), Metadata(), [Faces()], Policy(), flags=(Flag.FACE,))
    if best >= search.UNSURE:
        assert len(exam.findings) == 1
    else:
        assert exam.scan == DidNotLook("The model file persons.onnx is missing.", ExitCode.MODEL)


def test_people_without_a_face_are_told_and_others_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        search,
        "persons",
        lambda *_: rows((0.9, *THERE), (0.8, *HERE), (search.SURELY - 0.01, *ELSEWHERE)),
    )
    doubtful = Response(UNSURE, rows((UNSURE, 0.02, 0.02, 0.05, 0.05)))
    monkeypatch.setattr(search, "found", lambda *_: doubtful)
    looked = look(PICTURE)
    face, person = looked.findings
    assert (face.kind, person.kind) == ("face", "person")
    assert person.box is not None
    assert person.box.iou(Box(*THERE)) > 0.99
    assert person.score == pytest.approx(0.9)
    assert looked.score == pytest.approx(UNSURE)
    assert [one.kind for one in Faces(Level.OFF).look(photo(PICTURE), Metadata()).findings] == [
        "face"
    ]


@pytest.mark.parametrize(
    ("best", "faces", "noting", "holding"),
    [
        (search.NOTHING - 0.01, 0, 0, 1),
        (search.NOTHING, 0, 1, 1),
        (search.WEAK - 0.01, 0, 1, 1),
        (search.WEAK, 0, 0, 1),
        (UNSURE, 1, 1, 1),
        (search.UNSURE, 1, 0, 0),
        (0.9, 1, 0, 0),
    ],
)
def test_people_are_asked_for_where_it_can_matter(
    monkeypatch: pytest.MonkeyPatch, best: float, faces: int, noting: int, holding: int
) -> None:
    response = Response(best, rows(*[(best, *THERE)] * faces))
    monkeypatch.setattr(search, "found", lambda *_: response)
    for level, asked in ((Level.OFF, 0), (Level.NOTE, noting), (Level.HOLD, holding)):
        people = People(0.9)
        monkeypatch.setattr(search, "persons", people)
        kinds = [one.kind for one in Faces(level).look(photo(PICTURE), Metadata()).findings]
        assert kinds == ["face"] * faces + ["person"] * asked
        assert people.asked == asked or (level is Level.OFF and best == UNSURE)


@pytest.mark.parametrize(
    ("best", "somebody", "glances"),
    [
        (search.NOTHING - 0.001, 0.9, 0),
        (search.NOTHING, search.HARDLY - 0.001, 0),
        (search.NOTHING, search.HARDLY, 3),
        (search.FAINT - 0.001, 0.0, 0),
        (search.FAINT, 0.0, 3),
        (search.SURE, 0.9, 0),
    ],
)
def test_turns_are_glanced_at_where_something_responds_and_somebody_may_be(
    monkeypatch: pytest.MonkeyPatch, best: float, somebody: float, glances: int
) -> None:
    seen: list[tuple[int, ...]] = []

    def respond(image: np.ndarray, least: float) -> Response:
        del least
        seen.append(image.shape)
        return Response(best, rows())

    monkeypatch.setattr(search, "respond", respond)
    monkeypatch.setattr(search, "persons", People(somebody))
    search.search(PICTURE)
    assert len(seen) == 1 + glances
