"""Plain values as one text that is always the same: what hashes and authentication run over."""

from __future__ import annotations

import json
from typing import Any


def canonical(value: Any) -> str:
    """JSON that is the same for the same value: sorted keys, no spaces, ASCII only."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
