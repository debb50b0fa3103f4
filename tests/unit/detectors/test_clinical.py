from __future__ import annotations

import dataclasses
import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from imu_imageprep import assets
from imu_imageprep.detectors.clinical import Clinical
from imu_imageprep.detectors.clinical import classifier as maps
from imu_imageprep.detectors.clinical.classifier import (
    CHANNELS,
    FIRST,
    SECOND,
    Head,
    Heads,
    Likeness,
    Verdict,
    Window,
)
from imu_imageprep.domain.errors import ModelProblem
from imu_imageprep.domain.finding import Flag, Looked
from imu_imageprep.domain.metadata import Metadata
from imu_imageprep.domain.odds import logit, probability
from imu_imageprep.domain.photo import Photo, Size

KINDS = ("ward", "wound")
NETWORKS = 3


def photo(width: int, height: int, seed: int = 0) -> Photo:
    """Coarse coloured blocks: a picture of nothing."""
    random = np.random.default_rng(seed)
    blocks = random.integers(0, 256, (-(-height // 16), -(-width // 16), 3), np.uint8)
    pixels = blocks.repeat(16, axis=0).repeat(16, axis=1)[:height, :width].copy()
    pixels.setflags(write=False)
    return Photo(pixels, Size(width, height))


def head(networks: int = NETWORKS) -> Head:
    """Of every network, channel 0 speaks for clinical, 1 for ward, 2 for wound, 3 for everyday."""
    weights = np.zeros((2, CHANNELS, 3), np.float32)
    weights[:, 0, 0], weights[:, 1, 1], weights[:, 2, 2], weights[:, 3, 0] = 5, 5, 5, -5
    weights = np.tile(weights, (1, networks, 1))
    return Head(weights, np.zeros((2, 3), np.float32), 1.0, -4.0)


def heads() -> Heads:
    return Heads(KINDS, head(1), head(), 0.5, 0.1, 1.5)


def fill(cells: np.ndarray, channels: tuple[int, ...]) -> None:
    """Let every cell of a map, or of a part of one, show these channels of every network."""
    cells[:] = 0
    for network in range(NETWORKS):
        for channel, value in enumerate(channels):
            cells[network * CHANNELS + channel] = value


def features(rows: int = 10, columns: int = 14) -> np.ndarray:
    """A map that says "everyday" in every cell."""
    cells = np.zeros((CHANNELS * NETWORKS, rows, columns), np.float32)
    fill(cells, (0, 0, 0, 1))
    return cells


@pytest.mark.parametrize(
    ("width", "height"), [(1, 1), (4, 1), (1, 3), (3, 4), (120, 90), (1024, 768), (2000, 150)]
)
def test_any_size_is_looked_at(width: int, height: int) -> None:
    scan = Clinical().look(photo(width, height), Metadata())
    assert isinstance(scan, Looked)
    assert 0 <= scan.score <= 1
    assert len(scan.findings) <= 1


def test_serves_the_clinical_flag_and_names_its_model() -> None:
    detector = Clinical()
    assert detector.name == "clinical"
    assert detector.flag is Flag.CLINICAL
    assert detector.model


def test_the_same_picture_gets_the_same_answer() -> None:
    one = Clinical().look(photo(640, 480), Metadata())
    again = Clinical().look(photo(640, 480), Metadata())
    assert one == again


def test_threads_find_what_a_serial_run_finds() -> None:
    photos = [photo(320 + 64 * n, 300, seed=n) for n in range(6)]
    serial = [Clinical().look(one, Metadata()) for one in photos]
    with ThreadPoolExecutor(4) as pool:
        threaded = list(pool.map(lambda one: Clinical().look(one, Metadata()), photos))
    assert threaded == serial


def test_different_pictures_get_different_scores() -> None:
    assert (
        Clinical().look(photo(640, 480), Metadata()).score
        != Clinical().look(photo(640, 480, seed=1), Metadata()).score
    )


@pytest.mark.parametrize(
    ("height", "width", "shape"),
    [(768, 1024, (10, 14)), (1024, 768, (14, 10)), (500, 500, (12, 12)), (10, 4000, (7, 21))],
)
def test_the_network_sees_the_picture_in_its_own_aspect(
    height: int, width: int, shape: tuple[int, int]
) -> None:
    assert maps.network_shape(height, width) == shape


def test_the_network_input_is_scaled_rgb() -> None:
    pixels = np.zeros((300, 400, 3), np.uint8)
    pixels[..., 0] = 255
    values = maps.network_input(pixels)
    assert values.shape == (1, 3, 320, 448)
    assert values.dtype == np.float32
    assert np.all(values[0, 0] == 1)
    assert np.all(values[0, 1:] == np.float32(-127 / 128))


@pytest.mark.parametrize("shape", [(1, 1), (7, 21), (10, 14), (12, 12), (21, 7)])
def test_windows_start_with_the_full_frame_and_stay_inside(shape: tuple[int, int]) -> None:
    rows, columns = shape
    layout = maps.windows(rows, columns)
    assert layout[0] == Window(0, rows, 0, columns)
    assert len(layout) == 26
    for top, bottom, left, right in layout:
        assert 0 <= top < bottom <= rows
        assert 0 <= left < right <= columns
    assert {(w.top, w.left) for w in layout} >= {(0, 0)}
    assert max(w.bottom for w in layout[1:]) == rows
    assert max(w.right for w in layout[1:]) == columns


@pytest.mark.parametrize("networks", [1, 2, 3])
def test_pooling_is_the_direction_of_the_roots_of_each_networks_means(networks: int) -> None:
    channels = CHANNELS * networks
    cells = np.random.default_rng(0).uniform(0, 6, (channels, 10, 14)).astype(np.float32)
    cells[:CHANNELS] *= 9  # a network that shouts has no more say
    layout = maps.windows(10, 14)
    vectors = maps.pooled(cells, layout)
    for vector, window in zip(vectors, layout, strict=True):
        inside = cells[:, window.top : window.bottom, window.left : window.right]
        roots = np.sqrt(inside.mean((1, 2))).reshape(networks, CHANNELS)
        wanted = (roots / np.linalg.norm(roots, axis=1, keepdims=True)).ravel()
        assert vector == pytest.approx(wanted / np.sqrt(networks), abs=1e-5)


def test_a_map_of_zeros_is_pooled_without_a_division_by_zero() -> None:
    zeros = np.zeros((CHANNELS, 3, 3), np.float32)
    assert not maps.pooled(zeros, maps.windows(3, 3)).any()


def test_an_everyday_map_is_judged_low() -> None:
    assert 0 <= probability(head().judge(features()).logit) < 0.01


def test_a_map_that_is_clinical_throughout_is_judged_as_a_whole() -> None:
    cells = features()
    fill(cells, (1, 0, 1, 0))
    verdict = head().judge(cells)
    assert KINDS[verdict.kind] == "wound"
    assert verdict.box is None
    assert probability(verdict.logit) > 0.5


def test_clinical_content_in_a_corner_is_judged_with_its_box() -> None:
    cells = features()
    fill(cells[:, 5:, 7:], (1, 1, 0, 0))
    verdict = head().judge(cells)
    assert KINDS[verdict.kind] == "ward"
    assert verdict.box is not None
    assert verdict.box.x >= 0.5
    assert verdict.box.y >= 0.5
    assert verdict.box.x + verdict.box.w <= 1
    assert verdict.box.y + verdict.box.h <= 1


def test_the_threshold_decides() -> None:
    score = Clinical(thorough=True).look(photo(640, 480), Metadata()).score
    found = Clinical(threshold=score, thorough=True).look(photo(640, 480), Metadata())
    assert found.score == score
    (finding,) = found.findings
    assert (finding.kind, finding.score) == ("clinical", score)
    above = math.nextafter(score, 1)
    assert not Clinical(threshold=above, thorough=True).look(photo(640, 480), Metadata()).findings


@pytest.mark.parametrize("threshold", [0.01, 0.5, 0.99])
def test_a_first_verdict_stands_only_far_below_the_threshold_in_force(threshold: float) -> None:
    edge = logit(threshold) - heads().margin
    below, at = math.nextafter(edge, -math.inf), edge
    assert heads().settled(Verdict(below, 0, None), threshold)
    assert not heads().settled(Verdict(at, 0, None), threshold)
    assert not heads().settled(Verdict(logit(threshold), 0, None), threshold)
    assert not heads().settled(Verdict(50.0, 0, None), threshold)


def test_what_the_first_verdict_ends_is_never_flagged() -> None:
    for number in range(12):
        one = photo(400, 300, seed=number)
        quick, thorough = (
            Clinical(thorough=thorough).look(one, Metadata()) for thorough in (False, True)
        )
        if quick != thorough:
            assert quick.findings == ()
            assert quick.score < Clinical().own_threshold


@pytest.mark.parametrize("threshold", [1e-9, 0.001])
def test_a_strict_threshold_asks_every_network(threshold: float) -> None:
    one = photo(400, 300)
    assert Clinical(threshold=threshold).look(one, Metadata()) == Clinical(
        threshold=threshold, thorough=True
    ).look(one, Metadata())


@pytest.mark.parametrize("missing", [FIRST, SECOND, "clinical_head"])
def test_every_file_of_the_detector_is_listed(missing: str) -> None:
    assert assets.load(missing)
    assert Path(assets.models()[missing].path).is_file()


def test_probability_rises_with_the_logit_and_never_overflows() -> None:
    values = [probability(number) for number in (-1e9, -1.0, 0.0, 4.0, 9.0, 1e9)]
    assert values == sorted(values)
    assert values[2] == 0.5
    assert values[0] >= 0
    assert values[-1] <= 1


@pytest.mark.parametrize("share", [1e-6, 0.1, 0.5, 0.9, 1 - 1e-6])
def test_a_logit_comes_back(share: float) -> None:
    assert probability(logit(share)) == pytest.approx(share)


def test_no_verdict_reaches_the_logits_of_certainty() -> None:
    assert (logit(0.0), logit(1.0)) == (-math.inf, math.inf)


def test_heads_survive_their_file() -> None:
    data = heads().to_bytes()
    assert data == heads().to_bytes()
    back = Heads.from_bytes(data)
    assert back.kinds == KINDS
    for mine, its in ((heads().first, back.first), (heads().every, back.every)):
        assert np.array_equal(its.weights, mine.weights)
        assert np.array_equal(its.bias, mine.bias)
        assert (its.slope, its.intercept) == (1.0, -4.0)
    assert (back.threshold, back.doubt, back.margin) == (0.5, 0.1, 1.5)


@pytest.mark.parametrize("data", [b"", b"not a zip", heads().to_bytes()[:200]])
def test_a_damaged_head_is_a_model_problem(data: bytes) -> None:
    with pytest.raises(ModelProblem):
        Heads.from_bytes(data)


def likeness() -> Likeness:
    """Whoever shows channel 9 of the first network looks like the one landmark: a wound."""
    directions = np.zeros((CHANNELS * NETWORKS, 1), np.float32)
    directions[9] = 1
    landmarks = np.full((1, 1), 1 / math.sqrt(NETWORKS), np.float32)
    return Likeness(
        directions, landmarks, np.array([[8, 0, 8]], np.float32), np.full(3, -4, np.float32)
    )


def test_likeness_has_a_say_about_the_whole_and_none_about_windows() -> None:
    vectors = np.zeros((26, CHANNELS * NETWORKS), np.float32)
    vectors[:, [9, 9 + CHANNELS, 9 + 2 * CHANNELS]] = 1 / math.sqrt(NETWORKS)
    alone = head().logits(vectors)
    liked = dataclasses.replace(head(), likeness=likeness()).logits(vectors)
    assert liked[0].tolist() == pytest.approx([2, -2, 2], abs=1e-4)
    assert liked[1:].tolist() == alone[1:].tolist()


def test_likeness_comes_back_from_the_file() -> None:
    given = dataclasses.replace(heads(), every=dataclasses.replace(head(), likeness=likeness()))
    back = Heads.from_bytes(given.to_bytes())
    vector = np.full((1, CHANNELS * NETWORKS), 1 / math.sqrt(CHANNELS * NETWORKS), np.float32)
    assert back.first.likeness is None
    assert back.every.likeness is not None
    expected = likeness().logits(vector)
    assert back.every.likeness.logits(vector) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(("whole", "part"), [(3.0, -9.0), (-9.0, 3.0), (1.0, 1.0), (-40.0, -41.0)])
def test_a_picture_scores_as_its_whole_or_its_best_window_or_a_little_more(
    whole: float, part: float
) -> None:
    score = maps.raw_score(np.array([whole, part - 5, part], np.float32))
    assert max(whole, part) <= score <= max(whole, part) + 2
    assert maps.raw_score(np.array([whole, part + 1, part], np.float32)) > score
