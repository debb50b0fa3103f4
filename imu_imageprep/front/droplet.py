"""Launchers that take dropped photos: what they are, putting them in place, taking them away."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from imu_imageprep import assets, atomic
from imu_imageprep.domain.errors import AlreadyThere, OutputProblem, UsageProblem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NAME = "Prepare for the web"

_PICTURES = ("jpeg", "png", "webp", "heif", "heic", "avif", "tiff", "gif", "bmp", "jp2")
_TYPES = (*(f"image/{kind}" for kind in _PICTURES), "inode/directory")


@dataclass(frozen=True, slots=True)
class File:
    """A file to write."""

    path: Path
    text: str
    executable: bool = False

    @property
    def sha256(self) -> str:
        """Hex sha256 of its content."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Home:
    """The folders of a user that launchers go to.

    Attributes:
        data: ``$XDG_DATA_HOME``.
        config: ``$XDG_CONFIG_HOME``.
        desktop: the folder shown as the desktop; None for no icon there.
    """

    data: Path
    config: Path
    desktop: Path | None = None

    @property
    def record(self) -> Path:
        """The list of what was installed."""
        return self.data / "imageprep" / "droplet.json"


def for_linux(
    home: Home, file_managers: Iterable[str], python: str = sys.executable, *, page: bool = False
) -> list[File]:
    """A launcher, the script that it runs, and an entry for each file manager.

    The launcher names no MimeType: on a desktop without defaults it would become the program that
    opens every picture and folder.

    Args:
        home: where things go.
        file_managers: those of nautilus, nemo, caja, dolphin and thunar that get an entry.
        python: the interpreter that imageprep is installed for.
        page: whether what is dropped is offered at the page instead of prepared in a terminal.
    """
    script = home.data / "imageprep" / "droplet.sh"
    launcher = home.data / "applications" / "imageprep.desktop"
    fields = {
        "python": shlex.quote(python),
        "report": shlex.quote(str(home.data / "imageprep" / "report")),
        "page": "yes" if page else "no",
        "script": exec_quoted(str(script)),
        "launcher": shlex.quote(str(launcher)),
        "types": "".join(f"{kind};" for kind in _TYPES),
    }
    entry = _filled("imageprep.desktop", fields)
    files = [File(script, _filled("droplet.sh", fields), executable=True), File(launcher, entry)]
    if home.desktop is not None:
        files.append(File(home.desktop / launcher.name, entry, executable=True))
    menu = _filled("file-manager.sh", fields)
    entries = {
        "nautilus": File(home.data / "nautilus" / "scripts" / NAME, menu, executable=True),
        "nemo": File(home.data / "nemo" / "scripts" / NAME, menu, executable=True),
        "caja": File(home.config / "caja" / "scripts" / NAME, menu, executable=True),
        "dolphin": File(
            home.data / "kio" / "servicemenus" / launcher.name,
            _filled("dolphin.desktop", fields),
            executable=True,
        ),
        "thunar": File(
            home.data / "Thunar" / "sendto" / launcher.name, f"{entry}MimeType={fields['types']}\n"
        ),
    }
    return [*files, *(entries[name] for name in file_managers)]


def found_file_managers() -> list[str]:
    """The file managers on this computer that can have an entry."""
    known = ("nautilus", "nemo", "caja", "dolphin", "thunar")
    return [name for name in known if shutil.which(name)]


def for_windows(folders: Iterable[Path], *, page: bool = False) -> list[File]:
    """A script for the SendTo menu and for the desktop.

    Args:
        folders: each gets one.
        page: as of :func:`for_linux`.
    """
    command = f'"{sys.executable}" -P -m imu_imageprep' if sys.platform == "win32" else "imageprep"
    text = _filled(
        "imageprep.cmd",
        {
            "command": command.replace("%", "%%"),
            "verb": "app" if page else 'prepare --report "!LOCALAPPDATA!\\imageprep\\report"',
        },
    )
    return [File(folder / "imageprep.cmd", text.replace("\n", "\r\n")) for folder in folders]


def for_macos(folder: Path, *, page: bool = False) -> list[File]:
    """The source of a droplet."""
    return [
        File(folder / "imageprep.applescript", _filled("imageprep.applescript", _mac_fields(page)))
    ]


def quick_action(services: Path, *, page: bool = False) -> list[File]:
    """A Quick Action of the Finder: right click photos, Quick Actions, Prepare for the web.

    Args:
        services: the folder ``Library/Services`` of a user of macOS.
        page: as of :func:`for_linux`.
    """
    contents = services / f"{NAME}.workflow" / "Contents"
    fields = {"name": NAME, **_mac_fields(page)}
    xml = {name: escape(value) for name, value in fields.items()}
    return [
        File(contents / name, _filled(f"quick-action/{name}", xml))
        for name in ("Info.plist", "document.wflow")
    ]


