"""What this installation can do, and what it lacks."""

from __future__ import annotations

import os
import platform
import shlex
import stat
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import features

from imu_imageprep import assets, config
from imu_imageprep.batch.parts import PARTS
from imu_imageprep.clock import SystemClock
from imu_imageprep.detectors import problem_of
from imu_imageprep.domain.errors import ImageprepError, OutputProblem
from imu_imageprep.ledger.sqlite import SqliteLedger
from imu_imageprep.stages.watermark import approved_logo, fonts
from imu_imageprep.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imu_imageprep.domain.policy import Policy

_PACKAGES = (
    *("pillow", "opencv-python-headless", "onnxruntime", "exifread", "cryptography", "defusedxml"),
    *("typer", "watchdog", "numpy", "pi-heif", "platformdirs", "rich"),
    "jinja2",
)
# Pillow's name of what reads a format, and whether exports need it.
_FORMATS = (
    ("JPEG", "jpg", True),
    ("PNG", "zlib", True),
    ("WebP", "webp", True),
    ("AVIF", "avif", False),
    ("JPEG 2000", "jpg_2000", False),
    ("TIFF, compressed", "libtiff", False),
)
_ALWAYS = "TIFF, GIF and BMP"  # Pillow reads these without another library
_AGAIN = "Install imageprep again."
_ELSEWHERE = "Name another file with --ledger or IMAGEPREP_LEDGER."


