"""The rules in force for one run, checked when they are made."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any, Protocol

from imu_imageprep.domain.errors import PolicyProblem
from imu_imageprep.domain.finding import Flag
from imu_imageprep.domain.identifiers import identifier_in
from imu_imageprep.domain.naming import unsigned
from imu_imageprep.domain.rules import (
    DEFAULT_SIZE,
    CaptionRules,
    ClinicalRules,
    Detectors,
    ExportRules,
    FaceRules,
    Flags,
    LedgerRules,
    Level,
    Limits,
    Names,
    Official,
    Owner,
    Place,
    Position,
    Profile,
    RegisterRules,
    TextRules,
    WatermarkRules,
    need,
    refuse_identifiers,
    strictest,
)
from imu_imageprep.domain.spelling import latin, normal

__all__ = [
    "DEFAULT_SIZE",
    "CaptionRules",
    "ClinicalRules",
    "Detectors",
    "ExportRules",
    "FaceRules",
    "Flags",
    "LedgerRules",
    "Level",
    "Limits",
    "Names",
    "Official",
    "Owner",
    "Place",
    "Policy",
    "Position",
    "Profile",
    "RegisterRules",
    "TextRules",
    "WatermarkRules",
    "strictest",
]

# The university's name as a mark of its own: personal pages must not carry it.
_MARKS = re.compile(r"\bIMU\b|International Medical University", re.IGNORECASE)
_ANY_YEAR = 2026


class Readable(Protocol):
    """What a ``pathlib.Path`` offers: this layer opens no files itself."""

    def read_bytes(self) -> bytes:
        """The bytes of the file."""
        ...


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything a run obeys; making one checks it.

    Raises:
        PolicyProblem: a value is out of range, or the profile forbids it.
    """

    profile: Profile = Profile.PERSONAL
    channel: str = "web"
    owner: Owner = field(default_factory=Owner)
    export: ExportRules = field(default_factory=ExportRules)
    watermark: WatermarkRules = field(default_factory=WatermarkRules)
    caption: CaptionRules = field(default_factory=CaptionRules)
    flags: Flags = field(default_factory=Flags)
    faces: FaceRules = field(default_factory=FaceRules)
    clinical: ClinicalRules = field(default_factory=ClinicalRules)
    text: TextRules = field(default_factory=TextRules)
    limits: Limits = field(default_factory=Limits)
    official: Official = field(default_factory=Official)
    detectors: Detectors = field(default_factory=Detectors)
    places: tuple[Place, ...] = ()
    register: RegisterRules = field(default_factory=RegisterRules)
    ledger: LedgerRules = field(default_factory=LedgerRules)

    def __post_init__(self) -> None:
        need(
            re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", self.channel) is not None,
            "channel must be a short name of lower-case letters, digits, - and _.",
            "Write it like web or instagram.",
        )
        self._check_owner()
        if self.profile is Profile.PERSONAL:
            need(not self.watermark.logo, "A personal page must not carry a logo (watermark.logo).")
            for key, text in (
                ("watermark.text", self.watermark.text),
                ("owner.name", self.owner.name),
            ):
                need(
                    not _MARKS.search(latin(normal(text))),
                    f"A personal page must not carry IMU's name ({key}).",
                )
        else:
            need(
                bool(self.owner.responsible.strip()),
                "The official profile needs owner.responsible, who answers for the content.",
            )
            need(
                not self.watermark.logo or bool(self.official.logo_sha256),
                "A logo needs its sha256 in official.logo_sha256, as approved by Marketing.",
            )

    def _check_owner(self) -> None:
        """See that the owner's names are names, and that what they are drawn in tells of no one."""
        owner = self.owner
        refuse_identifiers("owner.name", owner.name)
        refuse_identifiers("watermark.text with owner.name", self.watermark_text(_ANY_YEAR))
        if self.profile is Profile.OFFICIAL:
            for key, said in (("owner.responsible", owner.responsible), ("owner.role", owner.role)):
                kind = identifier_in(said)
                need(kind is None, f"{key} looks like {kind}, which must not be posted.")
        for key, name in (("owner.name", owner.name), ("owner.responsible", owner.responsible)):
            need(
                not name.strip() or not unsigned(name),
                f"{key} names nobody; write the name that people know, or leave it empty.",
            )

    @property
    def not_checked(self) -> tuple[str, ...]:
        """The checks that do not hold a photo: off, or note.

        That a picture without camera data is only noted is the rule and told each time, and so it
        is with somebody whose face is not found; they are listed where they are off. Doubts are
        part of the clinical check, and listed for themselves only where they are set so.
        """
        looser = [f.value for f in Flag if getattr(self.flags, f) is not Level.HOLD]
        if self.flags.unknown_source is Level.OFF:
            looser.append("unknown_source")
        if self.faces.min_face:
            looser.append("min_face")
        if self.faces.person is Level.OFF:
            looser.append("person")
        return tuple(looser)

    def digest(self, logo_sha256: str | None = None) -> str:
        """Hex sha256 of the policy's canonical JSON; it goes into every receipt.

        Args:
            logo_sha256: of the logo's file, which counts instead of its path: what is drawn
                matters, not where it lies.
        """
        values = dataclasses.asdict(self)
        # These decide nothing about a picture.
        del values["register"], values["ledger"], values["limits"]["sandbox"]
        if logo_sha256 is not None:
            values["watermark"]["logo"] = logo_sha256
        text = json.dumps(values, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @classmethod
    def from_toml(cls, source: str | Readable) -> Policy:
        """A policy from the text of a configuration, or from the path of one.

        Args:
            source: TOML text, or a ``pathlib.Path``.

        Raises:
            PolicyProblem: unreadable, not TOML, an unknown key, or a value that does not fit; the
                message points at the line.
        """
        from imu_imageprep.domain.policy_file import parse  # noqa: PLC0415  (few runs have a file)
        from imu_imageprep.domain.texts import NotText, decoded  # noqa: PLC0415

        if isinstance(source, str):
            return parse(source.removeprefix("\ufeff"), cls(), "the configuration")
        try:
            text = decoded(source.read_bytes())
        except NotText as problem:
            raise PolicyProblem(
                f"The configuration {source} {problem.what}.", problem.advice
            ) from None
        except (OSError, ValueError) as problem:
            raise PolicyProblem(f"The configuration {source} could not be read.") from problem
        return parse(text, cls(), str(source))

    def replace(self, **changes: Any) -> Policy:
        """A copy with some parts replaced; checked again."""
        return dataclasses.replace(self, **changes)

    def watermark_text(self, year: int) -> str:
        """The watermark with its year and owner filled in.

        Without an owner a text that names one falls back to "© 2026 · not for reuse".
        """
        if "{owner}" in self.watermark.text and not self.owner.name.strip():
            return f"© {year} · not for reuse"
        return self.watermark.text.replace("{year}", str(year)).replace("{owner}", self.owner.name)
