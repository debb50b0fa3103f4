"""Store the weights of a network as float16, widened again when its session is made."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

# Below this a tensor is a bias or a constant, where float16 would save nothing.
_SMALLEST_HALVED = 256


def halve_weights(model: onnx.ModelProto) -> None:
    """Store large float32 weights as float16, each widened again by a Cast node."""
    weights = list(model.graph.initializer)
    nodes = list(model.graph.node)
    del model.graph.initializer[:], model.graph.node[:]
    for weight in weights:
        values = numpy_helper.to_array(weight)
        if values.dtype == np.float32 and values.size > _SMALLEST_HALVED:
            half = weight.name + "_half"
            model.graph.initializer.append(numpy_helper.from_array(values.astype(np.float16), half))
            model.graph.node.append(
                helper.make_node("Cast", [half], [weight.name], to=TensorProto.FLOAT)
            )
        else:
            model.graph.initializer.append(weight)
    model.graph.node.extend(nodes)
