"""Replay the tables of attacks of the docs, line by line, and say what became of each.

    uv run python tools/replay_threats.py
    uv run python tools/replay_threats.py app.md       # one page

Which tests replay a line stands in ``tests/threats.toml``. Exit code 1 where one failed, or where
none ran of those that a line names.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent


def named() -> dict[str, dict[str, list[str]]]:
    """The tests of each line, by page and by the line's first cell."""
    return tomllib.loads((ROOT / "tests" / "threats.toml").read_text("utf-8"))


def lines(page: str) -> list[str]:
    """The first cells of a page's table of attacks."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    (table,) = re.findall(r"^\| threat \|[^\n]*\n\|[-|]+\n((?:\|[^\n]*\n)+)", text, re.MULTILINE)
    return [line.split("|")[1].strip() for line in table.splitlines()]


def replay(tests: Sequence[str]) -> tuple[bool, str]:
    """Whether all went well, and pytest's last words."""
    plain = ["-o", "addopts=--import-mode=importlib", "-p", "no:cacheprovider", "-q"]
    command = [sys.executable, "-m", "pytest", *plain, *tests]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    words = re.findall(r"\d+ (?:passed|failed|skipped|errors?)\b", done.stdout)
    return done.returncode == 0 and "passed" in " ".join(words), ", ".join(words) or "nothing ran"


def main(arguments: Sequence[str]) -> int:
    failed = 0
    for page, threats in named().items():
        if arguments and page not in arguments:
            continue
        for threat in lines(page):
            well, told = replay(threats[threat])
            failed += not well
            print(f"{'held' if well else 'BROKE'}  {page}: {threat} ({told})", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