def _mac_fields(page: bool) -> dict[str, str]:
    """What is typed in a terminal of macOS, as it stands inside a text of AppleScript."""
    command = "imageprep"
    if sys.platform == "darwin":
        command = f"{shlex.quote(sys.executable)} -P -m imu_imageprep"
    report = 'prepare --report "$HOME/Library/Application Support/imageprep/report"'
    fields = {"command": command, "verb": "app" if page else report}
    return {name: re.sub(r'(["\\])', r"\\\1", value) for name, value in fields.items()}


def exec_quoted(argument: str) -> str:
    r"""An argument as it stands in a launcher's ``Exec`` line.

    Quoted by the Desktop Entry Specification ("The Exec key"): in double quotes, with a backslash
    before ``" ` $ \``; then the file format's own escape doubles every backslash; ``%`` is doubled.

    Raises:
        UsageProblem: it holds a line break or another control character.
    """
    if not argument.isprintable():
        raise UsageProblem("The path of your home folder cannot be written into a launcher.")
    inner = "".join(f"\\{c}" if c in '"`$\\' else c for c in argument)
    return '"' + inner.replace("\\", "\\\\").replace("%", "%%") + '"'


def install(files: Iterable[File], record: Path | None = None, *, replace: bool = False) -> None:
    """Write files, and note them in the record.

    Args:
        files: what to write.
        record: lists what was installed, for :func:`remove`; None keeps no list.
        replace: whether files that are not ours may be replaced.

    Raises:
        AlreadyThere: a file is there and not one that was installed; nothing was written.
        OutputProblem: a file could not be written.
    """
    files = list(files)
    before = _read_record(record)
    for file in files:
        ours = before["files"].get(str(file.path)) == _sha256(file.path)
        if os.path.lexists(file.path) and not replace and not ours:
            raise AlreadyThere(
                f"A file named {file.path.name} is already there, and imageprep did not write it.",
                "Use --force to replace it.",
            )
    try:
        for file in files:
            places = [file.path, *([record] if record is not None else [])]
            made = [one for place in places for one in place.parents if not one.exists()]
            file.path.parent.mkdir(parents=True, exist_ok=True)
            before["folders"].update({str(folder): "" for folder in made})
            before["files"][str(file.path)] = file.sha256
            if record is not None:
                # Told before it is done, so that nothing is left that nobody knows of.
                record.parent.mkdir(parents=True, exist_ok=True)
                atomic.write(record, json.dumps(before, indent=1).encode(), replace=True)
            atomic.write(file.path, file.text.encode(), replace=True)
            if file.executable:
                file.path.chmod(0o755)
    except OSError as problem:
        reason = atomic.reason(problem, "it failed")
        raise OutputProblem(
            f"The launcher could not be written ({reason}).", "Check that you may write there."
        ) from problem


def remove(record: Path) -> tuple[list[Path], list[Path]]:
    """Take away exactly what was installed: unchanged files, and folders made for them, if empty.

    Returns:
        The files that were removed, and those that were changed since and stay.

    Raises:
        OutputProblem: a file could not be removed.
    """
    installed = _read_record(record)
    removed, kept = [], []
    try:
        for name, sha256 in installed["files"].items():
            path = Path(name)
            if (now := _sha256(path)) is None:
                continue
            if now == sha256:
                path.unlink()
                removed.append(path)
            else:
                kept.append(path)
        record.unlink(missing_ok=True)
    except OSError as problem:
        reason = atomic.reason(problem, "it failed")
        raise OutputProblem(
            f"The launcher could not be removed ({reason}).", "Check that you may write there."
        ) from problem
    for folder in sorted(installed["folders"], key=len, reverse=True):
        with contextlib.suppress(OSError):  # not empty: somebody else uses it by now
            Path(folder).rmdir()
    return removed, kept


def _filled(template: str, fields: Mapping[str, str]) -> str:
    text = (assets.root() / "droplet" / template).read_text("utf-8")
    for name, value in fields.items():
        text = text.replace(f"@{name}@", value)
    return text


def _sha256(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def _read_record(record: Path | None) -> dict[str, dict[str, str]]:
    try:
        text = record.read_text("utf-8") if record is not None else "{}"
    except FileNotFoundError:
        text = "{}"
    table = json.loads(text)
    return {"files": table.get("files", {}), "folders": table.get("folders", {})}
