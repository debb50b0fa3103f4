"""First layers whose float sums are exact: no order and no processor changes a bit of them."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
from exact_layers import PICTURE, with_exact_layers
from onnx import TensorProto, helper, numpy_helper

RNG = np.random.default_rng(3)
CHANNELS, ANSWERS = 32, 16


def layer(name: str, given: str, weights: np.ndarray, **how: object) -> list[object]:
    """A convolution, its weights and its bias."""
    parts = f"{name}-weights", f"{name}-bias"
    bias = RNG.normal(0, 0.5, len(weights))
    return [
        helper.make_node("Conv", [given, *parts], [name], name, **how),
        *(
            numpy_helper.from_array(values.astype(np.float32), part)
            for part, values in zip(parts, (weights, bias), strict=True)
        ),
    ]


def network() -> onnx.ModelProto:
    """The beginning of an EfficientNet, its batch normalisations folded."""
    alone = RNG.normal(0, 0.3, (CHANNELS, 1, 3, 3)) * RNG.uniform(0.01, 3, (CHANNELS, 1, 1, 1))
    made = [
        *layer("first", "x", RNG.normal(0, 0.4, (CHANNELS, 3, 3, 3)), strides=[2, 2]),
        helper.make_node("Clip", ["first", "zero", "six"], ["first-clip"], "first-clip"),
        *layer("second", "first-clip", alone, group=CHANNELS, pads=[1] * 4),
        helper.make_node("Clip", ["second", "zero", "six"], ["second-clip"], "second-clip"),
        *layer("third", "second-clip", RNG.normal(0, 0.3, (ANSWERS, CHANNELS, 1, 1))),
        numpy_helper.from_array(np.float32(0), "zero"),
        numpy_helper.from_array(np.float32(6), "six"),
    ]
    graph = helper.make_graph(
        [one for one in made if isinstance(one, onnx.NodeProto)],
        "beginning",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 33, 33])],
        [helper.make_tensor_value_info("third", TensorProto.FLOAT, [1, ANSWERS, 16, 16])],
        [one for one in made if isinstance(one, onnx.TensorProto)],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


def in_other_order(model: onnx.ModelProto, order: np.ndarray) -> onnx.ModelProto:
    """The same network, the channels between its layers in another order."""
    done = onnx.ModelProto()
    done.CopyFrom(model)
    for tensor in done.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.name.startswith(("first-", "second-")) and values.ndim:
            tensor.CopyFrom(numpy_helper.from_array(values[order], tensor.name))
        elif tensor.name == "third-weights":
            tensor.CopyFrom(numpy_helper.from_array(values[:, order], tensor.name))
    return done


def answer(model: onnx.ModelProto, given: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return np.asarray(session.run(None, {"x": given})[0])


def test_layers_answer_the_same_bits_in_whatever_order_and_nearly_what_they_did() -> None:
    model = network()
    exact, answers = with_exact_layers(model)
    assert answers == ["first", "second", "third"]
    levels = RNG.integers(-PICTURE.parts, PICTURE.parts, (1, 3, 33, 33), endpoint=True)
    given = (levels / PICTURE.parts).astype(np.float32)
    before, after = answer(model, given), answer(exact, given)
    assert np.abs(before - after).max() < np.abs(before).max() / 500
    differ = 0
    for _ in range(4):
        order = RNG.permutation(CHANNELS)
        differ += not np.array_equal(before, answer(in_other_order(model, order), given))
        assert np.array_equal(after, answer(in_other_order(exact, order), given))
    assert differ  # Orders do matter where sums are not exact.


def test_the_network_that_was_given_stays_as_it_was() -> None:
    model = network()
    content = model.SerializeToString()
    with_exact_layers(model)
    assert model.SerializeToString() == content
