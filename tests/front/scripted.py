"""A terminal that types what a test wrote down, and an office with a real ledger."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from imu_imageprep.domain.box import Box
from imu_imageprep.domain.finding import (
    Examination,
    Finding,
    Flag,
    Looked,
    Scan,
    numbered,
)
from imu_imageprep.domain.metadata import Metadata
from imu_imageprep.domain.photo import Format
from imu_imageprep.domain.policy import Policy
from imu_imageprep.domain.receipt import Outcome, Receipt, SourceRecord
from imu_imageprep.front.cli.guided.office import Commands, Desktop
from imu_imageprep.front.cli.guided.sharing import Turn
from imu_imageprep.front.cli.guided.talk import Talk
from imu_imageprep.request import Request
from imu_imageprep.session import Session

LEFT, MIDDLE, RIGHT = (Box(x, 0.1, 0.1, 0.15) for x in (0.1, 0.45, 0.8))


@dataclass
class Script:
    """Types its lines one after the other, then is gone; remembers what was said and asked."""

    lines: list[str]
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def say(self, text: str = "", indent: str = "") -> None:
        del indent
        self.said.append(text)

    def show(self, line: str) -> None:
        self.said.append(line)

    def ask(self, prompt: str) -> str:
        self.asked.append(prompt)
        if not self.lines:
            raise EOFError
        line = self.lines.pop(0)
        if line == "^C":
            raise KeyboardInterrupt
        return line

    @property
    def heard(self) -> str:
        return "\n".join(self.said)


def photo(
    name: str, *findings: Finding, second: Iterable[Finding] = (), scan: Scan | None = None
) -> Receipt:
    """The receipt of a photo in which this was found, by detectors of these findings' kinds."""
    flags = (("faces", Flag.FACE, {"face"}), ("clinical", Flag.CLINICAL, {"clinical", "doubt"}))
    exams = [
        Examination(
            detector, flag, "model", Looked(tuple(f for f in findings if f.kind in kinds), 0.9)
        )
        for detector, flag, kinds in flags
    ]
    credits_ = tuple(f for f in findings if f.kind == "source")
    exams.append(Examination("credit", Flag.SOURCE, None, scan or Looked(credits_, 0.9)))
    seen = numbered(tuple(exams))
    if second:
        again = Examination("faces", Flag.FACE, "model", Looked(tuple(second), 0.9))
        seen = (*seen, *numbered((again,), prefix="second-"))
    sha = (name.encode().hex() * 64)[:64]
    return Receipt(
        Outcome.HELD,
        path=name,
        source=SourceRecord(sha, Format.JPEG, 1000, 800, 9),
        metadata=Metadata(),
        examinations=seen,
    )


def face(box: Box = LEFT) -> Finding:
    return Finding("face", 0.9, box)


@dataclass
class Scene:
    """Photos that wait, a ledger, and what was exported with which request."""

    ledger: Path
    exported: dict[str, Request] = field(default_factory=dict)
    results: list[Receipt] = field(default_factory=list)

    def again(self, path: str, request: Request) -> Receipt:
        if self.results:
            return self.results.pop(0)
        self.exported[path] = request
        return Receipt(Outcome.EXPORTED, path=path)

    def talk(self, receipts: Iterable[Receipt], *lines: str) -> Script:
        """Hold a conversation with these lines; ends where they end."""
        terminal = Script(list(lines))
        office = Desktop(Session.open(Policy(), ledger=self.ledger), self.again)
        turns = tuple(Turn(receipt, Request()) for receipt in receipts)
        try:
            Talk(terminal, office, turns, Commands()).hold()
        except EOFError:
            terminal.said.append("(gone)")
        assert not terminal.lines, terminal.lines
        return terminal
