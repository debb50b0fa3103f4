"""What this installation can do, and what it lacks."""

from __future__ import annotations

import importlib
import io
import itertools
import platform
import re
import sys
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image, features

from imu_imageprep import assets, config, shell
from imu_imageprep.detectors import problem_of
from imu_imageprep.doctor.check import Check, Topic, wrong
from imu_imageprep.doctor.ledger import of_ledger
from imu_imageprep.domain.errors import ExitCode, ImageprepError
from imu_imageprep.domain.policy import Policy
from imu_imageprep.domain.sandbox import Sandbox
from imu_imageprep.sandbox import opened, shut_in
from imu_imageprep.stages.read import from_bytes
from imu_imageprep.stages.watermark import approved_logo, fonts
from imu_imageprep.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Packages, and what is imported of each: it loads what was compiled.
_PACKAGES = MappingProxyType(
    {
        "pillow": "PIL.Image",
        "opencv-python-headless": "cv2",
        "onnxruntime": "onnxruntime",
        "exifread": "exifread",
        "cryptography": "cryptography.hazmat.primitives.ciphers.aead",
        "defusedxml": "defusedxml",
        "typer": "typer",
        "shellingham": "shellingham",
        "watchdog": "watchdog.observers",
        "numpy": "numpy",
        "pi-heif": "pi_heif",
        "zxing-cpp": "zxingcpp",
        "platformdirs": "platformdirs",
        "rich": "rich",
        "jinja2": "jinja2",
    }
)


class _Format(NamedTuple):
    """A format that a library of Pillow reads.

    Attributes:
        name: what people call it.
        part: Pillow's name of what reads it.
        needed: whether exports need it.
        saved: how Pillow writes it.
    """

    name: str
    part: str
    needed: bool
    saved: Mapping[str, str]


_FORMATS = (
    _Format("JPEG", "jpg", True, {"format": "JPEG"}),
    _Format("PNG", "zlib", True, {"format": "PNG"}),
    _Format("WebP", "webp", True, {"format": "WEBP"}),
    _Format("AVIF", "avif", False, {"format": "AVIF"}),
    _Format("JPEG 2000", "jpg_2000", False, {"format": "JPEG2000"}),
    _Format("TIFF, compressed", "libtiff", False, {"format": "TIFF", "compression": "tiff_lzw"}),
)
_ALWAYS = "TIFF, GIF and BMP"  # Pillow reads these without another library
_AGAIN = "Install imageprep again."
_NOT_SHUT_IN = (
    "A photo that takes its decoder over could do what you can."
    " Linux 5.13 and later shut decoders in, where Landlock and seccomp are switched on."
)
_PRODUCT = "imu-imageprep"

# face-recognition asks for dlib's source build, which needs a compiler. dlib-bin is the same,
# built; so face-recognition goes in without what it asks for, which is then named.
_ALONE = "face-recognition"
_ITS_OWN = ("click", "face-recognition-models")


def diagnose(config_file: Path | None = None, ledger: Path | str | None = None) -> Iterator[Check]:
    """Look at versions, models, formats, configuration, ledger and optional parts, in this order.

    Args:
        config_file: the configuration to look at; by default the user's own.
        ledger: the ledger, by its file or address; by default the user's own.
    """
    yield Check(Topic.VERSION, "imageprep", __version__)
    system = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    yield Check(Topic.VERSION, "Python", system)
    yield from itertools.starmap(_package, _PACKAGES.items())
    yield from _models()
    yield from map(_format, _FORMATS)
    yield _heic()
    yield Check(Topic.FORMAT, _ALWAYS, "read")
    yield _decoders(config_file)
    yield from _configuration(config_file)
    yield from _detectors(config_file)
    yield of_ledger(config_file, ledger)
    there = fonts.can_shape()
    state = f"{'found' if there else 'not found'} (watermarks in Tamil, Jawi, Arabic)"
    advice = "" if there else f"To add it: {fonts.GET_FRIBIDI}"
    yield Check(Topic.OPTIONAL, "FriBiDi", state, advice=advice)
    for extra in PARTS:
        missing = extra.missing()
        state = f"{'lacks ' + ', '.join(missing) if missing else 'installed'} ({extra.purpose})"
        advice = f"To add it: {extra.command()}" if missing else ""
        yield Check(Topic.OPTIONAL, extra.extra, state, advice=advice)


def _package(name: str, module: str) -> Check:
    """Whether a package is there and what it compiled loads."""
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return Check(Topic.VERSION, name, "missing", code=3, advice=_AGAIN)
    try:
        importlib.import_module(module)
    except ImportError as trouble:
        problem = assets.unloadable(f"{name} {version}", trouble)
        return Check(Topic.VERSION, name, problem.message, 3, problem.advice)
    return Check(Topic.VERSION, name, version)


def _format(one: _Format) -> Check:
    """Whether a small picture of a format is written and read, as a photo is."""
    code = 3 if one.needed else 0
    if not features.check(one.part):
        advice = "Install Pillow again from its wheel."
        return Check(Topic.FORMAT, one.name, "missing", code, advice)
    saved = io.BytesIO()
    try:
        Image.new("RGB", (16, 16), "gray").save(saved, **one.saved)
        source = from_bytes(saved.getvalue(), Policy().limits)
        opened(source, 16, Policy().limits)
    except (ImageprepError, OSError, ValueError):
        return Check(Topic.FORMAT, one.name, "cannot be read here", code or 4, _AGAIN)
    return Check(Topic.FORMAT, one.name, "read and written" if one.needed else "read")


