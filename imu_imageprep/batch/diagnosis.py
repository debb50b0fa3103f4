"""What this installation can do, and what it lacks."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata, util
from typing import TYPE_CHECKING

from PIL import features

from imu_imageprep import assets, config
from imu_imageprep.detectors.extra import problem_of
from imu_imageprep.domain.errors import ImageprepError
from imu_imageprep.stages.watermark import approved_logo, fonts
from imu_imageprep.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PACKAGES = (
    *("pillow", "numpy", "opencv-python-headless", "onnxruntime", "exifread", "defusedxml"),
    *("pi-heif", "typer", "pebble", "platformdirs", "rich"),
)
# Pillow's name of what reads a format, and whether exports need it.
_FORMATS = (
    ("JPEG", "jpg", True),
    ("PNG", "zlib", True),
    ("WebP", "webp", True),
    ("AVIF", "avif", False),
    ("JPEG 2000", "jpg_2000", False),
    ("TIFF", "libtiff", False),
)
# The extra, the package that shows whether it is there, and what it is for.
_OPTIONAL = (("register", "face_recognition", "recognising people who agreed to it"),)
_AGAIN = "Install imageprep again."


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


def diagnose(config_file: Path | None, ledger: Path) -> Iterator[Check]:
    """Look at versions, models, formats, configuration, ledger and optional parts, in this order.

    Args:
        config_file: the configuration to look at; None for the user's own.
        ledger: the ledger's file.
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
    yield from _configuration(config_file)
    yield from _detectors(config_file)
    size = f"{ledger.stat().st_size / 1000:.0f} KB" if ledger.exists() else "not there yet"
    yield Check(Topic.LEDGER, str(ledger), size)
    there = fonts.can_shape()
    state = f"{'found' if there else 'not found'} (watermarks in Tamil, Jawi, Arabic)"
    advice = "" if there else f"To add it: {fonts.GET_FRIBIDI}"
    yield Check(Topic.OPTIONAL, "FriBiDi", state, advice=advice)
    for extra, package, purpose in _OPTIONAL:
        there = util.find_spec(package) is not None
        advice = "" if there else f'To add it: pip install "imu-imageprep[{extra}]"'
        state = f"{'installed' if there else 'not installed'} ({purpose})"
        yield Check(Topic.OPTIONAL, extra, state, advice=advice)


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
            yield Check(Topic.MODEL, name, f"whole; version {model.version}; {model.licence}")


def _configuration(given: Path | None) -> Iterator[Check]:
    path = given if given is not None else config.user_file()
    if given is None and not path.is_file():
        yield Check(Topic.CONFIGURATION, str(path), "not there; the defaults hold")
        return
    try:
        policy = config.load(given)
    except ImageprepError as problem:
        yield _wrong(Topic.CONFIGURATION, str(path), problem)
        return
    off = ", ".join(policy.not_checked) or "nothing"
    yield Check(Topic.CONFIGURATION, str(path), f"read; NOT CHECKED: {off}")
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
