"""Let a network count in integers of 8 bits: less than half the time, and a quarter of the file.

Weights have 7 bits, a scale for each channel: then no sum of two products overflows 16 bits, on
processors without VNNI either, and integer sums are the same everywhere. Activations have 8 bits;
which values they stand for is measured once on pictures (:func:`measured`) and kept as a file, so
that the same network always gives the same bytes.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, version_converter
from onnxruntime.quantization import CalibrationMethod, QuantType
from onnxruntime.quantization.calibrate import TensorsData
from onnxruntime.quantization.qdq_quantizer import QDQQuantizer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

# A scale for each channel is known from here on.
_OPSET = 13
_PROCESSOR = ["CPUExecutionProvider"]
_QUANTISED = ("Conv", "ConvTranspose", "Add", "Relu", "Clip", "MaxPool")
# The rare highest values of a layer would take the room of all others.
_KEPT = 99.99
_EIGHT_BITS = {"quant_type": QuantType.QInt8, "symmetric": True, "reduce_range": False, "axis": 0}

Ranges = dict[str, tuple[float, float]]


def prepared(model: onnx.ModelProto) -> onnx.ModelProto:
    """The network with its batch normalisations folded into its layers, and its nodes named."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    with tempfile.TemporaryDirectory() as folder:
        options.optimized_model_filepath = str(Path(folder, "folded.onnx"))
        newer = version_converter.convert_version(model, _OPSET).SerializeToString()
        onnxruntime.InferenceSession(newer, options, providers=_PROCESSOR)
        folded = onnx.load(options.optimized_model_filepath)
    for number, node in enumerate(folded.graph.node):
        node.name = f"{number}-{node.op_type}"
    return folded


def measured(
    model: onnx.ModelProto, inputs: Iterable[Mapping[str, Floats]], kept: float = _KEPT
) -> Ranges:
    """The lowest and highest value of each tensor that counts, a mean over inputs.

    Args:
        model: as from :func:`prepared`.
        inputs: what the network is given, by the names of its inputs.
        kept: the highest value is the one that so many of 100 values do not exceed.
    """
    weights = {weight.name for weight in model.graph.initializer}
    names = {
        name
        for node in model.graph.node
        if node.op_type in _QUANTISED
        for name in (*node.input, *node.output)
        if name and name not in weights
    }
    seen: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for values in seen_inside(model, names, inputs):
        for name, one in values.items():
            low, high = np.percentile(one, [100 - kept, kept])
            seen[name].append((float(low), float(high)))
    return {name: tuple(np.mean(ends, 0).round(5).tolist()) for name, ends in seen.items()}


def seen_inside(
    model: onnx.ModelProto, names: Collection[str], inputs: Iterable[Mapping[str, Floats]]
) -> Iterator[dict[str, Floats]]:
    """What some tensors of the network are, inputs or not, one input after the other."""
    told = onnx.ModelProto()
    told.CopyFrom(model)
    del told.graph.output[:]
    asked = sorted(set(names) - {value.name for value in model.graph.input})
    for name in asked:
        told.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
    session = onnxruntime.InferenceSession(told.SerializeToString(), providers=_PROCESSOR)
    for one in inputs:
        values = dict(zip(asked, session.run(asked, dict(one)), strict=True)) | dict(one)
        yield {name: values[name] for name in sorted(names)}


def quantised(
    model: onnx.ModelProto,
    ranges: Ranges,
    exact: Collection[str] = (),
    eight_bits: Collection[str] = (),
) -> onnx.ModelProto:
    """The network with integers.

    Args:
        model: as from :func:`prepared`.
        ranges: as from :func:`measured`.
        exact: names of tensors whose layers go on counting in float32.
        eight_bits: weights that may have 8 bits, as no two of their products are summed in 16.
    """
    within = {
        name: (np.array(min(low, 0.0), np.float32), np.array(max(high, 0.0), np.float32))
        for name, (low, high) in ranges.items()
    }
    quantiser = QDQQuantizer(
        model,
        per_channel=True,
        reduce_range=True,
        weight_qType=QuantType.QInt8,
        activation_qType=QuantType.QUInt8,
        tensors_range=TensorsData(CalibrationMethod.MinMax, within),
        nodes_to_quantize=[],
        nodes_to_exclude=[node.name for node in model.graph.node if set(exact) & set(node.output)],
        op_types_to_quantize=list(_QUANTISED),
        extra_options={"TensorQuantOverrides": {name: [_EIGHT_BITS] for name in eight_bits}},
    )
    quantiser.quantize_model()
    quantiser.model.topological_sort()
    done: onnx.ModelProto = quantiser.model.model
    onnx.checker.check_model(done, full_check=True)
    return done
