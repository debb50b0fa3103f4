"""How a series of kills ends: what was seen, what was wrong."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections import Counter


def end(seen: Counter[str], wrong: Counter[str]) -> NoReturn:
    """Print both and exit, with 1 where anything was wrong."""
    for what, count in seen.items():
        print(f"  {what}: {count}")
    print("wrong:")
    for what, count in wrong.items():
        print(f"  {what}: {count}")
    sys.exit(1 if wrong.total() else 0)
