"""The network that finds text, with the same answers for less work.

Four changes, each an identity of sums; only the order of additions differs, and with it the last
bits:

  * where two maps are stacked and a layer adds up both, each gets a layer of its own, so that
    nothing is copied and a layer's weights stay in the processor's nearest memory;
  * the last layers see three coarse maps enlarged, each pixel repeated. A layer of 3x3 over a map
    whose pixels are repeated is four layers of 2x2 over the map as it was;
  * the answer's size is doubled twice by layers that look at one pixel each; together they are two
    layers of one pixel and one sorting of their answers;
  * "x plus x times y" is x times "1 plus y".

Nodes and weights have the names of the network that ``tools/convert_text.py`` reads.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

# Multiplications by one plus something: the product, and the sum that it is put in.
_GAINS = (49, 158), (51, 164), (53, 170), (55, 176), (57, 190), (59, 198), (61, 206), (63, 214)


def lean(model: onnx.ModelProto) -> None:
    """Make the network leaner, in place.

    Args:
        model: the detection network of PP-OCRv6 tiny; what it widens from float16 may be.
    """
    graph = _Graph(model)
    _unstacked(graph)
    _gains(graph)
    _coarse_first(graph)
    _doubled_at_the_end(graph)
    graph.finish()


def in_quarters(kernel: Floats) -> Floats:
    """A layer of 3x3 over a map with each pixel repeated twice each way, for the map itself.

    Args:
        kernel: float32, shape (out, in, 3, 3).

    Returns:
        float32, shape (4 * out, in, 2, 2): a layer for a map of height h and width w with one pixel
        of zeros on each side, whose answer has (h + 1) x (w + 1) cells. Unfolded into 2x2 pixels a
        cell (the first fourth of the channels is the upper left one), it is the answer that was
        wanted with one pixel more on each side.
    """
    # Each pixel of a cell adds up these of the kernel's rows for each of its two rows of the map.
    rows = np.array([[[1, 1, 0], [0, 0, 1]], [[1, 0, 0], [0, 1, 1]]], np.float32)
    cells = np.einsum("ocyx,ary,bsx->abocrs", kernel, rows, rows)
    return np.ascontiguousarray(cells.reshape(-1, kernel.shape[1], 2, 2), np.float32)


def twice_doubled(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """Two layers that double a map, as layers that see one pixel.

    Args:
        first: weights of a transposed layer of 2x2 in steps of two: float32, (in, out, 2, 2).
        second: of the next one: float32, (out, 1, 2, 2).

    Returns:
        Weights of shape (4 * out, in, 1, 1) and (16, 4 * out, 1, 1), float32; the second one's
        answers are the 4x4 pixels in which each pixel of the map ends, row by row.
    """
    out = first.shape[1]
    one = first.transpose(2, 3, 1, 0).reshape(4 * out, -1, 1, 1)
    # Rows and columns of the answer, coarse and fine; row, column and channel between.
    other = np.zeros((2, 2, 2, 2, 2, 2, out), np.float32)
    for y in range(2):
        for x in range(2):
            other[y, :, x, :, y, x] = second[:, 0].transpose(1, 2, 0)
    return np.ascontiguousarray(one), other.reshape(16, 4 * out, 1, 1)


def _unstacked(graph: _Graph) -> None:
    """The stem's stacked maps: each its own layer."""
    stack, layer = graph.node("Concat.0"), graph.node("Conv.3")
    one, other = stack.input
    weights, bias = graph.weights(layer.input[1]), layer.input[2]
    many = weights.shape[1] // 2
    shape: dict[str, Any] = {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1] * 4}
    graph.replace(
        ("Concat.0", "Conv.3"),
        graph.layer(one, "stem_one", weights[:, :many], **shape),
        graph.layer(other, "stem_other", weights[:, many:], bias, **shape),
        _node("Add", ["stem_one", "stem_other"], layer.output[0]),
    )


def _gains(graph: _Graph) -> None:
    one = graph.constant("one", np.array(1, np.float32))
    for product, total in _GAINS:
        times, plus = graph.node(f"Mul.{product}"), graph.node(f"Add.{total}")
        values, share = times.input
        gain = f"gain_{product}"
        graph.replace(
            (times.name, plus.name),
            _node("Add", [share, one], gain),
            _node("Mul", [values, gain], plus.output[0]),
        )


