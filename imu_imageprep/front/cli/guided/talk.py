"""The conversation about photos that wait: one after the other, and every answer can be undone."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imu_imageprep.domain import words
from imu_imageprep.domain.caption import check_credit
from imu_imageprep.domain.consent import bad_name
from imu_imageprep.domain.cover import cover_of
from imu_imageprep.domain.errors import ImageprepError, Outcome, UsageProblem
from imu_imageprep.domain.reference import CONSENT, letter_of
from imu_imageprep.front.cli.guided.office import Use, flags
from imu_imageprep.front.cli.guided.rows import (
    REASONS,
    Act,
    menu,
    names_to_cover,
    read_choice,
    rows_of,
    still_open,
)
from imu_imageprep.front.cli.guided.sharing import Step, alike, choose_alike, said
from imu_imageprep.front.cli.guided.using import choose_record, confirmed, enter_record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imu_imageprep.domain.case import HeldFor
    from imu_imageprep.domain.needs import Reason
    from imu_imageprep.front.cli.guided.office import Commands, Office
    from imu_imageprep.front.cli.guided.rows import Choice, Row
    from imu_imageprep.front.cli.guided.sharing import Answer, Turn
    from imu_imageprep.front.cli.terminal import Terminal

_EXPORT = "Everything is answered. Enter exports it; l leaves it waiting; z undoes: "


@dataclass(slots=True)
class Talk:
    """A conversation about the photos of a run that wait.

    What was said is in the ledger as soon as it was said, and a photo is exported as soon as
    nothing is open; whenever the conversation breaks off, the rest waits.

    Attributes:
        terminal: where the person sits.
        office: where answers go.
        turns: the photos, in their order.
        commands: writes the commands that would do the same.
        can_view: whether the terminal can show a photo.
        by: the person's name, once it was asked for.
    """

    terminal: Terminal
    office: Office
    turns: tuple[Turn, ...]
    commands: Commands
    can_view: bool = False
    by: str = ""
    _steps: list[Step] = field(default_factory=list)

    def hold(self) -> None:
        """Talk about every photo.

        Raises:
            EOFError: there is nobody any more.
        """
        for number, turn in enumerate(self.turns, 1):
            count = f" ({number} of {len(self.turns)})" if len(self.turns) > 1 else ""
            self.terminal.say()
            self.terminal.say(f"{turn.name}{count}")
            try:
                if not self._photo(turn):
                    return
            except ImageprepError as problem:  # nothing can be judged now; the next photo may be
                self.terminal.say(f"{problem.message} {problem.advice}")
                self.terminal.say(f"{turn.name} is waiting.")

    def _photo(self, turn: Turn) -> bool:
        """Talk about one photo; False where the person leaves all others too."""
        told: tuple[Row, ...] | None = None
        while turn.done is None:
            held_for = self.office.open_needs(turn.receipt, turn.request)
            rows = self._rows(turn, held_for)
            if rows is None:
                self.terminal.say("No answer here can release it; it stays waiting.")
                return True
            if rows != told:
                self._tell(rows, held_for)
                if told is None and rows:
                    self._menu(turn, rows)
                told = rows
            typed = self.terminal.ask("What now? (? shows the choices) " if rows else _EXPORT)
            if not typed and not rows:
                self._export(turn)
                continue
            choice = read_choice(typed, rows)
            if isinstance(choice, str):
                self.terminal.say(choice)
            elif choice.act in (Act.LEAVE, Act.LEAVE_ALL):
                self.terminal.say(f"{turn.name} is waiting.")
                return choice.act is Act.LEAVE
            else:
                self._do(turn, choice, rows, held_for)
        return True

    def _rows(self, turn: Turn, held_for: Sequence[HeldFor]) -> tuple[Row, ...] | None:
        """What is open, under the numbers it had before; None where no answer can release it."""
        fresh = rows_of(held_for)
        known = {(row.finding.id, row.need) for row in turn.rows}
        if any((row.finding.id, row.need) not in known for row in fresh):
            turn.rows = fresh
        rows = still_open(turn.rows, held_for)
        whole = all(need.finding for need in held_for) and all(row.answerable for row in rows)
        return rows if whole else None

    def _tell(self, rows: Sequence[Row], held_for: Sequence[HeldFor]) -> None:
        for row in rows:
            self.terminal.say(f"  {row.number}  {row.told()}", indent="     ")
        for ref, unfit in dict.fromkeys(pair for need in held_for for pair in need.why):
            self.terminal.say(f"     {ref} {words.UNFIT[unfit]}", indent="     ")

    def _menu(self, turn: Turn, rows: Sequence[Row]) -> None:
        undo = any(step.about(turn) for step in self._steps)
        for line in menu(rows, view=self.can_view, undo=undo, others=turn is not self.turns[-1]):
            self.terminal.show(line)

    def _do(
        self, turn: Turn, choice: Choice, rows: Sequence[Row], held_for: Sequence[HeldFor]
    ) -> None:
        """Do what was chosen; a problem is told, and the conversation goes on."""
        try:
            if choice.act is Act.HELP:
                self._menu(turn, rows)
            elif choice.act is Act.VIEW:
                if not self.office.view(turn.receipt):
                    self.terminal.say('This terminal cannot show pictures; "imageprep app" can.')
            elif choice.act is Act.UNDO:
                self._undo(turn)
            elif choice.act is Act.COVER:
                self._cover(turn, choice.rows, rows)
            elif choice.act is Act.CREDIT:
                self._credit(turn, choice.rows)
            elif choice.act is Act.SUGGESTED:
                self._suggested(turn, choice.rows)
            elif choice.act in REASONS or choice.act is Act.CLINICAL:
                self._judge(turn, choice)
            else:
                seen = dataclasses.replace(turn.receipt, held_for=tuple(held_for))
                turn.receipt = seen
                self._record(turn, choice, rows)
        except ImageprepError as problem:
            self.terminal.say(f"{problem.message} {problem.advice}")

    def _answer(
        self, turn: Turn, rows: Sequence[Row], answer: Answer, *, shared: bool = True
    ) -> None:
        """Give an answer about a photo, and about those to come that a person names."""
        parts = [said(answer, turn, rows)]
        try:
            if shared:
                later = self.turns[self.turns.index(turn) + 1 :]
                found = alike(self.office, later, rows)
                for other, theirs in choose_alike(self.terminal, found):
                    parts.append(said(answer, other, theirs))
                    self.terminal.say(f"{other.name}: answered.")
        finally:
            self._steps.append(Step(tuple(parts)))

    def _cover(self, turn: Turn, chosen: Sequence[Row], rows: Sequence[Row]) -> None:
        everything = {row.finding.id for row in rows if row.takes(Act.COVER)}
        shared = everything == {row.finding.id for row in chosen}

        def cover(turn: Turn, rows: Sequence[Row]) -> tuple[str, ...]:
            size = turn.receipt.source
            assert size is not None
            names = names_to_cover(rows, turn.receipt.findings)
            boxes = [
                cover_of(r.finding.box, r.finding.kind) for r in rows if r.second and r.finding.box
            ]
            request = turn.request
            turn.request = dataclasses.replace(
                request,
                redact=tuple(dict.fromkeys((*request.redact, *names))),
                boxes=(*request.boxes, *(b.to_pixels(size.width, size.height) for b in boxes)),
            )
            self._same_as(f"adding {flags(turn.request)}")
            return ()

        self._answer(turn, chosen, cover, shared=shared)

    def _credit(self, turn: Turn, rows: Sequence[Row]) -> None:
        text = self.terminal.ask("Credit line, as it will be drawn (Enter goes back): ")
        try:
            check_credit(text)
        except UsageProblem as problem:
            self.terminal.say(f"{problem.message} {problem.advice}")
            return

        def credit(turn: Turn, rows: Sequence[Row]) -> tuple[str, ...]:
            del rows
            turn.request = dataclasses.replace(turn.request, credit=text)
            self._same_as(f"adding {flags(turn.request)}")
            return ()

        if text:
            self._answer(turn, rows, credit)

    def _judge(self, turn: Turn, choice: Choice) -> None:
        """Let a person say that it is a false alarm, or that a doubt is none."""
        by, reason = self._name(), REASONS.get(choice.act)

        def judge(turn: Turn, rows: Sequence[Row]) -> tuple[str, ...]:
            return tuple(
                self._sure(turn, row, by)
                if reason is None
                else self._dismissed(turn, row, reason, by)
                for row in rows
            )

        self._answer(turn, choice.rows, judge)

    def _dismissed(self, turn: Turn, row: Row, reason: Reason, by: str) -> str:
        ref = self.office.dismiss(turn.receipt, row, reason, by)
        self._same_as(self.commands.dismiss(turn.receipt, row, reason, by))
        return ref

    def _sure(self, turn: Turn, row: Row, by: str) -> str:
        command = self.commands.say_clinical(turn.receipt, row, by)
        ref, turn.receipt = self.office.say_clinical(turn.receipt, row, by)
        self._same_as(command)
        return ref

    def _record(self, turn: Turn, choice: Choice, rows: Sequence[Row]) -> None:
        """Let records answer: those on file, or one that is entered now."""
        first, *more = choice.rows
        entered = None
        if choice.act is Act.ADD:
            record = enter_record(self.terminal, self.office, turn.receipt, first)
            entered = self.office.add(record)
            self._answer(turn, (), lambda _turn, _rows: (str(entered),), shared=False)
            self.terminal.say(f"Recorded as {entered}.")
            self._same_as(self.commands.add(getattr(record, "kind", "event or place")))
        use = choose_record(self.terminal, self.office, turn, first, entered)
        if use is None:
            return
        one_each = letter_of(use.refs[0]) == CONSENT
        if one_each and more:
            self.terminal.say("A consent answers for one person; it is used for the first.")
            more = []
        if not one_each and not more:
            others = [r for r in rows if r is not first and r.need is first.need and not r.second]
            if others and confirmed(self.terminal, f"Does it answer all {len(others) + 1} here?"):
                more = others
        self._bind(turn, (first, *more), use, shared=not one_each and use.captured is None)

    def _suggested(self, turn: Turn, rows: Sequence[Row]) -> None:
        """Let a person say that a face is who it is like: one face, and one of their consents."""
        row, *more = rows
        if more:
            self.terminal.say("One at a time; it is used for the first.")
        found = (one for one in turn.receipt.suggestions if one.finding == row.finding.id)
        named = {ref for one in found for ref in one.records}
        offers = self.office.offers(turn.receipt, turn.request, row)
        fits = [one.listed.ref for one in offers if one.listed.ref in named]
        if not fits:
            self.terminal.say(f"No consent of {row.like} answers this; u shows those that do.")
        elif confirmed(self.terminal, f"Do you see that {row.finding.id} is {row.like}?"):
            self._bind(turn, (row,), Use((fits[0],)), shared=False)

    def _bind(self, turn: Turn, rows: Sequence[Row], use: Use, *, shared: bool) -> None:
        by = self._name()

        def bind(turn: Turn, rows: Sequence[Row]) -> tuple[str, ...]:
            refs = self.office.use(turn.receipt, rows, use, by)
            self._same_as(self.commands.use(turn.receipt, rows, use, by))
            return refs

        self._answer(turn, rows, bind, shared=shared)

    def _undo(self, turn: Turn) -> None:
        step = next((step for step in reversed(self._steps) if step.about(turn)), None)
        if step is None:
            self.terminal.say("There is no answer to undo here.")
            return
        self._steps.remove(step)
        for part in step.parts:
            if part.turn.done is not None:
                continue  # it was exported on that word
            part.turn.request = part.before
            part.turn.receipt = part.receipt or part.turn.receipt
            for ref in part.refs:
                by = self._name()
                self.office.withdraw(ref, by)
                self._same_as(self.commands.withdraw(ref, by))
            self.terminal.say(f"{part.turn.name}: the last answer is undone.")

    def _export(self, turn: Turn) -> None:
        result = self.office.export(turn.receipt, turn.request)
        if result.outcome is Outcome.HELD:
            turn.receipt, turn.rows = result, ()
            self.terminal.say("It is still waiting:")
        else:
            turn.done = result

    def _name(self) -> str:
        """The person's name, asked for once."""
        while not self.by:
            typed = self.terminal.ask("Your name, for the record: ")
            if problem := next(bad_name("The name", typed), None):
                self.terminal.say(problem)
            else:
                self.by = typed
        return self.by

    def _same_as(self, command: str) -> None:
        self.terminal.show(f"  same as: {command}")
