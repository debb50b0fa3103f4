"""The first layers of a network as floats whose sums are exact, whatever order they are in.

Float32 holds whole numbers up to 2 to the 24th. What the first layer is given are parts of 1; what
the next ones are given is made whole numbers here (Round; their scale is in the weights around it).
Weights and biases are then put on grids of powers of two, one for each output, as fine as keeps
each sum of products a number that float32 holds: no processor rounds it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx
from onnx import helper, numpy_helper
from rounding import Inputs, exactly_summed

if TYPE_CHECKING:
    from collections.abc import Sequence

# What :func:`network_input` gives are multiples of 1 / 128.
PICTURE = Inputs(parts=128, low=-1, high=1)
# ReLU6.
_HIGHEST = 6
# So many whole numbers to 1, between the first layer and the second and so on: powers of two.
STEPS = (512, 256)


def beginnings(model: onnx.ModelProto) -> list[onnx.NodeProto]:
    """The layers that look at the picture: networks that stand side by side each have one."""
    looks = {tensor.name for tensor in model.graph.initializer if list(tensor.dims)[1:2] == [3]}
    return [node for node in model.graph.node if node.op_type == "Conv" and node.input[1] in looks]


def with_exact_layers(
    model: onnx.ModelProto, steps: Sequence[int] = STEPS
) -> tuple[onnx.ModelProto, list[str]]:
    """The network with its first layers exact, and the names of what those layers answer.

    Args:
        model: as from :func:`quantize.prepared`, each of these layers but the last with a ReLU6.
        steps: so many whole numbers to 1, between the first layer and the second and so on.
    """
    done = onnx.ModelProto()
    done.CopyFrom(model)
    graph = done.graph
    readers = {name: node for node in graph.node for name in node.input}
    answers = []
    for beginning in beginnings(done):
        layer = beginning
        _settle(graph, layer, 1, steps[0], PICTURE)
        answers.append(layer.output[0])
        for given, wanted in zip(steps, (*steps[1:], 1), strict=True):
            clip = readers[layer.output[0]]
            layer = readers[clip.output[0]]
            _answer_whole_numbers(graph, clip, given)
            _settle(graph, layer, given, wanted, Inputs(parts=1, low=0, high=_HIGHEST * given))
            answers.append(layer.output[0])
    onnx.checker.check_model(done, full_check=True)
    return done, answers


def _settle(
    graph: onnx.GraphProto, layer: onnx.NodeProto, given: int, wanted: int, inputs: Inputs
) -> None:
    """Put a layer on its grid: inputs are ``given`` times as large, sums ``wanted`` times."""
    weights, bias = (
        next(tensor for tensor in graph.initializer if tensor.name == name)
        for name in layer.input[1:3]
    )
    exact = exactly_summed(
        numpy_helper.to_array(weights).astype(np.float64) * wanted / given,
        numpy_helper.to_array(bias).astype(np.float64) * wanted,
        inputs,
    )
    for tensor, values in zip((weights, bias), exact, strict=True):
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float32), tensor.name))


def _answer_whole_numbers(graph: onnx.GraphProto, clip: onnx.NodeProto, steps: int) -> None:
    """Let a ReLU6 of numbers that are ``steps`` times as large answer whole ones."""
    answer, highest = clip.output[0], f"{clip.output[0]}_highest"
    graph.initializer.append(numpy_helper.from_array(np.float32(_HIGHEST * steps), highest))
    clip.input[2] = highest
    clip.output[0] = f"{answer}_clipped"
    place = next(i for i, node in enumerate(graph.node) if node.name == clip.name)
    rounded = helper.make_node("Round", [clip.output[0]], [answer], f"{clip.name}-Round")
    graph.node.insert(place + 1, rounded)