def _coarse_first(graph: _Graph) -> None:
    """The layer over three enlarged maps and a fine one."""
    stack, layer, doubled = graph.node("Concat.2"), graph.node("Conv.82"), graph.node("Resize.5")
    *enlarged, _, fine = stack.input
    for resize, factor in (("Resize.3", 4), ("Resize.4", 2)):
        scales = np.array([1, 1, factor, factor], np.float32)
        graph.node(resize).input[2] = graph.constant(f"{resize}_scales", scales)
    weights, bias = graph.weights(layer.input[1]), layer.input[2]
    many = weights.shape[1] // 4 * 3
    ends = (("cut_from", [1, 1]), ("cut_to", [-1, -1]), ("cut_axes", [2, 3]))
    cut = [graph.constant(name, np.array(ends, np.int64)) for name, ends in ends]
    graph.replace(
        ("Concat.2", "Resize.5", "Conv.82"),
        _node("Concat", [*enlarged, doubled.input[0]], "coarse", axis=1),
        graph.layer(
            "coarse",
            "coarse_cells",
            in_quarters(weights[:, :many]),
            kernel_shape=[2, 2],
            pads=[1] * 4,
        ),
        _unfolded("coarse_cells", "coarse_wide", 2),
        _node("Slice", ["coarse_wide", *cut], "coarse_seen"),
        graph.layer(fine, "fine", weights[:, many:], bias, kernel_shape=[3, 3], pads=[1] * 4),
        _node("Add", ["fine", "coarse_seen"], layer.output[0]),
    )


def _doubled_at_the_end(graph: _Graph) -> None:
    """The last layers, which double the answer's size twice."""
    first, second = graph.node("ConvTranspose.0"), graph.node("ConvTranspose.2")
    one, other = twice_doubled(graph.weights(first.input[1]), graph.weights(second.input[1]))
    inner, outer = (graph.weights(graph.node(name).input[1]) for name in ("Add.218", "Add.220"))
    graph.replace(
        ("ConvTranspose.0", "Add.218", "Relu.19", "ConvTranspose.2", "Add.220", "Sigmoid.0"),
        graph.layer(
            first.input[0],
            "doubled",
            one,
            graph.constant("doubled_bias", np.tile(inner.ravel(), 4)),
            kernel_shape=[1, 1],
        ),
        _node("Relu", ["doubled"], "doubled_relu"),
        graph.layer(
            "doubled_relu",
            "pixels",
            other,
            graph.constant("pixels_bias", np.tile(outer.ravel(), 16)),
            kernel_shape=[1, 1],
        ),
        _node("Sigmoid", ["pixels"], "pixels_likely"),
        _unfolded("pixels_likely", graph.node("Sigmoid.0").output[0], 4),
    )


def _node(kind: str, inputs: list[str], output: str, **attributes: object) -> onnx.NodeProto:
    return helper.make_node(kind, inputs, [output], name=output, **attributes)


def _unfolded(name: str, output: str, size: int) -> onnx.NodeProto:
    """Channels sorted into size x size pixels, row by row."""
    return _node("DepthToSpace", [name], output, blocksize=size, mode="DCR")


class _Graph:
    """A network's nodes by their names, and its weights."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._graph = model.graph
        self._nodes = {node.name or node.output[0]: node for node in model.graph.node}
        stored = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
        widened = {
            node.output[0]: stored[node.input[0]].astype(np.float32)
            for node in model.graph.node
            if node.op_type == "Cast" and node.attribute[0].i == TensorProto.FLOAT
        }
        self._weights = stored | widened

    def node(self, name: str) -> onnx.NodeProto:
        return self._nodes[name]

    def weights(self, name: str) -> Floats:
        return np.asarray(self._weights[name], np.float32)

    def constant(self, name: str, values: NDArray[np.generic]) -> str:
        self._graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def layer(
        self, name: str, output: str, weights: Floats, bias: str = "", **attributes: object
    ) -> onnx.NodeProto:
        inputs = [name, self.constant(f"{output}_weights", weights), *([bias] if bias else [])]
        return _node("Conv", inputs, output, **attributes)

    def replace(self, names: tuple[str, ...], *nodes: onnx.NodeProto) -> None:
        """Put nodes where the last of those named is, and drop these."""
        last = max(list(self._nodes).index(name) for name in names)
        before = list(self._nodes.items())
        kept = [*before[: last + 1], *((node.name, node) for node in nodes), *before[last + 1 :]]
        self._nodes = {name: node for name, node in kept if name not in names}

    def finish(self) -> None:
        """Write the nodes back, without weights that none needs any more."""
        nodes = [copy.deepcopy(node) for node in self._nodes.values()]
        wanted = {name for node in nodes for name in node.input}
        wanted |= {value.name for value in self._graph.output}
        nodes = [node for node in nodes if wanted.intersection(node.output)]
        wanted = {name for node in nodes for name in node.input}
        weights = [one for one in self._graph.initializer if one.name in wanted]
        del self._graph.node[:], self._graph.initializer[:]
        self._graph.node.extend(nodes)
        self._graph.initializer.extend(weights)
