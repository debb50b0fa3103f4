"""What the doctor says of one thing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imu_imageprep.domain.errors import ImageprepError


class Topic(StrEnum):
    """What was looked at."""

    VERSION = "version"
    MODEL = "model"
    FORMAT = "format"
    SANDBOX = "sandbox"
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


def wrong(topic: Topic, name: str, problem: ImageprepError) -> Check:
    """A thing of which something is wrong, as its problem says it."""
    return Check(topic, name, problem.message, int(problem.code), problem.advice)
