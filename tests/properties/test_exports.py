"""Whatever lies in a tree and whatever is asked for: originals stay, exports are no inputs."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from pathlib import Path

from fakes import FakeDetector, FixedClock
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import encoded, scene

from imu_imageprep.batch.made import Made
from imu_imageprep.batch.plan import Plan
from imu_imageprep.batch.run import Batch
from imu_imageprep.domain.finding import Flag
from imu_imageprep.domain.policy import Policy
from imu_imageprep.domain.receipt import Outcome
from imu_imageprep.ledger.sqlite import SqliteLedger
from imu_imageprep.pipeline import Equipment
from imu_imageprep.request import Request
from imu_imageprep.session import Session

FLAGS = {"faces": Flag.FACE, "clinical": Flag.CLINICAL, "credit": Flag.SOURCE, "codes": Flag.CODE}
OWN = [encoded(scene(60 + number, 40)) for number in range(3)]
NAMES = ["x.jpg", "x-web.jpg", "x-web-2.jpg", "x-web-web.jpg", "X.png", "d/x.jpg", "d-web/x.jpg"]
FOLDERS = [".", "d", "d-web", "out", "d/out"]

trees = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(OWN), min_size=1, max_size=4)
runs = st.tuples(
    st.just("run"),
    st.sampled_from([".", "d", "x.jpg"]),
    st.sampled_from([None, *FOLDERS]),
    st.booleans(),
    st.booleans(),
)
moves = st.tuples(
    st.sampled_from(["move", "copy"]), st.integers(0, 9), st.sampled_from([*NAMES, "z/y.jpg"])
)
steps = st.lists(st.one_of(runs, moves), min_size=1, max_size=5)


class Plain(Session):
    """Finds nothing, and has a real ledger."""

    def equipment(self, policy: Policy) -> Equipment:
        looks = tuple(FakeDetector(name, flag) for name, flag in FLAGS.items())
        return Equipment(policy, looks, self.ledger, self.ledger.clock)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def pictures(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.suffix in (".jpg", ".png"))


@settings(max_examples=40)
@given(trees, steps)
def test_originals_stay_and_exports_are_exported_once(
    tree: dict[str, bytes], doing: list[tuple[object, ...]]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "root"
        for place, data in tree.items():
            (root / place).parent.mkdir(parents=True, exist_ok=True)
            (root / place).write_bytes(data)
        session = Plain(Policy(), None, SqliteLedger(Path(name) / "ledger.db", FixedClock()))
        made: set[str] = set()
        for step in doing:
            match step:
                case ("run", str(what), out, force, boxed):
                    request = Request(boxes=((0, 0, 9, 9),)) if boxed else Request()
                    made |= one_run(session, root, root / what, out, request, force=bool(force))
                case (str(how), int(number), str(place)):
                    relocate(root, made, how, number, root / place)


def one_run(
    session: Session, root: Path, what: Path, out: object, request: Request, *, force: bool
) -> set[str]:
    """Run, and see that it kept the rules; returns the digests of what it made."""
    folder = None if out is None else root / str(out)
    before = {path: digest(path) for path in pictures(root)}
    with Batch(session, 1) as batch:
        got = list(batch.run(Plan([what], folder, force, made=Made(session.ledger)), request))
    exported = [one for one in got if one.outcome is Outcome.EXPORTED]
    for path, was in before.items():
        if not session.ledger.made(was):
            assert digest(path) == was, f"{path} was nobody's export"
    for one in exported:
        assert one.source is not None
        if what.is_dir():
            assert not session.ledger.made(one.source.sha256), "an export was exported again"
    assert max(Counter(one.path for one in got).values(), default=1) == 1
    paths = Counter(one.export.path for one in exported if one.export)
    assert max(paths.values(), default=1) == 1, "two photos share one export"
    return {one.export.sha256 for one in exported if one.export}


def relocate(root: Path, made: set[str], how: str, number: int, place: Path) -> None:
    """Move or copy an earlier export to where nothing is."""
    exports = [path for path in pictures(root) if digest(path) in made]
    if not exports or place.exists():
        return
    path = exports[number % len(exports)]
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(path.read_bytes())
    if how == "move":
        path.unlink()
