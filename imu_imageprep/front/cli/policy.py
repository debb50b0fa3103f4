"""``imageprep policy``: the rules in force, where they come from, and a file to begin with."""

from __future__ import annotations

import dataclasses
import json as json_text
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from imu_imageprep.domain import words
from imu_imageprep.domain.errors import InputProblem
from imu_imageprep.front.cli import options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imu_imageprep.config import InForce, Origin
    from imu_imageprep.domain.policy import Policy

app = typer.Typer(
    name="policy",
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_SAYS = {
    "default": "default",
    "user": "your configuration",
    "config": "--config",
    "folder": "made stricter by the folder",
    "flag": "an option",
}


@app.callback(invoke_without_command=True)
def policy(
    ctx: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
    config: options.Config = None,
    profile: options.ProfileName = None,
    channel: options.Channel = None,
    photos: Annotated[
        Path | None,
        typer.Option(
            "--for",
            click_type=options.NO_STREAM,
            metavar="PATH",
            help="For this photo or folder; else this folder.",
        ),
    ] = None,
) -> None:
    """Show the policy in force: each value, where it comes from, and what is NOT CHECKED.

    \b
    Examples:
      imageprep policy
      imageprep policy --for holiday/
      imageprep policy --config office.toml --json
      imageprep policy init                    a commented configuration to begin with
    """
    if ctx.invoked_subcommand is not None:
        return
    from imu_imageprep import config as configuration  # noqa: PLC0415  (not for --help)

    folder = Path() if photos is None else photos
    if not folder.exists():
        raise InputProblem("There is no such file or folder.", "Check the spelling.")
    rules = options.policy_from(config, profile=profile, channel=channel)
    flagged = [name for name, value in (("profile", profile), ("channel", channel)) if value]
    force = configuration.in_force(
        rules, config, folder if folder.is_dir() else folder.parent, flagged
    )
    if json:
        print(json_text.dumps(_values(force)))
    else:
        print("\n".join(_lines(force)))


@app.command()
def init(
    file: Annotated[
        Path | None,
        typer.Argument(
            click_type=options.NAMED, metavar="[FILE]", help="By default your own configuration."
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file.")] = False,
) -> None:
    """Write a configuration that explains every key and changes nothing; prints where it is.

    \b
    Examples:
      imageprep policy init
      imageprep policy init office.toml
    """
    from imu_imageprep.config import begin  # noqa: PLC0415

    print(words.printable(str(begin(file, replace=force))))


def _values(force: InForce) -> dict[str, Any]:
    rules = force.policy
    return {
        **dataclasses.asdict(rules),
        "sha256": _digest(rules),
        "not_checked": list(rules.not_checked),
        "origins": {key: _origin(origin) for key, origin in force.origins.items()},
        "files": [str(origin.path) for origin in force.files],
    }


def _origin(origin: Origin) -> dict[str, Any]:
    path = None if origin.path is None else str(origin.path)
    return {"from": origin.kind.value, "file": path, "line": origin.line}


def _lines(force: InForce) -> Iterator[str]:
    """The policy as TOML, with a comment that says where each value comes from."""
    from imu_imageprep.domain import policy_form  # noqa: PLC0415
    from imu_imageprep.domain.policy_file import keys  # noqa: PLC0415

    section = ""
    rows: list[tuple[str, str]] = []
    for key, value in keys(force.policy).items():
        if key == "places":
            continue
        before, _, name = key.rpartition(".")
        if before != section:
            rows += [("", ""), (f"[{before}]", "")]
            section = before
        rows.append((f"{name} = {policy_form.toml(value)}", _says(force.origins[key])))
    for place in force.policy.places:
        rows += [("", ""), *((line, "") for line in policy_form.place(place))]
        rows[-1] = (rows[-1][0], _says(force.origins["places"]))
    width = max(len(text) for text, says in rows if says and len(text) <= _COLUMN)
    for text, says in rows:
        yield f"{text:<{width}}  # {says}" if says else text
    rules = force.policy
    off = [words.CHECK.get(name, f"{name}s") for name in rules.not_checked]
    yield ""
    yield f"# NOT CHECKED: {words.listed(off) if off else 'nothing; a photo waits for every check'}"
    yield f"# Files read: {words.listed(map(_near, force.files)) or 'none'}"
    yield f"# Fingerprint: {_digest(rules)}"


def _digest(rules: Policy) -> str:
    """The policy's hash as it stands in receipts, with the logo's own where there is one."""
    if not rules.watermark.logo:
        return rules.digest()
    from imu_imageprep import api  # noqa: PLC0415  (only a logo needs what reads pictures)

    return api.policy_digest(rules)


_COLUMN = 44  # where the comments stand, unless a value is longer


def _says(origin: Origin) -> str:
    if origin.path is None:
        return _SAYS[origin.kind]
    line = "" if origin.line is None else f":{origin.line}"
    return f"{_SAYS[origin.kind]}, {_near(origin)}{line}"


def _near(origin: Origin) -> str:
    """The file as seen from here, where it lies in this folder."""
    path = str(origin.path)
    near = os.path.relpath(path)
    return words.printable(path if near.startswith(os.pardir) else near)
