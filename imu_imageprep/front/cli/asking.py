"""Asking a person for a record, field by field."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from imu_imageprep.domain.errors import ImageprepError, UsageProblem
from imu_imageprep.domain.forms import (
    KIND,
    QUESTIONS,
    Shape,
    next_question,
    read_answer,
    record_from,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from imu_imageprep.domain.answers import Record
    from imu_imageprep.domain.forms import Question
    from imu_imageprep.domain.permits import RecognitionConsent
    from imu_imageprep.front.cli.terminal import Terminal

_SHA256 = re.compile(r"[0-9a-f]{64}")


def ask_kind(terminal: Terminal, kinds: Sequence[str] = tuple(QUESTIONS)) -> str:
    """Ask for the kind of record; it may be shortened."""
    while True:
        typed = terminal.ask(f"Kind ({', '.join(kinds)}): ").lower()
        fitting = [kind for kind in kinds if typed and kind.startswith(typed)]
        if typed in kinds or len(fitting) == 1:
            return typed if typed in kinds else fitting[0]
        terminal.say("Type one of these kinds; its first letters are enough.")


def ask_record(
    terminal: Terminal,
    kind: str,
    fingerprint: Callable[[str], str],
    known: Mapping[str, Any] | None = None,
) -> Record | RecognitionConsent:
    """Ask for what this kind of record needs, and nothing else; Enter leaves out what may be.

    What cannot be entered as a whole is asked again, with the earlier answers to keep.

    Args:
        terminal: where the person sits.
        kind: of the record.
        fingerprint: sha256 (hex) of a file that is named instead of one.
        known: fields that need not be asked.

    Raises:
        UsageProblem: there is no such kind.
        EOFError: there is nobody any more.
    """
    before: dict[str, Any] = {}
    while True:
        given: dict[str, Any] = dict(known or {})
        while question := next_question(kind, given):
            given[question.field] = _answered(terminal, question, fingerprint, before)
        record = record_from({KIND: kind, **given})
        problem = next(record.problems(), None)
        if problem is None:
            return record
        terminal.say(f"This cannot be recorded: {problem} Enter keeps an answer.")
        before = given


def _answered(
    terminal: Terminal,
    question: Question,
    fingerprint: Callable[[str], str],
    before: Mapping[str, Any],
) -> Any:
    earlier = before.get(question.field)
    kept = earlier not in (None, "", [])
    told = f" [{', '.join(earlier) if isinstance(earlier, list) else earlier}]" if kept else ""
    file = " or the file itself" if question.shape is Shape.DIGEST else ""
    optional = "" if question.needed else " (Enter: none)"
    while True:
        typed = terminal.ask(f"  {question.asks}{file}{told or optional}: ")
        if not typed and kept:
            return earlier
        if not typed and question.needed:
            continue
        try:
            if typed and question.shape is Shape.DIGEST and not _SHA256.fullmatch(typed):
                typed = fingerprint(typed)
            return read_answer(question, typed)
        except UsageProblem as problem:
            terminal.say(f"  {problem.message}")
        except ImageprepError as problem:
            terminal.say(f"  {problem.message} Name a file, or its sha256.")
