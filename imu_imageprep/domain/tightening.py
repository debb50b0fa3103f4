"""A configuration beside the photos: it may make the rules stricter, and nothing else."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from imu_imageprep.domain.policy import Flags, Level, Limits, Names, Policy, strictest
from imu_imageprep.domain.policy_file import located, mistake, parse, read
from imu_imageprep.domain.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from imu_imageprep.domain.errors import PolicyProblem
    from imu_imageprep.domain.toml_text import Key


def tightened(policy: Policy, text: str, origin: str) -> Policy:
    """The policy with the flags, limits and other rules of a folder's file, none of them looser.

    Raises:
        PolicyProblem: it sets anything else, or a looser value.
    """
    asked = parse(text, policy, origin)
    with located(text, origin):
        for section, entries in read(text, origin).items():
            for key in entries if isinstance(entries, dict) else ():
                _refuse_looser(policy, asked, (section, key))
            if not isinstance(entries, dict):
                raise _out_of_place((section,))
    return asked


def _refuse_looser(policy: Policy, asked: Policy, place: tuple[str, str]) -> None:
    section, key = place
    no_looser = _MAY_TIGHTEN.get(section, {}).get(key)
    if no_looser is None:
        raise _out_of_place(place)
    before = getattr(getattr(policy, section), key)
    after = getattr(getattr(asked, section), key)
    if not no_looser(before, after):
        raise mistake(
            place,
            f"{section}.{key} would make the policy less strict.",
            "A file beside the photos may only make the policy stricter.",
        )


def _out_of_place(key: Key) -> PolicyProblem:
    return mistake(
        key,
        f"{'.'.join(map(str, key))} cannot be set in a photo folder.",
        "A file beside the photos may only make these stricter: flags, limits, "
        "faces.min_face, faces.person, clinical, export.size and export.names. Give the rest with "
        "--config or in your own configuration.",
    )


def _no_looser(before: Level, after: Level) -> bool:
    return strictest((before, after)) is after


def _no_larger(before: Any, after: Any) -> bool:
    return bool(after <= before)


def _no_higher_threshold(before: float, after: float) -> bool:
    # 0 stands for the threshold of the model, which is not known here.
    return after == before or 0 < after < before


_MAY_TIGHTEN: dict[str, dict[str, Callable[[Any, Any], bool]]] = {
    "flags": {field.name: _no_looser for field in dataclasses.fields(Flags)},
    "faces": {"min_face": _no_larger, "person": _no_looser},
    "clinical": {
        "threshold": _no_higher_threshold,
        "doubt": _no_higher_threshold,
        "album": lambda before, after: after or not before,
    },
    "limits": {field.name: _no_larger for field in dataclasses.fields(Limits)}
    | {"sandbox": lambda before, after: after in (before, Sandbox.REQUIRE)},
    "export": {
        "size": lambda before, after: after[0] <= before[0] and after[1] <= before[1],
        "names": lambda before, after: after in (before, Names.NEUTRAL),
    },
}
