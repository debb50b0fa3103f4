"""The files that ship with the package: model weights, fonts."""

from __future__ import annotations

import functools
import hashlib
import os
import sys
import threading
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imu_imageprep.domain.errors import ModelProblem

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_PACKAGE = Path(__file__).resolve().parent

# Threads that ask for a network at once wait for the one that makes it.
_making = threading.Lock()


def root() -> Path:
    """The assets folder: inside the package in a wheel, beside it in a checkout."""
    installed = _PACKAGE / "_assets"
    return installed if installed.is_dir() else _PACKAGE.parent / "assets"


@dataclass(frozen=True, slots=True)
class Model:
    """One entry of ``assets/models/models.toml``; ``path`` is checked by :func:`load`."""

    name: str
    path: Path
    sha256: str
    source: str
    licence: str

    @property
    def version(self) -> str:
        """The first 12 hex digits of the weights' sha256."""
        return self.sha256[:12]


@functools.cache
def models() -> dict[str, Model]:
    """Every model that ships, by name.

    Raises:
        ModelProblem: the list of models is missing or unreadable.
    """
    folder = root() / "models"
    try:
        table = tomllib.loads((folder / "models.toml").read_text("utf-8"))
        return {
            name: Model(name, folder / row["file"], row["sha256"], row["source"], row["licence"])
            for name, row in table.items()
        }
    except (OSError, ValueError, KeyError, AttributeError) as problem:
        raise ModelProblem("The list of models (models.toml) is missing or damaged.") from problem


def version_of(*names: str) -> str | None:
    """The versions of some models, joined; None where the list of models cannot be read."""
    try:
        known = models()
        return "+".join(known[name].version for name in names)
    except (KeyError, ModelProblem):
        return None


def load(name: str) -> bytes:
    """The bytes of a model, only if they are the ones the list names.

    Raises:
        ModelProblem: the model is not listed, its file is missing, or its sha256 differs.
    """
    model = models().get(name)
    if model is None:
        raise ModelProblem(f"The model {name!r} is not listed in models.toml.")
    try:
        data = model.path.read_bytes()
    except OSError as problem:
        raise ModelProblem(f"The model file {model.path.name} is missing.") from problem
    if hashlib.sha256(data).hexdigest() != model.sha256:
        raise ModelProblem(f"The model file {model.path.name} is damaged (its sha256 differs).")
    return data


def network(name: str) -> InferenceSession:
    """A checked model as an onnxruntime session, made once per process.

    One intra-op thread and no spinning: photos run in parallel, not layers, and a session may
    be shared by threads.

    Raises:
        ModelProblem: as :func:`load`, or onnxruntime is missing or refuses the model.
    """
    with _making:
        return _network(name)


@functools.cache
def _network(name: str) -> InferenceSession:
    data = load(name)
    # Read when the library is loaded. The builds that we depend on send nothing; should another one
    # be installed, this keeps it from starting its usage reports.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    try:
        import onnxruntime  # noqa: PLC0415  (24 CPU ms that only a look needs)

        onnxruntime.disable_telemetry_events()
        onnxruntime.set_default_logger_severity(3)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        # Shapes differ from photo to photo; a plan of the memory for one shape costs its first run.
        options.enable_mem_pattern = False
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        _share_memory(onnxruntime)
        options.add_session_config_entry("session.use_env_allocators", "1")
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except ImportError as problem:
        raise unloadable("onnxruntime, which runs the detectors,", problem) from problem
    except Exception as problem:  # onnxruntime raises a dozen types of its own
        raise ModelProblem(f"The model {name!r} could not be loaded.") from problem


VISUAL_C = (
    "Install the Microsoft Visual C++ Redistributable (search for vc_redist.x64.exe at "
    "microsoft.com), then try again."
)


def unloadable(library: str, problem: ImportError) -> ModelProblem:
    """The problem of a library that could not be imported.

    Args:
        library: begins the sentence.
        problem: what the import raised. That the library is there and cannot be loaded is mostly
            one thing on Windows: the runtime that compiled programs need is missing there.
    """
    if isinstance(problem, ModuleNotFoundError):
        return ModelProblem(f"{library} is not installed.")
    return ModelProblem(
        f"{library} is installed but does not start on this computer.",
        VISUAL_C if sys.platform == "win32" else None,
    )


@functools.cache
def _share_memory(onnxruntime: Any) -> None:
    """Let all networks of the process work in the same memory: less of it, and begun once."""
    memory = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    # No limit of its own, and the library's defaults for how it grows.
    onnxruntime.create_and_register_allocator(memory, onnxruntime.OrtArenaCfg(0, -1, -1, -1))
