"""Fuzz the readers guided by what they cover, and say how much of them was reached.

    uv run --group fuzz python tools/fuzz_covered.py --runs 100000
    uv run --group fuzz python tools/fuzz_covered.py --only xmp,iptc --keep tests/kept

Each reader of ``fuzz_readers.py`` runs in a process of its own under Atheris (libFuzzer), which
keeps every input that reaches something new in FOLDER/READER and goes on from there the next time.
Raising anything but InputProblem, an unsound answer, more than 10 seconds or 2 GB for one input
end the reader's run: it is printed as found, with the file that holds the input. Afterwards all
inputs are replayed and the lines that they reach are counted. ``--keep`` writes the smallest inputs
that reach all of it, one a line in base64, where a test replays them. Exit code 1 if anything was
found.
"""

from __future__ import annotations

import argparse
import ast
import base64
import importlib
import pkgutil
import re
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from coverage import Coverage
    from fuzz_readers import Reader

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "imu_imageprep"
WRITERS = str(ROOT / "tests")  # they make the inputs to begin with
sys.path.insert(0, WRITERS)
LONGEST = 4096  # bytes of an input: structure is found in small ones
KEPT = 1024  # bytes of an input that is kept as a test
SECONDS, MEGABYTES = 10, 2048
PER_CHILD = 10_000  # inputs
LONGEST_WORD = 40  # bytes


def _modules() -> None:
    """Import everything that a reader may import while it reads."""
    warnings.simplefilter("ignore")  # Pillow's, about what is damaged
    from imu_imageprep import stages  # noqa: PLC0415

    for found in pkgutil.walk_packages(stages.__path__, f"{stages.__name__}."):
        if not found.name.startswith("imu_imageprep.stages.watermark"):
            importlib.import_module(found.name)


def _fuzz_one(name: str, arguments: Sequence[str]) -> None:
    """The child: never comes back."""
    import atheris  # noqa: PLC0415  (what is imported after it is watched)

    with atheris.instrument_imports(include=["imu_imageprep"]):
        _modules()
        from fuzz_readers import READERS, attempt  # noqa: PLC0415
    reader = READERS[name]
    atheris.Setup([sys.argv[0], *arguments], lambda data: attempt(reader, data))
    atheris.Fuzz()


def words(reader: Reader) -> str:
    """A dictionary for libFuzzer: what stands in the reader's own source as bytes or as a name."""
    found = set()
    for file in _files(reader.modules):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            value = node.value if isinstance(node, ast.Constant) else b""
            if isinstance(value, str) and value.isascii() and " " not in value:
                value = value.encode()
            if isinstance(value, bytes) and 1 < len(value) <= LONGEST_WORD:
                found.add(value)
    return "".join('"' + "".join(map(r"\x{:02x}".format, word)) + '"\n' for word in sorted(found))


def _files(patterns: Sequence[str]) -> list[Path]:
    found = {path for pattern in patterns for path in PACKAGE.glob(pattern)}
    return sorted(path for path in found if path.suffix == ".py")


def _seeded(folder: Path, reader: Reader) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(reader.corpus()):
        (folder / f"begin-{number:02}").write_bytes(data)


def _run(
    name: str, reader: Reader, folder: Path, options: argparse.Namespace
) -> tuple[int, list[str]]:
    """Fuzz one reader in children, one after the other: Atheris itself takes more and more memory.

    Returns:
        The number of changed inputs (what was kept before is not counted), and what was found.
    """
    begin = [sys.executable, __file__, "--child", name, "--"]
    limits = [f"-max_len={LONGEST}", f"-timeout={SECONDS}", f"-rss_limit_mb={MEGABYTES}"]
    dictionary = folder.parent / f"{name}.dict"
    dictionary.write_text(words(reader), "utf-8")
    where = [f"-artifact_prefix={folder.parent / name}-found-", f"-dict={dictionary}", str(folder)]
    done = turn = 0
    while done < options.runs:
        known = sum(1 for _ in folder.iterdir())
        runs = min(PER_CHILD, options.runs - done) + known
        seed = f"-seed={options.seed * 1000 + turn}"
        child = subprocess.run(
            [*begin, *limits, seed, f"-runs={runs}", "-print_final_stats=1", *where],
            capture_output=True,
            text=True,
            check=False,
        )
        told = child.stdout + child.stderr
        executed = re.search(r"stat::number_of_executed_units: (\d+)", told)
        done += max(int(executed[1]) - known if executed else 0, 0)
        if child.returncode:
            return done, _what(told) or [f"ended with {child.returncode}"]
        turn += 1
    return done, []


