"""The examples of the docs, and the folder in which they are run."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from command import HOMES, ROOT
from pictures import encoded, exif, scene
from PIL import Image

from imu_imageprep.api import Desk
from imu_imageprep.domain.consent import ConsentRecord, Form, Kind, Known, Purpose
from imu_imageprep.domain.permits import PlacePermission

FENCE = re.compile(r"^```([^\n`]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHELL = re.compile(r"(imageprep|pip|python|uv|cat|bash) ")

# What a fence may say: sh and python are run; a word after sh says why a person has to.
PROSE = frozenset({"text", "toml", "ini", "json"})
NOT_RUN = {
    "sh-service": "goes on until it is stopped, or needs a service or another system",
    "sh-terminal": "asks a person",
    "sh-install": "installs packages",
}

FORM = {
    "kind": "staff",
    "subject": "NURSE-7",
    "giver": "the nurse",
    "capacity": "yes",
    "minor": "no",
    "form": "written",
    "form_sha256": "ab" * 32,
    "purpose": ["publication"],
    "channels": ["web"],
    "identifiable": "yes",
    "told_no_recall": "yes",
    "signed": "2026-01-02",
    "recorded_by": "Desk",
}
STAFF = ConsentRecord(
    Kind.STAFF,
    "NURSE-7",
    "the nurse",
    capacity=Known.YES,
    minor=Known.NO,
    form=Form.WRITTEN,
    form_sha256="ab" * 32,
    purpose=(Purpose.PUBLICATION,),
    channels=("web",),
    identifiable=Known.YES,
    told_no_recall=Known.YES,
    signed=date(2026, 1, 2),
    recorded_by="Desk",
)


@dataclass(frozen=True)
class Example:
    """A block of a page: its language and text."""

    page: str
    language: str
    text: str


def blocks(page: Path) -> list[Example]:
    """The blocks of a page; one without a language is a shell's where it begins with a command."""
    found = []
    for language, text in FENCE.findall(page.read_text("utf-8")):
        word = language.strip() or ("sh" if SHELL.match(text) else "text")
        if not language.strip() and text.startswith(("pip ", "uv ", "bash ")):
            word = "sh-install"
        found.append(Example(page.name, word, text))
    return found


class Office:
    """A folder with the files that examples name, a command to run, and a ledger of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "work"
        self.codes = folder / "codes"
        self._bin = folder / "bin"
        self._home = folder / "home"
        for made in (self.folder, self._bin, self._home):
            made.mkdir()
        python = shlex.quote(sys.executable)
        log = shlex.quote(str(self.codes))
        self._command("python", f'exec {python} "$@"')
        self._command(
            "imageprep",
            f'{python} -m imu_imageprep "$@"\ncode=$?\necho "$code $*" >> {log}\nexit $code',
        )
        self._photos()
        self._refs: dict[str, str] = {}

    def _command(self, name: str, script: str) -> None:
        (self._bin / name).write_text(f"#!/bin/sh\n{script}\n", "utf-8")
        (self._bin / name).chmod(0o755)

    def _photos(self) -> None:
        samples = ROOT / "samples"
        for name, sample in (
            ("nurse.jpg", "portrait.jpg"),
            ("lobby.jpg", "clinical.jpg"),
            ("poster.jpg", "sourced.jpg"),
        ):
            (self.folder / name).write_bytes((samples / sample).read_bytes())
        one = Image.open(samples / "portrait.jpg")
        group = Image.new("RGB", (2 * one.width, one.height))
        for left in (0, one.width):
            group.paste(one, (left, 0))
        (self.folder / "group.jpg").write_bytes(encoded(group))
        for number, name in enumerate(
            ("photo.jpg", "holiday/a.jpg", "photos/b.jpg", "trip/c.jpg", "trip/draft 1.jpg")
        ):
            path = self.folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(encoded(scene(1200 - number, 800), exif=exif()))

    @property
    def _ledger(self) -> Path:
        return self._home / "ledger.db"

    def _real(self, text: str) -> str:
        """The text with the references of the docs replaced by those of records that are there."""
        if not self._refs and re.search(r"\b[CP]-\w{3}-\w{3}-\w{3}\b", text):
            desk = Desk.at(self._ledger)
            lobby = hashlib.sha256((self.folder / "lobby.jpg").read_bytes()).hexdigest()
            place = PlacePermission(
                "Lobby", "director", "A Director", lobby, signed=STAFF.signed, recorded_by="Desk"
            )
            patient = replace(STAFF, kind=Kind.PATIENT, subject="P-EYE-1")
            self._refs = {
                "C-4T7-K9Q-X7G": desk.add(STAFF).ref,
                "C-7HM-2RD-0ZM": desk.add(patient).ref,
                "P-8R2-0MV-W2R": desk.add(place).ref,
            }
        for written, ref in self._refs.items():
            text = text.replace(written, ref)
        return text

    def run(self, *command: str, text: str) -> subprocess.CompletedProcess[str]:
        """Run an example; afterwards a form that it printed is filled in, as a person would."""
        done = subprocess.run(
            [*command, self._real(text)],
            cwd=self.folder,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            stdin=subprocess.DEVNULL,
            env={
                **os.environ,
                **dict.fromkeys(HOMES, str(self._home)),
                "PATH": os.pathsep.join([str(self._bin), os.environ["PATH"]]),
                "PYTHONPATH": str(ROOT),
                "IMAGEPREP_LEDGER": str(self._ledger),
            },
        )
        form = self.folder / "consent.toml"
        if form.exists():
            form.write_text(
                "".join(f"{name} = {json.dumps(value)}\n" for name, value in FORM.items()), "utf-8"
            )
        return done

    def ended(self) -> list[tuple[int, str]]:
        """The exit code of each command that ran, with its arguments."""
        if not self.codes.exists():
            return []
        rows = (row.partition(" ") for row in self.codes.read_text("utf-8").splitlines())
        return [(int(code), words) for code, _, words in rows]