class Topic(StrEnum):
    """What was looked at."""

    VERSION = "version"
    MODEL = "model"
    FORMAT = "format"
    CONFIGURATION = "configuration"
    DETECTOR = "detector"
    LEDGER = "ledger"
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        topic: what kind of thing.
        name: its name.
        state: how it is, in plain words.
        code: exit code of what is wrong with it; 0 where it is fine, or not required.
        advice: what to do about it, or how to add it; empty where there is nothing to do.
    """

    topic: Topic
    name: str
    state: str
    code: int = 0
    advice: str = ""


def diagnose(config_file: Path | None = None, ledger: Path | None = None) -> Iterator[Check]:
    """Look at versions, models, formats, configuration, ledger and optional parts, in this order.

    Args:
        config_file: the configuration to look at; by default the user's own.
        ledger: file of the ledger; by default the user's own.
    """
    yield Check(Topic.VERSION, "imageprep", __version__)
    system = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    yield Check(Topic.VERSION, "Python", system)
    yield from map(_package, _PACKAGES)
    yield from _models()
    for name, part, needed in _FORMATS:
        if features.check(part):
            yield Check(Topic.FORMAT, name, "read and written" if needed else "read")
        else:
            advice = "Install Pillow again from its wheel."
            yield Check(Topic.FORMAT, name, "missing", code=3 if needed else 0, advice=advice)
    there = util.find_spec("pi_heif") is not None
    yield Check(
        Topic.FORMAT, "HEIC", "read" if there else "missing", advice="" if there else _AGAIN
    )
    yield Check(Topic.FORMAT, _ALWAYS, "read")
    yield from _configuration(config_file)
    yield from _detectors(config_file)
    yield _ledger(config.ledger_file(ledger))
    there = fonts.can_shape()
    state = f"{'found' if there else 'not found'} (watermarks in Tamil, Jawi, Arabic)"
    advice = "" if there else f"To add it: {fonts.GET_FRIBIDI}"
    yield Check(Topic.OPTIONAL, "FriBiDi", state, advice=advice)
    for extra in PARTS:
        missing = extra.missing()
        state = f"{'lacks ' + ', '.join(missing) if missing else 'installed'} ({extra.purpose})"
        advice = f"To add it: {extra.command()}" if missing else ""
        yield Check(Topic.OPTIONAL, extra.extra, state, advice=advice)


def _package(name: str) -> Check:
    try:
        return Check(Topic.VERSION, name, metadata.version(name))
    except metadata.PackageNotFoundError:
        return Check(Topic.VERSION, name, "missing", code=3, advice=_AGAIN)


def _models() -> Iterator[Check]:
    try:
        models = assets.models()
    except ImageprepError as problem:
        yield _wrong(Topic.MODEL, "models.toml", problem)
        return
    for name, model in models.items():
        try:
            assets.load(name)
        except ImageprepError as problem:
            yield _wrong(Topic.MODEL, name, problem)
        else:
            yield Check(Topic.MODEL, name, f"whole; {model.licence}; sha256 {model.sha256}")


def _configuration(given: Path | None) -> Iterator[Check]:
    """The configuration files that hold for photos in this folder, and what each sets."""
    base = given if given is not None else config.user_file()
    try:
        force = config.in_force(config.load(given), given, Path())
    except ImageprepError as problem:
        yield _wrong(Topic.CONFIGURATION, str(base), problem)
        return
    if not any(file.path == base for file in force.files):
        advice = "To begin one: imageprep policy init"
        yield Check(Topic.CONFIGURATION, str(base), "not there; the defaults hold", advice=advice)
    for file in force.files:
        assert file.path is not None
        keys = ", ".join(config.settings(file.path)) or "nothing"
        what = "tightens" if file.kind is config.From.FOLDER else "sets"
        yield Check(Topic.CONFIGURATION, str(file.path), f"read; {what} {keys}")
    off = ", ".join(force.policy.not_checked) or "nothing"
    yield Check(Topic.CONFIGURATION, "policy", f"NOT CHECKED: {off}")
    yield from _mark(force.policy)


def _mark(policy: Policy) -> Iterator[Check]:
    """The logo and the font that a policy names."""
    if policy.watermark.logo:
        try:
            logo = approved_logo(policy)
        except ImageprepError as problem:
            yield _wrong(Topic.CONFIGURATION, "watermark.logo", problem)
        else:
            assert logo is not None
            high, wide = logo.rgba.shape[:2]
            state = f"approved; {wide}x{high} pixels; sha256 {logo.sha256}"
            yield Check(Topic.CONFIGURATION, "watermark.logo", state)
    if policy.watermark.font:
        try:
            fonts.named(policy.watermark.font)
        except ImageprepError as problem:
            yield _wrong(Topic.CONFIGURATION, "watermark.font", problem)
        else:
            yield Check(Topic.CONFIGURATION, "watermark.font", f"found: {policy.watermark.font}")


def _ledger(path: Path) -> Check:
    """Whether the ledger is sound, may be written, and is nobody else's to read."""
    name = str(path)
    try:
        there = path.exists()
        place = path if there else next(one for one in path.absolute().parents if one.exists())
        if not os.access(place, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
            raise OutputProblem("It cannot be written.", _ELSEWHERE)
        if not there:
            return Check(Topic.LEDGER, name, "not there yet; the first export makes it")
        found = SqliteLedger(path, SystemClock()).audit()
        mode = stat.S_IMODE(path.stat().st_mode)
    except ImageprepError as problem:
        return _wrong(Topic.LEDGER, name, problem)
    except OSError as problem:
        return Check(Topic.LEDGER, name, f"cannot be read ({problem.strerror})", 5, _ELSEWHERE)
    if found.damage is not None:
        advice = "Keep a copy of it; imageprep consent audit says more."
        return Check(Topic.LEDGER, name, f"damaged: {found.damage.what}", 6, advice)
    state = f"sound; {found.events} {'event' if found.events == 1 else 'events'}"
    others = os.name == "posix" and mode & 0o077
    advice = f"Others may read it. To keep it yours: chmod 600 {shlex.quote(name)}"
    return Check(Topic.LEDGER, name, state, advice=advice if others else "")


def _detectors(given: Path | None) -> Iterator[Check]:
    """Other people's detectors that the configuration lists."""
    try:
        names = config.load(given).detectors.extra
    except ImageprepError:  # the configuration's own check has said so
        return
    for name in names:
        problem = problem_of(name)
        if problem is None:
            yield Check(Topic.DETECTOR, name, "installed; its findings hold a photo")
        else:
            yield _wrong(Topic.DETECTOR, name, problem)


def _wrong(topic: Topic, name: str, problem: ImageprepError) -> Check:
    return Check(topic, name, problem.message, int(problem.code), problem.advice)
