"""What the network for text does in fewer steps, against the layers that it stands for."""

from __future__ import annotations

import numpy as np
from lean_areas import in_quarters, twice_doubled
from numpy.lib.stride_tricks import sliding_window_view

RNG = np.random.default_rng(7)


def noise(*shape: int) -> np.ndarray:
    return RNG.uniform(-1, 1, shape).astype(np.float32)


def layer(values: np.ndarray, kernel: np.ndarray, room: int) -> np.ndarray:
    """A layer over (channels, height, width), with zeros around."""
    padded = np.pad(values, ((0, 0), (room, room), (room, room)))
    seen = sliding_window_view(padded, kernel.shape[2:], axis=(1, 2))
    return np.asarray(np.einsum("chwyx,ocyx->ohw", seen, kernel))


def doubled(values: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """A transposed layer of 2x2 in steps of two."""
    _, height, width = values.shape
    cells: np.ndarray = np.einsum("chw,coyx->ohywx", values, kernel)
    return cells.reshape(-1, 2 * height, 2 * width)


def unfolded(cells: np.ndarray, size: int) -> np.ndarray:
    """Channels as size x size pixels, the pixel before the channel."""
    _, height, width = cells.shape
    split = cells.reshape(size, size, -1, height, width).transpose(2, 3, 0, 4, 1)
    return split.reshape(-1, size * height, size * width)


def test_a_layer_over_repeated_pixels_is_one_over_the_map() -> None:
    values, kernel = noise(3, 4, 6), noise(5, 3, 3, 3)
    wanted = layer(values.repeat(2, axis=1).repeat(2, axis=2), kernel, 1)
    got = unfolded(layer(values, in_quarters(kernel), 1), 2)[:, 1:-1, 1:-1]
    np.testing.assert_allclose(got, wanted, atol=1e-5)


def test_two_doublings_are_two_layers_of_one_pixel() -> None:
    values, first, second = noise(3, 4, 6), noise(3, 5, 2, 2), noise(5, 1, 2, 2)
    wanted = doubled(np.maximum(doubled(values, first), 0), second)
    one, other = twice_doubled(first, second)
    got = unfolded(layer(np.maximum(layer(values, one, 0), 0), other, 0), 4)
    np.testing.assert_allclose(got, wanted, atol=1e-5)
