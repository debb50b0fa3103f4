"""``imageprep policy``: the rules in force."""

from __future__ import annotations

import dataclasses
import json as json_text

from imu_imageprep.domain import words
from imu_imageprep.domain.policy import Policy
from imu_imageprep.front.cli import options


def policy(
    json: options.Json = False,
    config: options.Config = None,
    profile: options.ProfileName = None,
    channel: options.Channel = None,
) -> None:
    """Show the policy in force, and what is NOT CHECKED under it.

    \b
    Examples:
      imageprep policy
      imageprep policy --config office.toml --json
    """
    rules = options.policy_from(config, profile=profile, channel=channel)
    values = dataclasses.asdict(rules)
    if json:
        out = {**values, "sha256": rules.digest(), "not_checked": list(rules.not_checked)}
        print(json_text.dumps(out))
        return
    default = dataclasses.asdict(Policy())
    for key, value in values.items():
        if isinstance(value, dict):
            print(f"[{key}]")
            for name, entry in value.items():
                print(_line(f"  {name}", entry, changed=entry != default[key][name]))
        else:
            print(_line(key, value, changed=value != default[key]))
    off = [words.CHECK.get(name, f"{name}s") for name in rules.not_checked]
    print(f"\nNOT CHECKED: {words.listed(off) if off else 'nothing; every check holds a photo'}")
    print(f"Fingerprint: {rules.digest()}")


def _line(name: str, value: object, *, changed: bool) -> str:
    text = json_text.dumps(value, ensure_ascii=False)
    return f"{name} = {text}{'   # set by you' if changed else ''}"
