"""Barcodes and QR codes, and pictures that show them: printed, worn, turned, far away, blurred.

Made here, so that whether they are found can be measured without anybody's wristband.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import zxingcpp

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

WHITE = 250
BLACK = 20

# Code 128 (ISO/IEC 15417): widths of bars and spaces of the values 0..105, and the stop.
_CODE128 = re.findall(
    r"\d+",
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 "
    "122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 "
    "321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311 "
    "211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 "
    "213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422 "
    "121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 "
    "241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 "
    "412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 "
    "211214 211232",
)
_START_B, _STOP = 104, "2331112"

# EAN-13 (ISO/IEC 15420): the seven modules of each digit in set A, and which digits use set B.
_EAN = re.findall(
    r"\d+", "0001101 0011001 0010011 0111101 0100011 0110001 0101111 0111011 0110111 0001011"
)
_PARITY = re.findall(
    r"\w+", "AAAAAA AABABB AABBAB AABBBA ABAABB ABBAAB ABBBAA ABABAB ABABBA ABBABA"
)

# Made by zxing-cpp, which finds them too, with their quiet zones in modules.
_WRITTEN = {
    "aztec": (zxingcpp.BarcodeFormat.Aztec, 2),
    "datamatrix": (zxingcpp.BarcodeFormat.DataMatrix, 2),
    "pdf417": (zxingcpp.BarcodeFormat.PDF417, 4),
}

KINDS = ("qr", "code128", "ean13", *_WRITTEN)


@dataclass(frozen=True, slots=True)
class Look:
    """How a code is seen.

    Attributes:
        degrees: how far it is turned in the picture.
        tilt: perspective, 0..1: by what share of the sides the far corners draw together.
        blur: standard deviation of a Gaussian, in pixels of the picture.
        noise: standard deviation of the sensor's noise, in levels of 255.
        light: brightness of the paper, 0..1.
        quality: of the JPEG that it was stored in; 0 for none.
        curve: share of a half circle that the label is wrapped around, as on a wrist, 0..1.
        ink, paper: their colours, RGB of 255; light ink on dark paper is an inverted code.
        mirrored: seen in a mirror, or from behind through glass.
    """

    degrees: float = 0.0
    tilt: float = 0.0
    blur: float = 0.0
    noise: float = 2.0
    light: float = 1.0
    quality: int = 90
    curve: float = 0.0
    ink: tuple[int, int, int] = (BLACK, BLACK, BLACK)
    paper: tuple[int, int, int] = (WHITE, WHITE, WHITE)
    mirrored: bool = False


def code(kind: str, text: str, module: int = 8) -> Pixels:
    """A code as it is printed, with its quiet zone and white paper around it.

    Args:
        kind: one of KINDS.
        text: what it says; twelve digits for "ean13".
        module: pixels of its smallest bar or square.

    Returns:
        uint8 grey, shape (h, w).
    """
    if kind == "qr":
        squares = np.asarray(cv2.QRCodeEncoder.create().encode(text)) > 0
        dark = ~squares
        margin = 4
    elif kind in _WRITTEN:
        form, margin = _WRITTEN[kind]
        written = zxingcpp.write_barcode_to_image(
            zxingcpp.create_barcode(text, form), scale=1, add_quiet_zones=False
        )
        dark = np.asarray(written) == 0
    else:
        bits = code128(text) if kind == "code128" else ean13(text)
        dark = np.tile(bits, (round(len(bits) * 0.4), 1))
        margin = 10
    dark = np.pad(dark, ((margin, margin), (margin, margin)))
    ink = np.where(dark, BLACK, WHITE).astype(np.uint8)
    return ink.repeat(module, axis=0).repeat(module, axis=1)


def code128(text: str) -> NDArray[np.bool_]:
    """The bars of a text in code set B, True for dark."""
    values = [_START_B, *(ord(letter) - 32 for letter in text)]
    check = (_START_B + sum(n * value for n, value in enumerate(values[1:], 1))) % 103
    widths = "".join(_CODE128[value] for value in [*values, check]) + _STOP
    return np.repeat(np.arange(len(widths)) % 2 == 0, [int(width) for width in widths])


def ean13(digits: str) -> NDArray[np.bool_]:
    """The bars of twelve digits and their check digit, True for dark."""
    check = -sum(int(digit) * (3 if n % 2 else 1) for n, digit in enumerate(digits)) % 10
    first, *rest = [int(digit) for digit in f"{digits}{check}"]
    left = [
        _EAN[digit] if parity == "A" else _complement(_EAN[digit])[::-1]
        for digit, parity in zip(rest[:6], _PARITY[first], strict=True)
    ]
    right = [_complement(_EAN[digit]) for digit in rest[6:]]
    return np.array(
        [bit == "1" for bit in "101" + "".join(left) + "01010" + "".join(right) + "101"]
    )


def _complement(bits: str) -> str:
    return bits.translate(str.maketrans("01", "10"))


def placed(
    picture: Pixels,
    label: Pixels,
    middle: tuple[float, float],
    width: float,
    look: Look,
    *,
    seed: int,
) -> tuple[Pixels, NDArray[np.float32]]:
    """A picture with a label in it.

    Args:
        picture: uint8 RGB, shape (h, w, 3).
        label: uint8 grey, as from :func:`code`.
        middle: where its middle comes, x and y in pixels.
        width: how wide it becomes, in pixels, before it is turned.
        look: how it is seen.
        seed: of the noise.

    Returns:
        The picture, and the label's corners in it, clockwise from its top left, shape (4, 2).
    """
    h, w = label.shape
    # Shrunk by averaging first: a warp alone would alias.
    scale = min(1.0, 2 * width / w)
    small = cv2.resize(label, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    if look.curve:
        small = _curved(np.asarray(small, np.uint8), look.curve)
    if look.mirrored:
        small = np.ascontiguousarray(np.asarray(small)[:, ::-1])
    half_w, half_h = width / 2, width * h / w / 2
    pinch = 1 - look.tilt
    corners = np.array(
        [[-half_w, -half_h], [half_w * pinch, -half_h * pinch], [half_w * pinch, half_h * pinch],
         [-half_w, half_h]]
    )  # fmt: skip
    angle = math.radians(look.degrees)
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    corners = (corners @ turn + middle).astype(np.float32)
    sh, sw = small.shape
    source = np.array([[0, 0], [sw, 0], [sw, sh], [0, sh]], np.float32)
    size = (picture.shape[1], picture.shape[0])
    matrix = cv2.getPerspectiveTransform(source, corners)
    share = (cv2.warpPerspective(small, matrix, size, flags=cv2.INTER_AREA) - BLACK) / (
        WHITE - BLACK
    )
    ink, paper = np.array(look.ink), np.array(look.paper)
    printed = ink + share[..., None] * (paper - ink)
    mask = cv2.warpPerspective(np.full_like(small, 255), matrix, size, flags=cv2.INTER_LINEAR)
    alpha = mask[..., None] / 255
    shown: NDArray[Any] = picture * (1 - alpha) + printed * look.light * alpha
    if look.blur:
        shown = cv2.GaussianBlur(shown, (0, 0), look.blur)
    shown = shown + np.random.default_rng(seed).normal(0, look.noise, shown.shape)
    out = np.clip(shown, 0, 255).astype(np.uint8)
    if look.quality:
        stored = cv2.imencode(".jpg", out[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, look.quality])[1]
        out = np.asarray(cv2.imdecode(stored, cv2.IMREAD_COLOR), np.uint8)[..., ::-1]
    return np.ascontiguousarray(out), corners


def _curved(label: Pixels, share: float) -> Pixels:
    """The label wrapped around an upright cylinder: its ends narrow."""
    height, width = label.shape
    edge = math.sin(share * math.pi / 2)
    seen = np.arcsin(np.linspace(-edge, edge, width)) / (share * math.pi / 2)
    columns = ((seen + 1) / 2 * (width - 1)).astype(np.float32)
    rows = np.arange(height, dtype=np.float32)
    grid = np.meshgrid(columns, rows)
    return np.asarray(cv2.remap(label, grid[0], grid[1], cv2.INTER_LINEAR), np.uint8)