def _what(told: str) -> list[str]:
    lines = told.splitlines()
    return [
        line.strip()
        for number, line in enumerate(lines)
        if line.startswith(("SUMMARY", "==", "artifact_prefix"))
        or (number and "Uncaught Python exception" in lines[number - 1])
    ]


# --- what was reached -----------------------------------------------------------------------------


def _replayed(folder: Path, only: Sequence[str]) -> tuple[Coverage, dict[str, dict[str, bytes]]]:
    """Every input once more, each in a context of its own."""
    from coverage import Coverage  # noqa: PLC0415

    cover = Coverage(data_file=None, branch=True, source=[str(PACKAGE / "stages")])
    cover.start()
    _modules()
    from fuzz_readers import READERS, attempt  # noqa: PLC0415

    inputs = {}
    for name in only:
        files = sorted((folder / name).iterdir(), key=lambda path: (path.stat().st_size, path.name))
        inputs[name] = {path.name: path.read_bytes() for path in files}
        for known, data in inputs[name].items():
            cover.switch_context(f"{name}/{known}")
            attempt(READERS[name], data)
    cover.stop()
    return cover, inputs


def _counted(cover: Coverage, patterns: Sequence[str]) -> tuple[int, int]:
    """Lines reached and lines there are, in the files of some patterns."""
    reached = there = 0
    for file in _files(patterns):
        _, lines, _, missing, _ = cover.analysis2(str(file))
        reached, there = reached + len(lines) - len(missing), there + len(lines)
    return reached, there


def _smallest(cover: Coverage, name: str, inputs: dict[str, bytes]) -> Iterator[bytes]:
    """The inputs, small ones first, that each take a branch which none before took."""
    data = cover.get_data()
    seen: set[tuple[str, tuple[int, int]]] = set()
    for known, content in inputs.items():
        if len(content) > KEPT:
            continue
        data.set_query_context(f"{name}/{known}")
        arcs = {(file, arc) for file in data.measured_files() for arc in data.arcs(file) or ()}
        if not arcs <= seen:
            seen |= arcs
            yield content
    data.set_query_contexts(None)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=100_000, metavar="N", help="of each reader")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument("--only", default="", help="readers; all by default")
    parser.add_argument("--corpus", type=Path, metavar="FOLDER", help="kept between runs")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="write small tests there")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("rest", nargs="*", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    if options.child:
        _fuzz_one(options.child, options.rest)
    from fuzz_readers import READERS  # noqa: PLC0415  (in the child it comes after Atheris)

    only = options.only.split(",") if options.only else list(READERS)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.corpus or Path(temporary)
        troubles = 0
        for name in only:
            _seeded(folder / name, READERS[name])
            began = time.monotonic()
            runs, found = _run(name, READERS[name], folder / name, options)
            troubles += bool(found)
            spent = time.monotonic() - began
            print(
                f"{name:12} {runs:9} inputs {spent:7.0f} s",
                *(found or ["nothing found"]),
                flush=True,
            )
        _report(folder, only, options.keep)
    return 1 if troubles else 0


def _report(folder: Path, only: Sequence[str], keep: Path | None) -> None:
    """Print what was reached, and keep what reaches it.

    In a process of its own, because coverage has to begin before the readers are imported.
    """
    code = "import sys, fuzz_covered; fuzz_covered.report(sys.argv[1:])"
    paths = {"PYTHONPATH": f"{ROOT}:{ROOT / 'tools'}:{WRITERS}"}
    subprocess.run(
        [sys.executable, "-c", code, str(folder), ",".join(only), str(keep or "")],
        check=True,
        env=paths,
    )


def report(arguments: Sequence[str]) -> None:
    """What the process of :func:`_report` does."""
    folder, only, keep = arguments
    cover, inputs = _replayed(Path(folder), only.split(","))
    from fuzz_readers import READERS  # noqa: PLC0415

    for name, known in inputs.items():
        reached, there = _counted(cover, READERS[name].modules)
        share = f"{reached} of {there} lines, {reached / there:.1%}"
        print(f"{name:12} {len(known):5} inputs reach {share}")
        if keep:
            small = sorted(_smallest(cover, name, known), key=len)
            lines = "".join(base64.b64encode(data).decode() + "\n" for data in small)
            Path(keep).mkdir(parents=True, exist_ok=True)
            (Path(keep) / f"{name}.txt").write_text(lines, "utf-8")
            print(f"{name:12} {len(small):5} kept")


if __name__ == "__main__":
    sys.exit(main())
