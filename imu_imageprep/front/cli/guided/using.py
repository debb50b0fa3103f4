"""Naming the record that answers a need, or entering it now."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from imu_imageprep.domain import reference
from imu_imageprep.domain.errors import UsageProblem
from imu_imageprep.domain.forms import PLACE
from imu_imageprep.domain.needs import Need, rule_of
from imu_imageprep.domain.permits import EventConsent
from imu_imageprep.front.cli.asking import ask_kind, ask_record
from imu_imageprep.front.cli.guided.office import Use
from imu_imageprep.front.cli.trail import title

if TYPE_CHECKING:
    from imu_imageprep.domain.answers import Record
    from imu_imageprep.domain.permits import RecognitionConsent
    from imu_imageprep.domain.receipt import Receipt
    from imu_imageprep.front.cli.guided.office import Offered, Office
    from imu_imageprep.front.cli.guided.rows import Row
    from imu_imageprep.front.cli.guided.sharing import Turn
    from imu_imageprep.front.cli.terminal import Terminal

    Entered = Record | RecognitionConsent


def confirmed(terminal: Terminal, question: str) -> bool:
    """Ask for a yes; everything else is no."""
    return terminal.ask(f"{question} [y/N] ").lower() in ("y", "yes")


def choose_record(
    terminal: Terminal, office: Office, turn: Turn, row: Row, entered: str | None = None
) -> Use | None:
    """Ask which record answers a row, and what has to be said with it.

    Args:
        terminal: where the person sits.
        office: knows the records.
        turn: the photo's.
        row: what is to be answered.
        entered: reference of a record that was entered just now, which is meant then.

    Returns:
        What was said; None where nothing fits, or the person went back.
    """
    offers = {one.listed.ref: one for one in office.offers(turn.receipt, turn.request, row)}
    if entered is not None and row.need is not Need.PATIENT_CONSENT:
        refs: tuple[str, ...] = (entered,)
    elif not offers:
        terminal.say("No record answers this. Type a to record a new one; see also:")
        terminal.show("  imageprep consent list")
        return None
    else:
        chosen = _chosen(terminal, offers, row, entered)
        if chosen is None:
            return None
        refs = chosen
    unfit = [ref for ref in refs if ref not in offers]
    if unfit:
        terminal.say(f"{', '.join(unfit)} does not answer this; see: imageprep consent show REF")
        return None
    asks = {what for ref in refs for what in offers[ref].asks}
    if "nobody_excluded" in asks and not _nobody_excluded(terminal, offers[refs[0]]):
        return None
    captured = _day(terminal) if "captured" in asks else None
    if "captured" in asks and captured is None:
        return None
    patients = len(refs) if row.need is Need.PATIENT_CONSENT else None
    return Use(refs, patients, captured, nobody_excluded="nobody_excluded" in asks)


def enter_record(terminal: Terminal, office: Office, receipt: Receipt, row: Row) -> Entered:
    """Ask for a new record that is meant to answer a row."""
    kinds = rule_of(row.finding.kind, row.need).records
    kind = kinds[0] if len(kinds) == 1 else ask_kind(terminal, kinds)
    known = {}
    if kind == PLACE and receipt.source is not None:
        only = terminal.ask("Only for this photo? [Y/n] ").lower() not in ("n", "no")
        known["photo"] = receipt.source.sha256 if only else ""
    if row.finding.kind == "place" and row.finding.label:
        known["place"] = row.finding.label
    return ask_record(terminal, kind, office.fingerprint, known)


def _chosen(
    terminal: Terminal, offers: dict[str, Offered], row: Row, entered: str | None
) -> tuple[str, ...] | None:
    """The references that a person picks: one, or one for each patient."""
    number = 1
    if row.need is Need.PATIENT_CONSENT:
        typed = terminal.ask("How many patients are visible? ")
        if not typed.isdecimal() or int(typed) < 1:
            terminal.say("Type a number, 1 or more. If no patient is shown, go back and type n.")
            return None
        number = int(typed)
        if entered is not None and number == 1:
            return (entered,)
    terminal.say("These records answer it:")
    for place, (ref, one) in enumerate(offers.items(), 1):
        ends = f", ends {one.listed.ends}" if one.listed.ends else ""
        terminal.say(f"  {place}  {ref}  {title(one.listed)}{ends}", indent="     ")
    each = f"{number} of them, with spaces between" if number > 1 else "Which one"
    while True:
        typed = terminal.ask(f"{each} (number or reference; Enter goes back): ")
        if not typed:
            return None
        picked = [_ref(part, list(offers)) for part in typed.replace(",", " ").split()]
        refs = tuple(dict.fromkeys(ref for ref in picked if ref is not None))
        if None not in picked and len(refs) == number:
            return refs
        terminal.say(
            f"Choose {number} from the list." if number > 1 else "Choose one from the list."
        )


def _ref(typed: str, listed: list[str]) -> str | None:
    if typed.isdecimal() and 1 <= int(typed) <= len(listed):
        return listed[int(typed) - 1]
    try:
        return reference.read(typed)
    except UsageProblem:
        return None


def _nobody_excluded(terminal: Terminal, offered: Offered) -> bool:
    entry = offered.listed.entry
    if isinstance(entry, EventConsent) and entry.opt_outs:
        terminal.say(f"Opted out: {entry.opt_outs}")
    return confirmed(
        terminal, "Did you look? Is it true that nobody here is a patient, a minor or opted out?"
    )


def _day(terminal: Terminal) -> date | None:
    typed = terminal.ask("The photo does not say when it was taken. Day, like 2026-03-04: ")
    try:
        return date.fromisoformat(typed)
    except ValueError:
        terminal.say("That is not a day.")
        return None
