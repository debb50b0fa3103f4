"""Let the networks of the clinical detector count in integers of 8 bits.

Makes what ships::

    python tools/quantize_clinical.py FLOATS --data DIR -o assets/models

FLOATS holds ``clinical_first.onnx`` and ``clinical_second.onnx`` as tools/convert_backbone.py
writes them, DIR the labelled pictures (tools/clinical_data.py). The heads have to be trained on
them afterwards (tools/train_clinical.py), and models.toml told the new fingerprints. What the
numbers of each layer stand for, and how its weights are rounded, is taken from one picture of each
of 150 sources (:func:`chosen`); labels play no part. Cosines are of 40 of the other pictures.

Every processor gives the same bits: integers are summed exactly, and so are the floats that are
left. The first three layers stay in float32, on grids that keep their sums exact
(tools/exact_layers.py). Layers of single pixels have weights of 7 bits, as tools/quantize.py says
why, rounded together; those that look at each channel alone have 8 bits. Maps that are added have
scales of powers of two, as they are added as floats. The same pictures give the same networks on
the same machine.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnx
import onnxruntime
from clinical_data import load
from exact_layers import with_exact_layers
from onnx import numpy_helper
from quantize import measured, prepared, quantised, seen_inside
from rounding import keeping_sums, power_of_two, together

from imu_imageprep.detectors.clinical.classifier import FIRST, SECOND, network_input

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from clinical_data import Pictures
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

SOURCES = 150
# Enough of them for the lowest and highest values. All of a layer's values count: leaving out the
# highest, as for faces, made the features less like those in float32.
_FOR_RANGES = 50
# Pixels of a map that are looked at; those next to each other are much alike.
_PIXELS = 512
# What whole numbers of 7 and of 8 bits go up to.
_SEVEN_BITS, _EIGHT_BITS = 64, 127


def chosen(pictures: Pictures) -> list[int]:
    """One picture of each of some sources, always the same."""
    random = np.random.default_rng(8)
    sources = np.unique(pictures.source)
    picks = random.permutation(sources)[:SOURCES]
    return [int(random.choice(np.flatnonzero(pictures.source == source))) for source in picks]


class Layers:
    """The layers of a prepared network that shall count in integers."""

    def __init__(self, model: onnx.ModelProto, exact: Collection[str]) -> None:
        convolutions = [node for node in model.graph.node if node.op_type == "Conv"]
        self.weights = {
            tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer
        }
        rest = [node for node in convolutions if node.output[0] not in exact]
        self.alone = [node for node in rest if self.weights[node.input[1]].shape[1] == 1]
        self.mixing = [node for node in rest if self.weights[node.input[1]].shape[2:] == (1, 1)]
        self.added = {
            name
            for node in model.graph.node
            if node.op_type == "Add"
            for name in (*node.input, *node.output)
        }


def products(
    model: onnx.ModelProto, names: Sequence[str], inputs: Sequence[Floats]
) -> dict[str, NDArray[np.float64]]:
    """Sums of the products of the channels of some maps, over pixels of all pictures."""
    random = np.random.default_rng(0)
    sums: dict[str, NDArray[np.float64]] = {}
    for values in seen_inside(model, names, ({"x": one} for one in inputs)):
        for name, value in values.items():
            pixels = value[0].reshape(value.shape[1], -1)
            if pixels.shape[1] > _PIXELS:
                pixels = pixels[:, random.choice(pixels.shape[1], _PIXELS, replace=False)]
            sums[name] = sums.get(name, 0.0) + (pixels @ pixels.T).astype(np.float64)
    return sums


def in_integers(model: onnx.ModelProto, inputs: Sequence[Floats]) -> onnx.ModelProto:
    """The prepared network in integers, its weights rounded with care."""
    model, exact = with_exact_layers(model)
    layers = Layers(model, exact)
    ranges = measured(model, ({"x": one} for one in inputs[:_FOR_RANGES]), kept=100)
    ranges |= {name: power_of_two(*ranges[name]) for name in layers.added}
    done = quantised(model, ranges, exact, [node.input[1] for node in layers.alone])
    stored = {tensor.name: tensor for tensor in done.graph.initializer}

    def steps(name: str) -> NDArray[np.float64]:
        scale = numpy_helper.to_array(stored[f"{name}_scale"]).astype(np.float64)
        weights = layers.weights[name].astype(np.float64)
        return np.asarray(weights.reshape(len(weights), -1) / scale[:, None])

    def put(name: str, whole: NDArray[np.int8]) -> None:
        kept = stored[f"{name}_quantized"]
        kept.CopyFrom(numpy_helper.from_array(whole.reshape(kept.dims), kept.name))

    sums = products(model, sorted({node.input[0] for node in layers.mixing}), inputs)
    for node in layers.mixing:
        name = node.input[1]
        put(name, together(steps(name), sums[node.input[0]], _SEVEN_BITS))
    for node in layers.alone:
        put(node.input[1], keeping_sums(steps(node.input[1]), _EIGHT_BITS))
    return done


def likeness(one: onnx.ModelProto, other: onnx.ModelProto, inputs: Sequence[Floats]) -> float:
    """The mean cosine of what two networks answer, pooled over the picture."""
    sessions = [
        onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        for model in (one, other)
    ]
    cosines = []
    for given in inputs:
        a, b = (s.run(None, {"x": given})[0].mean(axis=(0, 2, 3)) for s in sessions)
        cosines.append(float(a @ b / np.linalg.norm(a) / np.linalg.norm(b)))
    return float(np.mean(cosines))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("floats", type=Path, help="folder of the networks in float32")
    parser.add_argument("--data", type=Path, required=True, help="folder with manifest.json")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder to write into")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    pictures = load(options.data)
    picks = chosen(pictures)
    inputs = [network_input(pictures.pixels(index)) for index in picks]
    others = np.setdiff1d(np.arange(len(pictures)), picks)[:: len(pictures) // 40]
    unseen = [network_input(pictures.pixels(int(index))) for index in others]
    for name in (FIRST, SECOND):
        model = prepared(onnx.load(options.floats / f"{name}.onnx"))
        done = in_integers(model, inputs)
        content = done.SerializeToString(deterministic=True)
        target = options.output / f"{name}.onnx"
        target.write_bytes(content)
        print(f"{target}: {len(content):,} bytes, sha256 {hashlib.sha256(content).hexdigest()}")
        print(
            f"cosine to float32 on {len(unseen)} other pictures {likeness(model, done, unseen):.5f}"
        )


if __name__ == "__main__":
    main()
