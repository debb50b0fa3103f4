"""Whom a run may suggest, where it was asked to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imu_imageprep.api.people import People
from imu_imageprep.domain.errors import ImageprepError
from imu_imageprep.register.library import check

if TYPE_CHECKING:
    from pathlib import Path

    from imu_imageprep.domain.policy import Policy
    from imu_imageprep.domain.recognition import Enrolled


@dataclass(frozen=True, slots=True)
class Known:
    """Whom a run may suggest; ``trouble`` says why nobody, which stops nothing else."""

    people: tuple[Enrolled, ...] = ()
    trouble: str | None = None


def known(ledger: Path | None, policy: Policy) -> Known:
    """Open the register for a run, once, in the process that a person started."""
    try:
        people = People.at(ledger, policy.register.key_file or None).enrolled()
        check()
    except ImageprepError as problem:
        return Known(trouble=f"{problem.message} {problem.advice}")
    return Known(people, None if people else "Nobody is in the register. See: imageprep people")
