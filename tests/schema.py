"""The schema of ``--json``, made strict: what it does not name may not be there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")

FILE = Path(__file__).parents[1] / "docs" / "schema" / "receipt-1.json"


def _strict(part: Any) -> Any:
    if isinstance(part, list):
        return [_strict(one) for one in part]
    if not isinstance(part, dict):
        return part
    out = {name: _strict(one) for name, one in part.items()}
    if part.get("type") == "object" and "properties" in part:
        out["additionalProperties"] = False
    return out


VALIDATOR = jsonschema.Draft202012Validator(_strict(json.loads(FILE.read_text("utf-8"))))


def problems(line: dict[str, Any]) -> list[str]:
    """What does not fit, each with its place."""
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(line)]
