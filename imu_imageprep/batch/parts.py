"""The optional parts of an installation, and what to type to add one."""

from __future__ import annotations

import re
import shlex
import sys
from dataclasses import dataclass
from importlib import metadata, util

_PRODUCT = "imu-imageprep"

# face-recognition asks for dlib's source build, which needs a compiler. dlib-bin is the same,
# built; so face-recognition goes in without what it asks for, which is then named.
_ALONE = "face-recognition"
_ITS_OWN = ("click", "face-recognition-models")


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
        wanted = requirements(self.extra)
        if not wanted:
            return f"uv sync --extra {self.extra} (in the folder of imageprep)"
        python = shlex.quote(sys.executable)
        pip = f"{python} -m pip install"
        if util.find_spec("pip") is None:
            pip = f"uv pip install --python {python}"
        alone = [one for one in wanted if one.startswith(_ALONE)]
        rest = [one for one in wanted if one not in alone]
        if not alone:
            return f"{pip} {shlex.join(rest)}"
        return f"{pip} --no-deps {shlex.join(alone)} && {pip} {shlex.join([*rest, *_ITS_OWN])}"


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
    Part("register", ("face_recognition", "dlib"), "recognising people who agreed to it"),
)