def _heic() -> Check:
    """Whether the library for photos of iPhones loads."""
    try:
        importlib.import_module("pi_heif").libheif_info()
    except ImportError:
        return Check(Topic.FORMAT, "HEIC", "missing", advice=_AGAIN)
    return Check(Topic.FORMAT, "HEIC", "read")


def _decoders(given: Path | None) -> Check:
    """How far the decoders are shut in, and whether the configuration requires it."""
    name = "decoders"
    try:
        shut = shut_in()
    except ImageprepError as problem:
        return wrong(Topic.SANDBOX, name, problem)
    state = f"shut in: {shut}"
    if shut.wholly:
        return Check(Topic.SANDBOX, name, state)
    try:
        required = config.load(given).limits.sandbox is Sandbox.REQUIRE
    except ImageprepError:  # the configuration's own check says so
        required = False
    code = int(ExitCode.POLICY) if required else 0
    return Check(Topic.SANDBOX, name, state, code, _NOT_SHUT_IN)


def _models() -> Iterator[Check]:
    try:
        models = assets.models()
    except ImageprepError as problem:
        yield wrong(Topic.MODEL, "models.toml", problem)
        return
    for name, model in models.items():
        try:
            (assets.network if model.path.suffix == ".onnx" else assets.load)(name)
        except ImageprepError as problem:
            yield wrong(Topic.MODEL, name, problem)
        else:
            yield Check(Topic.MODEL, name, f"whole; {model.licence}; sha256 {model.sha256}")


def _configuration(given: Path | None) -> Iterator[Check]:
    """The configuration files that hold for photos in this folder, and what each sets."""
    base = given if given is not None else config.user_file()
    try:
        force = config.in_force(config.load(given), given, Path())
    except ImageprepError as problem:
        yield wrong(Topic.CONFIGURATION, str(base), problem)
        return
    if not any(file.path == base for file in force.files):
        advice = "To begin one: imageprep policy init"
        yield Check(
            Topic.CONFIGURATION, str(base), "not there; the defaults are used", advice=advice
        )
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
            yield wrong(Topic.CONFIGURATION, "watermark.logo", problem)
        else:
            assert logo is not None
            high, wide = logo.rgba.shape[:2]
            state = f"approved; {wide}x{high} pixels; sha256 {logo.sha256}"
            yield Check(Topic.CONFIGURATION, "watermark.logo", state)
    if policy.watermark.font:
        try:
            fonts.named(policy.watermark.font)
        except ImageprepError as problem:
            yield wrong(Topic.CONFIGURATION, "watermark.font", problem)
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
            yield Check(Topic.DETECTOR, name, "installed; what it finds makes a photo wait")
        else:
            yield wrong(Topic.DETECTOR, name, problem)


@dataclass(frozen=True, slots=True)
class Part:
    """An optional part.

    Attributes:
        extra: its name as an extra of the package.
        modules: what shows that it is there, by the names that are imported.
        purpose: what it is for, in plain words.
    """

    extra: str
    modules: tuple[str, ...]
    purpose: str

    def missing(self) -> tuple[str, ...]:
        """The modules that are not installed."""
        return tuple(name for name in self.modules if util.find_spec(name) is None)

    def command(self) -> str:
        """What to type to add it to this very Python, without a compiler."""
        if sys.flags.no_site:  # the folder of an installer: its Python looks nowhere else
            return "install imageprep by uv instead; see docs/install.md"
        wanted = requirements(self.extra)
        if not wanted:
            return f"uv sync --extra {self.extra} (in the folder of imageprep)"
        pip = f"{shell.called(sys.executable)} -m pip install"
        if util.find_spec("pip") is None:
            pip = f"uv pip install --python {shell.quoted(sys.executable)}"
        alone = [one for one in wanted if one.startswith(_ALONE)]
        rest = [one for one in wanted if one not in alone]
        if not alone:
            return f"{pip} {shell.joined(rest)}"
        first = f"{pip} --no-deps {shell.joined(alone)}"
        return shell.both(first, f"{pip} {shell.joined([*rest, *_ITS_OWN])}")


def requirements(extra: str) -> tuple[str, ...]:
    """What an extra asks for; empty where imageprep runs from its folder, uninstalled."""
    try:
        asked = metadata.requires(_PRODUCT) or []
    except metadata.PackageNotFoundError:
        return ()
    found = [one.partition(";") for one in asked]
    mine = re.compile(rf"""extra\s*==\s*['"]{re.escape(extra)}['"]""")
    return tuple(one.strip() for one, _, when in found if mine.search(when))


PARTS = (
    Part("app", ("starlette", "uvicorn", "segno"), "imageprep app, the page"),
    Part("cluster", ("distributed",), "a run on many machines"),
    Part("register", ("face_recognition", "dlib"), "recognising people who agreed to it"),
    Part("server", ("psycopg",), "a ledger that several computers share"),
    Part(
        "storage",
        ("s3fs", "paramiko", "smbclient"),
        "photos and exports in stores: s3://, sftp://, smb://",
    ),
)
