"""``imageprep consent ...``: who agreed to what."""

from __future__ import annotations

import json as json_text
import re
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from imu_imageprep.domain import words
from imu_imageprep.domain.errors import ExitCode, UsageProblem
from imu_imageprep.front.cli import dismiss, offered, options, pipe, trail
from imu_imageprep.front.cli.terminal import Console

app = typer.Typer(
    name="consent",
    help="Record who agreed to what, show it, withdraw it, erase it, and check the ledger.",
    rich_markup_mode=None,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who says so.")]
Ref = Annotated[
    str,
    typer.Argument(
        metavar="REF",
        help="A reference, like C-4T7-K9Q-X7G.",
        autocompletion=offered.references("CEPADFY", gone=True),
    ),
]
StandingRef = Annotated[
    str,
    typer.Argument(
        metavar="REF",
        help="A reference, like C-4T7-K9Q-X7G.",
        autocompletion=offered.references("CEPADY"),
    ),
]

RECALL = "What was online may have been copied; nobody can take back a copy."


@app.command()
def template(
    kind: Annotated[
        str,
        typer.Argument(
            help="patient, staff, student, alumni, visitor, event, place or recognition.",
            autocompletion=offered.kinds,
        ),
    ],
) -> None:
    """Print a form to fill in, so that personal data stays out of your shell history.

    \b
    Example:
      imageprep consent template patient > consent.toml
    """
    from imu_imageprep.domain import forms  # noqa: PLC0415

    print(forms.template(kind), end="")


@app.command()
def add(
    kind: Annotated[
        str | None,
        typer.Argument(
            help="The kind of record; a form says its own, on a terminal you are asked.",
            autocompletion=offered.kinds,
        ),
    ] = None,
    form: Annotated[
        Path | None,
        typer.Option(
            "--from",
            click_type=options.NAMED,
            metavar="FILE",
            help="A filled-in template; - for stdin.",
        ),
    ] = None,
    ledger: options.LedgerFile = None,
) -> None:
    """Record a consent, an event's sheet or a place's permission; prints its reference.

    \b
    Examples:
      imageprep consent add --from consent.toml
      imageprep consent add staff              asks for each field, on a terminal
    """
    from imu_imageprep import api  # noqa: PLC0415
    from imu_imageprep.domain import forms  # noqa: PLC0415

    if form is not None:
        record = forms.record_from(_read_form(form))
    elif console := Console.there():
        from imu_imageprep.front.cli.asking import ask_kind, ask_record  # noqa: PLC0415

        record = ask_record(console, kind or ask_kind(console), api.fingerprint)
    else:
        raise UsageProblem(
            "To ask you, this needs a terminal.",
            "Use --from with a form: imageprep consent template KIND",
        )
    print(options.desk(ledger).add(record).ref)


@app.command()
def use(
    refs: Annotated[
        list[str],
        typer.Argument(
            metavar="REF...",
            help="References of records.",
            autocompletion=offered.references("CEP"),
        ),
    ],
    photo: Annotated[
        str,
        typer.Option(
            "--photo", click_type=options.OR_STORE, metavar="FILE", help="The photo; - for stdin."
        ),
    ],
    by: By,
    finding: Annotated[
        list[str] | None,
        typer.Option(
            "--finding",
            metavar="ID",
            help="A finding's ID, as check shows it: face-1.",
            autocompletion=offered.findings,
        ),
    ] = None,
    covers: Annotated[
        str | None,
        typer.Option("--covers", metavar="all", help="Everything that is found in it now."),
    ] = None,
    patients: Annotated[
        int | None,
        typer.Option(min=1, max=1000, metavar="N", help="How many patients are visible."),
    ] = None,
    captured: Annotated[
        str | None, typer.Option(metavar="DAY", help="Day of capture, where the photo has none.")
    ] = None,
    nobody_excluded: Annotated[
        bool,
        typer.Option(
            "--nobody-excluded",
            help="For an event: you looked, and nobody is a patient, a minor or opted out.",
        ),
    ] = False,
    config: options.Config = None,
    ledger: options.LedgerFile = None,
) -> None:
    """Say which records answer which findings of a photo.

    \b
    Examples:
      imageprep consent use C-4T7-K9Q-X7G --photo a.jpg --finding face-1 --by "Tan"
      imageprep consent use P-8R2-0MV-W2R --photo ward.jpg --finding clinical-1 --by "Tan"
    """
    if covers not in (None, "all") or (covers is None) == (not finding):
        raise UsageProblem("Say either --finding ID or --covers all.")
    bindings = options.desk(ledger).answer(
        pipe.given(photo, "imageprep consent use REF --photo - < photo.jpg"),
        refs,
        findings=finding or ["all"],
        by=by,
        patients=patients,
        captured=_day("--captured", captured),
        nobody_excluded=nobody_excluded,
        policy=options.policy_from(config),
    )
    for binding in bindings:
        print(binding.ref)


@app.command("list")
def list_(
    expiring: Annotated[
        str | None, typer.Option(metavar="14d", help="Only what ends within this number of days.")
    ] = None,
    photo: Annotated[
        str | None,
        typer.Option(
            click_type=options.OR_STORE,
            metavar="FILE",
            help="Everything answered for a photo; - for stdin.",
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    ledger: options.LedgerFile = None,
) -> None:
    """List consents and permissions."""
    within = None if expiring is None else _days(expiring)
    picture = (
        None if photo is None else pipe.given(photo, "imageprep consent list --photo - < photo.jpg")
    )
    listed = options.desk(ledger).records(picture)
    if within is not None:
        until = datetime.now(UTC).astimezone().date() + within
        listed = tuple(one for one in listed if one.ends is not None and one.ends <= until)
    if not listed:
        print(trail.nothing(photo=photo is not None, days=within), file=sys.stderr)
    for one in listed:
        if json:
            print(json_text.dumps(trail.values(one)))
        else:
            ends = f", ends {one.ends}" if one.ends else ""
            print(f"{one.ref}  {trail.title(one)}, {one.state}{ends}")


@app.command()
def show(
    ref: Ref,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    ledger: options.LedgerFile = None,
) -> None:
    """Show a record, and the exports that used it."""
    desk = options.desk(ledger)
    one = desk.record(ref)
    if json:
        print(json_text.dumps(trail.values(one)))
        return
    print(f"{one.ref}  {trail.title(one)}, {one.state}, recorded {one.at[:10]}")
    for name, value in trail.values(one)["fields"].items():
        if value not in ("", None, []):
            print(f"  {name} = {json_text.dumps(value, ensure_ascii=False)}")
    for event in desk.enrolments(ref):
        how = f"with {event.photos} photos" if event.photos else f"({event.why})"
        print(f"  {event.what} {event.at[:10]} {how}")
    trail.tell_exports(desk.relying_on(ref))


@app.command()
def withdraw(
    ref: StandingRef,
    by: By,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why. No names, no numbers.")] = "",
    ledger: options.LedgerFile = None,
) -> None:
    """Withdraw a record or an answer, and list every export that used it."""
    exports = options.desk(ledger).withdraw(ref, reason=reason, by=by)
    print(f"{ref} is withdrawn: it answers nothing from now on.")
    trail.tell_exports(exports)
    if exports:
        print(f"Remove these where they were posted. {RECALL}")


@app.command()
def erase(
    ref: Ref,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    ledger: options.LedgerFile = None,
) -> None:
    """Make a record's personal fields unreadable for ever; an empty record stays."""
    if not yes:
        if not sys.stdin.isatty():
            raise UsageProblem("Erasing cannot be undone.", "Add --yes to go on.")
        if input(f"Erase {ref}? It cannot be undone. Type yes: ").strip() != "yes":
            raise typer.Exit(ExitCode.USAGE)
    exports = options.desk(ledger).erase(ref)
    print(f"{ref} is erased: its personal fields can no longer be read here.")
    print("Older copies of the ledger, like backups, still have them.")
    trail.tell_exports(exports)


app.command("clinical")(dismiss.clinical)
app.command("audit")(trail.audit)
app.command("export")(trail.export_)
app.command("import")(trail.import_)


def _read_form(form: Path) -> dict[str, Any]:
    import tomllib  # noqa: PLC0415

    from imu_imageprep import files  # noqa: PLC0415
    from imu_imageprep.domain.texts import MOST_BYTES  # noqa: PLC0415
    from imu_imageprep.domain.toml_text import table  # noqa: PLC0415

    if str(form) == pipe.STREAM:
        what = "The form"
        data = pipe.standard_input(MOST_BYTES, "imageprep consent add --from - < consent.toml")
        text = files.text_of(data, what)
    else:
        what = f"The form {words.printable(str(form))}"
        text = files.text(form, what)
    try:
        return table(text)
    except tomllib.TOMLDecodeError as problem:
        raise UsageProblem(
            f"{what} is not valid TOML: {problem}.",
            "Write each field on its own line, and texts in double quotes. To begin with: "
            "imageprep consent template KIND",
        ) from None


def _day(name: str, text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise UsageProblem(
            f"{name} is not a day: {words.printable(str(text))}", "Write it like 2026-03-04"
        ) from None


def _days(text: str) -> timedelta:
    number = text.strip().removesuffix("d")
    if not re.fullmatch("[0-9]{1,5}", number):
        raise UsageProblem(
            f"--expiring is not a number of days, at most 99999: {words.printable(text)}",
            "Write it like 14d",
        )
    return timedelta(days=int(number))
