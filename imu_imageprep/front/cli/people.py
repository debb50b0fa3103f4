"""``imageprep people ...``: the register of people who agreed to be recognised."""

from __future__ import annotations

import json as json_text
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imu_imageprep.domain import words
from imu_imageprep.front.cli import options, summary

if TYPE_CHECKING:
    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.people import People

app = typer.Typer(
    name="people",
    help="The register of people who agreed to be recognised: it suggests, and never answers.",
    rich_markup_mode=None,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Code = Annotated[str, typer.Argument(metavar="CODE", help="The subject code of their consent.")]


def _files(photos: list[Path]) -> list[Path]:
    """Refuse ``-`` among photos, which are named one by one; raises ``UsageProblem``."""
    if any(str(photo) == "-" for photo in photos):
        options.refuse_stream("Photos for the register", "file")
    return list(map(Path, options.typed(list(map(str, photos)))))


Photos = Annotated[
    list[Path],
    typer.Argument(click_type=options.NAMED, metavar="PHOTO...", help="Photos.", callback=_files),
]
KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key-file",
        click_type=options.NO_STREAM,
        metavar="FILE",
        help="Keep the key in this file, if there is no keyring.",
    ),
]


@app.command()
def add(
    code: Code,
    photos: Photos,
    consent: Annotated[
        str, typer.Option("--consent", metavar="REF", help="Their consent to be recognised.")
    ],
    key_file: KeyFile = None,
    config: options.Config = None,
    ledger: options.LedgerFile = None,
) -> None:
    """Enrol someone from at least three photos of them alone; no photo is kept.

    \b
    Example:
      imageprep people add NURSE-7 a.jpg b.jpg c.jpg --consent R-4T7-K9Q-X7N
    """
    from imu_imageprep.people import Unfit  # noqa: PLC0415

    policy, people = _opened(config, ledger, key_file)
    try:
        person = people.add(code, photos, consent=consent, policy=policy)
    except Unfit as problem:
        lines = [
            f"  {words.printable(str(photos[flaw.photo]))}: {flaw.what}"
            if flaw.photo is not None
            else f"  {flaw.what}"
            for flaw in problem.flaws
        ]
        summary.shown(lines, sys.stderr)
        raise
    print(f"{person.code} is in the register, with {len(person.templates)} photos.")


@app.command("list")
def list_(
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    key_file: KeyFile = None,
    config: options.Config = None,
    ledger: options.LedgerFile = None,
) -> None:
    """List who is in the register, and by which consent."""
    _, people = _opened(config, ledger, key_file)
    enrolled = people.enrolled()
    if not enrolled:
        print("Nobody is in the register.", file=sys.stderr)
    for one in enrolled:
        values = {
            "code": one.code,
            "consent": one.consent,
            "at": one.at,
            "photos": len(one.templates),
        }
        if json:
            print(json_text.dumps(values))
        else:
            photos = words.counted(len(one.templates), "photo")
            print(f"{one.code}  {photos}, since {one.at[:10]}, by {one.consent}")


@app.command()
def remove(
    code: Code,
    key_file: KeyFile = None,
    config: options.Config = None,
    ledger: options.LedgerFile = None,
) -> None:
    """Destroy what was measured of someone; their consents stay as they are."""
    _, people = _opened(config, ledger, key_file)
    person = people.remove(code)
    print(f"{person.code} is out of the register, and what was measured of them is destroyed.")
    print(f"Their consent {person.consent} still counts; imageprep consent withdraw ends it.")


@app.command("test")
def try_(
    photos: Photos,
    key_file: KeyFile = None,
    config: options.Config = None,
    ledger: options.LedgerFile = None,
) -> None:
    """Show who the faces in photos are like, and how well they can be seen; nothing is written."""
    policy, people = _opened(config, ledger, key_file)
    for tested in people.test(photos, policy):
        name = words.printable(str(tested.photo))
        lines = [name if tested.why is None else f"{name}: nobody is recognised: {tested.why}"]
        for number, (match, flaws) in enumerate(tested.faces, 1):
            like = (
                f"like {match.code} (distance {match.distance:.2f})"
                if match
                else "like nobody in the register"
            )
            lines.append(f"  face {number} is {like}")
            lines += [f"    {flaw}" for flaw in flaws]
        summary.shown(lines, sys.stdout)


def _opened(
    config: Path | None, ledger: str | None, key_file: Path | None
) -> tuple[Policy, People]:
    """The rules, and the register with the key that the option or else the rules name."""
    from imu_imageprep import api  # noqa: PLC0415

    policy = options.policy_from(config)
    named = policy.register.key_file
    return policy, api.People.at(ledger, key_file or (Path(named) if named else None))
