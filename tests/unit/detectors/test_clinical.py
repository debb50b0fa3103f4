from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from imu_imageprep.detectors import clinical
from imu_imageprep.detectors.clinical import Clinical, Head, Window
from imu_imageprep.domain.errors import ModelProblem
from imu_imageprep.domain.finding import Flag, Looked
from imu_imageprep.domain.metadata import Metadata
from imu_imageprep.domain.photo import Photo, Size

KINDS = ("ward", "wound")


def photo(width: int, height: int, seed: int = 0) -> Photo:
    """Coarse coloured blocks: a picture of nothing."""
    random = np.random.default_rng(seed)
    blocks = random.integers(0, 256, (-(-height // 16), -(-width // 16), 3), np.uint8)
    pixels = blocks.repeat(16, axis=0).repeat(16, axis=1)[:height, :width].copy()
    pixels.setflags(write=False)
    return Photo(pixels, Size(width, height))


def head(threshold: float = 0.5) -> Head:
    """Of every network, channel 0 speaks for clinical, 1 for ward, 2 for wound, 3 for everyday."""
    weights = np.zeros((2, 4, 3), np.float32)
    weights[:, 0, 0], weights[:, 1, 1], weights[:, 2, 2], weights[:, 3, 0] = 5, 5, 5, -5
    weights = np.tile(weights, (1, clinical.NETWORKS, 1))
    return Head(KINDS, weights, np.zeros((2, 3), np.float32), 1.0, -4.0, threshold)


def fill(cells: np.ndarray, channels: tuple[int, ...]) -> None:
    """Let every cell of a map, or of a part of one, show these channels."""
    cells[:] = np.tile(np.array(channels, np.float32), clinical.NETWORKS)[:, None, None]


def features(rows: int = 10, columns: int = 14) -> np.ndarray:
    """A map that says "everyday" in every cell."""
    cells = np.zeros((4 * clinical.NETWORKS, rows, columns), np.float32)
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
    assert clinical.network_shape(height, width) == shape


def test_the_network_input_is_scaled_rgb() -> None:
    pixels = np.zeros((300, 400, 3), np.uint8)
    pixels[..., 0] = 255
    values = clinical.network_input(pixels)
    assert values.shape == (1, 3, 320, 448)
    assert values.dtype == np.float32
    assert np.all(values[0, 0] == 1)
    assert np.all(values[0, 1:] == np.float32(-127 / 128))


@pytest.mark.parametrize("shape", [(1, 1), (7, 21), (10, 14), (12, 12), (21, 7)])
def test_windows_start_with_the_full_frame_and_stay_inside(shape: tuple[int, int]) -> None:
    rows, columns = shape
    layout = clinical.windows(rows, columns)
    assert layout[0] == Window(0, rows, 0, columns)
    assert len(layout) == 26
    for top, bottom, left, right in layout:
        assert 0 <= top < bottom <= rows
        assert 0 <= left < right <= columns
    assert {(w.top, w.left) for w in layout} >= {(0, 0)}
    assert max(w.bottom for w in layout[1:]) == rows
    assert max(w.right for w in layout[1:]) == columns


def test_pooling_is_the_direction_of_the_roots_of_each_networks_means() -> None:
    channels = 5 * clinical.NETWORKS
    cells = np.random.default_rng(0).uniform(0, 6, (channels, 10, 14)).astype(np.float32)
    cells[:5] *= 9  # a network that shouts has no more say
    layout = clinical.windows(10, 14)
    vectors = clinical.pooled(cells, layout)
    for vector, window in zip(vectors, layout, strict=True):
        inside = cells[:, window.top : window.bottom, window.left : window.right]
        roots = np.sqrt(inside.mean((1, 2))).reshape(clinical.NETWORKS, 5)
        wanted = (roots / np.linalg.norm(roots, axis=1, keepdims=True)).ravel()
        assert vector == pytest.approx(wanted / np.sqrt(clinical.NETWORKS), abs=1e-5)


def test_a_map_of_zeros_is_pooled_without_a_division_by_zero() -> None:
    zeros = np.zeros((5 * clinical.NETWORKS, 3, 3), np.float32)
    assert not clinical.pooled(zeros, clinical.windows(3, 3)).any()


def test_an_everyday_map_is_not_flagged_but_has_a_score() -> None:
    scan = clinical.judge(features(), head())
    assert scan.findings == ()
    assert 0 <= scan.score < 0.01


def test_a_map_that_is_clinical_throughout_is_flagged_as_a_whole() -> None:
    cells = features()
    fill(cells, (1, 0, 1, 0))
    (finding,) = clinical.judge(cells, head()).findings
    assert finding.kind == "clinical"
    assert finding.label == "wound"
    assert finding.box is None


def test_clinical_content_in_a_corner_is_flagged_with_its_box() -> None:
    cells = features()
    fill(cells[:, 5:, 7:], (1, 1, 0, 0))
    scan = clinical.judge(cells, head())
    (finding,) = scan.findings
    assert finding.score == scan.score
    assert finding.label == "ward"
    assert finding.box is not None
    assert finding.box.x >= 0.5
    assert finding.box.y >= 0.5
    assert finding.box.x + finding.box.w <= 1
    assert finding.box.y + finding.box.h <= 1


def test_the_threshold_decides() -> None:
    score = clinical.judge(features(), head()).score
    assert clinical.judge(features(), head(threshold=score)).findings
    assert not clinical.judge(features(), head(threshold=score + 1e-9)).findings


def test_probability_rises_with_the_score_and_never_overflows() -> None:
    values = [head().probability(raw) for raw in (-1e9, -1.0, 0.0, 4.0, 9.0, 1e9)]
    assert values == sorted(values)
    assert values[3] == pytest.approx(0.5)
    assert values[0] >= 0
    assert values[-1] <= 1


def test_a_head_survives_its_file() -> None:
    data = head().to_bytes()
    assert data == head().to_bytes()
    back = Head.from_bytes(data)
    assert back.kinds == KINDS
    assert np.array_equal(back.weights, head().weights)
    assert (back.slope, back.intercept, back.threshold) == (1.0, -4.0, 0.5)


@pytest.mark.parametrize("data", [b"", b"not a zip", head().to_bytes()[:200]])
def test_a_damaged_head_is_a_model_problem(data: bytes) -> None:
    with pytest.raises(ModelProblem):
        Head.from_bytes(data)
