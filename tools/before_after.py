"""Make the README's picture: a sample as it is, and as it is exported with its face covered.

uv run python tools/before_after.py
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from PIL import Image

from imu_imageprep import Policy, prepare

ROOT = Path(__file__).resolve().parent.parent
HEIGHT, GAP = 480, 24


def main() -> None:
    """Prepare the portrait in a folder of its own, and lay both pictures side by side."""
    before = Image.open(ROOT / "samples" / "portrait.jpg").convert("RGB")
    with tempfile.TemporaryDirectory() as folder:
        ledger = Path(folder, "ledger.db")
        receipt = prepare(
            ROOT / "samples" / "portrait.jpg",
            policy=Policy(),
            out=folder,
            redact="faces",
            ledger=ledger,
        )
        if receipt.export is None:
            raise SystemExit(f"the portrait was not exported: {receipt.outcome}")
        after = Image.open(receipt.export.path).convert("RGB")
    pair = [
        side.resize((round(side.width * HEIGHT / side.height), HEIGHT)) for side in (before, after)
    ]
    sheet = Image.new("RGB", (sum(side.width for side in pair) + GAP, HEIGHT), "white")
    sheet.paste(pair[0], (0, 0))
    sheet.paste(pair[1], (pair[0].width + GAP, 0))
    target = ROOT / "docs" / "images" / "before-after.jpg"
    target.parent.mkdir(exist_ok=True)
    sheet.save(target, quality=85)
    print(target.relative_to(ROOT))


if __name__ == "__main__":
    main()
